"""Checking: every mistake in a show or a rig file, each with its place, without playing anything."""

from __future__ import annotations

from pathlib import Path

from visuals.errors import VisualsError
from visuals.library import find_show
from visuals.live import open_show
from visuals.wall.layout import load_rig


def check_file(name: str) -> list[str]:
    """One line per problem; empty when the file can be played."""
    try:
        path = Path(name)
        if path.is_file() and _is_rig(path):
            load_rig(path)
        else:
            open_show(find_show(name), None)
    except VisualsError as error:
        return str(error).splitlines()
    return []


def _is_rig(path: Path) -> bool:
    """A rig file says so at the start of a line, before anything is parsed."""
    with path.open(errors="replace") as file:
        return any(line.startswith("rig:") for line in file.read(1 << 16).splitlines())
