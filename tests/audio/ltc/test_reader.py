from __future__ import annotations

import timeit
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.audio.ltc.tape import blocks, edges, noise, play, read, run
from visuals.audio.ltc.codeword import BITS, backwards, codeword, timecode_of
from visuals.audio.ltc.reader import LtcReader
from visuals.timecode import RATES, Rate, Reading, Timecode
from visuals.types import HOP, SAMPLE_RATE_HZ, Float32s

ALL = pytest.mark.parametrize("rate", RATES.values(), ids=RATES.keys())
LEAD = 1000.3


def code(text: str, rate: str = "25") -> Timecode:
    return Timecode.parse(text, RATES[rate])


def over_the_hour(rate: Rate, count: int, way: int = 1) -> list[Timecode]:
    return run(Timecode.of_index(Timecode(1, 0, 0, 0, rate).index - way * count // 2, rate), count, way)


def assert_heard(readings: list[Reading], frames: list[Timecode], speed: float, samples: float) -> None:
    """All in order, each at its time within so many samples; the first one's beginning may go unheard."""
    assert [reading.timecode for reading in readings[-len(frames) + 1 :]] == frames[1:]
    frame = SAMPLE_RATE_HZ / float(frames[0].rate.fps) / abs(speed)
    for number, reading in enumerate(readings[-len(frames) + 1 :], 1):
        assert reading.direction == (1 if speed > 0 else -1)
        start = LEAD + frame * (number if speed > 0 else number + 1)
        assert reading.time * SAMPLE_RATE_HZ == pytest.approx(start, abs=samples)


def test_the_code_words_are_those_of_libltc() -> None:
    """libltc 1.3.2, started at 01:59:58:20 and 25 frames a second."""
    first, second = run(code("01:59:58:20"), 2)
    assert codeword(first).to_bytes(10, "little") == bytes.fromhex("00 02 08 05 09 05 01 00 FC BF")
    assert codeword(second).to_bytes(10, "little") == bytes.fromhex("01 02 08 05 09 05 01 08 FC BF")


@given(
    st.sampled_from(list(RATES.values())).flatmap(
        lambda rate: st.builds(Timecode.of_index, st.integers(0, rate.frames_per_day - 1), st.just(rate))
    )
)
def test_a_code_word_names_its_frame_and_has_an_even_number_of_ones(frame: Timecode) -> None:
    word = codeword(frame)
    assert timecode_of(word, frame.rate) == frame
    assert word.bit_count() % 2 == 0
    assert backwards(backwards(word)) == word
    assert len(edges([frame])) == BITS + word.bit_count() + 1


@given(st.integers(0, 2**BITS - 1), st.sampled_from(list(RATES.values())))
def test_any_80_bits_are_a_frame_or_none(word: int, rate: Rate) -> None:
    frame = timecode_of(word, rate)
    assert frame is None or Timecode.of_index(frame.index, rate) == frame


@ALL
@pytest.mark.parametrize("speed", [1.0, 0.5, 2.0, -1.0, -0.5, -2.0])
@pytest.mark.parametrize("level", [0.5, -0.5, 0.001])
def test_every_frame_is_read_at_its_sample(rate: Rate, speed: float, level: float) -> None:
    frames = over_the_hour(rate, 40, 1 if speed > 0 else -1)
    assert_heard(read(play(frames, speed, level), LtcReader(rate)), frames, speed, 0.2)


@pytest.mark.parametrize("speed", [1.0, 0.5, 2.0, -1.0])
@pytest.mark.parametrize("noise_db", [-12.0, -20.0])
def test_noise_moves_the_edges_less_than_a_sample(speed: float, noise_db: float) -> None:
    frames = over_the_hour(RATES["29.97df"], 60, 1 if speed > 0 else -1)
    tape = play(frames, speed, 0.3)
    loud = tape + 0.3 * 10.0 ** (noise_db / 20.0) * noise(len(tape))
    readings = read(loud.astype(np.float32), LtcReader(frames[0].rate))
    assert_heard(readings, frames, speed, 1.5)


def test_a_thin_wire_with_an_offset_is_read() -> None:
    """Three poles at 5 kHz, 0.1 of direct current, 60 dB down."""
    frames = over_the_hour(RATES["25"], 40)
    tape = play(frames, level=0.5).astype(np.float64)
    for _ in range(3):
        kept = np.exp(-2.0 * np.pi * 5000.0 / SAMPLE_RATE_HZ)
        length = 60
        tape = np.convolve(tape, (1.0 - kept) * kept ** np.arange(length))[: len(tape)]
    readings = read((tape * 1e-3 + 1e-4).astype(np.float32), LtcReader(RATES["25"]))
    assert_heard(readings, frames, 1.0, 6.0)


def test_a_fader_pulled_down_loses_a_few_frames() -> None:
    frames = over_the_hour(RATES["25"], 60)
    tape = play(frames)
    tape[len(tape) // 2 :] *= 0.01
    readings = read(tape)
    assert len(readings) >= 54
    assert readings[-1].timecode == frames[-1]


def test_a_tape_that_runs_up_and_changes_speed_is_followed() -> None:
    rate = RATES["25"]
    frames = run(code("10:00:00:00"), 100)
    tape = np.concatenate([play(frames[4 * n : 4 * n + 4], 0.5 + 0.06 * n, lead=0.0)[:-500] for n in range(25)])
    readings = read(tape, LtcReader(rate))
    assert len(readings) >= 70
    assert readings[-1].timecode.index > frames[-1].index - 3


def test_the_length_of_the_blocks_changes_nothing() -> None:
    tape = play(over_the_hour(RATES["30"], 20))
    whole = read(tape, LtcReader(RATES["30"]), len(tape))
    for hop in (1, 7, HOP, 1024):
        pieces = read(tape, LtcReader(RATES["30"]), hop)
        assert [reading.timecode for reading in pieces[-18:]] == [reading.timecode for reading in whole[-18:]]
        assert pieces[-1].time == pytest.approx(whole[-1].time, abs=1e-5)


@pytest.mark.parametrize(
    ("rate", "speed"), [("24", 1.0), ("24", 1.2), ("25", 0.8), ("25", 1.0), ("30", 1.0), ("30", 0.5)]
)
def test_the_rate_is_sure_after_the_first_second(rate: str, speed: float) -> None:
    readings = read(play(run(code("09:59:59:10", rate), 90), speed))
    assert {reading.timecode.rate.name for reading in readings[45:]} == {rate}
    if speed == 1.0:
        assert {reading.timecode.rate.name for reading in readings} == {rate}


def test_the_drop_flag_tells_its_rate_at_once() -> None:
    readings = read(play(run(code("00:59:59;20", "29.97df"), 30), -1.4))
    assert {reading.timecode.rate.name for reading in readings} == {"29.97df"}


def test_a_rate_that_was_told_is_believed() -> None:
    readings = read(play(run(code("01:00:00:00", "30"), 30)), LtcReader(RATES["29.97"]))
    assert {reading.timecode.rate.name for reading in readings} == {"29.97"}


def test_another_sample_rate() -> None:
    frames = run(code("01:00:00:00"), 20)
    tape = play(frames, sample_rate_hz=44_100.0)
    reader = LtcReader(RATES["25"], 44_100)
    readings = [r for n in range(0, len(tape), HOP) for r in reader.feed(n / 44_100, tape[n : n + HOP])]
    assert readings[-1].timecode == frames[-1]
    assert readings[-1].time == pytest.approx((LEAD + 19 * 44_100 / 25) / 44_100, abs=1e-5)


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(20_000),
        np.full(20_000, 0.7),
        np.sin(np.arange(20_000) * 0.3),
        noise(20_000) * 1e-6,
        np.full(20_000, np.nan),
        np.frombuffer(b"\x00\x00\x81\x7f" * 20_000, np.float32),
        np.full(20_000, np.inf),
        np.tile([np.inf, -np.inf, np.nan, 1e38, -1e38], 4000),
        np.tile([1.0, -1.0], 10_000),
    ],
    ids=["silence", "current", "tone", "hiss", "nan", "signalling nan", "inf", "wild", "edges"],
)
def test_other_sounds_are_no_code_and_do_no_harm(sound: Float32s) -> None:
    reader = LtcReader()
    assert read(sound.astype(np.float32, copy=False), reader) == []
    frames = run(code("01:00:00:00"), 20)
    assert read(play(frames), reader)[-1].timecode == frames[-1]


def test_a_million_random_samples_leave_no_trace() -> None:
    reader = LtcReader()
    sound = noise(1_000_000).astype(np.float32)
    found = read(sound, reader, 4096)
    assert len(found) < 10
    tracemalloc.start()
    read(sound[:100_000], reader)
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert kept < 20_000
    frames = run(code("01:00:00:00"), 20)
    assert read(play(frames), reader)[-1].timecode == frames[-1]


@settings(max_examples=30)
@given(st.lists(st.binary(max_size=400), max_size=8))
def test_any_block_is_borne(garbage: list[bytes]) -> None:
    reader = LtcReader()
    for number, data in enumerate(garbage):
        samples = np.frombuffer(data[: len(data) // 4 * 4], np.float32)
        assert all(np.isfinite(reading.time) for reading in reader.feed(number * 0.005, samples))


def test_a_block_costs_a_small_part_of_its_time() -> None:
    """50 us of the 5,333 us that it lasts, on a slow core; the bound leaves room for a busy machine."""
    pieces = list(blocks(play(run(code("01:00:00:00"), 50))))
    reader = LtcReader()
    seconds = min(timeit.repeat(lambda: [reader.feed(time, block) for time, block in pieces], number=1, repeat=3))
    assert seconds / len(pieces) < 0.001
