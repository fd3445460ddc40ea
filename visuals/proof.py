"""Proof: a show is good when it was read and every shader of it has drawn its first frames in a disposable process.

A shader's mistakes show only to the graphics driver, and some drivers do not survive them: the process
that plays must never be the one that finds out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from visuals.errors import MediaError, Problem, ShaderError, ShowError
from visuals.library import Library, open_show
from visuals.render.isf import Isf, load
from visuals.render.isf.glsl import WAYS
from visuals.render.judging.judge import Judge, Medium
from visuals.render.materials import places
from visuals.types import Show, transitions


class Gate:
    """What stands between a show's shaders and the process that draws them: only good ones pass."""

    def __init__(self, library: Library, judge: Judge) -> None:
        self._library, self._judge = library, judge

    def faults(self, show: Show) -> list[Problem]:
        """Everything wrong with the shaders a show names, those that are not known tried in a child.

        Raises DeviceError where nothing can be drawn.
        """
        named = dict.fromkeys([*(la.source for _, la in places(show) if la.kind == "shader"), *transitions(show)])
        return [problem for name in named for problem in self._problems(name)]

    def shader(self, name: str) -> Isf:
        """A shader that was found good as it now is. Raises ShaderError for any other."""
        isf = self._library.isf(name)
        verdict = self._judge.verdict(isf)
        if verdict is None or verdict.kind != "good":
            unknown = (Problem(str(isf.path), 0, 0, "not drawn: it was not tried since it was saved"),)
            raise ShaderError(problems=verdict.problems if verdict else unknown)
        return replace(isf, way=WAYS[verdict.way])

    def _problems(self, name: str) -> tuple[Problem, ...]:
        try:
            isf = self._library.isf(name)
        except ShaderError as error:
            return error.problems or (Problem(name, 0, 0, str(error)),)
        return self._judge.judge(isf).problems


def prove(show: Show) -> None:
    """Have every shader of a show draw its first frames, unless it is known that it can, and every picture read.

    Raises ShaderError or MediaError with all that is wrong, at the artist's file and line; DeviceError when
    this machine cannot draw at all.
    """
    with Judge(show.canvas) as judge:
        problems = Gate(Library(show.folder), judge).faults(show)
        unseen = list(_unseen(show, judge))
    if problems:
        raise ShaderError("\n".join(map(str, (*problems, *unseen))), problems)
    if unseen:
        raise MediaError("\n".join(map(str, unseen)))


def _unseen(show: Show, judge: Judge) -> Iterator[MediaError]:
    """What is wrong with a show's pictures, videos and fonts."""
    for path, kind, layer in sorted(set(_media(show))):
        try:
            judge.see(path, kind)
        except MediaError as error:
            yield MediaError(f"{error} (layer {layer})")


def _media(show: Show) -> Iterator[tuple[Path, Medium, str]]:
    for _, layer in places(show):
        if layer.kind == "image":
            yield show.folder / layer.source, "picture", layer.name
        if layer.kind == "video":
            yield show.folder / layer.source, "video", layer.name
        if layer.lettering.font:
            yield layer.lettering.font, "font", layer.name
        yield from ((show.folder / path, "picture", layer.name) for path in layer.images.values())


def open_proven(path: Path, seed: int | None) -> tuple[Show, Library]:
    """Load a show file with its library and prove it. Raises VisualsError with everything that is wrong."""
    show, library = open_show(path, seed)
    prove(show)
    return show, library


def prove_successor(path: Path, show: Show, playing: Show, judge: Judge) -> None:
    """Prove a show that is to take over from the one that plays. Raises VisualsError with what is found first.

    An artist waits for the word on a shader: it does not wait for the show's videos.
    """
    for what in ("canvas", "model"):
        was, now = getattr(playing, what), getattr(show, what)
        if was != now:
            raise ShowError(f"{path}: the {what} cannot change from {was} to {now} while playing")
    if problems := Gate(Library(show.folder), judge).faults(show):
        raise ShaderError(problems=problems)
    for error in _unseen(show, judge):
        raise error


def check_shader(path: Path, judge: Judge) -> tuple[list[Problem], list[Problem]]:
    """What is wrong with a shader file, tried even from quarantine; and what is odd about it."""
    try:
        isf = load(path)
    except ShaderError as error:
        return list(error.problems), []
    return list(judge.judge(isf, again=True).problems), list(isf.notes)
