"""Counts flashes by brute force, pixel by pixel and frame by frame, from the text of the rules.

Shares nothing with the package. The rules: in no second more than six transitions that alternate in direction, are
large enough, and fill, with all others in the same direction within 20 ms, a quarter of a field. Of luminance: 10 % of
the reference if the darker state is below 80 % of it, else a Michelson contrast of 1/17. Of red: from or to R / (R +
G + B) >= 0.8, and 0.2 apart in u'v' within 66 ms.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Pictures = list[npt.NDArray[np.uint8]]
Area = tuple[float, float] | None


def srgb_to_linear(pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    value = pictures[..., :3] / 255.0
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def general_changes(light: npt.NDArray[np.float64]) -> npt.NDArray[np.int8]:
    """+1 where a pixel's luminance [frames, pixels] completes a rise, -1 a fall, from peak to valley."""
    changes = np.zeros(light.shape, np.int8)
    for pixel in range(light.shape[1]):
        peak = valley = light[0, pixel]
        last = 0
        for frame in range(1, len(light)):
            value = light[frame, pixel]
            if last != 1 and large(valley, value):
                changes[frame, pixel] = last = 1
                peak = valley = value
            elif last != -1 and large(value, peak):
                changes[frame, pixel] = last = -1
                peak = valley = value
            peak, valley = max(peak, value), min(valley, value)
    return changes


def large(dark: float, bright: float) -> bool:
    if dark < 0.8:
        return bright - dark >= 0.1
    return (bright - dark) / (bright + dark) >= 1 / 17


def chromaticity(linear: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    xyz = linear @ np.array([[0.4124, 0.2126, 0.0193], [0.3576, 0.7152, 0.1192], [0.1805, 0.0722, 0.9505]])
    below = xyz[..., 0] + 15 * xyz[..., 1] + 3 * xyz[..., 2]
    black = linear.sum(-1) < 0.01
    below[black] = 1.0
    uv = np.stack([4 * xyz[..., 0] / below, 9 * xyz[..., 1] / below], -1)
    uv[black] = 0.1978, 0.4683
    return uv


def red_changes(linear: npt.NDArray[np.float64], times: list[float]) -> npt.NDArray[np.int8]:
    """+1 where a pixel's colour [frames, pixels, 3] has become saturated red, -1 where it no longer is."""
    uv, total = chromaticity(linear), linear.sum(-1)
    red = (linear[..., 0] >= 0.8 * total) & (linear[..., 0] >= 0.01)
    changes = np.zeros(red.shape, np.int8)
    last = np.zeros(red.shape[1], np.int8)
    for frame in range(1, len(red)):
        for before in range(frame - 1, -1, -1):
            if times[frame] - times[before] > 0.066:
                break
            far = np.hypot(*np.moveaxis(uv[frame] - uv[before], -1, 0)) >= 0.2
            to = far & red[frame] & ~red[before] & (last != 1)
            out = far & ~red[frame] & red[before] & (last != -1)
            changes[frame][to], changes[frame][out] = 1, -1
            last[to], last[out] = 1, -1
    return changes


def in_hot_fields(mask: npt.NDArray[np.bool_], area: Area) -> npt.NDArray[np.bool_]:
    """The pixels in a field of `area` (width, height) pixels, None: the whole, of which a quarter is in `mask`."""
    if area is None:
        return np.full(mask.shape, mask.mean() >= 0.25)
    wide, high = (min(round(side), most) for side, most in zip(area, mask.shape[::-1], strict=True))
    total = np.pad(mask.astype(np.int64).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    inside = total[high:, wide:] - total[:-high, wide:] - total[high:, :-wide] + total[:-high, :-wide]
    hot = np.zeros(mask.shape, bool)
    for y, x in np.argwhere(inside >= 0.25 * area[0] * area[1]):
        hot[y : y + high, x : x + wide] = True
    return hot


def worst(
    changes: npt.NDArray[np.int8], shape: tuple[int, int], times: list[float], area: Area = None, least: float = 0.0
) -> int:
    """The most transitions of any pixel within less than a second that alternate and fill enough of a field.

    Of any but the worst `least` of all pixels.
    """
    counts = np.zeros(changes.shape, np.int8)
    for way in (1, -1):
        for frame in range(len(changes)):
            near = [k for k in range(len(changes)) if 0 <= times[frame] - times[k] <= 0.021]
            mask = (changes[near] == way).any(0)
            if not mask.any():
                continue
            enough = in_hot_fields(mask.reshape(shape), area)
            for k in near:
                counts[k][(changes[k] == way) & enough.reshape(-1)] = way
    histories, pixels = np.unique(counts[:, (counts != 0).sum(0) > 6], axis=1, return_counts=True)
    found = sorted(((_longest(h, times), n) for h, n in zip(histories.T, pixels, strict=True)), reverse=True)
    passed = 0
    for most, number in found:
        passed += number
        if passed > least * counts.shape[1]:
            return most
    return 0


def _longest(counts: npt.NDArray[np.int8], times: list[float]) -> int:
    turns: list[float] = []
    last, most = 0, 0
    for frame in np.flatnonzero(counts):
        if counts[frame] != last:
            last = int(counts[frame])
            turns.append(times[frame])
            most = max(most, sum(1 for t in turns if turns[-1] - t < 1.0 - 1e-6))
    return most


def flashes(
    pictures: Pictures,
    times: list[float],
    area: Area = None,
    least: float = 0.0,
    light: Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float64]] = srgb_to_linear,
) -> dict[str, int]:
    """The most transitions of luminance and of red in a second; above 6 fails. 6 or less may be given as 0.

    `light` is what a display makes of pictures, relative to the reference white.
    """
    stack = np.stack(pictures)
    words = np.ascontiguousarray(stack).view(np.uint32).reshape(len(stack), -1)
    # Pixels with the same history have the same fate: each is followed once.
    kinds, kind = np.unique(words, axis=1, return_inverse=True)
    colours = np.ascontiguousarray(kinds).view(np.uint8).reshape(*kinds.shape, 4)
    linear = light(colours)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    return {
        "general": worst(general_changes(luminance)[:, kind.reshape(-1)], stack.shape[1:3], times, area, least),
        "red": worst(red_changes(linear, times)[:, kind.reshape(-1)], stack.shape[1:3], times, area, least),
    }


def mean_flashes(pictures: Pictures, times: list[float]) -> int:
    """The most transitions in a second of the whole picture's mean luminance, wherever on it they are."""
    luminance = srgb_to_linear(np.stack(pictures)) @ np.array([0.2126, 0.7152, 0.0722])
    return _longest(general_changes(luminance.mean((1, 2))[:, None])[:, 0], times)
