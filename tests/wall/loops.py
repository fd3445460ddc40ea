"""Pictures for loops."""

from __future__ import annotations

import numpy as np

from visuals.types import Pixels

SIZE = (64, 32)


def still(value: int) -> Pixels:
    return np.full((SIZE[1], SIZE[0], 4), (value, value, value, 255), np.uint8)
