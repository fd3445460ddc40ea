from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from visuals.clock import monotonic, sleep
from visuals.errors import MediaError
from visuals.types import Pixels
from visuals.wall.loop import Loop, Mix, Safe, Standby
from visuals.wall.outputs.encoder import Encoder

SIZE = (64, 32)


def still(value: int) -> Pixels:
    return np.full((SIZE[1], SIZE[0], 4), (value, value, value, 255), np.uint8)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Two seconds at 30 fps, brighter by 4 with every frame."""
    with Encoder(tmp_path / "loop.mp4", SIZE, 30.0) as encoder:
        for n in range(60):
            encoder.add_frame(still(4 * n), n / 30)
    return tmp_path / "loop.mp4"


def test_a_loop_is_the_video_round_and_round(video: Path) -> None:
    loop = Loop.open(video, SIZE)
    assert len(loop) == 60
    assert loop.seconds == pytest.approx(2.0, abs=1e-3)
    for time, n in ((0.01, 0), (1.01, 30), (1.99, 59), (2.01, 0), (7.01, 30), (3600.51, 15)):
        assert abs(float(loop.frame(time)[..., :3].mean()) - 4 * n) <= 2
    assert (loop.frame(0.5)[..., 3] == 255).all()


def test_a_loop_comes_in_the_canvas_size(video: Path) -> None:
    assert Loop.open(video, (20, 12)).frame(0.0).shape == (12, 20, 4)


def test_a_loop_too_long_for_the_memory_keeps_its_length(video: Path) -> None:
    loop = Loop.open(video, SIZE, max_bytes=20 * 64 * 32 * 4)
    assert len(loop) == 20
    assert loop.seconds == pytest.approx(2.0, abs=1e-3)
    assert abs(float(loop.frame(1.01)[..., :3].mean()) - 120) <= 2


def test_what_is_no_video_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"nothing of the kind" * 100)
    for name in ("a.mp4", "missing.mp4"):
        with pytest.raises(MediaError, match=rf"{name}: cannot be read as a video"):
            Loop.open(tmp_path / name, SIZE)


def test_a_damaged_frame_is_found_and_replaced(video: Path) -> None:
    loop = Loop.open(video, SIZE)
    loop.frame(10.5 / 30)[5, 5, 0] ^= 1
    assert [loop.scrub() for _ in range(60)].count(False) == 1
    np.testing.assert_array_equal(loop.frame(10.5 / 30), loop.frame(9.5 / 30))
    assert all(loop.scrub() for _ in range(60))


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
    np.testing.assert_array_equal(standby.frame(1.0), safe.frame(1.0))
    halfway = standby.frame(1.25).astype(float)
    loop = Loop.open(video, SIZE)
    assert np.abs(halfway - (0.5 * safe.frame(1.25) + 0.5 * loop.frame(1.25))).max() <= 1.0
    np.testing.assert_array_equal(standby.frame(2.0), loop.frame(2.0))


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
