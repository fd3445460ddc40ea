from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.audio.ltc.tape import blocks, play, run
from tests.control.timecode.wire import quarters, taken
from visuals.audio.ltc.reader import LtcReader
from visuals.control.timecode.chase import FREEWHEEL_S, Chase, Place
from visuals.control.timecode.mtc import MtcReader
from visuals.timecode import RATES, Rate, Reading, Timecode

FRAME_S = 1 / 60
RATE = RATES["25"]
START = Timecode.parse("01:00:00:00", RATE)


def ticks(start: float, end: float) -> Iterator[float]:
    count = 0
    while start + count * FRAME_S < end:
        yield start + count * FRAME_S
        count += 1


def followed(chase: Chase, readings: Iterable[Reading], start: float, end: float) -> list[tuple[float, Place]]:
    """What the chase tells 60 times a second while readings come in."""
    waiting = sorted(readings, key=lambda reading: reading.time)
    places = []
    for now in ticks(start, end):
        while waiting and waiting[0].time <= now:
            chase.take(waiting.pop(0))
        place = chase.at(now)
        if place is not None:
            places.append((now, place))
    return places


def mtc(
    first: Timecode = START, seconds: float = 10.0, start: float = 0.0, speed: float = 1.0, jitter: float = 0.0
) -> list[Reading]:
    """Quarter frames for so long; late ones never overtake each other."""
    chance = random.Random(5)
    count = round(seconds * float(first.rate.fps) * 4 * abs(speed))
    sent = [(time + chance.gauss(0.0, jitter), wire) for time, wire, _ in quarters(first, count, start, speed)]
    times = sorted(time for time, _ in sent)
    return taken(MtcReader(), [(time, wire) for time, (_, wire) in zip(times, sent, strict=True)])


def frames(seconds: float, start: float = 0.0, first: Timecode = START, speed: float = 1.0) -> list[Reading]:
    """Whole frames, as linear timecode gives them."""
    way, rate = (1 if speed > 0 else -1), first.rate
    duration = float(1 / rate.fps) / abs(speed)
    count = round(seconds / duration)
    codes = [Timecode.of_index(first.index + way * n, rate) for n in range(count)]
    return [Reading(start + n * duration, code, direction=way) for n, code in enumerate(codes)]


def test_nothing_is_told_before_there_is_a_lock() -> None:
    chase = Chase()
    assert chase.at(0.0) is None
    for reading in frames(0.08):
        chase.take(reading)
    assert chase.at(0.1) is None


@pytest.mark.parametrize("rate", RATES.values(), ids=RATES.keys())
def test_whole_frames_lock_with_the_third(rate: Rate) -> None:
    first = Timecode(1, 0, 0, 0, rate)
    places = followed(Chase(), frames(2.0, first=first), 0.0, 2.0)
    assert places[0][0] == pytest.approx(2.0 / float(rate.fps), abs=FRAME_S)
    for now, place in places:
        assert place.position == pytest.approx(float(first.elapsed) + now, abs=1e-6)
        assert (place.state, place.rate) == ("locked", rate)
        assert place.speed == pytest.approx(1.0)


def test_quarter_frames_lock_within_five_frames() -> None:
    places = followed(Chase(), mtc(), 0.0, 10.0)
    assert places[0][0] <= 5 / 25
    assert str(places[-1][1].timecode) == "01:00:09:24"


@pytest.mark.parametrize("jitter", [0.0005, 0.0014, 0.003])
def test_jitter_neither_shows_nor_turns_the_position_back(jitter: float) -> None:
    places = followed(Chase(), mtc(seconds=30.0, jitter=jitter), 0.0, 29.9)
    errors = [place.position - 3600.0 - now for now, place in places]
    assert np.std(errors) < jitter / 2.0 + 1e-4
    assert np.abs(errors).max() < 2.0 * jitter
    assert all(0.5 * FRAME_S < b.position - a.position < 1.5 * FRAME_S for (_, a), (_, b) in pairwise(places))
    assert {place.state for _, place in places} == {"locked"}
    assert {place.jumps for _, place in places} == {1}


@pytest.mark.parametrize("speed", [0.5, 0.9, 2.0, -1.0, -0.5, -2.0])
def test_speed_and_direction_are_told(speed: float) -> None:
    places = followed(Chase(), mtc(seconds=4.0, speed=speed), 0.0, 3.9)
    assert all(place.speed == pytest.approx(speed) for _, place in places)
    (a, first), (b, last) = places[0], places[-1]
    assert last.position - first.position == pytest.approx(speed * (b - a), abs=1e-6)


def test_a_change_of_speed_is_followed() -> None:
    slow = frames(2.0)
    quick = frames(3.0, 2.0, Timecode.parse("01:00:02:00", RATE), 1.2)
    places = followed(Chase(), slow + quick, 0.0, 5.0)
    assert places[-1][1].speed == pytest.approx(1.2, abs=0.001)
    assert places[-1][1].position == pytest.approx(3602.0 + 1.2 * (places[-1][0] - 2.0), abs=0.002)
    assert all(a.position < b.position for (_, a), (_, b) in pairwise(places))
    assert {place.jumps for _, place in places} == {1}


def test_a_drop_out_is_bridged_and_a_stop_stands_where_the_wheel_came_to_rest() -> None:
    there = frames(3.0)
    back = frames(2.0, 3.8, Timecode.parse("01:00:03:20", RATE))
    places = dict(followed(Chase(), there + back, 0.0, 8.0))
    states = {round(now, 2): place.state for now, place in places.items()}
    assert states[3.0] == "locked"
    assert states[3.5] == "freewheel"
    assert states[4.0] == "locked"
    assert states[7.5] == "stopped"
    for now, place in places.items():
        if now < 5.76 + FREEWHEEL_S:
            assert place.position == pytest.approx(3600.0 + now, abs=1e-6)
        else:
            assert place.position == pytest.approx(3600.0 + 5.76 + FREEWHEEL_S, abs=1e-6)
            assert place.speed == 0.0


def test_a_frame_that_is_repeated_stands() -> None:
    still = [Reading(2.0 + n / 25, Timecode.parse("01:00:02:00", RATE)) for n in range(25)]
    on = frames(2.0, 3.0, Timecode.parse("01:00:02:00", RATE))
    places = followed(Chase(), frames(2.0) + still + on, 0.0, 4.9)
    standing = [place for now, place in places if 2.4 < now < 3.0]
    assert {(place.position, place.speed, place.state) for place in standing} == {(3602.0, 0.0, "stopped")}
    assert places[-1][1].position == pytest.approx(3602.0 + places[-1][0] - 3.0, abs=0.001)
    assert {place.jumps for _, place in places} == {1}


def test_the_time_of_the_free_wheel_is_stated() -> None:
    places = followed(Chase(freewheel=0.25), frames(1.0), 0.0, 2.0)
    assert places[-1][1].position == pytest.approx(3600.0 + 0.96 + 0.25)
    assert places[-1][1].state == "stopped"


def test_a_run_elsewhere_is_a_jump_once_it_is_sure() -> None:
    there = mtc(seconds=2.0) + mtc(Timecode.parse("03:00:00:00", RATE), 2.0, 2.0)
    places = followed(Chase(), there, 0.0, 3.9)
    assert {place.jumps for now, place in places if now < 2.0} == {1}
    assert {place.jumps for now, place in places if now > 2.2} == {2}
    assert all(place.position < 3602.2 for _, place in places if place.jumps == 1)
    assert places[-1][1].position == pytest.approx(3 * 3600.0 + places[-1][0] - 2.0, abs=1e-6)


def test_a_tape_that_goes_on_where_it_was_stopped_has_not_jumped() -> None:
    """Though the wheel went on for a second more; over an hour, and over midnight."""
    for first in (START, Timecode.parse("23:59:58:20", RATE)):
        chase = Chase()
        stop = Timecode.of_index(first.index + 50, RATE)
        before = followed(chase, frames(2.0, first=first), 0.0, 10.0)
        after = followed(chase, frames(2.0, 3600.0, stop), 3600.0, 3601.9)
        assert after[-1][1].position == pytest.approx(float(stop.elapsed + Fraction(1.9)) % RATE.day, abs=0.03)
        assert {place.jumps for _, place in after if place.state == "locked"} == {before[-1][1].jumps}
    beyond = followed(chase, frames(1.0, 7200.0, Timecode.of_index(stop.index + 500, RATE)), 7200.0, 7201.0)
    assert beyond[-1][1].jumps == before[-1][1].jumps + 1


def test_single_wrong_frames_are_left_out() -> None:
    chance = random.Random(3)
    readings = frames(10.0)
    for number in range(10, 240, 6):
        wrong = Timecode.of_index(chance.randrange(RATE.frames_per_day), RATE)
        readings[number] = Reading(readings[number].time, wrong)
    places = followed(Chase(), readings, 0.0, 9.9)
    assert all(place.position == pytest.approx(3600.0 + now, abs=1e-6) for now, place in places)


def test_a_turn_of_the_tape_is_no_jump() -> None:
    back = frames(2.0, 2.0, Timecode.parse("01:00:02:00", RATE), -1.0)
    places = followed(Chase(), frames(2.0) + back, 0.0, 3.9)
    assert {place.jumps for _, place in places} == {1}
    assert places[-1][1].speed == pytest.approx(-1.0)
    assert places[-1][1].position == pytest.approx(3604.0 - places[-1][0], abs=1e-3)


def test_a_full_message_is_gone_to_at_once_and_stands() -> None:
    chase = Chase()
    chase.take(Reading(1.0, Timecode.parse("00:10:00:00", RATE), direction=0))
    place = chase.at(1.0)
    assert place == Place(600.0, 0.0, "stopped", 1, RATE)
    places = followed(chase, mtc(Timecode.parse("00:10:00:00", RATE), 2.0, 2.0), 2.0, 3.9)
    assert {place.jumps for _, place in places} == {1}
    assert places[-1][1].position == pytest.approx(600.0 + places[-1][0] - 2.0, abs=1e-6)
    chase.take(Reading(4.0, Timecode.parse("00:20:00:00", RATE), direction=0))
    assert chase.at(4.0) == Place(1200.0, 0.0, "stopped", 2, RATE)
    chase.take(Reading(4.1, Timecode.parse("00:20:00:00", RATE), direction=0))
    assert chase.at(4.1) == Place(1200.0, 0.0, "stopped", 2, RATE)


@pytest.mark.parametrize("name", ["25", "29.97df", "29.97"])
def test_midnight_is_passed_without_a_stop(name: str) -> None:
    rate = RATES[name]
    first = Timecode(23, 59, 59, 0, rate)
    places = followed(Chase(), frames(2.5, first=first), 0.0, 2.4)
    for now, place in places:
        off = place.position - float(first.elapsed) - now
        assert min(abs(off), abs(off + rate.day)) < 1e-6
        assert place.speed == pytest.approx(1.0)
    assert places[-1][1].jumps == places[0][1].jumps + 1
    assert places[-1][1].timecode.hours == 0


def test_linear_timecode_is_followed_from_the_sound() -> None:
    codes = run(START, 100)
    reader, chase = LtcReader(), Chase()
    for time, block in blocks(play(codes)):
        for reading in reader.feed(time, block):
            chase.take(reading)
        place = chase.at(time)
        if place is not None:
            assert place.position == pytest.approx(3600.0 + time - 1000.3 / 48_000, abs=1e-5)
    assert place is not None
    assert place.state == "locked"


@given(
    st.lists(
        st.tuples(
            st.floats(-5.0, 5.0) | st.sampled_from([0.0, 0.01, 0.04]),
            st.integers(0, 2_000_000) | st.integers(90_000, 90_020),
            st.sampled_from([-1, 0, 1]),
            st.sampled_from(list(RATES.values())),
        ),
        max_size=60,
    ),
    st.booleans(),
)
def test_any_readings_give_a_place_of_the_day(steps: list[tuple[float, int, int, Rate]], asks: bool) -> None:
    chase, now = Chase(), 0.0
    for step, index, way, rate in steps:
        now += step
        chase.take(Reading(now, Timecode.of_index(index, rate), direction=way))
        place = chase.at(now) if asks else None
        assert place is None or 0.0 <= place.position < place.rate.day
    place = chase.at(now + 10.0)
    assert place is None or (place.state == "stopped" and np.isfinite(place.position))


def test_times_that_are_no_numbers_are_left_out() -> None:
    chase = Chase()
    for time in (float("nan"), float("inf")):
        chase.take(Reading(time, START, direction=0))
    assert chase.at(0.0) is None
