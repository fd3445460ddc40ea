"""A shader's first frames, drawn where they can do no harm: whether a show may have it, and what it costs.

It says at each step what it is about to do, so that a death has its cause. Nothing is remembered here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from visuals.clock import monotonic
from visuals.errors import Problem, VisualsError
from visuals.render.gpu import Gpu, Size
from visuals.render.isf.dialects import load
from visuals.render.isf.glsl import WAYS, Way
from visuals.render.isf.nouns import Isf
from visuals.render.isf.program import Program
from visuals.render.judging.trial import FPS, SLOW_S, charged, clocks, ends
from visuals.render.judging.verdicts import Verdict, digest

FRAMES = 3
SLOWEST_S = 0.15
"""A frame: with two such layers the wall would hold, then fall back to the loop."""
SMALL = 64
"""Many drivers compile when they first draw: a picture of a 64th of each side is drawn before any is timed."""
MOST_PROBLEMS = 20
Tell = Callable[[str, str], Any]
"""Is told what comes next, `compile`, `draw` or `play`, and of which shader: its digest."""


class Debut:
    """First frames of shader after shader, on one context."""

    def __init__(self, gpu: Gpu) -> None:
        self._gpu = gpu

    def __call__(self, path: Path, size: Size, tell: Tell) -> tuple[str, Verdict]:
        """A shader's digest, of the very text that was tried, and what came of it. Raises ShaderError."""
        isf = load(path)
        key, started = digest(isf), monotonic()
        tell("compile", key)
        small = max(size[0] // SMALL, 1), max(size[1] // SMALL, 1)
        try:
            with Showing(self._gpu, isf, small) as compiled:
                compiled.frame(0)
                compile_ms = 1e3 * (monotonic() - started)
                tell("draw", key)
                with Showing(self._gpu, isf, size) as showing:
                    return key, self._draw(showing, compile_ms, lambda: tell("play", key))
        except VisualsError as error:
            problems = error.problems or (Problem(str(path), 0, 0, str(error)),)
            return key, Verdict("bad", problems=problems[:MOST_PROBLEMS])

    def _draw(self, showing: Showing, compile_ms: float, play: Callable[[], object]) -> Verdict:
        first = showing.frame(0)
        play()
        steady = showing.frame(1)
        if steady > SLOWEST_S:
            steady = min(steady, showing.frame(2))
        figures = [round(ms, 2) for ms in (compile_ms, 1e3 * first, 1e3 * steady)]
        if said := _too_slow(first, steady):
            return Verdict("quarantined", 0, (Problem(str(showing.isf.path), 0, 0, said),), *figures)
        for n, inputs in enumerate(ends(showing.isf)):  # nothing a show can ask for may do more than be slow
            showing.frame(FRAMES + n, inputs)
        return Verdict("good", WAYS.index(showing.way), (), *figures)


def _too_slow(first: float, steady: float) -> str:
    """What is too slow for any stage about a first frame and one after it, s; "" for nothing."""
    if first > SLOW_S:
        return f"its first picture took {first:.1f} s, expected at most {SLOW_S:g}"
    return f"it takes {steady:.2f} s a picture, expected at most {SLOWEST_S:g}" if steady > SLOWEST_S else ""


class Showing:
    """A shader on a target of its own, every image input at the target's size, the blend as on the air.

    Drivers compile anew for each blend, and software rasterisers for images whose sides are powers of two: what they
    keep of these frames then serves the live process.
    """

    def __init__(self, gpu: Gpu, isf: Isf, size: Size) -> None:
        self.isf, self._software = isf, gpu.software
        self._program = Program(gpu, isf)
        self._target, self._image = gpu.target(size), gpu.target(size)

    @property
    def way(self) -> Way:
        return self._program.way

    def frame(self, number: int, inputs: Mapping[str, float] | None = None) -> float:
        """Seconds that a frame is charged with."""
        started = clocks()
        self._program.draw(
            self._target,
            time=0.5 + number / FPS,
            delta=1.0 / FPS if number else 0.0,
            frame=number,
            inputs=inputs,
            images={i.name: self._image for i in self.isf.inputs if i.type == "image"},
            blend="over" if number % 2 and self.isf.kind == "generator" else "replace",
        )
        self._target.read()
        return charged(started, self._software)

    def __enter__(self) -> Showing:
        return self

    def __exit__(self, *_: object) -> None:
        for thing in (self._program, self._target, self._image):
            thing.release()
