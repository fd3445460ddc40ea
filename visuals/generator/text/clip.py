"""CLIP's text encoder (Radford et al. 2021), as the folders of Stable Diffusion's family store it.

Its own forty lines of arithmetic, because the library that has it as one of 400 models adds 1.2 s to
every start and 139 MB to the installation, and names the weights differently in each major version.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

PREFIX = "text_model."
PROJECTION = "text_projection.weight"


class Encoded(NamedTuple):
    """What a text became: the last layer normed and the one before it [n, length, width], the text's one vector."""

    last: Tensor
    before: Tensor
    whole: Tensor


class Attention(nn.Module):
    """Each place reads itself and what came before it."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        n, length, width = x.shape
        q, k, v = (
            p(x).view(n, length, self.heads, -1).transpose(1, 2) for p in (self.q_proj, self.k_proj, self.v_proj)
        )
        seen = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out_proj(seen.transpose(1, 2).reshape(n, length, width))  # type: ignore[no-any-return]


class Layer(nn.Module):
    """Attention, then two linear maps, each added to what came in."""

    def __init__(self, width: int, hidden: int, heads: int, act: str, eps: float) -> None:
        super().__init__()
        self.quick = act == "quick_gelu"
        self.self_attn = Attention(width, heads)
        self.layer_norm1, self.layer_norm2 = (nn.LayerNorm(width, eps=eps) for _ in range(2))
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(width, hidden), "fc2": nn.Linear(hidden, width)})

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.self_attn(self.layer_norm1(x))
        h = self.mlp["fc1"](self.layer_norm2(x))
        h = h * torch.sigmoid(1.702 * h) if self.quick else functional.gelu(h)
        return x + self.mlp["fc2"](h)  # type: ignore[no-any-return]


class TextEncoder(nn.Module):
    """Built from a `config.json`. Raises KeyError, TypeError or ValueError when that is none of CLIP's."""

    def __init__(self, config: Mapping[str, Any], projected: bool) -> None:
        super().__init__()
        width, heads, act = config["hidden_size"], config["num_attention_heads"], config.get("hidden_act", "quick_gelu")
        if act not in {"quick_gelu", "gelu"}:
            raise ValueError(f"hidden_act {act!r:.40}, expected quick_gelu or gelu")
        if width % heads:
            raise ValueError(f"hidden_size {width} does not part into {heads} heads")
        eps = config.get("layer_norm_eps", 1e-5)
        layers = range(config["num_hidden_layers"])
        self.length = config.get("max_position_embeddings", 77)
        embeddings = {
            "token_embedding": nn.Embedding(config["vocab_size"], width),
            "position_embedding": nn.Embedding(self.length, width),
        }
        made = [Layer(width, config["intermediate_size"], heads, act, eps) for _ in layers]
        self.text_model = nn.ModuleDict(
            {
                "embeddings": nn.ModuleDict(embeddings),
                "encoder": nn.ModuleDict({"layers": nn.ModuleList(made)}),
                "final_layer_norm": nn.LayerNorm(width, eps=eps),
            }
        )
        self.text_projection = nn.Linear(width, config["projection_dim"], bias=False) if projected else None

    def forward(self, numbers: Tensor, end: int) -> Encoded:
        """Encode numbers [n, length]; the vector of a whole text is what stands at its first `end`."""
        model: Any = self.text_model
        places = model["embeddings"]["position_embedding"].weight
        x = before = model["embeddings"]["token_embedding"](numbers) + places
        for layer in model["encoder"]["layers"]:
            before, x = x, layer(x)
        last = model["final_layer_norm"](x)
        ends = (numbers == end).int().argmax(dim=-1)
        whole = last[torch.arange(len(last), device=last.device), ends]
        return Encoded(last, before, self.text_projection(whole) if self.text_projection is not None else whole)


def named(name: str) -> str | None:
    """A stored tensor's name in `TextEncoder`; None for the positions' own numbers, which need no storing."""
    if name.endswith("position_ids"):
        return None
    return name if name.startswith(PREFIX) or name == PROJECTION else PREFIX + name
