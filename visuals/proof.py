"""Proof: a show is good when it was read and every scene of it was drawn, once, in a disposable process.

A shader's mistakes show only to the graphics driver, and some drivers do not survive them: the
process that plays must never be the one that finds out.
"""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path

from visuals.errors import ShaderError, ShowError, VisualsError
from visuals.library import Library, open_show
from visuals.render.compositor import Compositor
from visuals.render.gpu import Gpu
from visuals.types import Show

DRAW_LIMIT_S = 20.0
"""A first draw may take seconds (12.9 s for the worst of 3,208 public shaders on a software rasteriser)."""


def prove(show: Show) -> None:
    """Draw every scene of a show in a process of its own.

    Raises ShaderError or MediaError with the artist's file and line, DeviceError when this machine
    cannot draw at all.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_draw, args=(show, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        if not ours.poll(DRAW_LIMIT_S):
            raise ShaderError(f"{show.folder}: a shader was not drawn within {DRAW_LIMIT_S:.0f} s")
        error = ours.recv()
    except EOFError:
        raise ShaderError(f"{show.folder}: a shader ended the process that drew it") from None
    finally:
        process.kill()
        process.join()
        ours.close()
    if error is not None:
        kind, text = error
        raise kind(text)


def _draw(show: Show, answer: Connection) -> None:
    try:
        with Gpu() as gpu, Compositor(gpu, show, Library(show.folder).shader_file):
            answer.send(None)
    except VisualsError as error:
        answer.send((type(error), str(error)))


def open_proven(path: Path, seed: int | None, playing: Show | None = None) -> Show:
    """Load a show file and prove it; `playing` is the show it is to take over from.

    Raises VisualsError with everything that is wrong.
    """
    show, _ = open_show(path, seed)
    if playing is not None:
        for what in ("canvas", "model"):
            was, now = getattr(playing, what), getattr(show, what)
            if was != now:
                raise ShowError(f"{path}: the {what} cannot change from {was} to {now} while playing")
    prove(show)
    return show
