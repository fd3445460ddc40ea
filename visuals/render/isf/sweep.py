"""A library of shaders tried out, file by file, in children that may die of it; held against what was known.

The name of a file goes to a child before it is read, so a crash has a culprit. It draws nothing itself.
"""

from __future__ import annotations

import csv
import json
import selectors
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path

from visuals.render.isf.dialects import SUFFIXES
from visuals.render.isf.trial import Result

FILE_LIMIT_S = 40.0
START_LIMIT_S = 60.0
GOOD = "ok"
PLAYS = (GOOD, "nan", "slow")
"""What shows a picture."""


def files(folder: Path) -> list[Path]:
    """Every shader file below a folder, or the one file; JSON only where it is a Shadertoy export."""
    found = [folder] if folder.is_file() else sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    return [path for path in found if path.suffix.lower() != ".json" or _is_export(path)]


def _is_export(path: Path) -> bool:
    with path.open("rb") as file:
        return b'"renderpass"' in file.read(1 << 16)


class Sweep:
    """Tries files in a child that is started anew when one of them killed it."""

    def __init__(self, root: Path, limit_s: float = FILE_LIMIT_S) -> None:
        self._root, self._limit_s = root, limit_s
        self._child: subprocess.Popen[str] | None = None
        self.deaths = 0

    def run(self, paths: Iterable[Path]) -> Iterator[Result]:
        try:
            for path in paths:
                yield self._try(path)
        finally:
            self._end()

    def _try(self, path: Path) -> Result:
        child, limit_s = self._child, self._limit_s
        if child is None:
            child, limit_s = self._start(), self._limit_s + START_LIMIT_S
        assert child.stdin is not None
        try:
            child.stdin.write(json.dumps([str(path), str(self._root)]) + "\n")
            child.stdin.flush()
            line = _line(child, limit_s)
        except OSError:
            line = ""
        if line:
            return Result(**json.loads(line))
        ended = child.poll()
        self._end()
        self.deaths += 1
        if line is None:
            return Result(str(path), "slow", f"no picture within {self._limit_s:g} s")
        return Result(str(path), "crash", f"the process that drew it ended ({ended})")

    def _start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "visuals.render.isf.trial"]
        pipe = subprocess.PIPE
        self._child = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True)
        return self._child

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None


def _line(child: subprocess.Popen[str], limit_s: float) -> str | None:
    """The child's next line: empty when it has ended, None when it takes too long."""
    assert child.stdout is not None
    with selectors.DefaultSelector() as waiting:
        waiting.register(child.stdout, selectors.EVENT_READ)
        return child.stdout.readline() if waiting.select(limit_s) else None


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
