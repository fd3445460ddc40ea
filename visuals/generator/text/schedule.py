"""How much of a picture and how much noise there is at each time of a diffusion model, as a table.

x_t = signal * x_0 + grain * noise with signal² + grain² = 1: the variance-preserving process of Ho et
al. 2020. Times run from 0, clean, to 999. Knows nothing of networks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from visuals.errors import ModelError

IN_SIGMA = (
    "EulerDiscreteScheduler",
    "EulerAncestralDiscreteScheduler",
    "LMSDiscreteScheduler",
    "HeunDiscreteScheduler",
)
"""Schedulers that know a mixture as x_0 + sigma * noise, and begin with the largest sigma's noise."""


class Schedule:
    """The noise levels of a `scheduler_config.json`. Raises ModelError when they are none."""

    def __init__(self, config: Mapping[str, Any], name: str = "scheduler_config.json") -> None:
        try:
            betas = _betas(config)
        except (TypeError, ValueError) as error:
            raise ModelError(f"{name}: {error}") from error
        clean = np.cumprod(1.0 - betas)
        if not np.isfinite(clean).all() or (np.diff(clean) >= 0.0).any() or not 0.0 < clean[-1] <= clean[0] <= 1.0:
            raise ModelError(f"{name}: noise that does not rise within 0 to 1, expected 0 < beta_start < beta_end < 1")
        # Along the path from picture to noise, as half the logarithm of their ratio: rises with time.
        self._noisiness = 0.5 * np.log((1.0 - clean) / clean)
        self.last = float(len(betas) - 1)
        self._scales = config.get("_class_name") in IN_SIGMA and config.get("timestep_spacing", "linspace") != "leading"

    def time(self, kept: float) -> float:
        """The time at which `kept` 0..1 of the mixture's amplitude is picture; the last one where it is none.

        It means the same for every schedule, and the same as on a straight path from picture to noise.
        """
        if kept <= 0.0:
            return self.last
        wanted = math.log(max(1.0 - kept, 1e-6) / kept)
        return float(np.interp(wanted, self._noisiness, np.arange(len(self._noisiness))))

    def levels(self, time: float) -> tuple[float, float]:
        """Signal and noise at a time, between two of the table's too."""
        noisiness = float(np.interp(time, np.arange(len(self._noisiness)), self._noisiness))
        signal = 1.0 / math.sqrt(1.0 + math.exp(2.0 * noisiness))
        return signal, math.sqrt(1.0 - signal * signal)

    def path(self, kept: float, steps: int) -> list[tuple[float, float, float, float]]:
        """Where `steps` steps begin, evenly from the time of `kept` towards 0: time, signal, noise, noise mixed in.

        The last two are one, but for the first step from no picture at all: there most schedulers take
        the noise whole, 0.2 % more than what is left beside the signal at the last time. Those that
        reckon in sigma scale it.
        """
        start = self.time(kept)
        rows = [(time, *self.levels(time)) for n in range(steps) for time in [start * (steps - n) / steps]]
        whole = kept <= 0.0 and not self._scales
        return [(*row, 1.0 if whole and n == 0 else row[2]) for n, row in enumerate(rows)]


def _betas(config: Mapping[str, Any]) -> np.ndarray:
    count, kind = config.get("num_train_timesteps", 1000), config.get("beta_schedule", "linear")
    if isinstance(count, bool) or not isinstance(count, int) or not 2 <= count <= 100_000:
        raise ValueError(f"found num_train_timesteps {count!r:.40}, expected 2 to 100000")
    first, last = float(config.get("beta_start", 0.0001)), float(config.get("beta_end", 0.02))
    if config.get("rescale_betas_zero_snr"):
        raise ValueError("found rescale_betas_zero_snr, expected a schedule that ends with some signal left")
    if kind == "linear":
        return np.linspace(first, last, count)
    if kind == "scaled_linear":
        return np.linspace(first**0.5, last**0.5, count) ** 2
    if kind == "squaredcos_cap_v2":
        bar = np.cos((np.arange(count + 1) / count + 0.008) / 1.008 * np.pi / 2.0) ** 2
        return np.asarray(np.minimum(1.0 - bar[1:] / bar[:-1], 0.999))
    raise ValueError(f"found beta_schedule {kind!r:.40}, expected linear, scaled_linear or squaredcos_cap_v2")
