"""Checking: every mistake in show, rig and shader files, each with its place, without playing anything.

Rigs and shows named together are also held against each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from visuals.desk import listened
from visuals.errors import MediaError, VisualsError
from visuals.library import find_show
from visuals.overhearing import echoed, overheard
from visuals.proof import check_shader, open_proven
from visuals.render.isf.dialects import SUFFIXES
from visuals.render.judging.judge import Judge
from visuals.render.judging.sweep import files
from visuals.render.judging.trial import SIZE
from visuals.types import Rig, Show
from visuals.wall.layout import fit_problems, load_rig
from visuals.wall.layout.claims import settings_of
from visuals.wall.loop import Loop
from visuals.wall.outputs.settings import UniverseSettings, universes


@dataclass
class Checked:
    """What was found: a line per problem, which keeps something from being played, and per note, which does not."""

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def check_files(names: Sequence[str]) -> Checked:
    """Check shows, rigs and shaders, told apart by what the files are; of folders without a show, every shader."""
    checked = Checked()
    shows: list[Show] = []
    rigs: dict[str, Rig] = {}
    shaders: list[Path] = []
    for name in names:
        try:
            path = Path(name)
            if found := _shaders(path):
                shaders += found
            elif path.is_file() and _is_rig(path):
                rigs[name] = load_rig(path)
                checked.notes += [f"{name}: {line}" for line in sent(rigs[name])]
            else:
                show, library = open_proven(find_show(name), None)
                shows.append(show)
                checked.notes += [*library.notes(), *(f"{name}: {line}" for line in listened(show))]
                checked.problems += [f"{name}: {line}" for line in echoed(show)]
                _check_loop(show, checked)
        except VisualsError as error:
            checked.problems.append(str(error))
    for name, rig in rigs.items():
        for show in shows:
            checked.problems += [f"{name}: {line}" for line in (*fit_problems(rig, show.canvas), *overheard(show, rig))]
    _check_shaders(shaders, checked)
    return checked


def sent(rig: Rig) -> Iterator[str]:
    """What each wall sends over the network, a line each: a size that was forgotten shows there."""
    for wall in rig.walls:
        settings = settings_of(wall)
        if isinstance(settings, UniverseSettings):
            count = universes(wall.size, settings)
            many = f"{count} universes from {settings.first}" if count > 1 else f"universe {settings.first}"
            yield f"wall `{wall.name}`: {wall.size[0]} x {wall.size[1]} pixels, {wall.output[0]} {many}"


def _check_loop(show: Show, checked: Checked) -> None:
    """The picture that takes over when the show fails must be one, and is never looked at before."""
    path = show.folder / "loop.mp4"
    if not path.is_file():
        return
    try:
        checked.notes += [f"{path}: {fault}" for fault in Loop.open(path, show.canvas).faults()]
    except MediaError as error:
        checked.problems.append(str(error))


def _shaders(path: Path) -> list[Path]:
    """The shader a path names, or all in a folder that holds no show."""
    return [] if (path / "show.yaml").exists() or not path.exists() else files(path)


def _check_shaders(paths: Sequence[Path], checked: Checked) -> None:
    checked.notes += _clashes(paths)
    with Judge(SIZE) as judge:
        for path in paths:
            problems, notes = check_shader(path, judge)
            checked.problems += map(str, problems)
            checked.notes += map(str, notes)


def _clashes(paths: Sequence[Path]) -> Iterator[str]:
    """Files that no show can name, since another one is found first."""
    taken: dict[Path, Path] = {}
    for path in sorted(paths, key=lambda path: SUFFIXES.index(path.suffix.lower())):
        first = taken.setdefault(path.with_suffix(""), path)
        if first != path:
            yield f"{path}: a show takes {first.name}, of the same name, instead"


RIG_KEYS, SHOW_KEYS = frozenset({"rig", "walls"}), frozenset({"show", "scenes"})
_KEY = re.compile(r'^(?:\ufeff?\{?\s*"|[\ufeff"\']?)(\w+)["\']?\s*:', re.MULTILINE)


def _is_rig(path: Path) -> bool:
    """A rig file has a rig's keys at the start of lines, and none of a show's, before anything is parsed."""
    with path.open(errors="replace") as file:
        keys = {key.casefold() for key in _KEY.findall(file.read(1 << 16))}
    return bool(keys & RIG_KEYS) and not keys & SHOW_KEYS
