"""Letters of 3 by 5 LEDs, so that even a small cabinet can say its name without a blurred edge."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visuals.types import Pixels

Colour = tuple[int, int, int]

HIGH, WIDE = 5, 3
GLYPHS: dict[str, str] = {
    "0": "75557",
    "1": "26227",
    "2": "71747",
    "3": "71317",
    "4": "55711",
    "5": "74717",
    "6": "74757",
    "7": "71244",
    "8": "75757",
    "9": "75717",
    "A": "25755",
    "B": "65656",
    "C": "34443",
    "D": "65556",
    "E": "74647",
    "F": "74644",
    "G": "34553",
    "H": "55755",
    "I": "72227",
    "J": "11152",
    "K": "55655",
    "L": "44447",
    "M": "57755",
    "N": "65555",
    "O": "25552",
    "P": "65644",
    "Q": "25563",
    "R": "65655",
    "S": "34216",
    "T": "72222",
    "U": "55557",
    "V": "55552",
    "W": "55775",
    "X": "55255",
    "Y": "55222",
    "Z": "71247",
    " ": "00000",
    ".": "00002",
    ",": "00024",
    ":": "02020",
    "-": "00700",
    "_": "00007",
    "/": "11244",
}
"""Each digit is a row from the top, its bits the LEDs from the left."""

UNKNOWN = "75157"


def bitmap(text: str, scale: int = 1) -> npt.NDArray[np.bool_]:
    """[height, width] of a line of text, an LED of space between the letters."""
    rows = [[int(row) for row in GLYPHS.get(letter, UNKNOWN)] for letter in text.upper()]
    bits = np.array([[[(row >> (2 - n)) & 1 for n in range(WIDE)] + [0] for row in glyph] for glyph in rows], bool)
    line = bits.transpose(1, 0, 2).reshape(HIGH, -1)[:, :-1]
    return line.repeat(scale, 0).repeat(scale, 1)


def width(text: str, scale: int = 1) -> int:
    return (len(text) * (WIDE + 1) - 1) * scale


def write(pixels: Pixels, text: str, at: tuple[int, int], colour: Colour, scale: int = 1) -> None:
    """Write with the top left at (x, y); what falls outside is cut off."""
    x, y = max(0, at[0]), max(0, at[1])
    bits = bitmap(text, scale)[y - at[1] :, x - at[0] :]
    part = pixels[y : y + bits.shape[0], x : x + bits.shape[1], :3]
    part[bits[: part.shape[0], : part.shape[1]]] = colour


def write_centred(pixels: Pixels, text: str, colour: Colour, share: float = 0.8, down: float = 0.5) -> bool:
    """Write in the middle, as large as fits in `share` of the width and a third of the height; False if none does."""
    room = (share * pixels.shape[1] / width(text), pixels.shape[0] / (3 * HIGH))
    scale = int(min(room)) if text else 0
    if scale < 1:
        return False
    at = ((pixels.shape[1] - width(text, scale)) // 2, round(down * pixels.shape[0] - HIGH * scale / 2))
    write(pixels, text, at, colour, scale)
    return True
