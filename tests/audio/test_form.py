from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pytest

from visuals.audio.bands import Powers
from visuals.audio.beat.clock import Position
from visuals.audio.form import Form

BPM = 120.0
BEAT_S, BAR_S = 60.0 / BPM, 240.0 / BPM
DT = 256 / 48000 * 3
NONE = np.zeros(30, np.float32), np.zeros(8, np.float32)


class Part(NamedTuple):
    """Seconds; dB of bass, body, highs at its start; dB that the highs rise (the body a fifth); kicks; onsets/s."""

    seconds: float
    bass: float = -12.0
    body: float = -16.0
    high: float = -24.0
    rise: float = 0.0
    kicks: bool = True
    onsets: tuple[float, float] = (4.0, 4.0)


FULL = Part(20.0)
BREAK = Part(12.0, bass=-30.0, body=-20.0, high=-32.0, kicks=False, onsets=(2.0, 2.0))
BUILD = Part(8.0, bass=-30.0, body=-18.0, high=-36.0, rise=12.0, kicks=False, onsets=(3.0, 14.0))
SILENCE = Part(4.0, -120.0, -120.0, -120.0, kicks=False, onsets=(0.0, 0.0))


class Heard(NamedTuple):
    times: np.ndarray
    signals: dict[str, np.ndarray]
    events: list[tuple[float, str]]

    def when(self, name: str) -> list[float]:
        return [time for time, found in self.events if found == name]

    def mean(self, name: str, start: float, end: float) -> float:
        return float(self.signals[name][(self.times >= start) & (self.times < end)].mean())


def hear(parts: Sequence[Part], crowd: float = 0.0, gain_db: float = 0.0, beats: float = 0.0, dt: float = DT) -> Heard:
    """Every beat a kick that rings for 0.2 s; the bar begins `beats` after the music does."""
    rng = np.random.default_rng(0)
    form, events, rows, times = Form(), [], [], []
    time = start = due = 0.0
    for part in parts:
        while time < start + part.seconds - 1e-9:
            share = (time - start) / part.seconds
            ring = np.exp(-(time % BEAT_S) / 0.2)
            bass, body, high = (
                10.0 ** ((level + gain_db + rise * share + rng.normal(0.0, 1.0)) / 10.0)
                for level, rise in ((part.bass, 0.0), (part.body, 0.2 * part.rise), (part.high, part.rise))
            )
            bass *= ring if part.kicks else 1.0
            powers = Powers(
                bass + body + high, bass + body + high, bass, bass, body / 2, body / 2, high, high / 4, *NONE
            )
            due += dt * (part.onsets[0] + (part.onsets[1] - part.onsets[0]) * share)
            kick = part.kicks and time % BEAT_S < dt
            beat = time / BEAT_S + beats
            place = Position(BPM, 0.9, beat % 1.0, beat / 4.0 % 1.0, 0.0, bar_confidence=0.9)
            silent = part.body <= -100.0
            heard, found = form.hear(powers, {"kick": int(kick), "onset": int(due)}, place, silent, crowd, dt)
            due -= int(due)
            time += dt
            events += [(time, name) for name, _ in found]
            rows.append(heard)
            times.append(time)
        start += part.seconds
    return Heard(np.array(times), {name: np.array([r[name] for r in rows]) for name in rows[0]}, events)


@pytest.fixture(scope="module")
def dance() -> Heard:
    return hear((FULL, BREAK, BUILD, FULL))


def test_drop_is_one_event_at_its_moment(dance: Heard) -> None:
    assert dance.when("drop") == [pytest.approx(40.1, abs=0.2)]


def test_build_rises_before_the_drop_and_only_there(dance: Heard) -> None:
    assert dance.signals["build"][(dance.times > 36.0) & (dance.times < 40.0)].max() > 0.8
    for start, end in ((0.0, 20.0), (22.0, 33.0), (42.0, 60.0)):
        assert dance.signals["build"][(dance.times > start) & (dance.times < end)].max() < 0.3, start


def test_breakdown_is_told_after_two_bars_and_ends_with_the_drop(dance: Heard) -> None:
    assert dance.when("breakdown") == [pytest.approx(20.0 + 2 * BAR_S, abs=1.2)]
    assert dance.mean("breakdown", 26.0, 31.0) == 1.0
    assert dance.mean("breakdown", 0.0, 20.0) == dance.mean("breakdown", 40.6, 60.0) == 0.0


def test_sections_are_told_within_four_seconds(dance: Heard) -> None:
    found = dance.when("section")
    assert any(20.0 < time < 24.0 for time in found)
    assert len(found) <= 5
    assert all(time > 20.0 for time in found)


def test_energy_follows_the_song_whatever_the_gain(dance: Heard) -> None:
    assert hear((FULL, FULL, FULL, FULL)).mean("energy", 70.0, 80.0) > 0.8
    assert dance.mean("energy", 26.0, 32.0) < dance.mean("energy", 44.0, 60.0) - 0.15
    quiet = hear((FULL, BREAK, BUILD, FULL), gain_db=-40.0)
    assert quiet.signals["energy"] == pytest.approx(dance.signals["energy"], abs=0.03)
    assert [name for _, name in quiet.events] == [name for _, name in dance.events]


def test_a_burst_does_not_darken_the_song() -> None:
    burst = Part(0.5, 0.0, 0.0, 0.0)
    heard = hear((FULL, FULL, burst, FULL))
    assert heard.mean("energy", 50.0, 60.0) == pytest.approx(heard.mean("energy", 30.0, 40.0), abs=0.1)


def test_steady_music_has_no_form() -> None:
    heard = hear((FULL, FULL))
    assert [name for _, name in heard.events] == ["song"]
    assert heard.signals["build"].max() < 0.2


def test_a_small_return_of_the_bass_is_a_drop_on_the_downbeat_only() -> None:
    softer = Part(8.0, bass=-22.5, body=-19.0, kicks=True)
    back = Part(8.0, bass=-12.0, body=-15.0)
    on, off = (hear((FULL, BREAK, softer, back), beats=beats).when("drop") for beats in (0.0, 2.0))
    assert len(off) <= len(on)
    assert hear((FULL, BREAK, BUILD, FULL), beats=2.0).when("drop"), (
        "a large one is a drop wherever the bar is thought to be"
    )


def test_a_song_begins_after_a_silence() -> None:
    heard = hear((FULL, SILENCE, FULL, Part(1.0, *SILENCE[1:]), FULL))
    assert heard.when("song") == [pytest.approx(DT), pytest.approx(24.0, abs=0.1)]
    assert heard.signals["song.time"][-1] == pytest.approx(41.0, abs=0.1)
    assert heard.mean("energy", 22.0, 24.0) < 0.1


def test_applause_is_no_music() -> None:
    heard = hear((FULL, BREAK, BUILD, FULL), crowd=0.9)
    assert heard.events == []
    assert heard.signals["build"].max() == heard.signals["breakdown"].max() == 0.0


def test_same_form_at_any_step() -> None:
    coarse = hear((FULL, BREAK, BUILD, FULL), dt=2 * DT)
    assert coarse.when("drop") == [pytest.approx(40.1, abs=0.2)]
    assert coarse.when("breakdown")
