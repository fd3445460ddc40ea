from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visuals.audio import net
from visuals.audio.hits import Hits
from visuals.types import HOP, SAMPLE_RATE_HZ, Event
from visuals.vocabulary import EVENTS, HITS, SIGNALS

HOP_S = HOP / SAMPLE_RATE_HZ
BANDS = len(net.FAST_BANK)


def heard(said: np.ndarray, power: float, rise: float = 0.0) -> net.Heard:
    return net.Heard(said, None, np.full(BANDS, power, np.float32), np.full(BANDS, rise, np.float32))


def play(rows: dict[str, list[float]], power: float = 0.01, silent: bool = False) -> tuple[list[Event], Hits]:
    """The events of successive probabilities by head; heads not given say 0."""
    hits, events = Hits(), []
    for i in range(max(map(len, rows.values()))):
        said = np.zeros(len(net.FAST_HEADS), np.float32)
        for name, values in rows.items():
            said[net.FAST_HEADS.index(name)] = values[i] if i < len(values) else 0.0
        events += hits.hear(heard(said, power, rise=float(said.any())), silent, (i + 1) * HOP_S)
    return events, hits


@pytest.mark.parametrize("name", HITS)
def test_a_rising_probability_is_one_stroke_at_once(name: str) -> None:
    events, hits = play({name: [0.0] * 10 + [0.02, 0.9, 0.95, 0.9, 0.2] + [0.0] * 5})
    (stroke,) = [e for e in events if e.name == name]
    assert stroke.time == pytest.approx(12 * HOP_S, abs=0.015)
    assert stroke.time <= 12 * HOP_S
    told = hits.signals()
    assert told[f"{name}.count"] == 1.0
    assert told[f"{name}.age"] == pytest.approx(8 * HOP_S)
    assert told[f"{name}.strength"] == stroke.value > 0.9


def test_a_probability_that_stays_high_is_not_struck_again() -> None:
    events, _ = play({"kick": [0.9] * 400})
    assert len(events) == 1


def test_silence_strikes_nothing() -> None:
    assert play({name: [0.0, 0.9, 0.0] for name in HITS}, silent=True)[0] == []


@given(st.lists(st.floats(0.0, 1.0), min_size=300, max_size=300))
def test_the_rate_of_strokes_is_bounded(values: list[float]) -> None:
    events, _ = play(dict.fromkeys(HITS, values))
    for name in HITS:
        assert len([e for e in events if e.name == name]) <= 300 * HOP_S / 0.05 + 1
    assert all(e.name in EVENTS and 0.0 <= e.value <= 1.0 for e in events)


@pytest.mark.parametrize(("melodic", "name"), [(0.9, "hit.melodic"), (0.1, "hit.drum")])
def test_an_onset_is_classed_once_a_little_later(melodic: float, name: str) -> None:
    events, hits = play({"onset": [0.0, 0.9] + [0.0] * 40, "melodic": [melodic] * 42})
    assert [e.name for e in events] == ["onset", name]
    assert events[1].time == events[0].time
    assert events[1].value == pytest.approx(0.9)
    assert hits.signals()["hit.melodic"] == pytest.approx(melodic)


def test_a_soft_stroke_after_hard_ones_is_weak() -> None:
    hits, strengths = Hits(), []
    for i in range(200):
        said = np.zeros(len(net.FAST_HEADS), np.float32)
        said[net.FAST_HEADS.index("kick")] = 0.9 if i % 50 == 10 else 0.0
        power = 1e-4 if i > 150 else 0.01 * (i % 50 == 10) + 1e-6
        strengths += [e.value for e in hits.hear(heard(said, power), False, (i + 1) * HOP_S)]
    assert strengths[:3] == pytest.approx([1.0] * 3)
    assert strengths[3] < 0.5


def test_a_snare_without_its_body_and_a_hat_without_its_top_are_doubted() -> None:
    for name in ("snare", "hat"):
        for rise, count in ((0.0, 0), (1.5, 1)):
            hits, events = Hits(), []
            for i in range(30):
                said = np.zeros(len(net.FAST_HEADS), np.float32)
                said[net.FAST_HEADS.index(name)] = 0.25 if i == 20 else 0.0
                events += hits.hear(heard(said, 0.01, rise if i >= 20 else 0.0), False, (i + 1) * HOP_S)
            assert len([e for e in events if e.name == name]) == count, (name, rise)


def test_every_signal_of_the_hits_is_in_the_vocabulary() -> None:
    assert set(Hits().signals()) <= set(SIGNALS)
