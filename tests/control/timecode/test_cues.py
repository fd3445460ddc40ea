"""Every cue along a tape that is passed fires once, whatever befalls the tape between."""

from __future__ import annotations

import random

import pytest

from visuals.control.timecode import Chase, Timeline
from visuals.timecode import RATES, Rate, Reading, Timecode

FRAME_S, HEARD_S, SECONDS = 1 / 60, 0.02, 25.0


def tape(chance: random.Random, rate: Rate, start: int, what: str) -> list[Reading]:
    """Whole frames from number `start` on, 3 ms off, with a mishap now and then."""
    readings, time, silent, speed, number = [], 0.0, 0.0, 1.0, start
    while time < SECONDS:
        if what == "changes its speed" and chance.random() < 0.01:
            speed = chance.choice([0.9, 0.96, 1.0, 1.04, 1.1])
        if what == "drops out" and time > silent + 2.0 and chance.random() < 0.02:
            silent = time + chance.uniform(0.05, 0.9)
        late = 0.15 if what == "is held up" and chance.random() < 0.01 else chance.gauss(0.0, 0.003)
        wrong = what == "is misread" and chance.random() < 0.03
        if time > silent or not silent:
            index = chance.randrange(rate.frames_per_day) if wrong else number
            readings.append(Reading(time + late, Timecode.of_index(index, rate)))
        time, number = time + 1.0 / float(rate.fps) / speed, number + 1
    return sorted(readings, key=lambda reading: reading.time)


@pytest.mark.parametrize("what", ["plays", "changes its speed", "drops out", "is held up", "is misread"])
@pytest.mark.parametrize("name", RATES)
@pytest.mark.parametrize("before_midnight_s", [10.0, 50_000.0])
def test_each_cue_fires_once_and_in_order(what: str, name: str, before_midnight_s: float) -> None:
    rate, chance = RATES[name], random.Random(f"{what} {name}")
    start = rate.frames_per_day - round(before_midnight_s * rate.nominal)
    apart = 0.7 * float(rate.fps)
    cues = [Timecode.of_index(start + round(apart * n) + 3, rate) for n in range(round(SECONDS / 0.7))]
    timeline = Timeline((float(cue.elapsed), n) for n, cue in enumerate(cues))
    chase, waiting, fired = Chase(), tape(chance, rate, start, what), list[int]()
    for step in range(round(SECONDS / FRAME_S)):
        while waiting and waiting[0].time <= step * FRAME_S - HEARD_S:
            chase.take(waiting.pop(0))
        place = chase.at(step * FRAME_S)
        if place is not None and place.state != "stopped":
            fired += timeline.advance(place.position, place.jumps)
    first = fired.index(1)  # what came before it on the clock face, yesterday's cue, may be the first to fire
    assert fired[first:] == list(range(1, 1 + len(fired) - first))
    assert len(fired) - first > 0.85 * SECONDS / 0.7
