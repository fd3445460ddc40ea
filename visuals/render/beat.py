"""Beats counted from their phase, for pictures that go by them. It does not know where the phase comes from."""

from __future__ import annotations


class Beat:
    """Beats since the first one seen, and a number 0..1 that each of them draws."""

    def __init__(self) -> None:
        self.count = 0
        self.phase = 0.0
        self.chance = 0.5

    def follow(self, phase: float) -> None:
        """Take the next `beat.phase`; one that falls back by half or more begins a beat."""
        if phase < self.phase - 0.5:
            self.count += 1
            self.chance = (self.chance * 997.0 + 0.618034) % 1.0
        self.phase = phase

    @property
    def time(self) -> float:
        """Beats and parts of one."""
        return self.count + self.phase
