from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visuals.errors import MediaError
from visuals.render.media.image import MAX_SIDE, load_image

CORNERS = np.array([[[255, 0, 0, 255], [0, 255, 0, 255]], [[0, 0, 255, 128], [9, 9, 9, 0]]], np.uint8)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(path: Path, width: int, height: int) -> Path:
    """A PNG that says it is so large and holds next to nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b""))
    return path


def test_a_picture_is_rgba_with_row_0_on_top(tmp_path: Path) -> None:
    Image.fromarray(CORNERS).save(tmp_path / "a.png")
    np.testing.assert_array_equal(load_image(tmp_path / "a.png"), CORNERS)


@pytest.mark.parametrize("name", ["a.webp", "a.tiff", "a.tga"])
def test_other_formats_are_the_same_picture(tmp_path: Path, name: str) -> None:
    Image.fromarray(CORNERS).save(tmp_path / name, **({"lossless": True, "exact": True} if name == "a.webp" else {}))
    np.testing.assert_array_equal(load_image(tmp_path / name), CORNERS)


def test_a_picture_is_turned_as_its_camera_was(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # EXIF 2.3, Orientation: the 0th row is the right-hand side
    Image.fromarray(CORNERS).save(tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(load_image(tmp_path / "a.png"), np.rot90(CORNERS, -1))


@pytest.mark.parametrize("name", ["a.gif", "a.webp"])
def test_of_an_animation_the_first(tmp_path: Path, name: str) -> None:
    first, *rest = (Image.new("RGB", (8, 6), (grey, grey, grey)) for grey in (200, 10, 90))
    first.save(tmp_path / name, save_all=True, append_images=rest, duration=100)
    assert abs(load_image(tmp_path / name)[..., :3].astype(int) - 200).max() <= 2


def test_16_bits_become_8(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 0x8000, 0xFFFF]], np.uint16)).save(tmp_path / "a.png")
    assert load_image(tmp_path / "a.png")[0, :, 0].tolist() == [0, 0x80, 0xFF]


def test_a_large_picture_is_scaled_down(tmp_path: Path) -> None:
    Image.new("RGB", (2 * MAX_SIDE, 100), "red").save(tmp_path / "a.png")
    pixels = load_image(tmp_path / "a.png")
    assert pixels.shape == (50, MAX_SIDE, 4)
    assert (pixels == (255, 0, 0, 255)).all()


def test_what_is_scaled_down_is_not_darkened_by_what_is_not_seen(tmp_path: Path) -> None:
    stripes = np.zeros((8, 2 * MAX_SIDE, 4), np.uint8)
    stripes[:, ::2] = 255
    Image.fromarray(stripes).save(tmp_path / "a.png")
    assert (load_image(tmp_path / "a.png")[..., :3] == 255).all()


@pytest.mark.parametrize("size", [(9_000, 9_000), (10_000, 12_000), (60_000, 60_000)])
def test_too_large_a_picture_is_said_before_it_is_decoded(tmp_path: Path, size: tuple[int, int]) -> None:
    with pytest.raises(MediaError, match=r"a.png: too large a picture: .*at most 64 megapixels$"):
        load_image(png_of(tmp_path / "a.png", *size))


def test_what_is_no_picture_is_said(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "empty.png").touch()
    Image.fromarray(CORNERS).resize((64, 64)).save(tmp_path / "whole.png")
    (tmp_path / "half.png").write_bytes((tmp_path / "whole.png").read_bytes()[:120])
    for name, said in {
        "missing.png": "no such picture",
        "text.png": "not a picture that can be read",
        "empty.png": "not a picture that can be read",
        "half.png": "not a picture that can be read",
        ".": "not a picture that can be read",
    }.items():
        with pytest.raises(MediaError, match=said) as told:
            load_image(tmp_path / name)
        assert "\n" not in str(told.value)


def test_a_picture_that_is_a_program_is_not_run(tmp_path: Path) -> None:
    """Pillow has other programs draw EPS."""
    Image.new("RGB", (8, 8)).save(tmp_path / "a.eps")
    (tmp_path / "a.eps").rename(tmp_path / "a.png")
    with pytest.raises(MediaError, match="not a picture that can be read"):
        load_image(tmp_path / "a.png")
