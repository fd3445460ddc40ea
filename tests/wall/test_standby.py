from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.wall.loops import SIZE
from visuals.clock import monotonic, sleep
from visuals.wall.loop import Loop
from visuals.wall.music import NOTHING, Heard
from visuals.wall.standby import QUIET_GAIN, Mix, Safe, Standby


def test_the_safe_picture_is_dark_never_black_and_always_moves() -> None:
    safe = Safe((512, 256))
    before = None
    for time in np.arange(0.0, 120.0, 0.5):
        frame = safe.frame(float(time)).copy()
        assert frame.shape == (256, 512, 4)
        assert 15 < frame[..., :3].mean() < 70
        # No place is black, whatever its neighbours do.
        assert frame[..., :3].max(axis=2).min() >= 10
        if before is not None:
            change = np.abs(frame.astype(int) - before)[..., :3].mean()
            assert 0.0 < change < 4.0
        before = frame


def test_the_safe_picture_has_no_seam() -> None:
    safe = Safe((64, 32))
    for time in np.linspace(0.0, 400.0, 500):
        columns = safe.frame(float(time))[..., :3].mean(0)
        assert np.abs(np.diff(columns, axis=0)).max() < 12


def test_the_safe_picture_serves_until_the_loop_is_decoded(video: Path) -> None:
    standby = Standby(SIZE, video)
    safe = Safe(SIZE)
    first = standby.frame(0.0)
    deadline = monotonic() + 10.0
    while not standby.has_loop and monotonic() < deadline:
        first = standby.frame(0.0)
        sleep(0.01)
    assert standby.has_loop
    np.testing.assert_array_equal(first, safe.frame(0.0))
    loop, times = Loop.open(video, SIZE), np.arange(0.02, 1.0, 0.02)
    shares = []
    for time in times:
        frame, (a, b) = standby.frame(time).astype(float), (safe.frame(time).astype(float), loop.frame(time))
        shares.append(np.abs(frame - a).sum() / np.abs(b - a).sum())
    assert shares[0] == pytest.approx(0.04, abs=0.02)
    assert np.diff(shares).max() < 0.06
    assert shares[-1] == 1.0
    np.testing.assert_array_equal(standby.frame(1.0), loop.frame(1.0))


def test_the_safe_picture_can_be_asked_for_over_the_loop(video: Path) -> None:
    standby, safe = loaded(video), Safe(SIZE)
    for n in range(60):
        standby.frame(n / 60)
    for n in range(60, 120):
        last = standby.frame(n / 60, safe=True)
    np.testing.assert_array_equal(last, safe.frame(119 / 60))


def test_the_loop_breathes_with_the_music_within_bounds(video: Path) -> None:
    standby, loop = loaded(video), Loop.open(video, SIZE)
    gains = []
    for n in range(240):
        heard = NOTHING if n < 60 else Heard(float(n % 60 < 30))
        frame = standby.frame(n / 60, heard)
        gains.append(float(frame[..., :3].mean()) / float(loop.frame(n / 60)[..., :3].mean()))
    assert gains[59] == 1.0
    assert QUIET_GAIN - 0.01 < min(gains[60:]) < QUIET_GAIN + 0.03
    assert max(gains[90:]) > 0.97
    assert frame[..., 3].min() == 255


def loaded(video: Path) -> Standby:
    standby, deadline = Standby(SIZE, video), monotonic() + 10.0
    while not standby.has_loop and monotonic() < deadline:
        sleep(0.01)
    return standby


@pytest.mark.expects_warnings
def test_a_broken_loop_leaves_the_safe_picture(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "loop.mp4").write_bytes(b"broken")
    standby = Standby(SIZE, tmp_path / "loop.mp4")
    deadline = monotonic() + 10.0
    while not caplog.records and monotonic() < deadline:
        sleep(0.01)
    assert "the safe picture stands by" in caplog.text
    assert not standby.has_loop
    assert standby.frame(1.0).any()


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.99, 1.0])
def test_a_mix_is_the_weighted_mean(share: float) -> None:
    rng = np.random.default_rng(1)
    a, b = (rng.integers(0, 256, (SIZE[1], SIZE[0], 4), dtype=np.uint8) for _ in range(2))
    mixed = Mix(SIZE)(a, b, share)
    assert np.abs(mixed - ((1 - share) * a + share * b)).max() <= 1.5
    np.testing.assert_array_equal(Mix(SIZE)(a, a, share), a)
