from __future__ import annotations

from pathlib import Path

import pytest

from tests.wall.loops import SIZE, still
from visuals.wall.outputs.encoder import Encoder


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Two seconds at 30 fps, brighter by 4 with every frame, from 10."""
    with Encoder(tmp_path / "loop.mp4", SIZE, 30.0) as encoder:
        for n in range(60):
            encoder.add_frame(still(10 + 4 * n), n / 30)
    return tmp_path / "loop.mp4"
