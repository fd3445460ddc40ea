"""What the networks should say in each frame of a clip, and how much each frame counts.

The delays are part of the answer: that something began is told one to two hops after the hop it began
in, which drum it was a hop later, a beat one slow frame after its own, whether the last onset was a note
from 53 ms on.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tools.ears_training.material import CLASSES
from visuals.audio import net
from visuals.types import HOP, SAMPLE_RATE_HZ

Float32s = npt.NDArray[np.float32]
Float64s = npt.NDArray[np.float64]

HOP_S = HOP / SAMPLE_RATE_HZ
SLOW_S = HOP_S * net.SLOW
MELODIC_FROM, MELODIC_TO = 10, 17
"""Hops after an onset in which the networks tell whether it was a note."""
_TOGETHER_S = 0.03
_FAINT = 0.25  # softer strokes may be heard or not


def fast_targets(
    strokes: Float64s, present: npt.NDArray[np.bool_], start: float, hops: int
) -> tuple[Float32s, Float32s]:
    """Targets and weights [hops, heads] of a clip that begins at `start`."""
    rows = strokes[present[strokes[:, 1].astype(int)]]
    rows = rows[(rows[:, 0] > start - 1.0) & (rows[:, 0] < start + hops * HOP_S + 0.1)]
    target = np.zeros((hops, len(net.FAST_HEADS)), np.float32)
    weight = np.ones_like(target)
    for name in ("kick", "snare", "hat", "cymbal", "tom"):
        column, own = net.FAST_HEADS.index(name), rows[:, 2] == CLASSES.index(name)
        times, faint = rows[own, 0] - start, rows[own, 3] < _FAINT
        _raise(target, weight, column, times[faint], ignored=(0, 1, 2, 3, 4, 5, 6), told=())
        _raise(target, weight, column, times[~faint], ignored=(0, 1, 6), told=(2, 3, 4, 5))
    sticks = rows[rows[:, 2] == CLASSES.index("stick"), 0] - start
    _raise(target, weight, net.FAST_HEADS.index("snare"), sticks, ignored=(1, 2, 3, 4, 5), told=())
    onsets = merged(rows)
    _raise(target, weight, net.FAST_HEADS.index("onset"), onsets[:, 0] - start, ignored=(0, 3), told=(1, 2))
    _class(target, weight, onsets[:, 0] - start, onsets[:, 1])
    if not len(strokes):  # speech and noise have attacks too; nobody wrote them down
        weight[:, net.FAST_HEADS.index("onset")] = 0.0
    return target, weight


def slow_targets(beats: Float64s, shares: Float32s, start: float) -> tuple[Float32s, Float32s]:
    """Targets and weights [frames, heads] of a clip whose `shares` [frames, 3] are given."""
    frames = len(shares)
    target = np.zeros((frames, len(net.SLOW_HEADS)), np.float32)
    weight = np.ones_like(target)
    for column, times in enumerate((beats[:, 0], beats[beats[:, 1] == 1, 0])):
        at = np.floor((times - start) / SLOW_S).astype(int) + 1
        for shift, value in ((-1, 0.5), (1, 0.5), (0, 1.0)):
            inside = at + shift
            inside = inside[(inside >= 0) & (inside < frames)]
            target[inside, column] = np.maximum(target[inside, column], value)
    target[:, 2:] = shares
    weight[:, 2:] = 0.25 * (shares.sum(axis=1, keepdims=True) > 0.5)
    return target, weight


def merged(rows: Float64s) -> Float64s:
    """All onsets [n, 2]: time and 1 for a note, 0 for a drum; closer than 30 ms they are one, and a drum."""
    kept: list[list[float]] = []
    for time, _, kind, _ in rows.tolist():
        melodic = float(kind == CLASSES.index("note"))
        if kept and time - kept[-1][0] < _TOGETHER_S:
            kept[-1][1] = min(kept[-1][1], melodic)
        else:
            kept.append([time, melodic])
    return np.array(kept, np.float64).reshape(-1, 2)


def _raise(
    target: Float32s, weight: Float32s, column: int, times: Float64s, ignored: tuple[int, ...], told: tuple[int, ...]
) -> None:
    """Targets of 1 so many hops after the hop of each time; what lies around them does not count."""
    first = np.floor(times / HOP_S).astype(int)
    for shift in (*ignored, *told):
        at = first + shift
        at = at[(at >= 0) & (at < len(target))]
        weight[at, column] = 2.0 if shift in told else 0.0
        if shift in told:
            target[at, column] = 1.0


def _class(target: Float32s, weight: Float32s, times: Float64s, melodic: Float64s) -> None:
    column = net.FAST_HEADS.index("melodic")
    weight[:, column] = 0.0
    gaps = np.diff(times, append=np.inf)
    for time, kind, gap in zip(times, melodic, gaps, strict=True):
        if gap < 0.095:
            continue
        first = int(np.floor(time / HOP_S))
        frames = slice(max(0, first + MELODIC_FROM), max(0, first + MELODIC_TO))
        target[frames, column], weight[frames, column] = kind, 2.0
