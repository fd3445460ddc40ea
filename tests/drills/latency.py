"""From the sound and from the desk to the frames that leave the player, in seconds."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tests.drills.stage import FLASH, Seen, Stage, on_stage, spread
from visuals.clock import sleep

PATIENCE_S, TRIES = 1.0, 3
"""After which nothing was answered: far more than any latency, so that a machine's hiccup is one long latency."""
JUMP = 40.0
"""Change of the mean, of 255, that counts as the picture answering."""


def first_jump(frames: Sequence[Seen], after: float, before: float, rising: bool = True) -> float | None:
    """Time of the first frame in (after, before) much lighter (or darker) than the last one at `after`."""
    base = next((f.mean for f in reversed(frames) if f.time <= after), None)
    if base is None:
        return None
    sign = 1.0 if rising else -1.0
    return next((f.time for f in frames if after < f.time < before and sign * (f.mean - base) > JUMP), None)


def kick_latency(folder: Path, audio: str, kicks: int, play: Callable[[], subprocess.Popen[bytes]]) -> dict[str, Any]:
    """Play kicks into a live input and time their flashes.

    A kick is heard when its first loud sample reached the sound card: that is read from the captured
    sound itself, so `latency_s` holds everything from the card to the player; `onset_s` and `kick_s`
    end where the engine tells of them.
    """
    with on_stage(FLASH, folder, audio=audio) as stage:
        stage.until_live()
        sound = stage.supervisor.rings["sound"]
        stage.run(1.0)
        sound.drain()
        player = play()
        blocks = []
        start = stage.now
        while stage.now - start < 0.7 * kicks + 3.0:
            stage.turn()
            blocks += [(r.time, r.data[:, 0].copy()) for r in sound.drain()]
            sleep(0.02)
        player.wait()
        heard = onsets(blocks)
        delays = [jump - at for at in heard if (jump := first_jump(stage.seen, at, at + 0.3)) is not None]
        told = {name: [e["t"] for e in stage.lines("event") if e["name"] == name] for name in ("onset", "kick")}
    counts = {"heard": len(heard), "answered": len(delays), "kick_events": len(told["kick"])}
    events = {f"{name}_s": spread(_after(heard, times)) for name, times in told.items() if times}
    return {**counts, **events, "latency_s": spread(delays)}


def _after(causes: Sequence[float], effects: Sequence[float], most: float = 0.3) -> list[float]:
    """How long after each cause the next effect came."""
    gaps = [next((t - at for t in effects if at < t < at + most), None) for at in causes]
    return [gap for gap in gaps if gap is not None]


def onsets(blocks: Sequence[tuple[float, np.ndarray]], level: float = 0.05, rest_s: float = 0.2) -> list[float]:
    """Times at which the sound rises over `level` after `rest_s` of quiet."""
    found: list[float] = []
    last_loud = -np.inf
    for time, samples in blocks:
        loud = np.flatnonzero(np.abs(samples) > level)
        if not len(loud):
            continue
        first = time + loud[0] / 48_000
        if first - last_loud > rest_s:
            found.append(first)
        last_loud = time + loud[-1] / 48_000
    return found


def desk_latency(stage: Stage, send: Callable[[Sequence[int]], None], repeats: int) -> dict[str, Any]:
    """Send a note, a fader move and a program change, each `repeats` times, and time their frames."""
    dice = random.Random(3)
    stage.until_live()
    stage.run(1.0)
    tries = {
        "note": ([0x90, 36, 100], [0x90, 37, 100], True),
        "cc": ([0xB0, 7, 0], [0xB0, 7, 127], False),
        "program": ([0xC0, 12], [0xC0, 13], True),
    }
    figures = {}
    for name, (message, undo, rising) in tries.items():
        if name == "cc":
            send([0x90, 36, 100])  # a fader shows only over a light picture
            stage.run(0.5)
        delays: list[float | None] = []
        for _ in range(repeats):
            stage.run(dice.uniform(0.25, 0.35))
            delays.append(_answer(stage, partial(send, message), rising))
            _answer(stage, partial(send, undo), not rising)
        heard = [delay for delay in delays if delay is not None]
        figures[name] = {"sent": repeats, "answered": len(heard), "latency_s": spread(heard)}
        send([0x90, 37, 100])
    return figures


def path_latency(
    stage: Stage, light: Callable[[], object], dark: Callable[[], object], repeats: int, settle_s: float = 1.0
) -> dict[str, Any]:
    """Make the picture light and dark by one way, `repeats` times, and time the frames that are light."""
    dice = random.Random(3)
    _answer(stage, dark, False)
    stage.run(settle_s)
    delays: list[float | None] = []
    for _ in range(repeats):
        stage.run(dice.uniform(0.25, 0.35))
        delays.append(_answer(stage, light, True))
        stage.run(dice.uniform(0.25, 0.35))
        _answer(stage, dark, False)
    heard = [delay for delay in delays if delay is not None]
    return {"sent": repeats, "answered": len(heard), "latency_s": spread(heard) if heard else None}


def _answer(stage: Stage, act: Callable[[], object], rising: bool) -> float | None:
    """How long after `act` the picture jumped; None if that never came within `PATIENCE_S`.

    A JACK server that is held up skips a cycle, and with it the messages in it, so it is done again.
    """
    for _ in range(TRIES):
        at = stage.now
        act()
        while stage.now - at < PATIENCE_S:
            stage.run(0.1)
            jump = first_jump(stage.seen, at, stage.now, rising)
            if jump is not None:
                return jump - at
    return None
