"""The child that may die of a shader: a line of JSON in names a file, lines out say what becomes of it.

Its first line says which driver it has. What it is about to do with a shader it says before it does it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from visuals.errors import VisualsError
from visuals.render.gpu import Gpu
from visuals.render.judging.confined import allow_work
from visuals.render.judging.debut import Debut
from visuals.render.judging.trial import Trial
from visuals.render.media.image import load_image
from visuals.render.media.text import render_text
from visuals.render.media.video import Video

Tell = Callable[..., None]


TINY = (16, 16)
MEDIA: Mapping[str, Callable[[Path], object]] = {
    "picture": load_image,
    "video": lambda path: Video(path, TINY).close(),
    "font": lambda path: render_text("Ag", TINY, font=path),
}


class Worker:
    """Answers requests, each a task and the file it is about.

    Trials have a context of their own: whoever asks for them asks this child for nothing else.
    """

    def __init__(self, gpu: Gpu, tell: Tell) -> None:
        self._gpu, self._tell = gpu, tell
        self._trial: Trial | None = None
        self._debut: Debut | None = None

    def answer(self, request: dict[str, Any]) -> None:
        allow_work()
        path = Path(request["file"])
        try:
            if request["task"] == "trial":
                self._trial = self._trial or Trial()
                self._tell(**asdict(self._trial(path, Path(request["root"]))))
            elif request["task"] in MEDIA:
                MEDIA[request["task"]](path)
                self._tell(seen=True)
            else:
                self._debut = self._debut or Debut(self._gpu)
                width, height = request["size"]
                key, verdict = self._debut(path, (width, height), lambda at, key: self._tell(at=at, key=key))
                self._tell(key=key, verdict=asdict(verdict))
        except VisualsError as error:
            self._tell(error=str(error))


def main() -> None:
    """Answer what stands on standard input. Standard output is for answers alone: drivers may print."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    tell = _teller(answers)
    try:
        gpu = Gpu()
    except VisualsError as error:
        tell(error=str(error))
        return
    tell(driver=gpu.driver, software=gpu.software)
    worker = Worker(gpu, tell)
    for line in sys.stdin:
        worker.answer(json.loads(line))


def _teller(answers: TextIO) -> Tell:
    def tell(**said: Any) -> None:
        answers.write(json.dumps(said) + "\n")
        answers.flush()

    return tell
