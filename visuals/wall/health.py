"""Whether a picture of the engine may be shown: judged on its pixels before any wall has it.

Every rule leaves a picture alone in doubt: a loop that comes without a fault is worse than none.

- broken: not the bytes that the engine signed, or a place in the ring that was there before;
- black: no place of it has light, and the show does not say that it is dark (`Flag.DARK`);
- flat: all over one colour of nothing but 0 and 255, which is what numbers beyond all bounds leave,
  in a look that had more to it;
- still: the same for `STILL_S` while the music is loud, in a look in which before, for `MOVED_S`, no two
  pictures in a row were the same. A scene that stands by itself never gets that far.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from visuals.types import Flag, Pixels
from visuals.wall.music import Heard
from visuals.wire import Stamp, signature, sparse

BLACK_BELOW = 8
"""Of 255; a power of two. In light, a thousandth."""
CONTRAST = 16
LOUD = 0.15
STILL_S = 2.0
"""As FFmpeg's freezedetect has it."""
MOVED_S = 5.0


class Health(StrEnum):
    """What is wrong with a picture, in words that follow `the engine's picture is`."""

    GOOD = "good"
    BLACK = "black"
    FLAT = "one flat colour"
    STILL = "still"
    BROKEN = "broken"


def is_black(pixels: Pixels, places: Pixels | None = None) -> bool:
    """Whether no pixel has light. First a few places are asked; only where they are dark, all of them."""
    places = sparse(pixels) if places is None else places
    if places[..., :3].max() >= BLACK_BELOW:
        return False
    lit = np.uint8(256 - BLACK_BELOW)
    mask = np.array([lit, lit, lit, 0], np.uint8).view(np.uint32)[0]
    bands = np.array_split(np.ascontiguousarray(pixels).view(np.uint32), 8)
    return not any((band & mask).any() for band in bands)


class Doctor:
    """Sees every new picture of the engine once, in order."""

    def __init__(self) -> None:
        self._index = -1
        self._look = -1
        self._had_contrast = False
        self._last = 0
        self._changed_at = self._moves_since = self._quiet_at = 0.0
        self._moves = False

    def judge(self, pixels: Pixels, stamp: Stamp, index: int, now: float, heard: Heard) -> Health:
        """Of the picture at `index` of the canvas ring, which came at `now` (s)."""
        places = sparse(pixels)
        signed = signature(places)
        before, self._index = self._index, index
        if index <= before or (stamp.signature and stamp.signature != signed):
            return Health.BROKEN
        if stamp.look != self._look:
            self._begin(stamp.look, now)
        still = self._is_still(signed, now, heard)
        if Flag.DARK in stamp.flags:
            return Health.GOOD
        if is_black(pixels, places):
            return Health.BLACK
        if self._is_flat(places):
            return Health.FLAT
        return Health.STILL if still else Health.GOOD

    def _begin(self, look: int, now: float) -> None:
        """Another scene: what was true of the last one says nothing of it."""
        self._look, self._had_contrast, self._moves = look, False, False
        self._changed_at = self._moves_since = now

    def _is_still(self, signed: int, now: float, heard: Heard) -> bool:
        if (heard.loudness or 0.0) < LOUD:
            self._quiet_at = now
        if signed != self._last:
            self._last, self._changed_at = signed, now
            self._moves = self._moves or now - self._moves_since >= MOVED_S
        elif not self._moves:
            self._moves_since = now
        return self._moves and now - max(self._changed_at, self._quiet_at) >= STILL_S

    def _is_flat(self, places: Pixels) -> bool:
        """Wide of zero and of full nothing is flat by accident: a fade through white passes it in no time."""
        colours = places[..., :3]
        low, high = colours.min(axis=(0, 1)), colours.max(axis=(0, 1))
        self._had_contrast = self._had_contrast or bool((high.astype(int) - low).max() >= CONTRAST)
        return self._had_contrast and bool((low == high).all() and np.isin(low, (0, 255)).all())
