"""The colour temperature of a wall's white: shares of red, green and blue light."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]

NEUTRAL_K = 6500.0
NOMINAL = 1.4388 / 1.4380
"""Daylights keep names from before the c2 constant was revised: what is called 6500 K is 6504 K (CIE 15:2004, 3.1)."""

XYZ_TO_RGB = np.array(
    [
        [3.2404542, -1.5371385, -0.4985314],
        [-0.9692660, 1.8760108, 0.0415560],
        [0.0556434, -0.2040259, 1.0572252],
    ]
)
"""Linear sRGB of CIE XYZ (IEC 61966-2-1)."""

Cubic = tuple[float, float, float, float]
DAYLIGHT_X: tuple[tuple[float, Cubic], ...] = (
    (7000.0, (-4.6070, 2.9678, 0.09911, 0.244063)),
    (25_000.0, (-2.0064, 1.9018, 0.24748, 0.237040)),
)
"""CIE 15:2004, equations 3.3 and 3.4: up to so many K, x as a cubic of 1000 / K."""

BLACK_BODY_X: tuple[tuple[float, Cubic], ...] = (
    (4000.0, (-0.2661239, -0.2343589, 0.8776956, 0.179910)),
    (25_000.0, (-3.0258469, 2.1070379, 0.2226347, 0.240390)),
)
BLACK_BODY_Y: tuple[tuple[float, Cubic], ...] = (
    (2222.0, (-1.1063814, -1.34811020, 2.18555832, -0.20219683)),
    (4000.0, (-0.9549476, -1.37418593, 2.09137015, -0.16748867)),
    (25_000.0, (3.0817580, -5.8733867, 3.75112997, -0.37001483)),
)
"""Kim et al., US patent 7024034 (2006): x as a cubic of 1000 / K, y as a cubic of x, from 1667 K on."""


def gains(kelvin: float) -> tuple[float, float, float]:
    """Shares of light of red, green and blue for a white of 2000 to 12000 K; (1, 1, 1) at 6500.

    The largest is 1: a wall cannot be brighter than it is. A wall's primaries are taken for sRGB's.
    """
    light = np.clip(XYZ_TO_RGB @ white(kelvin) / (XYZ_TO_RGB @ white(NEUTRAL_K)), 0.0, None)
    red, green, blue = light / light.max()
    return float(red), float(green), float(blue)


def white(kelvin: float) -> Vector:
    """X, Y, Z with Y = 1: a black body up to 4000 K, daylight from 5000 K on, between them a mix as in IES TM-30."""
    share = min(1.0, max(0.0, (kelvin - 4000.0) / 1000.0))
    return (1.0 - share) * _xyz(*black_body(kelvin)) + share * _xyz(*daylight(kelvin))


def daylight(kelvin: float) -> tuple[float, float]:
    """CIE 1931 x, y of daylight."""
    x = _cubic(DAYLIGHT_X, kelvin * NOMINAL, 1000.0 / (kelvin * NOMINAL))
    return x, -3.000 * x * x + 2.870 * x - 0.275


def black_body(kelvin: float) -> tuple[float, float]:
    """CIE 1931 x, y of a black body."""
    x = _cubic(BLACK_BODY_X, kelvin, 1000.0 / kelvin)
    return x, _cubic(BLACK_BODY_Y, kelvin, x)


def _cubic(table: tuple[tuple[float, Cubic], ...], kelvin: float, t: float) -> float:
    a, b, c, d = next(factors for most, factors in table if kelvin <= most)
    return ((a * t + b) * t + c) * t + d


def _xyz(x: float, y: float) -> Vector:
    return np.array([x / y, 1.0, (1.0 - x - y) / y])
