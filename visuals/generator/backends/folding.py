"""Networks rearranged for OpenVINO, so that they cost less and compute the same.

**Time.** In bfloat16 an angle of 1000 rad is known to 4 rad, so its sine is chance; computed inside
the graph, it was 12 of the 13 parts of all error (0.048 of the latents' norm, 0.0037 without). The
graph is given the sines instead.

**Doubling.** Doubling a picture by repeating its pixels and then convolving it reads each pixel up to four times
over: 9 taps where 4 suffice. Both together are one transposed convolution of 4x4 taps whose weights
are sums of the 3x3 ones; only the order of the additions differs. A step takes 0.9 of the time.

Knows the modules of diffusers in which it happens, nothing of models.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn import functional

from visuals.generator.backends.network import OneStep


class _Given(nn.Module):
    """In the place of a network's own sines of the time: those it was given."""

    sines: Tensor

    def forward(self, t: Tensor) -> Tensor:
        return self.sines


class Rearranged(nn.Module):
    """A step as the converter gets it; it takes over `step`, whose networks are changed in place."""

    def __init__(self, step: OneStep) -> None:
        super().__init__()
        fold(step.unet, step.decoder)
        self._given = _Given()
        step.unet.time_proj = self._given
        self.step = step

    def forward(
        self,
        noisy: Tensor,
        noise: Tensor,
        places: Tensor,
        t: Tensor,
        conditions: Tensor,
        palette: Tensor,
        sines: Tensor,
    ) -> Any:
        """See `OneStep`; `sines` [1, n] as `openvino.sines` gives them for `t`."""
        self._given.sines = sines
        return self.step(noisy, noise, places, t, conditions, palette)


class Doubling(nn.Module):
    """Nearest upsampling by two and the 3x3 convolution `after` it, in one."""

    def __init__(self, after: nn.Conv2d) -> None:
        super().__init__()
        weight = after.weight.detach()
        taps = weight.new_zeros(*weight.shape[:2], 4, 4)
        for down in range(2):
            for right in range(2):
                taps[:, :, down : down + 3, right : right + 3] += weight
        self.weight = nn.Parameter(taps.flip(2, 3).transpose(0, 1).contiguous(), requires_grad=False)
        self.bias = after.bias

    def forward(self, x: Tensor, size: Any = None) -> Tensor:
        """[n, c, h, w] to [n, c', 2h, 2w]. `size` is what diffusers' module may be told: it is always twice ours."""
        return functional.conv_transpose2d(x, self.weight, self.bias, stride=2, padding=1)


def fold(unet: Any, decoder: Any) -> None:
    """Replace every doubling of a UNet2DConditionModel and of an AutoencoderTiny's decoder, in place."""
    for block in unet.up_blocks:
        if block.upsamplers is not None:
            block.upsamplers = nn.ModuleList([Doubling(block.upsamplers[0].conv)])
    layers, folded = list(decoder.layers), []
    while layers:
        layer = layers.pop(0)
        folded.append(Doubling(layers.pop(0)) if isinstance(layer, nn.Upsample) else layer)
    decoder.layers = nn.Sequential(*folded)
