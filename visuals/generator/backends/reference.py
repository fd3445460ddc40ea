"""The reference: the networks as diffusers has them, in float32 on the processor, at any size."""

from __future__ import annotations

import numpy as np
import torch

from visuals.generator.backends import Inputs, pixels
from visuals.generator.backends.network import load, load_encoder
from visuals.generator.card import Card
from visuals.types import Float32s, Pixels


class TorchStep:
    name = "torch"

    def __init__(self, card: Card, threads: int) -> None:
        torch.set_num_threads(threads)
        self._model = load(card)

    def __call__(self, inputs: Inputs) -> tuple[Float32s, Pixels]:
        with torch.inference_mode():
            clean, words = self._model(*(torch.from_numpy(x) for x in inputs))
        return clean.numpy(), pixels(words.numpy())


class TorchEncode:
    def __init__(self, card: Card) -> None:
        self._model = load_encoder(card)

    def __call__(self, picture: Pixels, palette: Float32s) -> Float32s:
        with torch.inference_mode():
            (clean,) = self._model(torch.from_numpy(picture.astype(np.float32)), torch.from_numpy(palette[None]))
        return np.asarray(clean[0].numpy(), np.float32)
