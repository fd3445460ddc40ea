"""The timecode process, as far as it goes without a sound server."""

from __future__ import annotations

import multiprocessing
from typing import Any

from visuals.audio.ltc import worker
from visuals.clock import monotonic, sleep
from visuals.process import Post
from visuals.shm import Latest
from visuals.wire import Lines, Readings, lines_layout


def test_an_input_that_is_not_there_is_told_once_and_waited_for() -> None:
    rings = {name: Latest(lines_layout(""), create=True) for name in ("tape", "log")}
    post = Post("timecode", monotonic(), {name: ring.layout for name, ring in rings.items()})
    child = multiprocessing.get_context("spawn").Process(target=worker.run, args=(post, "no such tape", 1))
    log, tape = Lines(rings["log"]), Readings(Lines(rings["tape"]))
    lines: list[dict[str, Any]] = []
    child.start()
    try:
        end = monotonic() + 8.0
        while monotonic() < end and sum(line["type"] == "stats" for line in lines) < 2:
            lines += log.drain()
            sleep(0.02)
        child.terminate()
        child.join(3.0)
        assert child.exitcode == 0
        assert tape.drain() == []
        assert [line["type"] for line in lines].count("error") == 1
        assert "no sound from no such tape" in next(line["text"] for line in lines if line["type"] == "error")
        assert [line for line in lines if line["type"] == "stats"][-1]["fps"] > 150
    finally:
        child.kill()
        child.join()
        del log, tape
        for ring in rings.values():
            ring.close()
            ring.unlink()
