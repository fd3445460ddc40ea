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


def test_without_ears_the_clock_beats() -> None:
    board = Board()
    beats = [e.name for n in range(241) for e in (board.step([], n / 60), board.events)[1]]
    assert beats.count("beat") == 8  # four seconds at 120
    assert beats.count("downbeat") == 2


def test_with_ears_the_clock_is_silent() -> None:
    board = Board()
    for n in range(60):
        board.step([features(n / 60, beat_phase=n / 30 % 1.0)], n / 60)
        assert board.events == ()


def test_beat_and_bar_are_told_on_time_and_just_after() -> None:
    board = Board()
    board.step([features(1.0, bpm=120.0, beat_phase=0.9, bar_phase=0.97)], 1.0)
    assert (board.beat, board.bar) == (False, False)
    board.step([features(1.06, bpm=120.0, beat_phase=0.02, bar_phase=0.005)], 1.06)
    assert (board.beat, board.bar) == (True, True)
    board.step([features(1.25, bpm=120.0, beat_phase=0.4, bar_phase=0.1)], 1.25)
    assert (board.beat, board.bar) == (False, False)
    board.step([features(1.3, (Event(1.3, "downbeat"),), bpm=120.0, beat_phase=0.5, bar_phase=0.4)], 1.3)
    assert (board.beat, board.bar) == (False, True)


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
