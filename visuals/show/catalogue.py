"""What there is to show, as a show file asks for it by name. It does not know where things lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from visuals.vocabulary import Term


@dataclass(frozen=True, slots=True)
class Offer:
    """What a model can be asked for: its controls, and its styles, or else the show's prompts."""

    controls: Mapping[str, Term]
    styles: tuple[str, ...] = ()
    told_text: bool = False

    @property
    def word(self) -> str:
        """What its pictures are of: `style` or `prompt`."""
        return "prompt" if self.told_text else "style"


@dataclass(frozen=True, slots=True)
class ShaderOffer:
    """What a shader is (generator, filter or transition) and its inputs: colours as `tint.r`, points as `at.x`.

    `images` are those that want a picture from a file.
    """

    kind: str
    inputs: Mapping[str, Term]
    images: tuple[str, ...] = ()


class Catalogue(Protocol):
    """What there is to show."""

    def shader(self, name: str) -> ShaderOffer | None:
        """What a shader offers; None if there is no such shader. May raise ShaderError."""
        ...

    def shaders(self) -> Sequence[str]: ...

    def model(self, name: str) -> Offer | None:
        """What a model can be asked for; None if there is no such model. May raise ModelError."""
        ...

    def models(self) -> Sequence[str]: ...

    def media(self, folder: Path, name: str) -> Path | None:
        """A sound or picture file of the show's folder; None if it is not there."""
        ...
