from __future__ import annotations

import numpy as np
import pytest

from tests.audio.sounds import band, blocks, noise, silence, tone
from visuals.audio.calibrate import measure
from visuals.types import Block


def at_db(samples: np.ndarray, level_db: float) -> np.ndarray:
    return samples * 10.0 ** (level_db / 20.0) / np.sqrt(np.square(samples).mean())


def full(seconds: float) -> np.ndarray:
    """A band over a held chord: music without gaps."""
    return band(seconds)[0] + sum(tone(hz, seconds, 0.05) for hz in (220.0, 277.2, 329.6))


@pytest.mark.parametrize(("noise_db", "music_db"), [(-70.0, -20.0), (-55.0, -35.0), (-88.0, -50.0)])
def test_noise_and_gain_are_found(noise_db: float, music_db: float) -> None:
    line = at_db(noise(16.0), noise_db)
    line[5 * 48000 :] += at_db(full(11.0), music_db)
    found = measure(blocks(line))
    assert found.noise_db == pytest.approx(noise_db, abs=1.0)
    assert found.gain_db == pytest.approx(-20.0 - music_db, abs=4.0)
    assert found.heard_music
    assert found.heard_quiet
    assert found.report() == f"gain {found.gain_db:+.1f} dB; noise {found.noise_db:.1f} dBFS"


def test_the_order_does_not_matter() -> None:
    quiet, music = at_db(noise(6.0), -70.0), at_db(full(10.0), -30.0)
    first, last = (measure(blocks(np.concatenate(parts))) for parts in ((quiet, music), (music, quiet)))
    assert first.noise_db == pytest.approx(last.noise_db, abs=0.5)
    assert first.gain_db == pytest.approx(last.gain_db, abs=2.0)


def test_music_alone_has_no_noise_floor() -> None:
    found = measure(blocks(at_db(full(10.0), -20.0)))
    assert found.heard_music
    assert not found.heard_quiet
    assert found.noise_db < -45.0
    assert "pause the music" in found.report()


@pytest.mark.parametrize("sound", [silence(5.0), at_db(noise(5.0), -65.0), silence(0.0)])
def test_a_line_at_rest_has_no_gain(sound: np.ndarray) -> None:
    found = measure(blocks(sound))
    assert not found.heard_music
    assert found.gain_db == 0.0
    assert found.heard_quiet
    assert "play some" in found.report()


def test_hum_and_clipping_are_told() -> None:
    hum = sum(tone(50.0 * k, 6.0, 0.003 / k) for k in (1, 2, 3)) + noise(6.0, 1e-4)
    found = measure(blocks(np.concatenate([hum, np.clip(8.0 * full(6.0), -1.0, 1.0)])))
    assert found.hum > 0.8
    assert found.clipped > 0.01
    assert "hum" in found.report()
    assert "clips" in found.report()
    clean = measure(blocks(np.concatenate([noise(6.0, 1e-4), 0.5 * full(6.0)])))
    assert clean.hum == clean.clipped == 0.0


def test_any_samples_will_do() -> None:
    wild = [Block(0.0, np.full((256, 2), np.nan, np.float32)), Block(0.0, np.full((100, 1), 7.0, np.float32))]
    found = measure(wild * 100)
    assert np.isfinite([found.gain_db, found.noise_db, found.hum, found.clipped]).all()
