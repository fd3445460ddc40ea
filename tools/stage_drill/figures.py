"""The figures of a fault, from the pictures that came over the wire. Pure: it is told all times."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tools.stage_drill.light import Light

TICK_S = 1.0 / 60.0
REGULAR_S: Mapping[str, float] = {"sacn": 2.0 * TICK_S, "ddp": TICK_S}
"""The longest pause between pictures of a wall that loses none: sACN, at most 44 a second, skips some ticks."""

HELD, HELD_S = 3, 1.0
"""After so many equal pictures a sender may pause so long: E1.31-2018 section 6.6.2, and good manners elsewhere."""

STILL_S = 0.1
"""A picture that stands for so long is seen to stand."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a wall went through. Times count from the fault; infinite: not within the time it was watched."""

    lost: int
    """Ticks at which nothing left, in all."""
    gap_ms: float
    """The longest time without a picture."""
    black_ms: float
    freeze_ms: float
    """The longest time for which the same picture stood."""
    garbage: int
    motion_s: float
    """When it moved again after it first stood still; 0 when it never did."""
    live_s: float
    """From when on the show itself was there and moved; 0 when it always did."""
    flashes: int
    double_s: float
    """How long two senders sent at once."""


def figures(lights: Sequence[Light], fault: float, end: float, regular_s: float) -> Figures:
    """The figures of one wall from `fault` to `end` (s); `lights` begin before the fault."""
    before = [light for light in lights if light.time <= fault][-1:]
    seen = [light for light in lights if fault < light.time <= end]
    all_of_them = before + seen
    spells = still_spells(all_of_them, fault, end)
    motion = next((stop for start, stop in spells if stop - start > STILL_S), fault)
    return Figures(
        lost=lost_ticks(all_of_them, end, regular_s),
        gap_ms=1000.0 * max(pauses(all_of_them, end), default=0.0),
        black_ms=1000.0 * lasting(all_of_them, [light.black for light in all_of_them], fault, end),
        freeze_ms=1000.0 * max((stop - start for start, stop in spells), default=0.0),
        garbage=sum(light.torn for light in seen),
        motion_s=_after(fault, motion, end),
        live_s=_after(fault, live_from(seen, spells, fault, end), end),
        flashes=seen[-1].flashes - all_of_them[0].flashes if seen else 0,
        double_s=double(seen),
    )


def _after(fault: float, at: float, end: float) -> float:
    return math.inf if at >= end > fault else at - fault


def pauses(lights: Sequence[Light], end: float) -> list[float]:
    """Times between one picture and the next, and from the last one to `end`."""
    times = [*(light.time for light in lights), end]
    return [b - a for a, b in itertools.pairwise(times)]


def lost_ticks(lights: Sequence[Light], end: float, regular_s: float) -> int:
    """The last pause counts as it stands: whoever stopped sending loses on."""
    lost, equal, last = 0, 0, -1
    for light, pause in zip(lights, pauses(lights, end), strict=True):
        equal = equal + 1 if light.signature == last else 1
        last = light.signature
        allowed = HELD_S if equal >= HELD else regular_s
        lost += max(0, round((pause - allowed) / TICK_S))
    return lost


def lasting(lights: Sequence[Light], is_so: Sequence[bool], start: float, end: float) -> float:
    """How long (s) pictures of which something `is_so` stood on the wall."""
    times = [*(max(start, light.time) for light in lights), end]
    return sum(b - a for (a, b), so in zip(itertools.pairwise(times), is_so, strict=True) if so)


def still_spells(lights: Sequence[Light], start: float, end: float) -> list[tuple[float, float]]:
    """The times (from, to) for which each picture stood, within `start` and `end`."""
    turns = [b.time for a, b in itertools.pairwise(lights) if a.signature != b.signature and start < b.time < end]
    return list(itertools.pairwise([start, *turns, end]))


def live_from(lights: Sequence[Light], spells: Sequence[tuple[float, float]], fault: float, end: float) -> float:
    """From when on nothing was cold and nothing stood still."""
    cold = [next((b.time for b in lights[n + 1 :]), end) for n, light in enumerate(lights) if not light.warm][-1:]
    still = [stop for start, stop in spells if stop - start > STILL_S][-1:]
    return max([fault, *cold, *still])


def double(lights: Sequence[Light]) -> float:
    """How long (s) pictures of two senders of the same priority came in turns."""
    spans: dict[tuple[int, int], tuple[float, float]] = {}
    for light in lights:
        first, _ = spans.get((light.priority, light.sender), (light.time, light.time))
        spans[light.priority, light.sender] = (first, light.time)
    highest = max((priority for priority, _ in spans), default=0)
    mine = sorted(span for (priority, _), span in spans.items() if priority == highest)
    return sum(max(0.0, min(a[1], b[1]) - b[0]) for a, b in itertools.pairwise(mine))


def unsteadiness(lights: Sequence[Light]) -> float:
    """How far the wave is from an even run as a rule (median), in pictures of 1/60 s."""
    times = np.array([light.time for light in lights])
    phases = np.unwrap([light.phase for light in lights], period=1.0)
    speed, offset = np.polyfit(times - times[0], phases, 1)
    residual = np.median(np.abs(phases - (speed * (times - times[0]) + offset)))
    return float(residual / max(abs(speed) * TICK_S, 1e-9))
