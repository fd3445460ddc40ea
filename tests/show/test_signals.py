"""The board: what was heard, what the clock adds, and what becomes of it in silence."""

from __future__ import annotations

import math

import numpy as np
import pytest

from visuals.show.signals import Board
from visuals.types import Event, Features
from visuals.vocabulary import ENGINE_SIGNALS, SIGNALS

EMPTY = np.zeros(1, np.float32)


def features(time: float, events: tuple[Event, ...] = (), **signals: float) -> Features:
    named = {name.replace("_", "."): value for name, value in signals.items()}
    values = {name: term.rest for name, term in SIGNALS.items()} | named
    return Features(time, values, events, EMPTY, EMPTY)


def test_every_signal_of_the_vocabulary_is_there_from_the_start() -> None:
    signals = Board(["midi.fader1"]).step([], 0.0)
    assert set(SIGNALS) | set(ENGINE_SIGNALS) - {"scene.time"} | {"midi.fader1"} == set(signals)


def test_levels_go_to_rest_within_half_a_second_and_the_beat_runs_on() -> None:
    board = Board()
    board.step([features(1.0, bass=0.8, note=72.0, bpm=150.0, beat_phase=0.5, bar_phase=0.25)], 1.0)
    assert board.step([], 1.2)["bass"] == 0.8
    halfway = dict(board.step([], 1.375))
    assert halfway["bass"] == pytest.approx(0.4)
    assert halfway["note"] == pytest.approx(66.0)
    later = board.step([], 1.5)
    assert (later["bass"], later["note"], later["bpm"]) == (0.0, 60.0, 150.0)
    assert later["beat.phase"] == pytest.approx((0.5 + 0.5 * 2.5) % 1.0)
    assert later["bar.phase"] == pytest.approx(0.25 + 0.5 * 2.5 / 4)


def test_phases_are_carried_from_the_hop_to_now() -> None:
    board = Board()
    signals = board.step([features(1.0, bpm=120.0, beat_phase=0.5, phrase_phase=0.5)], 1.1)
    assert signals["beat.phase"] == pytest.approx(0.7)
    assert signals["phrase.phase"] == pytest.approx(0.5 + 0.2 / 32)


def play(board: Board, seconds: float, *, ears_until: float = math.inf, bpm: float = 120.0) -> list[tuple[float, str]]:
    """What the board raises in 60 steps a second, given hops that are 20 ms old, with phases from time 0."""
    raised = []
    for n in range(round(60 * seconds) + 1):
        now = n / 60
        heard = now - 0.02
        beats = heard * bpm / 60
        phases = {"beat_phase": beats % 1.0, "bar_phase": beats / 4 % 1.0, "phrase_phase": beats / 32 % 1.0}
        phases["bar_beat"] = beats // 1 % 4 + 1
        hops = [features(heard, bpm=bpm, tempo_locked=1.0, **phases)] if now <= ears_until else []
        board.step(hops, now)
        raised += [(e.time, e.name) for e in board.events]
    return raised


def times(raised: list[tuple[float, str]], name: str) -> list[float]:
    return [time for time, other in raised if other == name]


def test_without_ears_the_clock_beats() -> None:
    raised = play(Board(), 4.0, ears_until=-1.0)
    assert times(raised, "beat") == pytest.approx([0.5 * n for n in range(1, 9)])
    assert times(raised, "downbeat") == pytest.approx([2.0, 4.0])


@pytest.mark.parametrize("lead", [0.0, 0.085])
def test_beats_come_on_time_and_as_much_earlier_as_the_walls_are_late(lead: float) -> None:
    raised = play(Board(lead=lead), 17.0)
    assert times(raised, "beat") == pytest.approx([0.5 * n - lead for n in range(1, 35) if 0.5 * n - lead <= 17.0])
    assert times(raised, "downbeat") == pytest.approx([2.0 * n - lead for n in range(1, 9)])
    assert times(raised, "phrase") == pytest.approx([16.0 - lead])


def test_beats_go_on_when_the_ears_have_gone() -> None:
    alone = times(play(Board(), 20.0, ears_until=7.3, bpm=97.0), "beat")
    assert alone == pytest.approx(times(play(Board(), 20.0, bpm=97.0), "beat"))


def test_the_clock_runs_ahead_and_what_was_heard_does_not() -> None:
    heard = features(
        1.0, bpm=120.0, beat_phase=0.5, bar_phase=0.375, bar_beat=2.0, bass=0.5, kick_age=0.2, tempo_locked=1.0
    )
    signals = Board(lead=0.1).step([heard], 1.05)
    assert signals["beat.phase"] == pytest.approx(0.8)
    assert signals["beat.next"] == pytest.approx(0.1)
    assert signals["bar.beat"] == 2.0
    assert signals["kick.age"] == pytest.approx(0.25)
    assert signals["bass"] == 0.5


def test_ears_that_have_found_no_tempo_bring_no_beat() -> None:
    board = Board()
    for n in range(120):
        board.step([features(n / 60, beat_phase=n / 30 % 1.0)], n / 60)
        assert board.events == ()


def test_a_tempo_once_found_is_held_when_it_is_no_longer_sure() -> None:
    board = Board()
    board.step([features(0.9, (Event(0.9, "beat"),), bpm=120.0)], 0.9)
    raised = []
    for n in range(1, 121):
        now = 0.9 + n / 60
        board.step([features(now, bpm=120.0, beat_phase=2.0 * n / 60 % 1.0)], now)
        raised += [e.name for e in board.events]
    assert raised.count("beat") == 4


def test_a_tempo_that_is_found_between_two_beats_raises_nothing_until_the_next_one() -> None:
    board = Board()
    board.step([features(1.0, bpm=120.0, beat_phase=0.9)], 1.0)
    board.step([features(1.02, bpm=100.0, beat_phase=0.1, tempo_locked=1.0)], 1.02)
    assert board.events == ()
    board.step([features(1.58, bpm=100.0, beat_phase=0.03, tempo_locked=1.0)], 1.58)
    assert board.events[0].name == "beat"


def test_clocks_run_on_and_counts_stay_without_ears() -> None:
    board = Board()
    board.step([features(1.0, kick_age=0.1, kick_count=7.0, song_time=30.0, bass_time=4.0, key=9.0)], 1.0)
    signals = board.step([], 11.0)
    assert (signals["kick.age"], signals["song.time"]) == (10.1, 40.0)
    assert (signals["kick.count"], signals["bass.time"], signals["key"]) == (7.0, 4.0, 9.0)


def test_beat_and_bar_are_told_on_time_and_just_after() -> None:
    board = Board()
    board.step([features(1.0, bpm=120.0, beat_phase=0.9, bar_phase=0.97)], 1.0)
    assert (board.beat, board.bar) == (False, False)
    board.step([features(1.06, bpm=120.0, beat_phase=0.02, bar_phase=0.005)], 1.06)
    assert (board.beat, board.bar) == (True, True)
    board.step([features(1.25, bpm=120.0, beat_phase=0.4, bar_phase=0.1)], 1.25)
    assert (board.beat, board.bar) == (False, False)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_leaves_the_last_value(bad: float) -> None:
    board = Board(["midi.fader1"])
    board.step([features(1.0, bass=0.8, bpm=130.0)], 1.0)
    board.set("midi.fader1", 0.5)
    board.set("midi.fader1", bad)
    signals = board.step([features(1.01, bass=bad, bpm=bad, beat_phase=bad)], 1.01)
    assert (signals["bass"], signals["bpm"], signals["midi.fader1"]) == (0.8, 130.0, 0.5)
    assert all(math.isfinite(v) for v in signals.values())


def test_a_tempo_of_zero_divides_nothing() -> None:
    assert Board().step([features(1.0, bpm=0.0)], 1.1)["bpm"] == 20.0


def test_lfos_follow_their_phases() -> None:
    signals = Board().step([features(5.0, beat_phase=0.25, bar_phase=0.75)], 5.0)
    assert signals["lfo.beat"] == pytest.approx(1.0)
    assert signals["lfo.bar"] == pytest.approx(0.0)
    assert signals["lfo.slow"] == pytest.approx(1.0)
