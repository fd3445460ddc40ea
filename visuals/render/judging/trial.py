"""One shader tried out: read, compiled, drawn with every input moved, and what came of it.

It may take its process with it: see `worker`.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from visuals.clock import monotonic
from visuals.errors import VisualsError
from visuals.render.gpu import Gpu, Size, Texture
from visuals.render.isf.dialects import load
from visuals.render.isf.nouns import BETWEEN, Isf, terms
from visuals.render.isf.program import Program
from visuals.render.judging.probe import Probe
from visuals.types import Features, Float32s, Pixels
from visuals.vocabulary import SIGNALS

Category = Literal["ok", "parse", "compile", "render", "blank", "nan", "slow", "crash"]
SIZE: Size = (320, 180)
FPS = 60.0
FIRST, LONGER = 3, 20
"""Frames that are drawn with each setting of the inputs, and again where those showed nothing."""
PATIENCE_S = 6.0
"""No further frame is drawn once a shader has drawn for so long."""
SLOW_S = 2.0
"""A first draw that takes longer than this, compiling aside, is too slow for any stage."""
MOST_TEXT = 2000
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
        self._gpu = Probe()
        self._target = self._gpu.target(SIZE)
        self._images = _ramp(self._gpu, False), _ramp(self._gpu, True)

    def __call__(self, path: Path, root: Path) -> Result:
        name, started = str(path), monotonic()
        try:
            isf = load(path, root)
        except VisualsError as error:
            return Result(name, "parse", str(error)[:MOST_TEXT])
        try:
            program = Program(self._gpu, isf)
        except VisualsError as error:
            return Result(name, "compile", str(error)[:MOST_TEXT])
        try:
            return self._draw(name, isf, program, 1e3 * (monotonic() - started))
        except VisualsError as error:
            return Result(name, "render", str(error)[:MOST_TEXT])
        finally:
            program.release()

    def _draw(self, name: str, isf: Isf, program: Program, compile_ms: float) -> Result:
        settings = list(_settings(isf))
        look, times, self._gpu.odd = Look(), list[float](), False
        for inputs, frames in [(some, FIRST) for some in settings] + [(some, LONGER) for some in settings[1:]]:
            if frames == LONGER and look.shown:
                break
            self._frames(isf, program, inputs, frames, look, times)
        first, steady = times[0], float(np.median(times[1:]))
        category, text = _judged(first, look.shown, self._gpu.odd)
        return Result(name, category, text, round(compile_ms, 2), round(first, 2), round(steady, 2))

    def _frames(
        self, isf: Isf, program: Program, inputs: Mapping[str, float], frames: int, look: Look, times: list[float]
    ) -> None:
        """Draw some frames with these inputs, and the last of them once more to see what is no number."""
        for n in range(frames):
            if len(times) > 1 and sum(times) > 1e3 * PATIENCE_S:
                return
            started, frame, phase = clocks(), look.frames, n / (frames - 1)
            self._gpu.looking = n == FIRST - 1 == frames - 1
            program.draw(
                self._target,
                time=0.5 + frame / FPS,
                delta=1.0 / FPS if frame else 0.0,
                frame=frame,
                inputs={**inputs, **({"progress": 0.2 + 0.6 * phase} if isf.kind == "transition" else {})},
                images=_bound(isf, self._images),
                features=_sound(frame),
            )
            look.at(self._target.read())
            if not self._gpu.looking:
                times.append(1e3 * charged(started, self._gpu.software))


def clocks() -> tuple[float, float]:
    """s by the clock, and s of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return monotonic(), used.ru_utime + used.ru_stime


def charged(started: tuple[float, float], software: bool) -> float:
    """s that a shader is charged with since `started`: by the clock.

    Where the processor draws, what it took of that if it is less: a busy machine is not the shader's fault.
    """
    wall, used = (now - then for now, then in zip(clocks(), started, strict=True))
    return min(wall, used) if software else wall


class Look:
    """Whether a shader has `shown` anything: a picture, or one colour that changes."""

    def __init__(self) -> None:
        self.shown = False
        self.frames = 0
        self._flat: Float32s | None = None

    def at(self, pixels: Pixels) -> None:
        """Look at one frame, [h, w, 4]."""
        self.frames += 1
        mean, spread = (f(pixels.astype(np.float32), axis=(0, 1)) for f in (np.mean, np.std))
        if spread[:3].max() > FLAT:
            self.shown = True
        elif mean[:3].max() > FLAT and mean[3] > FLAT:
            self.shown = self.shown or (self._flat is not None and np.abs(mean - self._flat).max() > FLAT)
            self._flat = mean


FLAT_SAID = "nothing to be seen but one flat colour, whatever its inputs are"


def _judged(first_ms: float, shown: bool, odd: bool) -> tuple[Category, str]:
    if first_ms > 1e3 * SLOW_S:
        return "slow", f"{first_ms / 1e3:.1f} s for the first frame, expected at most {SLOW_S:g} s"
    if not shown:
        return "blank", "nothing but NaN or infinity, drawn as 0" if odd else FLAT_SAID
    return ("nan", "gives NaN or infinity, drawn as 0") if odd else ("ok", "")


def ends(isf: Isf) -> tuple[dict[str, float], dict[str, float]]:
    """Every input at its least, and at its most, where it has one."""
    known = terms(isf).items()
    low = {name: term.low for name, term in known if term.low is not None}
    return low, {name: term.high for name, term in known if term.high is not None}


def _settings(isf: Isf) -> Iterator[Mapping[str, float]]:
    """Inputs to try: at rest; every event; the most; the least; a quarter and three quarters of the way."""
    low, high = ends(isf)
    events = {i.name: 1.0 for i in isf.inputs if i.type == "event"}
    points = {name: 0.5 for name in terms(isf) if name not in low}
    yield {}
    yield {**points, **events}
    yield {**high, **points, **events}
    yield {**low, **points}
    for share in (0.25, 0.75):
        yield {**{n: low[n] + share * (high[n] - low[n]) for n in low if n in high}, **points, **events}


SECOND = {second for _, second in BETWEEN}


def _bound(isf: Isf, images: Sequence[Texture]) -> dict[str, Texture]:
    return {i.name: images[1] if i.name in SECOND else images[0] for i in isf.inputs if i.type == "image"}


def _ramp(gpu: Gpu, other: bool) -> Texture:
    """A picture with something everywhere: ramps, and a checker of the two, half seen through."""
    y, x = np.mgrid[0:180, 0:320]
    check = 64 * (((x // 20) + (y // 20)) % 2)
    bands = (y * 255 // 180, 191 - check, x * 255 // 320) if other else (x * 255 // 320, y * 255 // 180, 64 + check)
    texture = gpu.texture((320, 180))
    texture.write(np.stack([*bands, 255 - check], -1).astype(np.uint8))
    return texture


def _sound(frame: int) -> Features:
    """A chord, and a kick every half second."""
    t = np.arange(512) / 48_000.0 + frame / FPS
    loud = float(np.exp(-4.0 * (frame / FPS % 0.5)))
    wave = (0.3 * np.sin(2.0 * np.pi * 220.0 * t) + loud * np.sin(2.0 * np.pi * 55.0 * t)).astype(np.float32)
    bins = np.exp(-np.arange(256) / 40.0).astype(np.float32)
    signals = {name: term.rest for name, term in SIGNALS.items()} | {"loudness": loud, "bass": loud, "level": loud}
    return Features(frame / FPS, signals, (), np.clip(bins * (0.3 + loud), 0.0, 1.0).astype(np.float32), wave / 2.0)
