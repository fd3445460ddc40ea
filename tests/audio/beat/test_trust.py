"""Other clocks lead the beat in the order in which a show trusts them; the operator's hands stay on top."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import inf, nan

import numpy as np
import pytest

from tests.audio.beat.activations import DELAY_S, HOP_S, activation, steady
from visuals.audio.beat import Beats, Heard, Position
from visuals.audio.beat.clock import HELD, LINK, MIDI_CLOCK, OPERATOR, SOUND
from visuals.audio.beat.trust import STALE_S, Trust
from visuals.types import Conductor, Tempo

WORDS_S = 0.25
Trace = list[tuple[float, Position]]


def clock(bpm: float, first: float = 0.0, source: Conductor = "clock") -> Callable[[float], Tempo]:
    """A clock whose song begins at `first`."""
    return lambda now: Tempo(now, source, bpm, (now - first) * bpm / 60.0, 1.0)


def stopped(now: float) -> Tempo:
    return Tempo(now, "clock")


def play(
    beats: Beats,
    start: float,
    end: float,
    say: Callable[[float], Tempo] | None = None,
    sound: np.ndarray | None = None,
    late: float = 0.01,
) -> Trace:
    """Hops from `start` to `end` with a word every WORDS_S, `late` s old; silence without `sound`."""
    trace: Trace = []
    said = -inf
    for hop in range(round(start / HOP_S), round(end / HOP_S)):
        now = (hop + 1) * HOP_S
        if say is not None and now - said >= WORDS_S:
            beats.take(say(now - late))
            said = now
        heard = None
        if sound is not None and hop % 4 == 3:
            heard = Heard(now - DELAY_S, float(sound[hop // 4]), 0.0)
        trace.append((now, beats.hear(heard, (), sound is None, False, now)))
    return trace


def off(trace: Trace, bpm: float, first: float, after: float = 0.0) -> float:
    """The most that the beat phase is off (s)."""
    wrong = [(p.beat_phase - (t - first) * bpm / 60.0 + 0.5) % 1.0 - 0.5 for t, p in trace if t >= after]
    return max(map(abs, wrong)) * 60.0 / bpm


def leads(position: Position, source: int, bpm: float) -> bool:
    return position.source == source and abs(position.bpm / bpm - 1.0) < 0.005


def follows(*names: Conductor) -> Beats:
    return Beats(follow=names)


def test_a_clock_leads_tempo_beat_bar_and_phrase() -> None:
    trace = play(follows("clock", "audio"), 0.0, 20.0, clock(137.3, first=0.13))
    assert off(trace, 137.3, 0.13, after=2.0) < 0.001
    now, last = trace[-1]
    assert leads(last, MIDI_CLOCK, 137.3)
    assert last.locked
    assert last.confidence > 0.99
    beat = (now - 0.13) * 137.3 / 60.0
    assert last.bar_beat == int(beat) % 4 + 1
    assert last.bar_phase == pytest.approx(beat / 4.0 % 1.0, abs=0.01)
    assert last.phrase_phase == pytest.approx(beat / 32.0 % 1.0, abs=0.01)
    downbeats = [t for t, p in trace if p.downbeats and t > 8.0]
    assert all(round((t - 0.13) * 137.3 / 60.0) % 4 == 0 for t in downbeats)


def test_no_phase_goes_back_whatever_the_clock_does() -> None:
    beats, trace = follows("clock"), list[tuple[float, Position]]()
    for n, (bpm, first) in enumerate([(120.0, 0.0), (93.0, 1.7), (180.0, 0.4), (60.0, 3.1)]):
        trace += play(beats, 3.0 * n, 3.0 * n + 3.0, clock(bpm, first))
    for (_, before), (_, after) in pairwise(trace):
        for name in ("beat_phase", "bar_phase", "phrase_phase"):
            step = (getattr(after, name) - getattr(before, name)) % 1.0
            assert step < 0.5 or step > 1.0 - 1e-9, name


def test_a_show_that_does_not_follow_it_hears_no_clock() -> None:
    trace = play(Beats(), 0.0, 4.0, clock(150.0))
    assert {p.source for _, p in trace} == {HELD}
    assert trace[-1][1].bpm == 120.0


@pytest.mark.parametrize("order", [("clock", "audio"), ("audio", "clock")])
def test_the_order_of_trust(order: tuple[Conductor, ...]) -> None:
    sound = activation(steady(104.0, 20.0), 20.0)
    trace = play(follows(*order), 0.0, 20.0, clock(150.0), sound)
    source, bpm = (MIDI_CLOCK, 150.0) if order[0] == "clock" else (SOUND, 104.0)
    assert leads(trace[-1][1], source, bpm)


def test_a_clock_leads_until_the_sound_is_found_and_again_when_it_is_lost() -> None:
    beats, sound = follows("audio", "clock"), activation(steady(104.0, 12.0), 12.0)
    trace = play(beats, 0.0, 12.0, clock(150.0), sound)
    assert trace[round(1.0 / HOP_S)][1].source == MIDI_CLOCK
    assert trace[-1][1].source == SOUND


def test_the_next_in_the_list_leads_when_a_clock_stops() -> None:
    beats, sound = follows("clock", "audio"), activation(steady(104.0, 24.0), 24.0)
    play(beats, 0.0, 8.0, clock(150.0), sound)
    last = play(beats, 8.0, 16.0, stopped, sound)[-1][1]
    assert leads(last, SOUND, 104.0)
    last = play(beats, 16.0, 18.0, clock(150.0, first=16.0), sound)[-1][1]
    assert leads(last, MIDI_CLOCK, 150.0)


def test_a_clock_whose_words_do_not_come_leads_no_longer_than_they_are_fresh() -> None:
    beats = follows("clock", "link")
    play(beats, 0.0, 4.0, clock(150.0))
    trace = play(beats, 4.0, 4.0 + STALE_S + 0.1)
    assert (trace[0][1].source, trace[-1][1].source) == (MIDI_CLOCK, HELD)
    assert off(trace, 150.0, 0.0) < 0.001
    assert play(beats, 5.2, 6.0, clock(128.0, source="link"))[-1][1].source == LINK


def test_a_clock_that_was_met_on_its_way_tells_the_tempo_and_leaves_the_beat_where_it_is() -> None:
    beats = follows("clock")
    play(beats, 0.0, 4.0, clock(120.0))
    trace = play(beats, 4.0, 8.0, lambda now: Tempo(now, "clock", 120.0, None, 0.45))
    assert trace[-1][1].source == MIDI_CLOCK
    assert off(trace, 120.0, 0.0) < 0.001


# ---- hands on top


def test_taps_take_the_lead_until_the_clock_is_started_anew() -> None:
    beats = follows("clock", "audio")
    play(beats, 0.0, 4.0, clock(150.0))
    for n in range(4):
        beats.tap(4.0 + 0.6 * n)
        play(beats, 4.0 + 0.6 * n, 4.6 + 0.6 * n, clock(150.0))
    last = play(beats, 6.4, 12.0, clock(150.0))[-1][1]
    assert leads(last, OPERATOR, 100.0)
    play(beats, 12.0, 12.5, stopped)
    last = play(beats, 12.5, 14.0, clock(150.0, first=12.5))[-1][1]
    assert leads(last, MIDI_CLOCK, 150.0)


def test_a_clock_that_is_trusted_more_than_taps_is_not_moved_by_them() -> None:
    beats = follows("clock", "tap")
    trace = play(beats, 0.0, 4.0, clock(150.0))
    for n in range(4):
        beats.tap(4.0 + 0.6 * n)
        trace += play(beats, 4.0 + 0.6 * n, 4.6 + 0.6 * n, clock(150.0))
    assert off(trace, 150.0, 0.0, after=2.0) < 0.001


def test_only_taps_hold_as_long_as_nobody_says_otherwise() -> None:
    beats, sound = follows("tap"), activation(steady(140.0, 60.0), 60.0)
    assert play(beats, 0.0, 4.0, sound=sound)[-1][1].source == HELD
    for n in range(4):
        beats.tap(4.0 + 0.6 * n)
        play(beats, 4.0 + 0.6 * n, 4.6 + 0.6 * n, sound=sound)
    last = play(beats, 6.4, 40.0, sound=sound)[-1][1]
    assert leads(last, OPERATOR, 100.0)
    assert last.confidence == 1.0
    assert last.locked


@pytest.mark.parametrize(("factor", "bpm"), [(2.0, 180.0), (0.5, 45.0)])
def test_twice_and_half_stay_on_the_clock(factor: float, bpm: float) -> None:
    beats = follows("clock")
    play(beats, 0.0, 4.0, clock(90.0))
    beats.scale(factor, 4.0)
    trace = play(beats, 4.0, 12.0, clock(90.0))
    assert trace[-1][1].bpm == pytest.approx(bpm)
    assert off(trace, bpm, 0.0, after=8.0) < 0.001


def test_no_clock_is_scaled_beyond_what_is_a_tempo() -> None:
    beats = follows("clock")
    play(beats, 0.0, 4.0, clock(300.0))
    beats.scale(2.0, 4.0)
    trace = play(beats, 4.0, 8.0, clock(300.0))
    assert leads(trace[-1][1], MIDI_CLOCK, 300.0)
    assert off(trace, 300.0, 0.0, after=6.0) < 0.001


def test_taps_wait_where_the_sound_is_trusted_more_and_found() -> None:
    beats, sound = follows("audio", "tap"), activation(steady(104.0, 16.0), 16.0)
    play(beats, 0.0, 8.0, sound=sound)
    for n in range(4):
        beats.tap(8.0 + 0.7 * n)
        play(beats, 8.0 + 0.7 * n, 8.7 + 0.7 * n, sound=sound)
    assert leads(play(beats, 10.8, 14.0, sound=sound)[-1][1], SOUND, 104.0)


def test_nudges_stay_on_the_clock() -> None:
    beats = follows("clock")
    play(beats, 0.0, 4.0, clock(90.0))
    for _ in range(3):
        beats.nudge(0.01, 4.0)
    assert off(play(beats, 4.0, 12.0, clock(90.0)), 90.0, 0.03, after=6.0) < 0.001


def test_this_is_one_counts_bars_from_the_clocks_beat() -> None:
    beats = follows("clock")
    play(beats, 0.0, 4.0, clock(120.0))
    beats.resync(4.53)  # a finger is late
    trace = play(beats, 4.0, 14.0, clock(120.0))
    assert off(trace, 120.0, 0.0, after=7.0) < 0.001
    now, last = trace[-1]
    assert last.bar_phase == pytest.approx((now - 4.5) / 2.0 % 1.0, abs=0.01)
    assert last.phrase_phase == pytest.approx((now - 4.5) / 16.0 % 1.0, abs=0.01)


def test_this_is_one_between_two_beats_moves_the_beat() -> None:
    beats = follows("clock")
    play(beats, 0.0, 4.0, clock(120.0))
    beats.resync(4.25)
    assert off(play(beats, 4.0, 12.0, clock(120.0)), 120.0, 4.25, after=6.0) < 0.001


@pytest.mark.parametrize("wrong", [nan, inf, -inf])
def test_nonsense_is_left_out(wrong: float) -> None:
    trust = Trust(("clock",))
    for tempo in (
        Tempo(wrong, "clock", 120.0, 0.0, 1.0),
        Tempo(1.0, "clock", wrong, 0.0, 1.0),
        Tempo(1.0, "clock", 120.0, wrong, 1.0),
        Tempo(1.0, "clock", 120.0, 0.0, wrong),
    ):
        assert not trust.take(tempo)
    assert not trust.take(Tempo(1.0, "clock", -120.0, 0.0, 1.0))
    assert trust.leader(1.0, False, False) is None


def orders() -> Sequence[tuple[Conductor, ...]]:
    return [("audio",), ("clock",), ("link", "clock"), ("tap",), ("audio", "tap"), ("clock", "tap", "link", "audio")]


@pytest.mark.parametrize("order", orders())
def test_somebody_leads_or_the_tempo_is_held(order: tuple[Conductor, ...]) -> None:
    assert Trust(order).leader(0.0, False, False) == ("audio" if "audio" in order else None)
    assert Trust(order).leader(0.0, True, False) == "tap"
