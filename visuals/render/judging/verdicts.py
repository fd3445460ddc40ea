"""What is known of shaders on this machine: which were drawn well, which do not compile, which are in quarantine.

Kept on disk by everything that decides, so that nothing is tried twice. It tries nothing itself.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, astuple, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from visuals.cache import cache_folder, write_whole
from visuals.errors import Problem
from visuals.render import compose
from visuals.render.gpu import Size
from visuals.render.isf import glsl
from visuals.render.isf.glsl import WAYS
from visuals.render.isf.nouns import Isf

logger = logging.getLogger(__name__)

MOST = 4096
"""Shaders that are remembered; those that nobody asked for the longest go first."""
LARGEST = 1 << 18
Kind = Literal["good", "bad", "quarantined"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a shader. Times in ms: until it was compiled, its first frame, a frame after that.

    `way` is the place in `WAYS` of the one that its driver took. `bad` is one that the driver refused;
    `quarantined` one that killed the process that tried it, or took too long for any stage.
    """

    kind: Kind
    way: int = 0
    problems: tuple[Problem, ...] = ()
    compile_ms: float = 0.0
    first_ms: float = 0.0
    frame_ms: float = 0.0


def digest(isf: Isf) -> str:
    """Names a shader by all that decides what a driver does with it: its texts and files, and how we translate them."""
    whole = hashlib.sha256(_recipe())
    for source in filter(None, (isf.body, isf.corners, *(step.own for step in isf.passes))):
        whole.update("\0".join([source.text, *source.before, *source.after]).encode())
    for path in isf.files:
        with suppress(OSError), path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()[:32]


@cache
def _recipe() -> bytes:
    """Our own code between a file and the driver: another version of it may put another text to it."""
    whole = hashlib.sha256()
    for path in [*sorted(Path(glsl.__file__).parent.glob("*.py")), Path(compose.__file__)]:
        whole.update(path.read_bytes())
    return whole.digest()


def place(driver: str, size: Size) -> str:
    """Where a verdict holds: on one driver, at one size."""
    return f"{driver} {size[0]}x{size[1]}"


def _driver(where: str) -> str:
    return where.rpartition(" ")[0]


class Verdicts:
    """Verdicts by shader and place: a small JSON file for each shader, in the user's cache folder.

    What cannot be read is not known; what cannot be written is known as long as this lives.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or cache_folder() / "shaders"
        self._unwritten: dict[str, dict[str, Verdict]] = {}

    def find(self, isf: Isf, key: str, where: str) -> Verdict | None:
        """What is known of a shader; quarantine on one driver holds for every size."""
        known = self._known(key, isf.files)
        shut = (v for at, v in known.items() if v.kind == "quarantined" and _driver(at) == _driver(where))
        return next(shut, None) or known.get(where)

    def keep(self, isf: Isf, key: str, where: str, verdict: Verdict) -> None:
        """Remember a verdict; a good one lifts what quarantine there was on its driver."""
        known = self._known(key, isf.files)
        if verdict.kind == "good":
            known = {at: v for at, v in known.items() if v.kind != "quarantined" or _driver(at) != _driver(where)}
        known[where] = verdict
        try:
            write_whole(self._path(key), json.dumps({at: _plain(v, isf.files) for at, v in known.items()}))
            self._forget_oldest()
        except OSError as error:
            self._unwritten[key] = known
            logger.info("a verdict on %s is not kept: %s", isf.path, error)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.json"

    def _known(self, key: str, files: Sequence[Path]) -> dict[str, Verdict]:
        path = self._path(key)
        try:
            with path.open("rb") as file:
                data = json.loads(file.read(LARGEST))
            found = {str(at): _verdict(plain, files) for at, plain in data.items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
            found = {}
        with suppress(OSError):
            os.utime(path)
        return found | self._unwritten.get(key, {})

    def _forget_oldest(self) -> None:
        aged = []
        for path in self.folder.glob("*.json"):
            with suppress(OSError):
                aged.append((path.stat().st_mtime, path))
        for _, path in sorted(aged)[: max(len(aged) - MOST, 0)]:
            path.unlink(missing_ok=True)


def _plain(verdict: Verdict, files: Sequence[Path]) -> dict[str, Any]:
    """As JSON. Files by their place in the shader's list: the same text may lie elsewhere tomorrow."""
    names = [str(path) for path in files]
    told = [(names.index(p.file) if p.file in names else 0, *astuple(p)[1:]) for p in verdict.problems]
    return asdict(verdict) | {"problems": told}


def _verdict(plain: dict[str, Any], files: Sequence[Path]) -> Verdict:
    """Raises ValueError, TypeError or KeyError for what is none."""
    problems = tuple(Problem(str(files[int(n)]), *_words(rest)) for n, *rest in plain["problems"])
    found = replace(Verdict(**plain), problems=problems)
    numbers = (found.way, found.compile_ms, found.first_ms, found.frame_ms)
    if found.kind not in ("good", "bad", "quarantined") or not all(isinstance(x, int | float) for x in numbers):
        raise ValueError(found.kind)
    if found.way not in range(len(WAYS)) or (found.kind != "good") != bool(problems):
        raise ValueError(found.way)
    return found


def _words(rest: list[Any]) -> tuple[int, int, str, str]:
    line, column, text, quote = rest
    return int(line), int(column), str(text), str(quote)
