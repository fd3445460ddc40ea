"""What all pictures have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from visuals.render.gpu import Texture
from visuals.render.lay import Onto
from visuals.types import Controls, Features
from visuals.vocabulary import Term

Wants = Literal["", "below", "last"]


@dataclass(frozen=True, slots=True)
class Moment:
    """What all layers of a scene share in a frame: `elapsed` is their time since the last one, `time` the show's, s."""

    elapsed: float
    features: Features | None
    date: Sequence[float]
    controls: Controls
    time: float = 0.0


class Picture(Protocol):
    """Something a layer shows."""

    @property
    def wants(self) -> Wants:
        """What it is drawn from: what lies below it, or the last frame of all it lies among."""
        ...

    @property
    def inputs(self) -> Mapping[str, float]:
        """The names of its own controls and where they rest."""
        ...

    def draw(self, onto: Onto, values: Controls, moment: Moment, image: Texture | None) -> None:
        """Draw over the whole target; `image` is what it wants."""
        ...

    def enter(self) -> None:
        """Its scene comes on the air."""

    def rewind(self) -> None:
        """As if it had never been drawn."""

    def release(self) -> None: ...


class Lasting:
    """A picture that looks the same however its scene came on the air."""

    def enter(self) -> None:
        pass

    def rewind(self) -> None:
        pass


def rest(terms: Mapping[str, Term]) -> dict[str, float]:
    """Where each control stands while nobody moves it."""
    return {name: term.rest for name, term in terms.items()}
