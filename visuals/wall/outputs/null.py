"""Sends nothing out and counts it: shows without walls, and tests."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from visuals.types import Frame


class Null:
    """Counts frames."""

    def __init__(self) -> None:
        self.frames = 0

    def send(self, frame: Frame) -> None:
        self.frames += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None
