"""A model's networks as PyTorch modules. The only file that needs diffusers; the frame path does not import it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from visuals.generator.card import PARTS, WEIGHTS, Card
from visuals.generator.folder import CONFIG, read_json
from visuals.generator.libraries import described, diffusers
from visuals.generator.weights import check_fit, read_shapes

Net = TypeVar("Net", bound=nn.Module)

SHUFFLE = 2
"""The autoencoder works on pixels unshuffled by two."""
FREQUENCY = 1.5
"""Of the sines the network sees its noise through; shapes are sharp functions of it, and hard to learn without."""
WAVES = 4
"""What becomes of each channel of noise."""


def waves(noise: Tensor) -> Tensor:
    """Noise [n, 8, h, w] as sines and cosines [n, 32, h, w] of one frequency and of its double."""
    sine, cosine = torch.sin(FREQUENCY * noise), torch.cos(FREQUENCY * noise)
    # Twice the angle by two multiplications: a graph's own sines are slow.
    return torch.cat([sine, cosine, 2.0 * sine * cosine, cosine * cosine - sine * sine], dim=1)


class OneStep(nn.Module):
    """Noise to picture: x0 = x_t - t v(x_t, t, c), the decoder, then the palette.

    The networks' weights and what runs through them are `dtype`, all arithmetic around them float32.
    """

    def __init__(self, unet: Any, vae: Any, scaling: float, shift: float, dtype: torch.dtype) -> None:
        super().__init__()
        self.unet, self.decoder = unet.to(dtype), vae.decoder.to(dtype)
        self.scaling, self.shift, self.dtype = scaling, shift, dtype

    def forward(
        self, noisy: Tensor, noise: Tensor, places: Tensor, t: Tensor, conditions: Tensor, palette: Tensor
    ) -> tuple[Tensor, Tensor]:
        """See `backends.Inputs`; gives clean latents [1, 8, h, w] and the picture [8h, 8w] as `packed` has it."""
        seen, told = torch.cat([noisy, places, waves(noise)], dim=1).to(self.dtype), conditions.to(self.dtype)
        velocity = self.unet(seen, 1000.0 * t, None, class_labels=told, return_dict=False)[0].float()
        clean = noisy - t.view(1, 1, 1, 1) * velocity
        sketch = self.decoder((clean / self.scaling + self.shift).to(self.dtype)).float()
        # Coloured before it is shuffled: planes of one word a pixel move in a fifth of the time.
        return clean, functional.pixel_shuffle(packed(*coloured(sketch, palette)), SHUFFLE)[0, 0]


class Encoder(nn.Module):
    """A picture from elsewhere to clean latents: sketched with a palette, then the autoencoder's encoder."""

    def __init__(self, vae: Any, scaling: float, shift: float, dtype: torch.dtype) -> None:
        super().__init__()
        self.encoder = vae.encoder.to(dtype)
        self.scaling, self.shift, self.dtype = scaling, shift, dtype

    def forward(self, picture: Tensor, palette: Tensor) -> tuple[Tensor]:
        """A picture [8h, 8w, 4], red, green, blue 0..255 as float32, and a palette [1, 9]: latents [1, 8, h, w]."""
        levels = picture[..., :3].permute(2, 0, 1)[None] / 255.0
        sketch = functional.pixel_unshuffle(sketched(levels, palette), SHUFFLE).to(self.dtype)
        return ((self.encoder(sketch).float() - self.shift) * self.scaling,)


LIGHT_GAIN, SPARK_GAIN = 1.2, 1.5
"""A sketch holds light and spark as 1 - exp(-gain x)."""
BRIGHTEST = 0.996
"""The most light a sketch holds: 254 of 255."""


def coloured(sketch: Tensor, palette: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Colour a sketch [n, 3k, h, w] in -1..1 with palettes [n, 9]: the style shaders' `finish`.

    Gives red, green and blue [n, k, h, w], 0..1. The sketch's channels are k of light, k of the share
    of the second colour, and k of spark: one each for a picture, four for one unshuffled by two.
    """
    k = sketch.shape[1] // 3
    light, second, spark = ((0.5 * sketch[:, i * k : (i + 1) * k] + 0.5).clamp(0.0, BRIGHTEST) for i in range(3))
    light, spark = -torch.log(1.0 - light) / LIGHT_GAIN, -torch.log(1.0 - spark) / SPARK_GAIN
    first, other, (saturation, brightness, contrast) = _parts(palette)
    shaped = torch.exp(_steepness(contrast) * torch.log(light.clamp(min=1e-4)))
    glint = spark * (0.35 + 0.65 * contrast)
    tints = [a + (b - a) * second for a, b in zip(first, other, strict=True)]
    red, green, blue = (tint * shaped + (0.35 * tint + 0.65) * glint for tint in tints)
    red, green, blue = (1.0 - torch.exp(-x * _exposure(brightness)) for x in _saturated((red, green, blue), saturation))
    return red, green, blue


def sketched(levels: Tensor, palette: Tensor) -> Tensor:
    """The sketch [n, 3, h, w] in -1..1 of a picture [n, 3, h, w] of levels 0..1: `coloured` backwards.

    What the palettes [n, 9] can draw without spark comes back as it was. Else the luminance is kept, and
    the two colours are mixed as comes nearest to the pixel's own (least squares, no share below 0).
    """
    first, other, (saturation, brightness, contrast) = _parts(palette)
    colour = [-torch.log(1.0 - x.clamp(max=BRIGHTEST)) / _exposure(brightness) for x in levels.chunk(3, dim=1)]
    a, b = _saturated(first, saturation), _saturated(other, saturation)
    # Two hues that are one make the equations singular: the ridge then gives each a half.
    aa, ab, bb, ax, bx = (_dot(x, y) for x, y in ((a, a), (a, b), (b, b), (a, colour), (b, colour)))
    ridge = 1e-4 * (aa + bb)
    shares = ((bb + ridge) * ax - ab * bx).clamp(min=0.0) + 1e-9, ((aa + ridge) * bx - ab * ax).clamp(min=0.0) + 1e-9
    second = shares[1] / (shares[0] + shares[1])
    shaped = _grey(*colour) / (_grey(*a) + (_grey(*b) - _grey(*a)) * second).clamp(min=1e-6)
    light = torch.exp(torch.log(shaped.clamp(min=1e-9)) / _steepness(contrast))
    light = (1.0 - torch.exp(-LIGHT_GAIN * light)).clamp(max=BRIGHTEST)
    return 2.0 * torch.cat([light, second, torch.zeros_like(light)], dim=1) - 1.0


Colour = Sequence[Tensor]


def _parts(palette: Tensor) -> tuple[Colour, Colour, Colour]:
    """Palettes [n, 9] as first colour, other colour and grade, each number [n, 1, 1, 1]."""
    numbers = [x.view(-1, 1, 1, 1) for x in palette.chunk(9, dim=1)]
    return numbers[:3], numbers[3:6], numbers[6:]


def _grey(red: Tensor, green: Tensor, blue: Tensor) -> Tensor:
    return 0.3 * red + 0.5 * green + 0.2 * blue


def _saturated(colour: Colour, saturation: Tensor) -> Colour:
    grey = _grey(*colour)
    return [(grey + (x - grey) * 1.1 * saturation).clamp(min=0.0) for x in colour]


def _exposure(brightness: Tensor) -> Tensor:
    return 0.45 + 4.15 * brightness * brightness


def _steepness(contrast: Tensor) -> Tensor:
    return 0.7 + 1.7 * contrast


def _dot(a: Colour, b: Colour) -> Tensor:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def packed(red: Tensor, green: Tensor, blue: Tensor) -> Tensor:
    """Levels 0..1 as int32 whose bytes, the lowest first, are red, green, blue and an opaque alpha."""
    red, green, blue = (torch.floor(255.0 * level + 0.5) for level in (red, green, blue))
    return (red + 256.0 * green + 65536.0 * blue).to(torch.int32) - (1 << 24)


def load(card: Card, dtype: torch.dtype = torch.float32) -> OneStep:
    """The networks of a checked folder, ready to run. Raises ModelError when weights and configuration differ."""
    unet, vae = (_filled(card, part) for part in PARTS)
    return _ready(OneStep(unet, vae, card.scaling, card.shift, dtype))


def load_encoder(card: Card, dtype: torch.dtype = torch.float32) -> Encoder:
    """What draws from pictures from elsewhere, like `load`."""
    return _ready(Encoder(_filled(card, "vae"), card.scaling, card.shift, dtype))


def _ready(model: Net) -> Net:
    return model.eval().requires_grad_(False).to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def check_weights(card: Card) -> None:
    """Hold each part's tensors against the network its configuration describes. Raises ModelError."""
    for part in PARTS:
        _described(card, part)


def _described(card: Card, part: str) -> Any:
    """A part's network without its weights, which fit it."""
    folder = card.folder / part
    config = read_json(folder / CONFIG)
    net = described(folder, lambda: getattr(diffusers(), PARTS[part]).from_config(config))
    check_fit(folder / WEIGHTS, read_shapes(folder / WEIGHTS), {k: tuple(v.shape) for k, v in net.state_dict().items()})
    return net


def _filled(card: Card, part: str) -> Any:
    net = _described(card, part)
    net.load_state_dict({k: v.float() for k, v in load_file(card.folder / part / WEIGHTS).items()}, assign=True)
    return net
