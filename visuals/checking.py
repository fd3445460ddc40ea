"""Checking: every mistake in show and rig files, each with its place, without playing anything.

Rigs and shows named together are also held against each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from visuals.errors import VisualsError
from visuals.library import find_show
from visuals.proof import open_proven
from visuals.types import Rig, Show
from visuals.wall.layout import fit_problems, load_rig


def check_files(names: Sequence[str]) -> list[str]:
    """One line per problem; empty when all can be played, and every rig with every show."""
    shows: list[Show] = []
    rigs: dict[str, Rig] = {}
    problems: list[str] = []
    for name in names:
        try:
            path = Path(name)
            if path.is_file() and _is_rig(path):
                rigs[name] = load_rig(path)
            else:
                shows.append(open_proven(find_show(name), None))
        except VisualsError as error:
            problems += str(error).splitlines()
    for name, rig in rigs.items():
        problems += [f"{name}: {line}" for show in shows for line in fit_problems(rig, show.canvas)]
    return problems


def _is_rig(path: Path) -> bool:
    """A rig file says so at the start of a line, before anything is parsed."""
    with path.open(errors="replace") as file:
        return any(line.startswith("rig:") for line in file.read(1 << 16).splitlines())
