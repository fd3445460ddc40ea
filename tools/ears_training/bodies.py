"""Bodies for hats and snares that were played without: what real ones have and our instruments lack.

A real hi-hat is no mere hiss: struck, it has a wooden clack between 300 and 1200 Hz, as strong in the
levels as its top (development songs: +0.8 at 570 Hz, where ours have +0.1), and a real snare is more
drum than noise. Ears that learnt from hiss alone take every such hat for a snare.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tools.ears_training.material import CLASSES
from tools.ears_training.targets import HOP_S
from visuals.audio import net

Array = np.ndarray[Any, Any]

_HOPS = 16
_KINDS = {  # share of clips, centre Hz, width in octaves, amplitude at full velocity (a full-scale sine is 1)
    "hat": (0.65, (350.0, 1300.0), (0.4, 1.2), (0.0008, 0.012)),
    "snare": (0.4, (180.0, 700.0), (0.5, 1.3), (0.002, 0.03)),
}


def embodied(fast: Array, strokes: Array, present: Array, start: float, rng: np.random.Generator) -> Array:
    """The levels [n, 40] of a clip that begins at `start`, with such bodies added to some."""
    power = None
    for name, (share, centre, width, amplitude) in _KINDS.items():
        if rng.random() > share:
            continue
        rows = strokes[present[strokes[:, 1].astype(int)] & (strokes[:, 2] == CLASSES.index(name))]
        rows = rows[(rows[:, 0] > start) & (rows[:, 0] < start + (len(fast) - _HOPS) * HOP_S)]
        octaves = np.log2(net.FAST_MIDDLES_HZ / _between(rng, centre)) / _between(rng, width)
        bands = np.exp(-0.5 * octaves**2) * _between(rng, amplitude)
        fall = _between(rng, (1.5, 6.0))
        if power is None:
            power = np.square(np.expm1(fast) / net._LOUDER)
        for time, _, _, velocity in rows:
            first = (time - start) / HOP_S
            age = np.arange(int(first), int(first) + _HOPS) + 1.0 - first
            shape = np.minimum(1.0, age / 2.0) * np.exp(-age / fall)  # two hops fill the window's newest part
            wobble = rng.lognormal(0.0, 0.3)
            power[int(first) : int(first) + _HOPS] += np.square(np.outer(shape, bands) * velocity * wobble)
    return fast if power is None else np.log1p(net._LOUDER * np.sqrt(power)).astype(np.float32)


def _between(rng: np.random.Generator, limits: tuple[float, float]) -> float:
    """Between the two, as likely in every octave."""
    return float(np.exp(rng.uniform(np.log(limits[0]), np.log(limits[1]))))
