"""The networks of `visuals.audio.net` as PyTorch modules, for training: the same layers, names and order."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from visuals.audio import net

FAST, SLOW, WIDE = 96, 96, 64
FAST_BANDS, LONG_BANDS = len(net.FAST_BANK), len(net.LONG_BANK)


class EarsNet(nn.Module):
    """Levels of whole clips in, logits of both rates out."""

    def __init__(self) -> None:
        super().__init__()
        self.fast_in = nn.Linear(2 * FAST_BANDS, WIDE)
        self.fast = nn.GRU(WIDE, FAST, batch_first=True)
        self.fast_out = nn.Linear(FAST, len(net.FAST_HEADS))
        self.slow_in = nn.Linear(FAST + 2 * LONG_BANDS, WIDE)
        self.slow = nn.GRU(WIDE, SLOW, batch_first=True)
        self.deep = nn.GRU(SLOW, SLOW, batch_first=True)
        self.slow_out = nn.Linear(2 * SLOW, len(net.SLOW_HEADS))

    def forward(self, fast: Tensor, long: Tensor, drop: float = 0.0) -> tuple[Tensor, Tensor]:
        """`fast` [clips, n, 40], `long` [clips, n/4, 64]: levels. Gives [clips, n, 5] and [clips, n/4, 5]."""
        state, _ = self.fast(torch.relu(self.fast_in(with_rise(fast, net._LAG))))
        told = state.unflatten(1, (-1, net.SLOW)).mean(dim=2)
        x = torch.cat([told, with_rise(long, net._SLOW_LAG)], dim=-1)
        x = nn.functional.dropout(torch.relu(self.slow_in(x)), drop, self.training)
        first, _ = self.slow(x)
        second, _ = self.deep(nn.functional.dropout(first, drop, self.training))
        return self.fast_out(state), self.slow_out(torch.cat([first, second], dim=-1))


def with_rise(level: Tensor, lag: int) -> Tensor:
    """The levels and beside them how much they grew over `lag` frames."""
    before = nn.functional.pad(level, (0, 0, lag, 0))[:, : level.shape[1]]
    return torch.cat([level, torch.relu(level - before)], dim=-1)
