"""The generator's process: the newest controls in, one picture after the other out.

It keeps to the rung of the deadline ladder that this machine can hold, and drops pictures that are
none. Lets anything that goes wrong end the process: whoever watches it starts a new one, and the
ring keeps the last picture meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from visuals.clock import Clock, ticks
from visuals.errors import ModelError
from visuals.generator.backends import Step, open_step
from visuals.generator.guard import Guard, Verdict
from visuals.generator.ladder import CPU_PIXELS, CUDA_PIXELS, Ladder, Size, rungs, sizes, within
from visuals.generator.prism import Prism
from visuals.generator.scaled import Scaled
from visuals.process import Post, Worker
from visuals.telemetry import Log, Meter
from visuals.types import Controls, Frame, Generator

DREAM_HZ = 30.0
"""Pictures a second, live and rendered alike: the compositor eases from one to the next."""
PATIENCE_S = 5.0
"""Smaller sizes take a second to open; a machine on which they take longer is late for another reason."""


@dataclass(frozen=True, slots=True)
class GeneratorSettings:
    """What to dream with: the model's folder, the show's seed, the picture's size (width, height).

    `names` says which control each place of the ring `controls` holds; `rate_hz` is the most
    pictures a second.
    """

    folder: Path
    seed: int
    size: tuple[int, int]
    names: tuple[str, ...]
    rate_hz: float = DREAM_HZ
    threads: int = 1
    backend: str = "auto"


class Dreamer:
    """Dreams at the pace the machine can hold.

    Smaller sizes are opened in the background once there is a first picture; until then, but for
    `PATIENCE_S` at most, the ladder is not asked, because it is the opening that makes pictures late.
    """

    def __init__(self, generator: Generator, step: Scaled, ladder: Ladder, clock: Clock, log: Log, meter: Meter):
        self._generator, self._step, self._ladder = generator, step, ladder
        self._clock, self._log, self._meter = clock, log, meter
        self._guard = Guard()
        self._begun = 0.0
        self._shown: Frame | None = None
        meter.state |= self._state()

    @property
    def rate_hz(self) -> float:
        return self._ladder.rung.rate_hz

    def dream(self, controls: Controls, due: float) -> Frame | None:
        """The picture for `due` (s), or None if there is none that could be shown.

        Raises ModelError when the model gives no pictures, also after it was made anew.
        """
        start = self._clock.now()
        with self._meter.stage("dream"):
            frame = self._generator.generate(controls, due)
        now = self._clock.now()
        if not self._good(frame, now):
            return None
        if self._shown is None:
            self._step.prepare([rung.size for rung in self._ladder.rungs])
            self._begun = now
        elif not self._step.preparing or now - self._begun > PATIENCE_S:
            self._climb(now, now - start)
        self._shown = frame
        return frame

    def _good(self, frame: Frame | None, now: float) -> bool:
        """Whether there is a new picture; what is to be done about it when there is none is done."""
        good = frame is not None and frame is not self._shown and _is_picture(frame)
        verdict = self._guard.judge(good, now)
        if verdict is Verdict.KEEP:
            return True
        self._meter.count("bad_pictures")
        if verdict is Verdict.END:
            raise ModelError("the model gives no pictures, though it was made anew: numbers not finite or one colour")
        if verdict is Verdict.RELOAD:
            self._log.write("error", source="generator", text="no pictures: the model is made anew")
            self._step.reload()
        return False

    def _climb(self, now: float, took: float) -> None:
        before = self.where
        reason = self._ladder.step(now, took)
        if reason is not None:
            self._step.use(self._ladder.rung.size)
            self._meter.state |= self._state()
            self._log.write("rung", before=before, now=self.where, reason=reason)

    @property
    def where(self) -> str:
        """The rung in words."""
        return _named(self._ladder.rung.size, self._ladder.rung.rate_hz)

    def _state(self) -> dict[str, object]:
        return {"backend": self._step.name, "rung": self._ladder.index, "dreams": self.where}


def run(post: Post, settings: GeneratorSettings) -> None:
    """Dream until told to end. Needs the rings `controls` (float64 [len(names)]) and `dream` (uint8 [h, w, 4])."""
    with Worker(post, late_ms=1000.0 / settings.rate_hz) as worker:
        prism = Prism(settings.folder, settings.seed, settings.size, settings.threads, settings.backend)
        step = _scaled(prism, settings)
        most = CUDA_PIXELS if prism.backend.startswith("cuda") else CPU_PIXELS
        ladder = Ladder(rungs(sizes(within(settings.size, most)), settings.rate_hz))
        step.use(ladder.rung.size)
        dreamer = Dreamer(prism, step, ladder, worker.clock, worker.log, worker.meter)
        worker.log.write("backend", name=prism.backend, size=_named(settings.size), at=dreamer.where)
        try:
            _loop(worker, settings.names, dreamer)
        finally:
            step.close()


def _scaled(prism: Prism, settings: GeneratorSettings) -> Scaled:
    """Put a step that can change its size in the place of the one `prism` has."""

    def open_at(size: Size) -> Step:
        return open_step(prism.card, size, settings.threads, settings.backend)

    step = Scaled(open_at, settings.size, prism._step)
    prism._step = step
    return step


def _loop(worker: Worker, names: Sequence[str], dreamer: Dreamer) -> None:
    controls: Controls = {}
    while not worker.ended:
        rate_hz = dreamer.rate_hz
        for due, late in ticks(worker.clock, rate_hz):
            if worker.ended or dreamer.rate_hz != rate_hz:
                break
            reading = worker.rings["controls"].read_new()
            if reading is not None:
                controls = dict(zip(names, map(float, reading.data), strict=True))
            frame = dreamer.dream(controls, due)
            if frame is not None:
                worker.rings["dream"].write(frame.pixels, time=frame.time)
            worker.meter.tick(late)


def _is_picture(frame: Frame) -> bool:
    """Whether there is anything to see: one colour all over is a fault, never a dream."""
    colours = frame.pixels[..., :3]
    few = colours[::8, ::8]
    return bool((few != few[0, 0]).any() or (colours != colours[0, 0]).any())


def _named(size: Size, rate_hz: float | None = None) -> str:
    return f"{size[0]}x{size[1]}" + (f" at {rate_hz:g} Hz" if rate_hz else "")
