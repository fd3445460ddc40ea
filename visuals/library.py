"""Library: the shaders, models and media a show may name, found under its own folder and the project's.

The one place that turns a name from a show file into a path, and so the one that opens a show. Names
never leave their folders.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from visuals.errors import ShaderError, VisualsError
from visuals.generator.card import read_card
from visuals.generator.condition import STYLE_PREFIX
from visuals.generator.folder import INDEX
from visuals.generator.opening import check_model
from visuals.render.isf import Isf, dialects, terms
from visuals.render.isf import load as load_shader
from visuals.render.isf.reading import CORNERS
from visuals.show.catalogue import Offer, ShaderOffer
from visuals.show.load import load_show
from visuals.types import Show

ROOT = Path(__file__).resolve().parents[1]


class Library:
    """What can be named by the show in `folder`: its own `shaders/` and `models/` come first.

    A `thorough` one holds a model's weights against its configuration too, which can take seconds.
    """

    def __init__(self, folder: Path, root: Path = ROOT, thorough: bool = False) -> None:
        self.folder = folder
        self._roots = tuple(dict.fromkeys((folder, root)))
        self._thorough = thorough
        self._asked: set[str] = set()

    def shader_path(self, name: str) -> Path | None:
        """The file of a shader named like `generators/haze`, of whatever dialect, or None."""
        self._asked.add(name)
        return next((path for found in self._shader_paths(name) for path in found), None)

    def shader_file(self, name: str) -> Path:
        """Like `shader_path`; raises ShaderError when there is none."""
        path = self.shader_path(name)
        if path is None:
            raise ShaderError(f"{name}: no such shader")
        return path

    def isf(self, name: str) -> Isf:
        """A shader as its file describes it. Raises ShaderError when there is none or it cannot be read."""
        return load_shader(self.shader_file(name))

    def shader(self, name: str) -> ShaderOffer | None:
        """What a shader offers, None when there is no such shader; raises ShaderError."""
        path = self.shader_path(name)
        if path is None:
            return None
        isf = load_shader(path)
        return ShaderOffer(isf.kind, terms(isf), isf.images)

    def shaders(self) -> Sequence[str]:
        found = (
            (path.parent if path.name in dialects.TABS else path.with_suffix("")).relative_to(root / "shaders")
            for root in self._roots
            for path in (root / "shaders").rglob("*")
            if dialects.is_shader(path) and not dialects.tabs(path)
        )
        return sorted({path.as_posix() for path in found})

    def notes(self) -> list[str]:
        """What is odd about the shaders that were asked for, and no reason to refuse them."""
        said = []
        for name in sorted(self._asked):
            said += [
                f"{first}: taken for `{name}`, not {', '.join(p.name for p in others)} beside it"
                for first, *others in filter(None, self._shader_paths(name))
                if others
            ]
        return said

    def files(self) -> frozenset[Path]:
        """All files, there or not, that make a difference to the shaders that were asked for."""
        found: set[Path] = set()
        for name in self._asked:
            places = [root / "shaders" / file for root in self._roots for file in dialects.named(name)]
            found.update(places, (place.with_suffix(end) for place in places for end in CORNERS))
            with suppress(VisualsError):
                found.update(load_shader(self.shader_file(name)).files)
        return frozenset(found)

    def _shader_paths(self, name: str) -> list[list[Path]]:
        """The files of a name, in each of the two folders."""
        files = dialects.named(name)
        return [
            [path for file in files if (path := _inside(root / "shaders", file)) and dialects.is_shader(path)]
            for root in self._roots
        ]

    def model_path(self, name: str) -> Path | None:
        """The folder of a model, or None: a name under `models/`, or a path, from the show's folder or absolute.

        The only name that may lead elsewhere: models are too large to be copied into every show.
        """
        path = (self.folder / name).resolve()
        return self._find("models", name) or (path if path.is_dir() else None)

    def model(self, name: str) -> Offer | None:
        """What a model can be asked for, None when there is no such model; raises ModelError."""
        path = self.model_path(name)
        if path is None:
            return None
        card = read_card(path)
        if self._thorough:
            check_model(path)
        controls = {name: term for name, term in card.controls.items() if not name.startswith(STYLE_PREFIX)}
        return Offer(controls, card.styles, card.told_text)

    def models(self) -> Sequence[str]:
        return [name for name in self._names("models", "*") if self._find("models", f"{name}/{INDEX}")]

    def media(self, folder: Path, name: str) -> Path | None:
        """A file inside the show's folder, or None."""
        return _inside(folder, name)

    def _find(self, kind: str, name: str) -> Path | None:
        return next((path for root in self._roots if (path := _inside(root / kind, name))), None)

    def _names(self, kind: str, pattern: str) -> Sequence[str]:
        found = {
            path.relative_to(root / kind).with_suffix("").as_posix()
            for root in self._roots
            for path in (root / kind).glob(pattern)
        }
        return sorted(found)


def _inside(folder: Path, name: str) -> Path | None:
    """`folder/name` when it exists and does not escape the folder."""
    path = (folder / name).resolve()
    return path if path.exists() and path.is_relative_to(folder.resolve()) else None


def find_show(name: str) -> Path:
    """The show file meant by a path to it, to its folder, or by its name under `shows/`.

    Raises VisualsError with the nearest name there is.
    """
    for path in (Path(name), ROOT / "shows" / name):
        if path.is_file():
            return path
        if (path / "show.yaml").is_file():
            return path / "show.yaml"
    there = sorted(p.parent.name for p in (ROOT / "shows").glob("*/show.yaml"))
    near = difflib.get_close_matches(Path(name).name, there, n=1)
    hint = f"; did you mean {near[0]}?" if near else f"; there are: {', '.join(there)}" if there else ""
    raise VisualsError(f"{name}: no show file or folder with a show.yaml{hint}")


def open_show(
    path: Path, seed: int | None, thorough: bool = True, library: Library | None = None
) -> tuple[Show, Library]:
    """Load a show with its library, `thorough` as that is; raises ShowError with every problem at once."""
    library = library or Library(path.parent, thorough=thorough)
    show = load_show(path, library)
    return (replace(show, seed=seed) if seed is not None else show), library
