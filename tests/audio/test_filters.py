from __future__ import annotations

import numpy as np
import pytest

from tests.audio.sounds import noise, tone
from visuals.audio.filters import LOW_RATE_HZ, Filters, LowStream, Section, highpass, lowpass
from visuals.types import HOP, SAMPLE_RATE_HZ


def sample_by_sample(sections: tuple[Section, ...], samples: np.ndarray) -> np.ndarray:
    out = np.array(samples, np.float64)
    for b0, b1, b2, a1, a2 in sections:
        x1 = x2 = y1 = y2 = 0.0
        for i, x in enumerate(out):
            y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
            x1, x2, y1, y2 = x, x1, y, y1
            out[i] = y
    return out


def test_blocks_give_what_a_loop_over_samples_gives() -> None:
    cascades = [highpass(200.0, 8000.0), (*lowpass(900.0, 8000.0), *highpass(50.0, 8000.0))]
    sound = np.stack([noise(0.02), noise(0.02, seed=1)])[:, :960]
    filters = Filters(cascades, 64, channels=2)
    blocks = [filters.feed(sound[:, i : i + 64].astype(np.float32)) for i in range(0, 960, 64)]
    heard = np.concatenate(blocks, axis=2)
    assert heard.shape == (2, 2, 960)
    for channel in range(2):
        for k, cascade in enumerate(cascades):
            assert heard[channel, k] == pytest.approx(sample_by_sample(cascade, sound[channel]), abs=1e-5)


@pytest.mark.parametrize(("hz", "gain_db"), [(25.0, -24.0), (50.0, -12.3), (100.0, -3.0), (200.0, -0.3), (500.0, 0.0)])
def test_high_pass_is_butterworths(hz: float, gain_db: float) -> None:
    filters = Filters([highpass(100.0, 4000.0)], 4000)
    out = filters.feed(np.sin(2 * np.pi * hz * np.arange(4000) / 4000.0)[None].astype(np.float32))[0, 0, 2000:]
    assert 20.0 * np.log10(np.sqrt(2.0) * out.std()) == pytest.approx(gain_db, abs=0.3)


def slow(sound: np.ndarray) -> np.ndarray:
    stream = LowStream()
    return np.concatenate([stream.feed(sound[i : i + HOP].astype(np.float32)) for i in range(0, len(sound) - HOP, HOP)])


def test_the_slow_copy_keeps_the_lows_and_nothing_else() -> None:
    for hz in (20.0, 50.0, 150.0, 250.0):
        out = slow(tone(hz, 1.0))[300:]
        assert np.sqrt(2.0) * out.std() == pytest.approx(0.5, rel=0.03), hz
        spectrum = np.abs(np.fft.rfft(out[:1024] * np.hanning(1024)))
        assert np.argmax(spectrum) * LOW_RATE_HZ / 1024 == pytest.approx(hz, abs=1.5)
    for hz in (1300.0, 1500.0, 3050.0, 10000.0):
        assert slow(tone(hz, 0.5))[300:].std() < 0.5e-3, hz


def test_the_slow_copy_is_two_milliseconds_late() -> None:
    sound = np.zeros(SAMPLE_RATE_HZ // 10)
    sound[2400] = 1.0
    assert np.argmax(slow(sound)) / LOW_RATE_HZ - 0.05 == pytest.approx(0.002, abs=0.001)
