"""The loop keeps the beat of the music it hears, and never jumps to do so."""

from __future__ import annotations

import numpy as np
import pytest

from visuals.wall.music import NOTHING, Heard
from visuals.wall.playhead import FASTEST, SLOWEST, Playhead

TICK_S = 1 / 60


def music(time: float, bpm: float, offset: float = 0.0) -> Heard:
    return Heard(0.5, (time * bpm / 60.0 + offset) % 1.0, bpm)


def off_beat(head: Playhead, heard: Heard, beats: float, fold: float) -> float:
    """How far the loop is from the music, in beats of the music."""
    assert heard.phase is not None
    return float(abs((heard.phase - head.position * beats * fold + 0.5) % 1.0 - 0.5))


@pytest.mark.parametrize(("bpm", "fold"), [(120.0, 1.0), (100.0, 1.0), (150.0, 1.0), (240.0, 2.0), (62.0, 0.5)])
@pytest.mark.parametrize("offset", [0.0, 0.3, 0.5, 0.9])
def test_it_is_on_the_beat_within_seconds_and_stays(bpm: float, fold: float, offset: float) -> None:
    head = Playhead(12.0, 24)  # 120 beats a minute
    for n in range(60):
        head.step(n * TICK_S, NOTHING)
    for n in range(60, 60 * 20):
        now = n * TICK_S
        head.step(now, music(now, bpm, offset))
        assert now < 9.0 or off_beat(head, music(now, bpm, offset), 2.0, fold) < 0.06
        assert now < 9.0 or head.rate == pytest.approx(bpm / (120.0 * fold), abs=0.04)


def test_it_never_jumps_while_it_is_seen() -> None:
    head, rng = Playhead(12.0, 24), np.random.default_rng(1)
    positions, rates = [], []
    for n in range(3000):
        now = n * TICK_S
        heard = NOTHING if n % 700 < 100 else music(now, float(rng.choice([40.0, 90.0, 130.0, 300.0])), rng.random())
        positions.append(head.step(now, heard))
        rates.append(head.rate)
    steps = np.diff(positions) / TICK_S
    assert steps.min() >= SLOWEST - 1e-9
    assert steps.max() <= FASTEST + 1e-9
    assert np.abs(np.diff(rates)).max() <= TICK_S + 1e-9


def test_it_begins_on_the_beat_where_it_was_not_seen() -> None:
    head = Playhead(12.0, 24)
    for time in (3.0, 77.7):
        heard = music(time, 120.0, 0.4)
        head.step(time, heard)
        assert off_beat(head, heard, 2.0, 1.0) < 1e-6


def test_without_beats_it_plays_at_its_own_rate() -> None:
    for beats, heard in ((0, Heard(0.5, 0.2, 90.0)), (24, NOTHING), (24, Heard(0.9))):
        head = Playhead(12.0, beats)
        assert [head.step(n * TICK_S, heard) for n in range(100)] == pytest.approx([n * TICK_S for n in range(100)])
