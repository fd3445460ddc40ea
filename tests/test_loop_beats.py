"""A loop is cut on the beat of its track, so that it can follow another's."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from tests.audio.sounds import band, noise
from visuals.offline import Span, on_the_beat
from visuals.types import SAMPLE_RATE_HZ, Listening


def track(path: Path, samples: np.ndarray) -> str:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1] if samples.ndim > 1 else 1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        file.writeframes((samples.clip(-1.0, 1.0) * 32767).astype("<i2").tobytes())
    return str(path)


def test_a_loop_begins_on_a_beat_and_lasts_whole_beats(tmp_path: Path) -> None:
    samples, _ = band(20.0, 125.0)
    span = on_the_beat(track(tmp_path / "band.wav", samples), Listening(), Span(10.0, 5.9))
    assert span.beats == 12
    assert span.seconds == pytest.approx(12 * 60 / 125, rel=0.01)
    assert 10.0 <= span.start < 10.5
    beats = (span.start - 0.5) * 125 / 60
    assert abs(beats - round(beats)) < 0.15


def test_without_a_sure_beat_it_is_cut_as_it_was_wished(tmp_path: Path) -> None:
    wished = Span(2.0, 3.0)
    assert on_the_beat(track(tmp_path / "noise.wav", noise(8.0)), Listening(), wished) == wished
