"""A library of shaders tried out, file by file, in children that may die of it; held against what was known.

The name of a file goes to a child before it is read, so a crash has a culprit. It draws nothing itself.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path

from visuals.render.isf.dialects import is_shader, tabs
from visuals.render.judging.remote import Fallen, Remote
from visuals.render.judging.trial import Result

FILE_LIMIT_S = 40.0
GOOD = "ok"


def files(folder: Path) -> list[Path]:
    """Every shader below a folder, or the one file: of Shadertoy tabs the one that stands for all."""
    found = [folder] if folder.is_file() else sorted(path for path in folder.rglob("*") if not tabs(path))
    return [path for path in found if is_shader(path)]


class Sweep:
    """Tries files in a child that is started anew when one of them killed it."""

    def __init__(self, root: Path, limit_s: float = FILE_LIMIT_S) -> None:
        self._root, self._limit_s = root, limit_s
        self._child: Remote | None = None
        self.deaths = 0

    def run(self, paths: Iterable[Path]) -> Iterator[Result]:
        try:
            for path in paths:
                yield self._try(path)
        finally:
            if self._child is not None:
                self._child.end()

    def _try(self, path: Path) -> Result:
        self._child = self._child or Remote()
        try:
            said = self._child.ask({"read": self._limit_s}, task="trial", file=str(path), root=str(self._root))
        except Fallen as fallen:
            self._child = None
            self.deaths += 1
            return Result(str(path), "slow" if fallen.slow else "crash", str(fallen))
        return Result(**said)


def write_csv(path: Path, results: Sequence[Result], root: Path) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Result)])
        writer.writeheader()
        writer.writerows(asdict(result) | {"file": named(result, root)} for result in results)


def read_baseline(path: Path) -> dict[str, str]:
    """What became of each file when the baseline was written: a CSV of `write_csv`."""
    with path.open(newline="") as file:
        return {row["file"]: row["category"] for row in csv.DictReader(file)}


def named(result: Result, root: Path) -> str:
    """A file's name below its library."""
    return Path(result.file).relative_to(root).as_posix() if root.is_dir() else Path(result.file).name


def new_faults(results: Iterable[Result], baseline: dict[str, str], name: Callable[[Result], str]) -> list[Result]:
    """Files that are wrong now and were not, or in another way."""
    return [r for r in results if r.category != GOOD and baseline.get(name(r), GOOD) != r.category]


def counted(results: Iterable[Result]) -> str:
    """`318 ok, 3 blank`"""
    counts = Counter(result.category for result in results)
    return ", ".join(f"{count} {category}" for category, count in counts.most_common()) or "none"
