"""Everything a show can hear, as one table: for the terminal, for programs, and as a page of the docs.

It knows the vocabulary and what a show reads of it; nothing of how any of it is measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import groupby
from typing import Literal

from rich.console import Console
from rich.table import Table

from visuals.errors import VisualsError
from visuals.show.expressions import parse
from visuals.types import Drive, Show
from visuals.vocabulary import ENGINE_SIGNALS, EVENTS, SHOW_EVENTS, SIGNALS, Term

GROUPS = {
    "loudness": "Level",
    "sub": "Bands",
    "onset.strength": "Hits",
    "brightness": "Timbre",
    "pitch": "Pitch and harmony",
    "bpm": "Rhythm",
    "energy": "Form",
    "silence": "Room",
    "time": "Clock",
}
"""The first signal of each group; the vocabulary keeps a group together."""


@dataclass(frozen=True, slots=True)
class Row:
    """A name as an artist reads it. `low` and `high` are None at an open end, and for events."""

    name: str
    kind: Literal["signal", "event"]
    group: str
    low: float | None
    high: float | None
    unit: str
    latency_ms: float
    confidence: str
    about: str

    @property
    def range(self) -> str:
        """Its ends and its unit."""
        if self.kind == "event":
            return ""
        low = "…" if self.low is None else f"{self.low:g}"
        high = "…" if self.high is None else f"{self.high:g}"
        return f"{low} to {high} {self.unit}".rstrip()

    @property
    def latency(self) -> str:
        if self.latency_ms <= 0.0:
            return "–"
        return f"{self.latency_ms:g} ms" if self.latency_ms < 1000.0 else f"{self.latency_ms / 1000.0:g} s"


def rows(show: Show | None = None) -> list[Row]:
    """All names in the vocabulary's order, signals before events; of a show those it reads."""
    every = [*_signals(), *_events()]
    if show is None:
        return every
    read = names_read(show)
    return [row for row in every if row.name in read[row.kind]] + [
        Row(name, "signal", "Desk", 0.0, 1.0, "", 0.0, "", "published by this show's desk")
        for name in sorted(read["signal"])
        if name.startswith("midi.")
    ]


def names_read(show: Show) -> dict[str, set[str]]:
    """The signals and events that the rules of a show read."""
    read: dict[str, set[str]] = {"signal": set(), "event": set()}
    for rule in (rule for scene in show.scenes.values() for rule in scene.rules):
        if not isinstance(rule, Drive):
            read["event"].add(rule.event)
        source = rule.source if isinstance(rule, Drive) else rule.condition
        read["signal"] |= {name for name, _ in parse(source).names} if source else set()
    return read


def pick(rows: Sequence[Row], pattern: str | None) -> list[Row]:
    """The rows whose name matches a pattern such as `kick*` or `*.phase`. Raises VisualsError for none."""
    found = [row for row in rows if pattern is None or fnmatchcase(row.name, pattern)]
    if not found:
        raise VisualsError(f"found no signal or event like `{pattern}`, expected a pattern such as kick* or *.phase")
    return found


def _signals() -> Iterable[Row]:
    group = ""
    for name, term in (*SIGNALS.items(), *ENGINE_SIGNALS.items()):
        group = GROUPS.get(name, group)
        yield _signal(name, group, term)


def _signal(name: str, group: str, term: Term) -> Row:
    return Row(name, "signal", group, term.low, term.high, term.unit, term.latency_ms, term.confidence, term.about)


def _events() -> Iterable[Row]:
    for name, event in EVENTS.items():
        yield Row(name, "event", "Events", None, None, "", event.latency_ms, event.confidence, event.about)
    for name, about in SHOW_EVENTS.items():
        yield Row(name, "event", "Events", None, None, "", 0.0, "", about)


# ---- for people ---------------------------------------------------------------------------------


def show_table(rows: Sequence[Row], say: Console) -> None:
    """Print the rows, a heading over each group."""
    table = Table(box=None, pad_edge=False)
    for title in ("name", "range", "after", "use it for"):
        table.add_column(title, no_wrap=title != "use it for")
    for group, members in groupby(rows, lambda row: row.group):
        table.add_row(f"\n[bold]{group}[/]")
        for row in members:
            sure = f" [dim]({row.confidence})[/]" if row.confidence else ""
            table.add_row(row.name, row.range, row.latency, row.about + sure)
    say.print(table, soft_wrap=False)


PAGE_HEAD = """\
# What a show can hear

Every signal a `drive` rule or an `if` can read, and every event a `when` rule can wait for. This page is
written by `visuals signals --markdown`; `visuals signals --audio DEVICE` shows all of it move.

- **range**: what the value keeps to; `…` is an open end.
- **after**: how long after the sound the value or the event shows it (median). `–`: it does not wait for the
  sound. Beat, bar and phrase are predicted: they pass when the light shall land, earlier by the latency of
  the rig's slowest wall.
- **sure by**: the signal that tells how far this one can be trusted now. Gate a rule with it:
  `if: tempo.confidence > 0.5`.
"""


def markdown(rows: Sequence[Row]) -> str:
    """The rows as a page of the docs, a table for each group."""
    text = PAGE_HEAD
    for group, members in groupby(rows, lambda row: row.group):
        text += f"\n## {group}\n\n| name | range | after | sure by | use it for |\n|---|---|---|---|---|\n"
        for row in members:
            sure = f"`{row.confidence}`" if row.confidence else ""
            text += f"| `{row.name}` | {row.range} | {row.latency} | {sure} | {row.about} |\n"
    return text
