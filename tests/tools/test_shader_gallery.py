"""The page of shaders says what the files say; `tools/gallery --page` writes it, `tools/gallery` the pictures too."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tools.shader_gallery import page

ALL = page.read()
LARGEST = 1_500_000


def test_the_page_is_what_the_headers_give() -> None:
    assert page.PAGE.read_text() == page.text(ALL), "run tools/gallery --page"


def test_a_changed_header_changes_the_page(tmp_path: Path) -> None:
    changed = tmp_path / ALL[0].path.name
    changed.write_text(ALL[0].path.read_text().replace('"hue"', '"shade"', 1))
    assert page.text([page.load(changed), *ALL[1:]]) != page.text(ALL)


@pytest.mark.parametrize("isf", ALL, ids=lambda isf: f"{isf.kind}-{isf.path.stem}")
def test_each_has_its_thumbnail(isf: page.Isf) -> None:
    with Image.open(page.thumbnail(isf)) as picture:
        assert picture.size == ((768, 128) if isf.kind == "transition" else (256, 128))


def test_there_are_no_other_pictures_and_they_are_light() -> None:
    kept = {path for path in (page.SHADERS / "gallery").rglob("*") if path.is_file()}
    assert kept == {page.thumbnail(isf) for isf in ALL}
    assert sum(path.stat().st_size for path in kept) < LARGEST
