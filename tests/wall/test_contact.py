from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visuals.errors import MediaError
from visuals.wall.contact import GAP_PX, LABEL_PX, PAPER, STILL_PX, contact_sheet
from visuals.wall.outputs.encoder import Encoder


def video(path: Path, frames: int) -> Path:
    with Encoder(path, (64, 32), 30.0) as encoder:
        for n in range(frames):
            encoder.add_frame(np.full((32, 64, 4), 255 * n // frames, np.uint8), n / 30)
    return path


def test_stills_are_spread_evenly_and_in_order(tmp_path: Path) -> None:
    contact_sheet(video(tmp_path / "a.mp4", 240), tmp_path / "out" / "contact.png")
    with Image.open(tmp_path / "out" / "contact.png") as opened:
        page = np.asarray(opened)
    height = STILL_PX // 2
    columns, rows = 4, 6
    assert page.shape == (rows * (height + GAP_PX + LABEL_PX) + GAP_PX, columns * (STILL_PX + GAP_PX) + GAP_PX, 3)
    assert tuple(page[0, 0]) == PAPER
    means = []
    for i in range(24):
        x = GAP_PX + (i % columns) * (STILL_PX + GAP_PX)
        y = GAP_PX + (i // columns) * (height + GAP_PX + LABEL_PX)
        means.append(float(page[y : y + height, x : x + STILL_PX].mean()))
        label = page[y + height : y + height + LABEL_PX, x : x + STILL_PX]
        assert label.max() > 100
    np.testing.assert_allclose(means, 255 * (np.arange(24) + 0.5) / 24, atol=5)


def test_a_short_video_gives_what_it_has(tmp_path: Path) -> None:
    contact_sheet(video(tmp_path / "a.mp4", 3), tmp_path / "c.png", count=24)
    with Image.open(tmp_path / "c.png") as page:
        assert page.width >= STILL_PX


def test_what_is_no_video_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no video")
    with pytest.raises(MediaError, match="cannot be read as a video"):
        contact_sheet(tmp_path / "a.mp4", tmp_path / "c.png")
