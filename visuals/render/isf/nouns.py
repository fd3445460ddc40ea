"""A shader as its file describes it: inputs, passes, pictures it brings, its GLSL. Frozen; it compiles nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from visuals.errors import Problem
from visuals.render.isf import glsl, sizes, syn
from visuals.vocabulary import Term

Kind = Literal["generator", "filter", "transition"]
Numbers = tuple[float, ...]

COMPONENTS: Mapping[str, tuple[str, ...]] = {
    "float": ("",),
    "bool": ("",),
    "event": ("",),
    "long": ("",),
    "point2D": (".x", ".y"),
    "point3D": (".x", ".y", ".z"),
    "long2D": (".x", ".y"),
    "color": (".r", ".g", ".b", ".a"),
    "image": (),
    "cube": (),
    "audio": (),
    "audioFFT": (),
    "sound": (),
}
"""Input types and the ends of the names their numbers go by."""


BETWEEN = (("startImage", "endImage"), ("inputImage", "to"))
"""What a transition's two pictures are called: in ISF, and in gl-transitions that were converted to it."""
BOUND = frozenset(name for pair in BETWEEN for name in pair)


@dataclass(frozen=True, slots=True)
class Input:
    """One input. `default`, `low`, `high` have a number per component; None is an open end.

    `values` are what a long may be; where the file lists words, their indices. `samples` is how many
    a sound's texture is to have across, 0 for as many as there are.
    """

    name: str
    type: str
    label: str
    default: Numbers = ()
    low: Numbers | None = None
    high: Numbers | None = None
    values: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    samples: int = 0

    def names(self) -> Iterator[str]:
        """The controls that move it: `tint.r`, `centre.x`, `density`."""
        return (self.name + end for end in COMPONENTS[self.type])


@dataclass(frozen=True, slots=True)
class Pass:
    """One draw of the shader. No target means the output; sizes are in pixels of the output."""

    target: str | None = None
    persistent: bool = False
    float: bool = False
    width: sizes.Expression = field(default=lambda names: names["WIDTH"], compare=False)
    height: sizes.Expression = field(default=lambda names: names["HEIGHT"], compare=False)
    own: glsl.Source | None = None
    """Its GLSL, where it is not the file's that all passes share."""


@dataclass(frozen=True, slots=True)
class Import:
    """A picture the file brings: one path, or the six of a cube (right, left, top, bottom, front, back)."""

    name: str
    paths: tuple[Path, ...] = field(compare=False)

    @property
    def type(self) -> str:
        return "cube" if len(self.paths) > 1 else "image"


@dataclass(frozen=True, slots=True)
class Isf:
    """A shader as its file describes it, and the same wherever that lies.

    `notes` are what is odd about it and no reason to refuse it.
    """

    path: Path = field(compare=False)
    kind: Kind
    description: str
    credit: str
    categories: tuple[str, ...]
    inputs: tuple[Input, ...]
    passes: tuple[Pass, ...]
    imports: tuple[Import, ...]
    body: glsl.Source
    corners: glsl.Source | None = None
    """Its vertex shader, where it has one of its own."""
    notes: tuple[Problem, ...] = field(default=(), compare=False)
    way: glsl.Way = field(default=glsl.WAYS[0], compare=False)
    """How to put it to the driver first, where it is known what that takes."""

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(p.target for p in self.passes if p.target))

    @property
    def images(self) -> tuple[str, ...]:
        """Image inputs that no layer is bound to: what is below, and what a transition is between, are."""
        return tuple(i.name for i in self.inputs if i.type == "image" and i.name not in BOUND)

    @property
    def files(self) -> tuple[Path, ...]:
        """All files it is made of, its own first; pictures that it brings may be missing."""
        sources = [self.body, *(p.own for p in self.passes if p.own), *([self.corners] if self.corners else [])]
        texts = (path for source in sources for path in (source.path, *source.others))
        return tuple(dict.fromkeys([self.path, *texts, *(path for item in self.imports for path in item.paths)]))

    @property
    def heard(self) -> tuple[str, ...]:
        """Names of `syn` that its texts use and no input has."""
        sources = [self.source(index) for index in range(len(self.passes))] + ([self.corners] if self.corners else [])
        texts = "\n".join(line for s in sources for line in (s.text, *s.before))
        return tuple(name for name in syn.named(texts) if name not in {i.name for i in self.inputs})

    def fragment(self, index: int = 0, way: glsl.Way = glsl.WAYS[0]) -> str:
        """The GLSL of one pass."""
        return glsl.fragment(self.source(index), self._declared, index, way, self.corners is not None)

    def source(self, index: int) -> glsl.Source:
        """What a pass's fragments are drawn by."""
        return self.passes[index].own or self.body

    def vertex(self, index: int = 0, way: glsl.Way = glsl.WAYS[0]) -> str | None:
        """The vertex shader of one pass; None when the file has none."""
        return glsl.vertex(self.corners, self._declared, index, way) if self.corners is not None else None

    @property
    def _declared(self) -> glsl.Declared:
        pictures = ((i.type, i.name) for i in self.imports)
        targets = (("image", name) for name in self.targets)
        heard = (("float", name) for name in self.heard)
        return glsl.Declared((*((i.type, i.name) for i in self.inputs), *pictures, *targets, *heard))


def terms(isf: Isf) -> dict[str, Term]:
    """Every control the shader listens to, flattened: colours `tint.r`, points `centre.x`."""
    found: dict[str, Term] = {}
    for item in isf.inputs:
        for n, name in enumerate(item.names()):
            low = item.low[n] if item.low else None
            high = item.high[n] if item.high else None
            found[name] = Term(low, high, "", item.default[n], item.label)
    return found
