from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import features

from visuals.errors import MediaError
from visuals.render.media.text import LARGEST, LONGEST, render_text
from visuals.types import Pixels

SIZE = (300, 120)


def ink(pixels: Pixels) -> tuple[int, int, int, int]:
    """What the letters cover: left, top, right, bottom."""
    rows, columns = (np.flatnonzero(pixels[..., 3].max(axis=axis)) for axis in (1, 0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def clusters(pixels: Pixels) -> int:
    """Letters that stand apart, from left to right."""
    seen = pixels[..., 3].max(axis=0) > 0
    return int((np.diff(np.concatenate(([False], seen)).astype(int)) == 1).sum())


def test_letters_are_of_one_colour_on_nothing_with_smooth_edges() -> None:
    pixels = render_text("Ö", SIZE, colour=(200, 100, 50))
    assert (pixels.shape, pixels.dtype) == ((120, 300, 4), np.uint8)
    assert (pixels[..., :3] == (200, 100, 50)).all()
    alpha = pixels[..., 3]
    assert alpha[0, 0] == 0
    assert alpha.max() == 255
    assert ((alpha > 0) & (alpha < 255)).any()
    assert (render_text("A", SIZE)[..., :3] == 255).all()


@pytest.mark.parametrize("text", ["I", "a long line of many words", "two\nlines", "four\n\nlines\nlong", "gÅ"])
def test_a_text_fills_its_box_one_way_and_stays_within(text: str) -> None:
    pixels = render_text(text, SIZE)
    left, top, right, bottom = ink(pixels)
    assert max((right - left) / SIZE[0], (bottom - top) / SIZE[1]) > 0.93
    assert abs(left - (SIZE[0] - right)) <= 6  # the letters' own margins count
    assert abs(top - (SIZE[1] - bottom)) <= 2


def test_a_height_is_kept_where_it_fits() -> None:
    def letter_height(em: float) -> int:
        _, top, _, bottom = ink(render_text("H", SIZE, height=em))
        return bottom - top

    assert letter_height(80.0) == pytest.approx(2 * letter_height(40.0), abs=2)
    assert letter_height(1000.0) == letter_height(2000.0) <= 120


def test_lines_are_aligned() -> None:
    ends = {
        align: ink(render_text("wide line\nI", SIZE, height=20, align=align)) for align in ("left", "center", "right")
    }
    assert ends["left"][0] == 0 or ends["left"][0] == 1
    assert SIZE[0] - ends["right"][2] <= 1
    lower = {a: render_text("wide line\nI", SIZE, height=20, align=a)[SIZE[1] // 2 + 4 :] for a in ends}
    assert ink(lower["left"])[0] < ink(lower["center"])[0] < ink(lower["right"])[0]


def test_a_combining_mark_sits_on_its_letter() -> None:
    np.testing.assert_array_equal(render_text("e\u0301", SIZE), render_text("é", SIZE))


@pytest.mark.skipif(not features.check("raqm"), reason="this Pillow has no raqm; its wheels have")
def test_right_to_left_is_written_so_and_joined() -> None:
    text = "\u05d0" + "i" * 6  # alef is broad, and first: at the right end
    pixels = render_text(text, SIZE, height=40)
    np.testing.assert_array_equal(pixels, render_text("\u202d" + "i" * 6 + "\u05d0", SIZE, height=40))
    assert clusters(render_text("\u0628\u0628\u0628", SIZE)) == 1  # beh, three times, joins


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\x00\x07", "\ud800"])
def test_nothing_to_read_is_nothing_to_see(text: str) -> None:
    assert not render_text(text, SIZE)[..., 3].any()


def test_line_ends_of_all_systems_and_tabs_are_the_same() -> None:
    expected = render_text("a\nb    c", SIZE)
    for text in ("a\r\nb    c", "a\rb    c", "a\nb\tc".expandtabs(5)):
        np.testing.assert_array_equal(render_text(text, SIZE), expected)


def test_a_font_of_the_show_is_taken(tmp_path: Path) -> None:
    from matplotlib import get_data_path

    mono = Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSansMono.ttf"
    (tmp_path / "mine.ttf").write_bytes(mono.read_bytes())
    narrow, wide = (ink(render_text(t, SIZE, font=tmp_path / "mine.ttf", height=30)) for t in ("iiiiii", "mmmmmm"))
    assert narrow[2] - narrow[0] > 0.8 * (wide[2] - wide[0])
    narrow, wide = (ink(render_text(t, SIZE, height=30)) for t in ("iiiiii", "mmmmmm"))
    assert narrow[2] - narrow[0] < 0.5 * (wide[2] - wide[0])


def test_what_is_no_font_is_said(tmp_path: Path) -> None:
    from matplotlib import get_data_path

    whole = (Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf").read_bytes()
    (tmp_path / "text.ttf").write_text("no font")
    (tmp_path / "half.ttf").write_bytes(whole[:2000])
    for name, said in {
        "text.ttf": "not a font that can be used",
        "half.ttf": "not a font that can be used",
        "DejaVuSans.ttf": "no such font",
        ".": "no such font",
    }.items():
        with pytest.raises(MediaError, match=said) as told:
            render_text("text", SIZE, font=tmp_path / name)
        assert "\n" not in str(told.value)


def test_too_much_is_said() -> None:
    with pytest.raises(MediaError, match=r"found a text of 1001 characters, expected at most 1000"):
        render_text("a" * (LONGEST + 1), SIZE)
    for size in ((0, 10), (10, LARGEST + 1)):
        with pytest.raises(MediaError, match="expected 1x1 to 4096x4096"):
            render_text("a", size)
    assert render_text("a" * LONGEST, (1, 1)).shape == (1, 1, 4)
