"""What moves: the one thing video and cameras share, and which position of a clip belongs to a beat."""

from __future__ import annotations

from typing import Protocol

from visuals.types import Pixels


class Footage(Protocol):
    """Pixels [height, width, 4] uint8 sRGB with straight alpha, row 0 on top, never written to again.

    `at` neither waits nor decodes. It gives the same array as long as the picture is the same, so who
    uploads need only look whether it is another, and None as long as there is none at all.
    """

    @property
    def size(self) -> tuple[int, int] | None:
        """(width, height); None before the first picture."""

    def at(self, position_s: float) -> Pixels | None: ...

    def close(self) -> None:
        """Let the file or the device go, without waiting for it."""


def beat_position(beats: float, beats_in_clip: float, duration_s: float) -> float:
    """Seconds into a clip that holds `beats_in_clip` beats and began at beat 0, at any tempo.

    Fractions of beats count; beats before 0 go backwards from the clip's end. Both lengths are positive.
    """
    return wrap(beats / beats_in_clip, 1.0) * duration_s


def wrap(position: float, length: float) -> float:
    """`position` in 0 ≤ x < `length`, round and round."""
    rest = position % length
    return rest if rest < length else 0.0
