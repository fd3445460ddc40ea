"""What a network would say of a beat, made from the truth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from visuals.audio.beat import Beats, Heard, Position
from visuals.types import HOP, SAMPLE_RATE_HZ, Event

HOP_S = HOP / SAMPLE_RATE_HZ
FRAME_S = 4 * HOP_S
DELAY_S = 0.032
Floats = npt.NDArray[np.float64]


def steady(bpm: float, seconds: float, first: float = 0.2) -> Floats:
    return np.arange(first, seconds, 60.0 / bpm)


def activation(times: Floats, seconds: float, height: float = 0.8, seed: int = 0, noise: float = 0.05) -> Floats:
    """A bell of 15 ms at each time, over noise [frames]. Frame k describes the moment (k + 1)·FRAME_S - DELAY_S."""
    rng = np.random.default_rng(seed)
    moments = (np.arange(int(seconds / FRAME_S)) + 1) * FRAME_S - DELAY_S
    heard = noise * rng.random(len(moments))
    for time in times:
        near = np.abs(moments - time) < 0.06
        heard[near] = np.maximum(heard[near], height * np.exp(-0.5 * ((moments[near] - time) / 0.015) ** 2))
    return heard


def listen(
    beat: Floats,
    downbeat: Floats | None = None,
    events: tuple[Event, ...] = (),
    silent: Callable[[float], bool] = lambda now: False,
    act: Callable[[Beats, float], None] = lambda beats, now: None,
    beats: Beats | None = None,
    start: float = 0.0,
) -> tuple[Beats, list[tuple[float, Position]]]:
    """Play activations hop by hop as the ears would."""
    beats = beats or Beats()
    downbeat = np.zeros_like(beat) if downbeat is None else downbeat
    trace, waiting = [], list(events)
    for hop in range(4 * len(beat)):
        now = start + (hop + 1) * HOP_S
        act(beats, now)
        heard = None
        if hop % 4 == 3:
            heard = Heard(now - DELAY_S, float(beat[hop // 4]), float(downbeat[hop // 4]))
        come = [event for event in waiting if event.time <= now]
        waiting = waiting[len(come) :]
        trace.append((now, beats.hear(heard, come, silent(now), False, now)))
    return beats, trace


def beats_of(trace: list[tuple[float, Position]], after: float = 0.0) -> Floats:
    return np.array([t for now, p in trace for t in p.beats if now > after])


def downbeats_of(trace: list[tuple[float, Position]], after: float = 0.0) -> Floats:
    return np.array([t for now, p in trace for t in p.downbeats if now > after])


def errors(found: Floats, true: Floats) -> Floats:
    """Seconds from each found beat to the nearest true one."""
    return np.array([np.abs(true - time).min() for time in found])
