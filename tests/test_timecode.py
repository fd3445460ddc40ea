from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visuals.errors import ShowError
from visuals.timecode import RATES, Rate, Reading, Timecode, misfit

DROP = RATES["29.97df"]
ALL = pytest.mark.parametrize("rate", RATES.values(), ids=RATES.keys())
RATE = st.sampled_from(list(RATES.values()))
FRAME = RATE.flatmap(lambda rate: st.builds(Timecode.of_index, st.integers(0, rate.frames_per_day - 1), st.just(rate)))


def code(text: str, rate: Rate = DROP) -> Timecode:
    return Timecode.parse(text, rate)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("00:00:59;29", "00:01:00;02"),
        ("00:01:59;29", "00:02:00;02"),
        ("00:09:59;29", "00:10:00;00"),
        ("00:10:59;29", "00:11:00;02"),
        ("00:59:59;29", "01:00:00;00"),
        ("23:59:59;29", "00:00:00;00"),
    ],
)
def test_dropped_numbers_are_left_out(before: str, after: str) -> None:
    assert Timecode.of_index(code(before).index + 1, DROP) == code(after)
    assert Timecode.of_index(code(after).index - 1, DROP) == code(before)


def test_drop_frame_keeps_to_the_clock_on_the_wall() -> None:
    """108 numbers an hour are left out, which leaves 86.4 ms a day."""
    assert code("01:00:00;00").index == 107_892
    assert DROP.frames_per_day == 2_589_408
    assert float(code("01:00:00;00").elapsed) == pytest.approx(3599.9964)
    assert pytest.approx(86_400 - 0.0864) == DROP.day
    assert code("01:00:00:00", RATES["29.97"]).elapsed == Fraction("3603.6")
    assert code("10:00:00:12", RATES["24"]).elapsed == Fraction("36000.5")


def test_every_minute_of_a_day_begins_with_the_right_number() -> None:
    for minute in range(24 * 60):
        start = minute * 1800 - 2 * (minute - minute // 10) + (2 if minute % 10 else 0)
        first = 2 if minute % 10 else 0
        assert Timecode.of_index(start, DROP) == Timecode(minute // 60, minute % 60, 0, first, DROP)
        assert Timecode.of_index(start - 1, DROP).frames == 29


@ALL
def test_the_last_frame_of_the_day(rate: Rate) -> None:
    last = Timecode.of_index(-1, rate)
    assert (last.hours, last.minutes, last.seconds, last.frames) == (23, 59, 59, rate.nominal - 1)
    assert Timecode.of_index(last.index + 1, rate) == Timecode(0, 0, 0, 0, rate)


@given(FRAME)
def test_a_frame_is_found_again_by_number_time_and_text(frame: Timecode) -> None:
    assert not misfit(frame.hours, frame.minutes, frame.seconds, frame.frames, frame.rate)
    assert Timecode.of_index(frame.index, frame.rate) == frame
    assert Timecode.of_elapsed(frame.elapsed, frame.rate) == frame
    assert Timecode.of_elapsed(float(frame.elapsed), frame.rate) == frame
    assert Timecode.parse(str(frame), frame.rate) == frame


@given(RATE, st.integers(0, 2_000_000), st.integers(1, 5_000))
def test_numbers_rise_with_time(rate: Rate, index: int, ahead: int) -> None:
    a, b = Timecode.of_index(index, rate), Timecode.of_index(index + ahead, rate)
    assert (a.hours, a.minutes, a.seconds, a.frames) < (b.hours, b.minutes, b.seconds, b.frames)
    assert b.elapsed - a.elapsed == ahead / rate.fps


@given(RATE, st.integers(-1, 31), st.integers(-1, 61), st.integers(-1, 61), st.integers(-1, 31))
def test_what_does_not_exist_is_a_misfit(rate: Rate, hours: int, minutes: int, seconds: int, frames: int) -> None:
    if misfit(hours, minutes, seconds, frames, rate):
        return
    frame = Timecode(hours, minutes, seconds, frames, rate)
    assert Timecode.of_index(frame.index, rate) == frame


@pytest.mark.parametrize(
    ("text", "rate", "line"),
    [
        ("soon", "25", "timecode `soon`: expected hours:minutes:seconds:frames, like 01:02:03:04"),
        ("01:02:03", "25", "timecode `01:02:03`: expected hours:minutes:seconds:frames, like 01:02:03:04"),
        ("１:02:03:04", "25", "timecode `１:02:03:04`: expected hours:minutes:seconds:frames, like 01:02:03:04"),
        ("24:00:00:00", "25", "timecode `24:00:00:00`: 24 hours, expected 0 to 23"),
        ("01:60:00:00", "25", "timecode `01:60:00:00`: 60 minutes, expected 0 to 59"),
        ("01:02:61:00", "25", "timecode `01:02:61:00`: 61 seconds, expected 0 to 59"),
        ("01:02:03:25", "25", "timecode `01:02:03:25`: 25 frames, expected 0 to 24 at 25"),
        ("01:02:03;04", "30", "timecode `01:02:03;04`: `;` means drop-frame, but the rate is 30"),
        (
            "00:01:00;01",
            "29.97df",
            "timecode `00:01:00;01`: drop-frame leaves this number out, the minute begins at 00:01:00;02",
        ),
    ],
)
def test_a_wrong_timecode_is_told_in_one_line(text: str, rate: str, line: str) -> None:
    with pytest.raises(ShowError) as error:
        Timecode.parse(text, RATES[rate])
    assert str(error.value) == line


def test_desks_that_write_drop_frame_with_colons_are_understood() -> None:
    assert code("01:02:03:04") == code("01:02:03;04") == code(" 1:2:3;4 ")
    assert str(code("01:02:03:04")) == "01:02:03;04"
    assert str(code("01:02:03:04", RATES["25"])) == "01:02:03:04"


@given(st.text(max_size=16))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with suppress(ShowError):
        Timecode.parse(text, DROP)


def test_a_reading_tells_parts_of_a_frame() -> None:
    assert Reading(0.0, code("00:00:01:00", RATES["25"]), 0.75).position == 1.03
