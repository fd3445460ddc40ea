"""Targets of the canvas' size that are borrowed for the length of a draw."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from visuals.render.gpu import Depth, Gpu, Size, Target


class Scratch:
    """As many targets as were ever borrowed at once. Their content is whatever the last borrower left."""

    def __init__(self, gpu: Gpu, size: Size) -> None:
        self._gpu, self.size = gpu, size
        self._free: dict[Depth, list[Target]] = {"rgba8": [], "half": [], "float": []}

    @contextmanager
    def passes(self) -> Iterator[Passes]:
        """Targets that are given back together."""
        lent = Passes(self)
        try:
            yield lent
        finally:
            lent.give_back()

    def take(self, depth: Depth) -> Target:
        free = self._free[depth]
        return free.pop() if free else self._gpu.target(self.size, depth)

    def give(self, target: Target) -> None:
        self._free[target.depth].append(target)

    def release(self) -> None:
        for targets in self._free.values():
            for target in targets:
                target.release()
            targets.clear()


class Passes:
    """What is borrowed for some passes that are drawn one after the other."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._lent: list[Target] = []

    def target(self, depth: Depth = "rgba8") -> Target:
        """One more target, until all are given back."""
        self._lent.append(self._scratch.take(depth))
        return self._lent[-1]

    def spare(self, target: Target) -> None:
        """A target that is needed no more, if it is one of these."""
        if target in self._lent:
            self._lent.remove(target)
            self._scratch.give(target)

    def give_back(self) -> None:
        for target in self._lent:
            self._scratch.give(target)
        self._lent.clear()
