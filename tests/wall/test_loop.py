from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from tests.wall.loops import SIZE, still
from visuals.errors import MediaError
from visuals.wall.loop import Loop, beats_note
from visuals.wall.outputs.encoder import Encoder


def test_a_loop_is_the_video_round_and_round(video: Path) -> None:
    loop = Loop.open(video, SIZE)
    assert len(loop) == 60
    assert loop.seconds == pytest.approx(2.0, abs=1e-3)
    for time, n in ((0.01, 0), (1.01, 30), (1.99, 59), (2.01, 0), (7.01, 30), (3600.51, 15)):
        assert abs(float(loop.frame(time)[..., :3].mean()) - 10 - 4 * n) <= 2
    assert (loop.frame(0.5)[..., 3] == 255).all()


def test_a_loop_comes_in_the_canvas_size(video: Path) -> None:
    assert Loop.open(video, (20, 12)).frame(0.0).shape == (12, 20, 4)


def test_a_loop_too_long_for_the_memory_keeps_its_length(video: Path) -> None:
    loop = Loop.open(video, SIZE, max_bytes=20 * 64 * 32 * 4)
    assert len(loop) == 20
    assert loop.seconds == pytest.approx(2.0, abs=1e-3)
    assert abs(float(loop.frame(1.01)[..., :3].mean()) - 130) <= 2


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


def test_only_what_loops_are_made_as_is_decoded(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "loop.gif"), "w") as container:
        stream = container.add_stream("gif", rate=10)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "rgb8"
        for n in range(3):
            picture = av.VideoFrame.from_ndarray(still(50 * n)[..., :3].copy(), format="rgb24").reformat(format="rgb8")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    with pytest.raises(MediaError, match="cannot be read"):
        Loop.open(tmp_path / "loop.gif", SIZE)


def written(path: Path, values: list[int], beats: int = 0) -> Path:
    with Encoder(path, SIZE, 30.0, note=beats_note(beats) if beats else "") as encoder:
        for n, value in enumerate(values):
            encoder.add_frame(still(value), n / 30)
    return path


def test_its_length_in_beats_is_in_the_file(tmp_path: Path, video: Path) -> None:
    assert Loop.open(written(tmp_path / "beats.mp4", [50] * 30, 24), SIZE).beats == 24
    assert Loop.open(video, SIZE).beats == 0


def test_black_in_a_loop_is_told_and_never_shown(tmp_path: Path) -> None:
    loop = Loop.open(written(tmp_path / "gaps.mp4", [0, 0, 90, 120, 0, 0, 0, 150]), SIZE)
    assert loop.black == 5
    assert min(float(loop.frame(n / 30 + 0.01)[..., :3].mean()) for n in range(8)) > 80
    assert ["5 of its 8 pictures are black" in text for text in loop.faults()] == [True]
    assert list(Loop.open(written(tmp_path / "still.mp4", [90] * 8), SIZE).faults()) == ["it stands still"]
    with pytest.raises(MediaError, match="nothing but black"):
        Loop.open(written(tmp_path / "black.mp4", [0] * 8), SIZE)
