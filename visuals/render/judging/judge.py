"""Judges shaders: those that are known by their verdict, all others by their first frames, drawn in a child.

The live process has only what was judged good here. A shader that killed its child, or was too slow for
any stage, goes into quarantine: it is not tried again until its text changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from visuals.errors import MediaError, Problem
from visuals.render.gpu import Size
from visuals.render.isf.nouns import Isf
from visuals.render.judging.remote import PATIENCE, Fallen, Remote
from visuals.render.judging.verdicts import Verdict, Verdicts, digest, place

Medium = Literal["picture", "video", "font"]

QUARANTINE = "in quarantine until its text changes, or until `visuals check` of the file finds it good"


class Judge:
    """Judges for one size of canvas; use as a context manager, which ends the child but forgets nothing.

    `driver` is the one that will draw, where it is known: a child is then started only for what is not.
    `tried` counts the shaders that were put to a child.
    """

    def __init__(
        self,
        size: Size,
        verdicts: Verdicts | None = None,
        *,
        driver: str | None = None,
        patience: Mapping[str, float] = PATIENCE,
    ) -> None:
        self._size, self._verdicts, self._driver, self._patience = size, verdicts or Verdicts(), driver, patience
        self._remote: Remote | None = None
        self._judged: dict[str, Verdict] = {}
        self.tried = 0

    def ready(self) -> None:
        """Start the child before it is needed: 0.25 s that the first shader need not wait. Raises DeviceError."""
        self._child()

    def judge(self, isf: Isf, *, again: bool = False) -> Verdict:
        """What is known of a shader, or what a child finds; `again` tries once more what is in quarantine.

        Raises DeviceError where nothing can be drawn.
        """
        key, driver = digest(isf), self._driver or self._child().driver
        known = self._judged.get(key)
        if known is None or known.kind != "good":  # another may have found it good meanwhile
            known = self._verdicts.find(isf, key, place(driver, self._size)) or known
        if known is None or (again and known.kind == "quarantined"):
            known = self._try(isf, key)
        self._judged[key] = known
        return known

    def verdict(self, isf: Isf) -> Verdict | None:
        """What this judge has found of a shader; never waits for anything."""
        return self._judged.get(digest(isf))

    def see(self, file: Path, kind: Medium = "picture") -> None:
        """Read a picture, a video or a font in the child. Raises MediaError."""
        try:
            answer = self._child().ask(self._patience, task=kind, file=str(file))
        except Fallen as fallen:
            self._remote = None
            raise MediaError(f"{file}: {fallen}") from fallen
        if "error" in answer:
            raise MediaError(answer["error"])

    def _try(self, isf: Isf, key: str) -> Verdict:
        child = self._child()
        self.tried += 1
        tried, verdict = self._ask(child, isf.path)
        if tried not in ("", key):
            return Verdict("bad", problems=(Problem(str(isf.path), 0, 0, "was saved again while it was tried"),))
        if verdict.kind == "quarantined":
            verdict = replace(verdict, problems=tuple(_told(problem) for problem in verdict.problems))
        self._verdicts.keep(isf, key, place(child.driver, self._size), verdict)
        return verdict

    def _ask(self, child: Remote, path: Path) -> tuple[str, Verdict]:
        """What a child finds of a file, and of which text; what it could not say it found by dying."""
        try:
            answer = child.ask(self._patience, task="debut", file=str(path), size=self._size)
        except Fallen as fallen:
            self._remote = None
            return fallen.key, Verdict("quarantined", problems=(Problem(str(path), 0, 0, str(fallen)),))
        if "error" in answer:
            return "unread", Verdict("bad")
        return answer["key"], _verdict(answer["verdict"])

    def _child(self) -> Remote:
        if self._remote is None:
            self._remote = Remote()
        return self._remote

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._remote is not None:
            self._remote.end()
            self._remote = None


def _told(problem: Problem) -> Problem:
    return replace(problem, text=f"{problem.text}; {QUARANTINE}")


def _verdict(plain: dict[str, Any]) -> Verdict:
    return Verdict(**plain | {"problems": tuple(Problem(**problem) for problem in plain["problems"])})
