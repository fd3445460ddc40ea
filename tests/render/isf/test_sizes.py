from __future__ import annotations

import pytest

from visuals.render.isf import sizes

NAMES = {"WIDTH": 512.0, "HEIGHT": 256.0, "quality": 0.5, "zero": 0.0}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$WIDTH", 512),
        ("$WIDTH / 4", 128),
        ("floor($WIDTH/3.0)", 170),
        ("max($WIDTH * $quality, 300)", 300),
        ("min(1 + 2 * 3, 100)", 7),
        ("-(2 - 10) * .5", 4),
        ("1", 1),
        ("0", 1),
        ("1e9", 4096),
        ("$WIDTH / $zero", 1),
        ("8 - 2 - 1", 5),
        ("64 / 4 / 2", 8),
    ],
)
def test_values(text: str, expected: int) -> None:
    assert sizes.pixels(sizes.parse(text)[0], NAMES) == expected


def test_names() -> None:
    assert sizes.parse("$WIDTH * $quality")[1] == {"WIDTH", "quality"}


@pytest.mark.parametrize(
    "text", ["", "1 +", "(1", "1)", "exec(1)", "max(1)", "1 2", "__import__", "$", "2 ** 3", "(" * 99]
)
def test_refused(text: str) -> None:
    with pytest.raises(ValueError, match="in '"):
        sizes.parse(text)
