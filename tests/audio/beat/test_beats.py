from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tests.audio.beat.activations import HOP_S, activation, beats_of, downbeats_of, errors, listen, steady
from visuals.audio.beat import Beats, Position
from visuals.types import Event

Trace = list[tuple[float, Position]]


def assert_goes_forward(trace: Trace) -> None:
    for (_, before), (_, after) in pairwise(trace):
        for name in ("beat_phase", "bar_phase", "phrase_phase"):
            step = (getattr(after, name) - getattr(before, name)) % 1.0
            assert step < 0.5 or step > 1.0 - 1e-9, name


@pytest.mark.parametrize("bpm", [60.0, 75.0, 98.0, 120.0, 133.3, 165.0, 200.0])
def test_a_steady_pulse_is_found_at_its_tempo_and_on_its_beats(bpm: float) -> None:
    true = steady(bpm, 16.0)
    _, trace = listen(activation(true, 16.0))
    last = trace[-1][1]
    assert last.bpm == pytest.approx(bpm, rel=0.004)
    assert last.locked
    assert last.confidence > 0.4
    found = beats_of(trace, after=6.0)
    assert np.median(errors(found, steady(bpm, 17.0))) < 0.010
    assert len(found) == pytest.approx(10.0 * bpm / 60.0, abs=1.5)
    assert_goes_forward(trace)


def test_lock_comes_within_four_seconds() -> None:
    _, trace = listen(activation(steady(112.0, 8.0), 8.0))
    assert next(now for now, p in trace if p.locked) < 4.0


def test_a_new_tempo_is_followed_within_eight_seconds() -> None:
    true = np.concatenate([steady(104.0, 14.0), np.arange(14.2, 28.0, 60.0 / 137.0)])
    _, trace = listen(activation(true, 26.0))
    assert trace[int(14.0 / HOP_S)][1].bpm == pytest.approx(104.0, rel=0.01)
    assert np.median(errors(beats_of(trace, after=22.0), true)) < 0.015
    assert trace[-1][1].bpm == pytest.approx(137.0, rel=0.01)
    assert_goes_forward(trace)


def test_a_drift_is_followed() -> None:
    bpm = np.linspace(110.0, 122.0, 60)
    true = 0.3 + np.cumsum(60.0 / bpm)
    _, trace = listen(activation(true, 30.0))
    assert np.median(errors(beats_of(trace, after=6.0), true)) < 0.02


def test_faults_of_a_network_do_not_lose_the_beat() -> None:
    rng = np.random.default_rng(3)
    true = steady(118.0, 30.0)
    jitter = rng.normal(0.0, 0.01, len(true))
    kept = (true + jitter)[rng.random(len(true)) > 0.25]
    offbeats = true + 30.0 / 118.0
    heard = np.maximum(activation(kept, 30.0), activation(offbeats, 30.0, height=0.35))
    _, trace = listen(heard)
    found = beats_of(trace, after=6.0)
    assert np.mean(errors(found, true) < 0.03) > 0.95


@pytest.mark.parametrize("kind", ["nothing", "low", "unsteady", "bursts"])
def test_where_there_is_no_beat_there_is_no_confidence(kind: str) -> None:
    rng = np.random.default_rng(5)
    frames = 1900
    heard = {
        "nothing": np.zeros(frames),
        "low": 0.1 * rng.random(frames),
        "unsteady": rng.random(frames) ** 4,
        "bursts": activation(np.cumsum(rng.exponential(0.5, 80)), frames * 4 * HOP_S, height=0.6)[:frames],
    }[kind]
    _, trace = listen(heard)
    assert max(p.confidence for _, p in trace) <= 0.3


@pytest.mark.parametrize("beats_per_bar", [3, 4])
def test_bars_are_counted_from_the_downbeats(beats_per_bar: int) -> None:
    true = steady(126.0, 30.0)
    downs = true[2::beats_per_bar]
    _, trace = listen(activation(true, 30.0), activation(downs, 30.0, height=0.5))
    last = trace[-1][1]
    assert last.beats_per_bar == beats_per_bar
    assert last.bar_confidence > 0.3
    assert np.median(errors(downbeats_of(trace, after=12.0), downs)) < 0.02
    assert_goes_forward(trace)


def test_a_metre_that_is_set_is_kept() -> None:
    _, trace = listen(activation(steady(120.0, 12.0), 12.0), beats=Beats(metre=5))
    assert {p.beats_per_bar for _, p in trace} == {5}


def test_silence_holds_for_sixteen_beats_and_then_fades() -> None:
    sound = activation(steady(120.0, 12.0), 12.0)
    heard = np.concatenate([sound, np.zeros(900)])
    _, trace = listen(heard, silent=lambda now: now > 12.0)
    at = {second: trace[int(second / HOP_S)][1] for second in (11.9, 13.0, 19.0, 30.0)}
    assert at[13.0].source == 0
    assert at[19.0].confidence == pytest.approx(at[11.9].confidence, abs=0.05)
    assert at[30.0].confidence < 0.3
    assert at[19.0].bpm == pytest.approx(120.0, rel=0.005)
    held = beats_of(trace, after=12.5)
    assert errors(held, steady(120.0, 40.0)).max() < 0.08


def test_a_drop_out_is_bridged_on_the_beat() -> None:
    true = steady(128.0, 30.0)
    played = true[(true < 12.0) | (true > 18.0)]
    _, trace = listen(activation(played, 30.0))
    assert errors(beats_of(trace, after=6.0), true).max() < 0.05


def test_the_operator_halves_and_the_sound_does_not_argue() -> None:
    done: list[float] = []

    def halve(beats: Beats, now: float) -> None:
        if now > 10.0 and not done:
            done.append(now)
            beats.scale(0.5, now)

    _, trace = listen(activation(steady(140.0, 40.0), 40.0), act=halve)
    assert trace[-1][1].bpm == pytest.approx(70.0, rel=0.01)
    assert trace[-1][1].source == 2
    assert_goes_forward(trace)


def test_taps_win_over_the_sound() -> None:
    taps = list(np.arange(10.03, 12.1, 60.0 / 90.0))

    def tap(beats: Beats, now: float) -> None:
        if taps and now >= taps[0]:
            beats.tap(taps.pop(0))

    _, trace = listen(activation(steady(135.0, 20.0), 20.0), act=tap)
    assert trace[-1][1].bpm == pytest.approx(90.0, rel=0.03)
    assert trace[-1][1].source == 2


def test_a_nudge_moves_every_beat() -> None:
    done: list[float] = []

    def nudge(beats: Beats, now: float) -> None:
        if now > 8.0 and not done:
            done.append(now)
            beats.nudge(0.03, now)

    true = steady(120.0, 20.0)
    _, trace = listen(activation(true, 20.0), act=nudge)
    late = [time - true[np.abs(true - time).argmin()] for time in beats_of(trace, after=12.0)]
    assert np.median(late) == pytest.approx(0.03, abs=0.01)


def test_resync_sets_beat_one_against_the_downbeats_heard() -> None:
    true = steady(120.0, 30.0)
    done: list[float] = []

    def resync(beats: Beats, now: float) -> None:
        if now > true[26] and not done:
            done.append(now)
            beats.resync(now)

    _, trace = listen(activation(true, 30.0), activation(true[::4], 30.0, height=0.6), act=resync)
    assert np.median(errors(downbeats_of(trace, after=16.0), true[2::4])) < 0.03


def test_an_octave_waits_for_two_bars_and_for_the_bar_line() -> None:
    slow, fast = steady(80.0, 16.0), np.arange(16.0, 40.0, 60.0 / 160.0)
    true = np.concatenate([slow, fast])
    _, trace = listen(activation(true, 40.0))
    switch = next(i for i, (now, p) in enumerate(trace) if now > 16.0 and p.bpm > 130.0)
    assert trace[switch][0] > 16.0 + 8 * 60.0 / 80.0
    assert trace[switch][1].bar_phase < 0.1
    assert_goes_forward(trace)


def test_even_kicks_give_a_first_tempo_before_the_network_does() -> None:
    kicks = tuple(Event(float(time), "kick", 0.8) for time in steady(125.0, 4.0))
    _, trace = listen(np.full(180, 0.02), events=kicks)
    position = trace[-1][1]
    assert position.bpm == pytest.approx(125.0, rel=0.02)
    assert 0.0 < position.confidence <= 0.3
    assert not position.locked


def test_a_section_begins_a_phrase_without_a_jump() -> None:
    true = steady(120.0, 64.0)
    done: list[float] = []

    def change(beats: Beats, now: float) -> None:
        if now > 29.0 and not done:
            done.append(now)
            beats.section(now - 1.0)

    _, trace = listen(activation(true, 64.0), activation(true[::4], 64.0, height=0.6), act=change)
    phrases = [t for now, p in trace for t in p.phrases if now > 29.0]
    # Sections are known late: the phrase that follows is the shorter for it, the next ones are eight bars.
    assert np.diff(phrases)[1:] == pytest.approx(16.0, abs=0.1)
    began = true[::4][np.abs(true[::4] - 28.0).argmin()]
    assert (phrases[1] - began) % 16.0 == pytest.approx(0.0, abs=0.1)
    assert_goes_forward(trace)


def test_nonsense_never_comes_out() -> None:
    heard = activation(steady(120.0, 10.0), 10.0)
    heard[100:120] = np.nan
    heard[200:210] = np.inf
    heard[220] = -3.0
    _, trace = listen(heard, heard)
    for _, p in trace:
        assert np.isfinite([p.bpm, p.confidence, p.beat_phase, p.bar_phase, p.phrase_phase, p.next]).all()
    assert trace[-1][1].bpm == pytest.approx(120.0, rel=0.01)
