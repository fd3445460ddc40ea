from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest

from visuals.shm import Latest
from visuals.types import Features
from visuals.vocabulary import SIGNALS
from visuals.wall.music import FRESH_S, NOTHING, Heard, Music
from visuals.wire import features_layout, pack_features


@pytest.fixture
def ring() -> Iterator[Latest]:
    ring = Latest(features_layout(""), create=True)
    yield ring
    ring.close()
    ring.unlink()


def sounds(time: float, **told: float) -> npt.NDArray[np.uint8]:
    signals = {name: term.rest for name, term in SIGNALS.items()}
    signals.update({name.replace("_", "."): value for name, value in told.items()})
    features = Features(time, signals, (), np.zeros(256, np.float32), np.zeros(512, np.float32))
    return pack_features(features)


def test_the_beat_runs_on_from_the_hop_that_told_it(ring: Latest) -> None:
    ring.write(sounds(5.0, loudness=0.5, bpm=120.0, beat_phase=0.9, tempo_confidence=0.8), time=5.0)
    heard = Music(Latest(ring.layout)).hear(5.1)
    assert (heard.loudness, heard.bpm) == (0.5, 120.0)
    assert heard.phase == pytest.approx(0.1, abs=1e-6)


def test_without_a_sure_tempo_there_is_only_loudness(ring: Latest) -> None:
    ring.write(sounds(5.0, loudness=0.25, bpm=120.0, tempo_confidence=0.1), time=5.0)
    assert Music(Latest(ring.layout)).hear(5.0) == Heard(0.25)


def test_ears_that_are_gone_tell_nothing(ring: Latest) -> None:
    ring.write(sounds(5.0, loudness=0.5), time=5.0)
    assert Music(Latest(ring.layout)).hear(5.0 + FRESH_S + 0.01) == NOTHING
    assert Music(None).hear(5.0) == NOTHING
