"""What the checker notes of each picture on the wire: a few numbers, the same size for ever.

The drill's show is made to be read: red is a wave that always moves, the same in every row; green is how
loud the show hears (left half) and what the desk did (right half); blue belongs to the stand-by's loop and,
faintly, to the model. So a mean tells which of them is on the wall, and rows that disagree a torn picture.
"""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

import numpy as np

from tools.stage_drill.wire import Picture

BLACK = 2.0
"""Mean of 0..255 of the lightest colour, below which a wall is dark."""

JUMP = 24.0
"""Difference of two neighbouring rows, of 255, that no picture of the drill has: part of it is of another one."""

WARM = 1.5
"""The show is live where there is so much more red than blue."""


class Light(NamedTuple):
    """One picture on the wire: when it came (s, monotonic), from which port, and what was seen of it."""

    wall: int
    sender: int
    priority: int
    skips: int
    time: float
    red: float
    ear: float
    hand: float
    blue: float
    jump: float
    phase: float
    """Where the wave stands, in turns."""
    signature: int
    flashes: int
    """Failures that the flash judge has found so far."""

    @property
    def black(self) -> bool:
        return max(self.red, self.ear, self.hand, self.blue) < BLACK

    @property
    def torn(self) -> bool:
        return self.jump > JUMP

    @property
    def warm(self) -> bool:
        return self.red > max(WARM * self.blue, 10.0 * BLACK)


RECORD = struct.Struct("<HHHHd6fII")


def pack(light: Light) -> bytes:
    return RECORD.pack(*light)


def unpack(data: bytes) -> list[Light]:
    """All whole records of `data`."""
    whole = len(data) - len(data) % RECORD.size
    return [Light(*fields) for fields in RECORD.iter_unpack(data[:whole])]


def note(wall: int, sender: int, time: float, picture: Picture, flashes: int) -> Light:
    pixels = picture.pixels
    rows = pixels[..., :2].astype(np.int16)
    means = pixels.mean(axis=(0, 1))
    half = pixels.shape[1] // 2
    jump = float(np.abs(np.diff(rows, axis=0)).max()) if len(rows) > 1 else 0.0
    wave = np.fft.rfft(pixels[..., 0].mean(axis=0))[1]
    return Light(
        wall,
        sender,
        picture.priority,
        min(picture.skips, 65_535),
        time,
        float(means[0]),
        float(pixels[:, :half, 1].mean()),
        float(pixels[:, half:, 1].mean()),
        float(means[2]),
        jump,
        float(np.angle(wave) / (2.0 * np.pi)),
        zlib.crc32(pixels.tobytes()),
        flashes,
    )
