"""Library: the shaders, models and media a show may name, found under its own folder and the project's.

The one place that turns a name from a show file into a path, and so the one that opens a show. Names
never leave their folders.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from visuals.errors import ShaderError, VisualsError
from visuals.generator.card import read_card
from visuals.generator.condition import STYLE_PREFIX
from visuals.generator.folder import INDEX
from visuals.generator.opening import check_model
from visuals.render.isf import load as load_shader
from visuals.render.isf import terms
from visuals.show.catalogue import Offer, ShaderOffer
from visuals.show.load import load_show
from visuals.types import Show

ROOT = Path(__file__).resolve().parents[1]
SHADER_SUFFIX = ".fs"


class Library:
    """What can be named by the show in `folder`: its own `shaders/` and `models/` come first.

    A `thorough` one holds a model's weights against its configuration too, which can take seconds.
    """

    def __init__(self, folder: Path, root: Path = ROOT, thorough: bool = False) -> None:
        self.folder = folder
        self._roots = (folder, root)
        self._thorough = thorough

    def shader_path(self, name: str) -> Path | None:
        """The file of a shader named like `generators/haze`, or None."""
        return self._find("shaders", name + SHADER_SUFFIX)

    def shader_file(self, name: str) -> Path:
        """Like `shader_path`; raises ShaderError when there is none."""
        path = self.shader_path(name)
        if path is None:
            raise ShaderError(f"{name}: no such shader")
        return path

    def shader(self, name: str) -> ShaderOffer | None:
        """What a shader offers, None when there is no such shader; raises ShaderError."""
        path = self.shader_path(name)
        if path is None:
            return None
        isf = load_shader(path)
        return ShaderOffer(isf.kind, terms(isf), isf.images)

    def shaders(self) -> Sequence[str]:
        return self._names("shaders", f"**/*{SHADER_SUFFIX}")

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


def open_show(path: Path, seed: int | None, thorough: bool = True) -> tuple[Show, Library]:
    """Load a show with its library, `thorough` as that is; raises ShowError with every problem at once."""
    library = Library(path.parent, thorough=thorough)
    show = load_show(path, library)
    return (replace(show, seed=seed) if seed is not None else show), library
