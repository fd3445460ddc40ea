"""`visuals wall pattern`: what it lists, writes and lights."""

from __future__ import annotations

import math
from pathlib import Path

from rich.console import Console
from rich.table import Table

from visuals.clock import RealClock
from visuals.document import nearest
from visuals.errors import VisualsError
from visuals.wall.layout import load_rig
from visuals.wall.patterns.playing import chosen, picture, play_pattern
from visuals.wall.patterns.table import PATTERNS


def run_pattern(
    name: str, rig: Path | None, wall: str | None, seconds: float | None, out: Path | None, say: Console
) -> None:
    """Show a pattern on a rig's walls, or write it to `out`. Raises VisualsError."""
    if name == "list":
        say.print(_listed())
        return
    if name not in PATTERNS:
        raise VisualsError(f"found no pattern `{name}`{nearest(name, PATTERNS)}")
    if rig is None:
        raise VisualsError("--rig is missing, expected a rig file")
    loaded = load_rig(rig)
    walls = chosen(loaded, wall)
    if out is not None:
        picture(name, walls).save(out)
        say.print(f"{out} written", markup=False)
        return
    if warning := PATTERNS[name].warning:
        say.print(f"`{name}` {warning}", markup=False)
    say.print(f"{name} on {', '.join(w.name for w in walls)}: {PATTERNS[name].shows}", markup=False)
    play_pattern(name, loaded, walls, seconds or math.inf, RealClock())


def _listed() -> Table:
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, pattern in PATTERNS.items():
        table.add_row(name, pattern.shows)
    return table
