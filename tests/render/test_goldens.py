"""A picture of every shader, and that none is without. `tools/golden` rewrites them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.render.golden import GOLDEN, SHADERS, draw, files
from visuals.render.gpu import Gpu

TOLERANCE = 1.5
"""Mean difference of a picture, of 255: rasteriser versions differ by a step here and there."""


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(SHADERS)))
def test_golden(gpu: Gpu, path: Path, tmp_path: Path) -> None:
    golden = GOLDEN / path.relative_to(SHADERS).with_suffix(".png")
    assert golden.exists(), f"{path.name} has no golden; look at it and run tools/golden"
    expected = np.asarray(Image.open(golden).convert("RGB")).astype(int)
    found = draw(gpu, path)
    assert found.shape == expected.shape
    difference = np.abs(found.astype(int) - expected)
    if difference.mean() > TOLERANCE:
        sheet = np.vstack([expected, found, np.minimum(difference * 8, 255)]).astype(np.uint8)
        Image.fromarray(sheet).save(tmp_path / "difference.png")
        pytest.fail(f"differs by {difference.mean():.2f} on average: {tmp_path / 'difference.png'}")


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(SHADERS)))
def test_there_is_something_to_see(gpu: Gpu, path: Path) -> None:
    picture = draw(gpu, path)
    assert picture.max() > 60
    assert picture.std() > 3.0


def test_no_golden_without_a_shader() -> None:
    kept = {
        p.relative_to(GOLDEN).with_suffix("")
        for kind in ("generators", "filters", "transitions")
        for p in (GOLDEN / kind).glob("*.png")
    }
    assert kept <= {p.relative_to(SHADERS).with_suffix("") for p in files()}
