"""A text-to-image model of Stable Diffusion's family, played: Turbo models in one step, LCM in four.

Controls, a time and perhaps a picture go in, a picture comes out. Prompts are encoded once, when the
model is opened. Knows nothing of sound, shows or processes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
import torch

from visuals.errors import ModelError
from visuals.generator.card import read_card
from visuals.generator.instrument import GLIDE_S, LONGEST_STEP_S, Manner
from visuals.generator.memory import Glide
from visuals.generator.text import prompts
from visuals.generator.text.folder import read_text_folder
from visuals.generator.text.network import Texts, encode_texts, load_step
from visuals.generator.text.noise import Noise
from visuals.generator.text.schedule import Schedule
from visuals.types import Controls, Float32s, Frame, Pixels


class Diffusion:
    """A Generator (see `types`) that plays the model in `folder` at `size` (width, height).

    `texts` are the show's prompts by name. Raises ModelError when the folder cannot be played, or
    when there is no prompt.
    """

    def __init__(
        self,
        folder: Path,
        seed: int,
        texts: Mapping[str, str],
        size: tuple[int, int] | None = None,
        threads: int = 1,
    ) -> None:
        if not texts:
            raise ModelError(f"{folder}: a model that is told a text, expected `prompts: {{name: text}}` in the show")
        self.card = read_card(folder)
        self.size = size or self.card.size
        found = read_text_folder(folder)
        gpu = torch.cuda.is_available()
        self._device, self._dtype = torch.device("cuda" if gpu else "cpu"), torch.float16 if gpu else torch.float32
        torch.set_num_threads(threads)
        self._names = tuple(sorted(texts))  # any order of the show's gives the same pictures
        self._first = self._names.index(next(iter(texts)))
        self._texts = encode_texts(found, [texts[name] for name in self._names], self._device)
        self._step = load_step(found, self.size, self._device, self._dtype)
        self._schedule = Schedule(found.schedule, str(folder / "scheduler" / "scheduler_config.json"))
        self._steps = found.steps
        across = self.size[0] // found.downsampling, self.size[1] // found.downsampling
        channels = found.vae.number("latent_channels")
        self._nothing = np.zeros((channels, across[1], across[0]), np.float32)
        self._noise = Noise(seed, across, channels)
        self._manner, self._weights = Manner(), Glide(GLIDE_S)
        self._told: tuple[tuple[float, ...], Texts] | None = None
        self._time: float | None = None
        self._last: Float32s | None = None
        self._frame: Frame | None = None

    @property
    def backend(self) -> str:
        return f"torch {self._device.type} {str(self._dtype).removeprefix('torch.')}"

    def generate(self, controls: Controls, time: float, source: Pixels | None = None) -> Frame | None:
        """The picture of this time (s); `source`, a picture of this size, is where it starts.

        `strength` 1 ignores the source, less keeps more of it. A step that gives no finite picture is
        dropped, the last one stays.
        """
        dt = 0.0 if self._time is None else min(max(time - self._time, 0.0), LONGEST_STEP_S)
        self._time = time
        with torch.inference_mode():
            told = self._listen(controls, dt)
            self._noise.step(controls, dt)
            drawn = None if source is None else partial(self._encoded, source)
            share, begun = self._manner.begin(controls, dt, self._last, drawn)
            start = self._nothing if begun is None else begun
            path = torch.tensor(self._schedule.path(share, self._steps), dtype=self._dtype).to(self._device)
            clean, pixels = self._step(self._tensor(start), self._tensor(self._noise.now()), path, *told)
            here = clean[0].float().cpu().numpy()
        if not np.isfinite(here).all():
            self._last = None
            return self._frame
        self._last = here
        self._frame = Frame(self._frame.index + 1 if self._frame else 0, time, pixels.cpu().numpy())
        return self._frame

    def _listen(self, controls: Controls, dt: float) -> Texts:
        """The prompts as they are asked for now, blended anew only when their weights changed."""
        weights = np.array([controls.get(prompts.PREFIX + name, 0.0) for name in self._names])
        weights = np.nan_to_num(weights).clip(0.0, 1.0)
        if not weights.any():
            weights[self._first] = 1.0
        shares = prompts.shares(self._weights.step(weights, dt).tolist())
        if self._told is None or self._told[0] != shares:
            words, whole = self._texts
            self._told = shares, Texts(self._mean(words, shares), None if whole is None else self._mean(whole, shares))
        return self._told[1]

    def _mean(self, vectors: torch.Tensor, shares: tuple[float, ...]) -> torch.Tensor:
        return prompts.blend(vectors, shares)[None].to(self._dtype)

    def _encoded(self, source: Pixels) -> Float32s:
        expected = (self.size[1], self.size[0], 4)
        if source.shape != expected:
            raise ValueError(f"a source of {source.shape}, expected {expected}")
        pixels = torch.from_numpy(np.ascontiguousarray(source)).to(self._device)
        return np.asarray(self._step.encode(pixels)[0].float().cpu().numpy(), np.float32)

    def _tensor(self, values: Float32s) -> torch.Tensor:
        return torch.from_numpy(values)[None].to(device=self._device, dtype=self._dtype)
