"""The generator's process: the newest controls and picture in, one picture after the other out.

It keeps to the rung of the deadline ladder that this machine can hold, and drops pictures that are
none. Lets anything that goes wrong end the process: whoever watches it starts a new one, and the
ring keeps the last picture meanwhile.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from visuals.clock import Clock, ticks
from visuals.errors import ModelError
from visuals.generator.backends import Inputs, Step, example, open_step
from visuals.generator.backends.scaled import Scaled
from visuals.generator.card import Card, read_card
from visuals.generator.guard import Guard, Verdict, is_picture
from visuals.generator.ladder import CPU_PIXELS, CUDA_PIXELS, Ladder, Size, rungs, sizes, within
from visuals.generator.opening import open_generator
from visuals.process import Post, Worker
from visuals.telemetry import Log, Meter
from visuals.types import Controls, Frame, Generator, Pixels

DREAM_HZ = 30.0
"""Pictures a second, live and rendered alike: the compositor eases from one to the next."""
PATIENCE_S = 5.0
"""Smaller sizes take a second to open; a machine on which they take longer is late for another reason."""
BLANK_S = 1.0
"""One colour for so long is looked into: a show may ask for darkness, and a broken model gives it too."""


@dataclass(frozen=True, slots=True)
class GeneratorSettings:
    """What to dream with: the model's folder, the show's seed, the picture's size (width, height).

    `names` says which control each place of the ring `controls` holds; `prompts` are the texts for a
    model that is told some, by name; `rate_hz` is the most pictures a second.
    """

    folder: Path
    seed: int
    size: tuple[int, int]
    names: tuple[str, ...]
    prompts: Mapping[str, str] = field(default_factory=dict)
    rate_hz: float = DREAM_HZ
    threads: int = 1
    backend: str = "auto"


class Played(Generator, Protocol):
    """A Generator that says what runs it."""

    @property
    def backend(self) -> str: ...


class Dreamer:
    """Dreams at the pace the machine can hold, and shows nothing that a broken model gives.

    `step` is what `generator` works with where that can change its size and be made anew, and `trial`
    what draws something with any model that is well. Smaller sizes are opened in the background once
    there is a first picture; until then, but for `PATIENCE_S` at most, the ladder is not asked,
    because it is the opening that makes pictures late.
    """

    def __init__(
        self,
        generator: Played,
        ladder: Ladder,
        clock: Clock,
        log: Log,
        meter: Meter,
        step: Scaled | None = None,
        trial: Inputs | None = None,
    ) -> None:
        self._generator, self._ladder, self._step, self._trial = generator, ladder, step, trial
        self._clock, self._log, self._meter = clock, log, meter
        self._guard = Guard()
        self._begun = 0.0
        self._drawn = -math.inf
        self._shown: Frame | None = None
        meter.state |= self._state()

    @property
    def rate_hz(self) -> float:
        return self._ladder.rung.rate_hz

    @property
    def where(self) -> str:
        """The rung in words."""
        return _named(self._ladder.rung.size, self._ladder.rung.rate_hz)

    def dream(self, controls: Controls, due: float, source: Pixels | None = None) -> Frame | None:
        """The picture for `due` (s), or None if there is none that could be shown.

        Raises ModelError when the model gives no pictures, also after it was made anew where that can be done.
        """
        start = self._clock.now()
        with self._meter.stage("dream"):
            frame = self._generator.generate(controls, due, source)
        now = self._clock.now()
        if not self._keep(frame, now):
            return None
        if self._shown is None:
            self._begun = now
            if self._step is not None:
                self._step.prepare([rung.size for rung in self._ladder.rungs])
        elif self._step is None or not self._step.preparing or now - self._begun > PATIENCE_S:
            self._climb(now, now - start)
        self._shown = frame
        return frame

    def _keep(self, frame: Frame | None, now: float) -> bool:
        """Whether the picture can be shown; what is to be done about it when it cannot is done."""
        verdict = self._guard.judge(frame is not None and self._good(frame, now), now)
        if verdict is Verdict.KEEP:
            return True
        self._meter.count("bad_pictures")
        if verdict is Verdict.RELOAD and self._step is not None:
            self._log.write("error", source="generator", level="error", text="no pictures: the model is made anew")
            self._step.reload()
        elif verdict is not Verdict.DROP:
            raise ModelError("the model gives no pictures, also when it is made anew: numbers not finite or one colour")
        return False

    def _good(self, frame: Frame, now: float) -> bool:
        """Whether a new picture is the dream of a model that is well. One colour all over can be what is asked."""
        if frame is self._shown:
            return False
        if not is_picture(frame.pixels):
            if now - self._drawn < BLANK_S:
                return True
            if self._step is not None and self._trial is not None and not is_picture(self._step(self._trial)[1]):
                return False
        self._drawn = now
        return True

    def _climb(self, now: float, took: float) -> None:
        before = self.where
        reason = self._ladder.step(now, took)
        if reason is not None:
            if self._step is not None:
                self._step.use(self._ladder.rung.size)
            self._meter.state |= self._state()
            self._log.write("rung", before=before, now=self.where, reason=reason)

    def _state(self) -> dict[str, object]:
        return {"backend": self._generator.backend, "rung": self._ladder.index, "dreams": self.where}


def run(post: Post, settings: GeneratorSettings) -> None:
    """Dream until told to end; smaller by one size for each time that there was no memory for the one before.

    Needs the rings `controls` (float64 [len(names)]) and `dream` (uint8 [h, w, 4]); `source`, where
    there is one, brings pictures like `dream`'s to draw from, whose flags are 1, and 0 when there is none;
    `alive`, where there is one, is told that this process lives.
    """
    with Worker(post, late_ms=1000.0 / settings.rate_hz) as worker, ExitStack() as stack:
        card = read_card(settings.folder)
        step = None if card.told_text else stack.enter_context(closing(_scaled(card, settings, post.starved)))
        trial = None if step is None else example(card, settings.size)
        how = settings.threads, settings.backend, settings.prompts
        generator = open_generator(settings.folder, settings.seed, settings.size, *how, step)
        ladder = Ladder(rungs(_sizes(settings.size, step), settings.rate_hz))
        if step is not None:
            step.use(ladder.rung.size)
        dreamer = Dreamer(generator, ladder, worker.clock, worker.log, worker.meter, step, trial)
        worker.log.write("backend", name=generator.backend, size=_named(ladder.rung.size), at=dreamer.where)
        _loop(worker, stack, settings.names, dreamer)


def _scaled(card: Card, settings: GeneratorSettings, lower: int) -> Scaled:
    """The model at the picture's size, or so many sizes below."""

    def open_at(size: Size) -> Step:
        return open_step(card, size, settings.threads, settings.backend)

    there = sizes(settings.size)
    return Scaled(open_at, settings.size, there[min(lower, len(there) - 1)])


def _sizes(size: Size, step: Scaled | None) -> tuple[Size, ...]:
    """The sizes to work at for pictures of `size`, none above the one that the step began with.

    Its own where the work cannot be done at another.
    """
    if step is None:
        return (size,)
    whole = sizes(within(size, CUDA_PIXELS if step.name.startswith("cuda") else CPU_PIXELS))
    most = step.size[0] * step.size[1]
    return tuple(size for size in whole if size[0] * size[1] <= most) or whole[-1:]


def _loop(worker: Worker, stack: ExitStack, names: Sequence[str], dreamer: Dreamer) -> None:
    """Dream; from the first picture on, tell in the ring `alive` that this process lives, where there is one."""
    controls: Controls = {}
    alive = worker.rings.get("alive")
    source: Pixels | None = None
    outside = worker.rings.get("source")
    while not worker.ended:
        rate_hz = dreamer.rate_hz
        for due, late in ticks(worker.clock, rate_hz):
            if worker.ended or dreamer.rate_hz != rate_hz:
                break
            told = worker.rings["controls"].read_new()
            seen = outside.read_new() if outside is not None else None
            if told is not None:
                controls = dict(zip(names, map(float, told.data), strict=True))
            if seen is not None:
                source = seen.data if seen.flags else None
            frame = dreamer.dream(controls, due, source)
            if frame is not None:
                worker.rings["dream"].write(frame.pixels, time=frame.time)
                if alive is not None:
                    stack.enter_context(worker.beating(alive))
                    alive = None
            worker.meter.tick(late)


def _named(size: Size, rate_hz: float | None = None) -> str:
    return f"{size[0]}x{size[1]}" + (f" at {rate_hz:g} Hz" if rate_hz else "")
