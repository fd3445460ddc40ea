"""One shader tried out: read, compiled, drawn with every input moved, and what came of it.

It may take its process with it: see `worker`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from visuals.clock import monotonic
from visuals.errors import VisualsError
from visuals.render.gpu import Gpu, Size, Texture
from visuals.render.isf.dialects import load
from visuals.render.isf.nouns import Isf, terms
from visuals.render.isf.program import Program
from visuals.types import Features
from visuals.vocabulary import SIGNALS

Category = Literal["ok", "parse", "compile", "render", "blank", "nan", "slow", "crash"]
SIZE: Size = (320, 180)
FPS = 60.0
FIRST, LONGER = 3, 20
"""Frames that are drawn of each setting of the inputs, and of one that shows nothing in those."""
SLOW_S = 2.0
"""A first draw that takes longer than this, compiling aside, is too slow for any stage."""
FLAT = 1.0
"""Standard deviation, of 255, up to which a picture shows nothing."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a file. Times in ms: until it was compiled, the first frame, a frame after that."""

    file: str
    category: Category
    text: str = ""
    compile_ms: float = 0.0
    first_ms: float = 0.0
    frame_ms: float = 0.0


class Trial:
    """Tries shaders one after the other on one context."""

    def __init__(self) -> None:
        self._gpu = Gpu()
        self._target = self._gpu.target(SIZE)
        self._images = _ramp(self._gpu, False), _ramp(self._gpu, True)

    def __call__(self, path: Path, root: Path) -> Result:
        name, started = str(path), monotonic()
        try:
            isf = load(path, root)
        except VisualsError as error:
            return Result(name, "parse", str(error))
        try:
            program = Program(self._gpu, isf)
        except VisualsError as error:
            return Result(name, "compile", str(error))
        try:
            return self._draw(name, isf, program, 1e3 * (monotonic() - started))
        except VisualsError as error:
            return Result(name, "render", str(error))
        finally:
            program.release()

    def _draw(self, name: str, isf: Isf, program: Program, compile_ms: float) -> Result:
        times: list[float] = []
        shown = False
        for inputs, frames in _settings(isf):
            shown = self._frames(isf, program, inputs, frames, times) or shown
            if shown and len(times) >= FIRST:
                break
        first, steady = times[0], float(np.median(times[1:]))
        category: Category = "slow" if first > 1e3 * SLOW_S else "ok" if shown else "blank"
        return Result(name, category, "", round(compile_ms, 2), round(first, 2), round(steady, 2))

    def _frames(self, isf: Isf, program: Program, inputs: Mapping[str, float], frames: int, times: list[float]) -> bool:
        """Draw some frames with these inputs; whether any showed something."""
        shown = False
        for n in range(frames):
            started, frame = monotonic(), len(times)
            phase = n / max(frames - 1, 1)
            moved = {**inputs, **({"progress": 0.2 + 0.6 * phase} if isf.kind == "transition" else {})}
            program.draw(
                self._target,
                time=0.5 + frame / FPS,
                delta=1.0 / FPS if frame else 0.0,
                frame=frame,
                inputs=moved,
                images=_bound(isf, self._images),
                features=_sound(frame),
            )
            pixels = self._target.read()
            times.append(1e3 * (monotonic() - started))
            shown = shown or shows(pixels)
        return shown


def shows(pixels: np.ndarray) -> bool:
    """Whether there is anything to be seen in a picture [h, w, 4]."""
    return bool(pixels[..., :3].astype(np.float32).std(axis=(0, 1)).max() > FLAT)


def _settings(isf: Isf) -> Iterator[tuple[Mapping[str, float], int]]:
    """Inputs to try, with how many frames: at rest; every event; least, most and middle; one that moves."""
    known = terms(isf)
    events = {i.name: 1.0 for i in isf.inputs if i.type == "event"}
    low = {name: t.low for name, t in known.items() if t.low is not None}
    high = {name: t.high for name, t in known.items() if t.high is not None}
    points = {name: 0.5 for name, t in known.items() if t.low is None}
    yield {}, FIRST
    yield {**points, **events}, LONGER
    yield {**high, **points, **events}, FIRST
    yield {**low, **points}, FIRST
    for share in (0.25, 0.75):
        yield {**{n: low[n] + share * (high[n] - low[n]) for n in low if n in high}, **points, **events}, LONGER


def _bound(isf: Isf, images: Sequence[Texture]) -> dict[str, Texture]:
    return {i.name: images[1] if i.name == "endImage" else images[0] for i in isf.inputs if i.type == "image"}


def _ramp(gpu: Gpu, other: bool) -> Texture:
    """A picture with something everywhere: ramps, and a checker that differs from the other's."""
    y, x = np.mgrid[0:180, 0:320]
    check = 64 * (((x // 20) + (y // 20)) % 2)
    bands = (y * 255 // 180, 191 - check, x * 255 // 320) if other else (x * 255 // 320, y * 255 // 180, 64 + check)
    texture = gpu.texture((320, 180))
    texture.write(np.stack([*bands, np.full_like(x, 255)], -1).astype(np.uint8))
    return texture


def _sound(frame: int) -> Features:
    """A chord, and a kick every half second."""
    t = np.arange(512) / 48_000.0 + frame / FPS
    loud = float(np.exp(-4.0 * (frame / FPS % 0.5)))
    wave = (0.3 * np.sin(2.0 * np.pi * 220.0 * t) + loud * np.sin(2.0 * np.pi * 55.0 * t)).astype(np.float32)
    bins = np.exp(-np.arange(256) / 40.0).astype(np.float32)
    signals = {name: term.rest for name, term in SIGNALS.items()} | {"loudness": loud, "bass": loud, "level": loud}
    return Features(frame / FPS, signals, (), np.clip(bins * (0.3 + loud), 0.0, 1.0).astype(np.float32), wave / 2.0)
