"""What a wall makes of a picture: white point, gains, brightness, lift and limit as tables of 256 drives.

    light = factor (lift + (k - lift) v^2.2)      k = brightness gain white, per colour; 0 at v = 0
    drive = light^(gamma / 2.2)                   both 0..1; v an sRGB value

2.2 is the power that sRGB follows as a whole, so a share of light is the same share on every wall.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from visuals.types import Cabinet, Light, Pixels
from visuals.wall.dither import Dither
from visuals.wall.power import Limiter
from visuals.wall.white import gains

DISPLAY_GAMMA = 2.2
OPAQUE = np.frombuffer(bytes((0, 0, 0, 255)), np.uint32)[0]
STEPS = 1024
"""A limiter's factor is taken in steps, always down: tables are made anew only when it moves."""

Shares = npt.NDArray[np.float64]
Packed = npt.NDArray[np.uint32]


def light_of(light: Light) -> Shares:
    """[256, 3]: the light that each sRGB value becomes in red, green and blue, 1 being the wall's peak."""
    peak = light.brightness * np.array(light.gain) * np.array(gains(light.white))
    lift = np.minimum(light.lift, peak)
    shares: Shares = lift + (peak - lift) * (np.arange(256)[:, None] / 255.0) ** DISPLAY_GAMMA
    shares[0] = 0.0
    return shares


def drives(light: Light, factor: float = 1.0) -> Shares:
    """[256, 4]: the drive 0..255 wanted for each sRGB value in red, green, blue; alpha is 255."""
    wanted = 255.0 * (factor * light_of(light)) ** (light.gamma / DISPLAY_GAMMA)
    # Powers that should cancel leave the last bits behind: 254.99999999 is 255.
    return np.concatenate((wanted.round(6), np.full((256, 1), 255.0)), axis=1)


class Calibrator:
    """Puts a wall's raster into drives. `size` is (width, height), `cabinets` what of it is lit. Owns its buffer.

    `changes` is False where every drive is its own value.
    """

    def __init__(self, light: Light, size: tuple[int, int], cabinets: Sequence[Cabinet] = ()) -> None:
        self._light = light
        self._limiter = Limiter(light, light_of(light), size, cabinets) if light.limit_watts else None
        self._dither = Dither(size) if light.dither else None
        self._factor = 1.0
        self._out: Pixels = np.zeros((size[1], size[0], 4), np.uint8)
        self._table: npt.NDArray[np.uint8] | None = None
        self._renew()
        self.changes = self._limiter is not None or self._table is not None

    def __call__(self, pixels: Pixels, now: float) -> Pixels:
        """Drives [height, width, 4] of sRGB values; holds until the next call."""
        if self._limiter is not None:
            self._follow(self._limiter(pixels, now))
        if self._dither is not None and self._table is not None:
            return self._dither(pixels, self._out)
        if self._table is not None:
            cv2.LUT(pixels, self._table, self._out)
            if self._table.ndim == 3:
                return self._out
            pixels = self._out
        np.bitwise_or(packed_pixels(pixels), OPAQUE, out=packed_pixels(self._out))
        return self._out

    def _follow(self, factor: float) -> None:
        step = int(factor * STEPS) / STEPS
        if step != self._factor:
            self._factor = step
            self._renew()

    def _renew(self) -> None:
        wanted = drives(self._light, self._factor)
        self._table = _table(wanted)
        if self._dither is not None:
            self._dither.aim(wanted)


def _table(wanted: Shares) -> npt.NDArray[np.uint8] | None:
    """The table for cv2.LUT: one for all colours where they agree, twice as fast; None where nothing changes."""
    if (wanted[:, :3] == np.arange(256)[:, None]).all():
        return None
    rounded = np.rint(wanted).astype(np.uint8)
    one = (rounded[:, :3] == rounded[:, :1]).all()
    return np.ascontiguousarray(rounded[:, 0]) if one else rounded[None]


def packed_pixels(pixels: Pixels) -> Packed:
    """A pixel as one number."""
    return pixels.view(np.uint32)[..., 0]
