"""A shader's first frames, drawn where they can do no harm: whether a show may have it, and what it costs.

It says at each step what it is about to do, so that a death has its cause. Nothing is remembered here.
"""

from __future__ import annotations

import resource
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from visuals.clock import monotonic
from visuals.errors import Problem, VisualsError
from visuals.render.gpu import Gpu, Size, Target
from visuals.render.isf.dialects import load
from visuals.render.isf.glsl import WAYS
from visuals.render.isf.nouns import Isf, terms
from visuals.render.isf.program import Program
from visuals.render.isf.trial import FPS, SLOW_S
from visuals.render.isf.verdicts import Verdict, digest

FRAMES = 3
MOST_PROBLEMS = 20
Tell = Callable[[str, str], Any]
"""Is told what comes next, `compile`, `draw` or `play`, and of which shader: its digest."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What is drawn on, and what every image input shows.

    Drivers compile anew for each blend and each size of image: what they keep of these frames serves the live process
    only where both are as on the air.
    """

    target: Target
    image: Target


class Debut:
    """First frames of shader after shader, on one context."""

    def __init__(self, gpu: Gpu) -> None:
        self._gpu = gpu

    def __call__(self, path: Path, size: Size, tell: Tell) -> tuple[str, Verdict]:
        """A shader's digest, of the very text that was tried, and what came of it. Raises ShaderError."""
        isf = load(path)
        key, started = digest(isf), monotonic()
        tell("compile", key)
        try:
            program = Program(self._gpu, isf)
        except VisualsError as error:
            return key, _refusal(path, error)
        compile_ms = round(1e3 * (monotonic() - started), 2)
        tell("draw", key)
        try:
            return key, self._draw(isf, program, size, compile_ms, lambda: tell("play", key))
        except VisualsError as error:
            return key, _refusal(path, error)
        finally:
            program.release()

    def _draw(self, isf: Isf, program: Program, size: Size, compile_ms: float, play: Callable[[], object]) -> Verdict:
        stage = Stage(self._gpu.target(size), self._gpu.target(size))
        try:
            first, cpu = _frame(isf, program, stage, 0)
            play()
            steady = min(_frame(isf, program, stage, n)[0] for n in range(1, FRAMES))
            for n, inputs in enumerate(_extremes(isf)):
                _frame(isf, program, stage, FRAMES + n, inputs)
        finally:
            stage.target.release()
            stage.image.release()
        figures = (compile_ms, round(1e3 * first, 2), round(1e3 * steady, 2))
        # A busy machine takes its time from everyone: only what the shader itself took counts.
        if (min(first, cpu) if self._gpu.software else first) > SLOW_S:
            said = f"its first picture took {first:.1f} s, expected at most {SLOW_S:g}"
            return Verdict("quarantined", 0, (Problem(str(isf.path), 0, 0, said),), *figures)
        return Verdict("good", WAYS.index(program.way), (), *figures)


def _frame(
    isf: Isf, program: Program, stage: Stage, frame: int, inputs: Mapping[str, float] | None = None
) -> tuple[float, float]:
    """Seconds on the clock and on the processor until a frame was there."""
    started, used = monotonic(), _cpu()
    program.draw(
        stage.target,
        time=0.5 + frame / FPS,
        delta=1.0 / FPS if frame else 0.0,
        frame=frame,
        inputs=inputs,
        images={i.name: stage.image for i in isf.inputs if i.type == "image"},
        blend="over" if frame % 2 and isf.kind == "generator" else "replace",
    )
    stage.target.read()
    return monotonic() - started, _cpu() - used


def _extremes(isf: Isf) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Every input at its least, and at its most: nothing a show can ask for may do more than be slow."""
    known = terms(isf).items()
    low = {name: term.low for name, term in known if term.low is not None}
    return low, {name: term.high for name, term in known if term.high is not None}


def _refusal(path: Path, error: VisualsError) -> Verdict:
    return Verdict("bad", problems=(error.problems or (Problem(str(path), 0, 0, str(error)),))[:MOST_PROBLEMS])


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
