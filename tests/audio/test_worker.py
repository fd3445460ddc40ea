from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.audio.ltc.tape import play, run
from tests.audio.pulse import load_sink, pulse_server, unload, write_wav
from tests.audio.sounds import band, match
from visuals.audio import worker
from visuals.audio.analysis import Analyser
from visuals.audio.ears import Ears, RingEars
from visuals.audio.track import HOP_S, TrackSource
from visuals.audio.worker import NUDGE_S, obey
from visuals.clock import SteppedClock, monotonic, sleep
from visuals.process import Post
from visuals.shm import Latest
from visuals.timecode import RATES, Reading, Timecode
from visuals.types import HOP, Block, Event, Features, Listening
from visuals.wire import Lines, Orders, Readings, features_layout, lines_layout


class Process:
    """A running audio process and our ends of its rings."""

    def __init__(self, rings: dict[str, Latest], epoch: float) -> None:
        self.ears, self.log = RingEars(rings["features"]), Lines(rings["log"])
        self.operator, self.sound = Orders(Lines(rings["tempo"])), rings["sound"]
        self.tape = Readings(Lines(rings["tape"]))
        self.epoch = epoch
        self.heard: list[Features] = []
        self.lines: list[dict[str, Any]] = []
        self.lag: list[float] = []
        self.samples: list[np.ndarray] = []

    def listen(self, seconds: float) -> None:
        end = monotonic() + seconds
        while monotonic() < end:
            new = self.ears.drain()
            self.lag += [monotonic() - self.epoch - f.time for f in new[-1:]]
            self.heard += new
            self.lines += self.log.drain()
            self.samples += [r.data for r in self.sound.drain()]
            sleep(0.005)

    def until(self, text: str, seconds: float = 10.0) -> None:
        end = monotonic() + seconds
        while not any(text in str(line) for line in self.lines):
            assert monotonic() < end, f"no line with {text!r} in {self.lines}"
            self.listen(0.05)


@contextmanager
def running(spec: str, striped: int | None = None) -> Iterator[Process]:
    layouts = {
        "features": features_layout(""),
        "sound": worker.sound_layout(""),
        "tempo": lines_layout(""),
        "log": lines_layout(""),
        "tape": lines_layout(""),
    }
    rings = {name: Latest(layout, create=True) for name, layout in layouts.items()}
    epoch = monotonic()
    post = Post("audio", epoch, {name: ring.layout for name, ring in rings.items()})
    told = post, spec, Listening(), False, striped
    child = multiprocessing.get_context("spawn").Process(target=worker.run, args=told)
    process = Process(rings, epoch)
    child.start()
    try:
        yield process
        child.terminate()
        child.join(3.0)
        assert child.exitcode == 0
    finally:
        child.kill()
        child.join()
        del process.ears, process.log, process.operator, process.sound, process.tape
        for ring in rings.values():
            ring.close()
            ring.unlink()


def test_a_track_is_heard_live_as_it_is_offline_and_then_silence(tmp_path: Path) -> None:
    sound, times = band(4.0)
    path = write_wav(tmp_path / "band.wav", sound)
    with running(str(path)) as process:
        process.listen(6.0)
    heard = process.heard
    assert np.diff([f.time for f in heard]) == pytest.approx(np.full(len(heard) - 1, HOP_S), abs=0.6 * HOP_S)
    assert np.median(process.lag) < 0.03
    kicks = np.array([e.time for f in heard for e in f.events if e.name == "kick"])
    assert match(times["kick"][times["kick"] > heard[0].time], kicks)[0] > 0.8
    assert heard[-1].signals["silence"] == 1.0
    assert any("track is over" in str(line) for line in process.lines)
    stats = [line for line in process.lines if line["type"] == "stats"]
    assert stats
    assert stats[-1]["ms"]["analysis"] < 2.0
    assert sum(len(s) for s in process.samples) > 3 * 48_000

    clock = SteppedClock()
    ears = Ears(TrackSource(path, clock))
    offline: list[Features] = []
    for n in range(250):
        clock.time = n / 60
        offline += ears.drain()
    expected = {round(f.time, 4): f for f in offline}
    same = [f for f in heard if round(f.time, 4) in expected]
    assert len(same) > 500
    assert all(f.signals == pytest.approx(expected[round(f.time, 4)].signals, rel=1e-4, abs=1e-6) for f in same)


def test_taps_reach_the_beat_clock() -> None:
    with running("none") as process:
        process.until("process")
        process.listen(0.5)
        now = monotonic() - process.epoch
        process.operator.write([Event(now + 0.4 * i, "tap") for i in range(-4, 1)])
        process.listen(1.5)
    assert process.heard[-1].signals["bpm"] == pytest.approx(150.0)
    assert any(e.name == "beat" for f in process.heard for e in f.events)


def test_timecode_beside_the_music_goes_to_its_ring_and_is_not_heard(tmp_path: Path) -> None:
    tape = play(run(Timecode.parse("01:02:03:00", RATES["25"]), 75), lead=0.0, level=0.9)
    path = write_wav(tmp_path / "striped.wav", np.stack([np.zeros_like(tape), tape], axis=1))
    readings: list[Reading] = []
    with running(str(path), striped=2) as process:
        process.until("process")
        for _ in range(40):
            process.listen(0.1)
            readings += process.tape.drain()
    assert len(readings) > 60
    assert all(r.position - r.time == pytest.approx(3723.0, abs=0.001) for r in readings)
    assert max(f.signals["peak"] for f in process.heard) < 0.01
    assert max(float(abs(samples).max()) for samples in process.samples) < 0.01


@pytest.mark.parametrize(
    ("word", "bpm", "moved"),
    [("halve", 60.0, None), ("double", 240.0, None), ("later", 120.0, NUDGE_S), ("earlier", 120.0, -NUDGE_S)],
)
def test_every_word_about_the_tempo_is_obeyed(word: str, bpm: float, moved: float | None) -> None:
    told, plain = Analyser(), Analyser()
    for n in range(1200):
        block = Block(n * HOP_S, np.zeros((HOP, 2), np.float32))
        features, usual = told.hear(block), plain.hear(block)
        if n % 100 == 0 and n < 500:
            for analyser in (told, plain):
                obey(analyser, Event(0.5 * n / 100, "tap"))
        if n == 600:
            obey(told, Event(features.time, word))
    assert features.signals["bpm"] == pytest.approx(bpm)
    if moved is not None:
        away = usual.signals["beat.phase"] - features.signals["beat.phase"]
        assert (away + 0.5) % 1.0 - 0.5 == pytest.approx(moved * bpm / 60.0, abs=1e-3)


def test_a_file_that_is_no_sound_is_told_and_silence_goes_on(tmp_path: Path) -> None:
    with running(str(tmp_path / "gone.wav")) as process:
        process.until("no such file")
        process.listen(0.5)
    assert len(process.heard) > 50
    assert len([line for line in process.lines if line["type"] == "error"]) == 1


@pytest.mark.pulse
def test_a_lost_device_brings_rest_and_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pulse_server(tmp_path) as env:
        for name in ("XDG_RUNTIME_DIR", "HOME"):
            monkeypatch.setenv(name, env[name])
        with running("pulse") as process:
            process.until("sound comes from")
            unload(env)
            process.until("no sound from pulse")
            process.listen(0.6)
            assert process.heard[-1].signals["silence"] == 1.0
            load_sink(env)
            process.lines.clear()
            process.until("sound comes from")
        times = np.diff([f.time for f in process.heard])
        assert times.min() > 0.0
        assert times.max() < 0.6
