"""The engine over a file: the same steps as live, on a clock that is stepped.

Renders a show to a video and makes the loop that takes over when live fails. How fast the machine is
does not change a single pixel.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from collections.abc import Generator as Made
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from visuals.audio.analysis import Analyser
from visuals.audio.capture import open_source
from visuals.audio.ears import Ears
from visuals.audio.ltc.stripe import Striped
from visuals.clock import SteppedClock
from visuals.engine import Engine, NoDream
from visuals.errors import ModelError
from visuals.following import Following
from visuals.generator.card import read_card
from visuals.generator.ladder import picture_size
from visuals.generator.opening import open_generator
from visuals.generator.worker import DREAM_HZ
from visuals.library import Library
from visuals.render.compositor import Compositor
from visuals.render.gpu import Gpu
from visuals.render.materials import Materials
from visuals.show.director import Director
from visuals.telemetry import Log, Meter
from visuals.types import Block, Controls, Event, Frame, Generator, Listening, Pixels, Show, Source
from visuals.wall.loop import beats_note
from visuals.wall.music import SURE
from visuals.wall.outputs.encoder import Encoder

Progress = Callable[[int], None]

STEP_S = 0.1
"""How much sound is heard at once where nobody looks."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """What was rendered: how many frames, and SHA-256 of each one's pixels."""

    hashes: tuple[str, ...]

    @property
    def digest(self) -> str:
        return hashlib.sha256("".join(self.hashes).encode()).hexdigest()


class NoHands:
    """Nobody touches anything."""

    def drain(self) -> tuple[Event, ...]:
        return ()


class Paced:
    """Asks a generator at most `rate_hz` times a second of show time; `fault` is why it gives nothing."""

    def __init__(self, generator: Generator, rate_hz: float) -> None:
        self._generator, self._period = generator, 1.0 / rate_hz
        self._frame: Frame | None = None
        self._asked = -np.inf
        self.fault: ModelError | None = None

    def generate(self, controls: Controls, time: float, source: Pixels | None = None) -> Frame | None:
        # Half a millisecond of slack: 1/60 + 1/60 must count as 1/30.
        if controls and time - self._asked >= self._period - 5e-4:
            self._asked = time
            try:
                self._frame = self._generator.generate(controls, time, source)
            except RuntimeError as error:
                self.fault = ModelError(f"the model gives no picture: {' '.join(str(error).split()):.200}")
            if self._frame is None:
                self.fault = self.fault or ModelError("the model gives no picture: its numbers are not finite")
        return self._frame


class Tapped:
    """A source of sound that keeps what passed for whoever writes the video."""

    def __init__(self, source: Source[Block]) -> None:
        self._source = source
        self.blocks: list[Block] = []

    def drain(self) -> list[Block]:
        blocks = list(self._source.drain())
        self.blocks.extend(blocks)
        return blocks

    def take(self) -> list[Block]:
        blocks, self.blocks = self.blocks, []
        return blocks


def frames(
    show: Show, library: Library, audio: str, seconds: float, start: float = 0.0
) -> Made[tuple[Frame, list[Block]], None, None]:
    """Yield every frame from `start` for `seconds`, each with the sound that came since the last.

    The show runs from zero in any case, so that a part is the same pictures as in the whole. Raises
    ModelError when the model gives no pictures: nobody wants a video without them.
    """
    clock = SteppedClock()
    with ExitStack() as stack:
        source: Source[Block] = open_source(audio, clock)
        if show.chasing is not None and show.chasing.source == "ltc" and show.chasing.input is None:
            source = Striped(source, show.chasing.channel)
        sound = Tapped(source)
        size = _dream_size(show, library)
        dreamer = _dreamer(show, library, size)
        compositor = Compositor(stack.enter_context(Gpu()), Materials(show, library.isf, live=False), seen=size)
        following = Following(show, tape=source.readings) if isinstance(source, Striped) else None
        engine = _engine(show, sound, clock, dreamer, compositor, following)
        for n in range(1, round((start + seconds) * show.fps) + 1):
            clock.time = n / show.fps
            frame = engine.step(clock.time)
            if dreamer.fault is not None:
                raise dreamer.fault
            if frame is not None and frame.time > start:
                yield frame, sound.take()
        for frame in engine.flush():
            yield frame, sound.take()


def _engine(
    show: Show,
    sound: Source[Block],
    clock: SteppedClock,
    dreamer: Generator,
    compositor: Compositor,
    following: Following | None,
) -> Engine:
    log = Log(clock)
    return Engine(
        show,
        ears=Ears(sound, Analyser(show.listening.by_ear)),
        hands=NoHands(),
        director=Director(show),
        generator=dreamer,
        compositor=compositor,
        log=log,
        meter=Meter(clock, log, "render"),
        clocks=following,
    )


def _dream_size(show: Show, library: Library) -> tuple[int, int] | None:
    folder = library.model_path(show.model) if show.model else None
    return picture_size(show.canvas, multiple=read_card(folder).multiple) if folder else None


def _dreamer(show: Show, library: Library, size: tuple[int, int] | None) -> Paced:
    folder = library.model_path(show.model) if show.model else None
    if folder is None:
        return Paced(NoDream(), DREAM_HZ)
    return Paced(open_generator(folder, show.seed, size, prompts=show.prompts), DREAM_HZ)


def render(show: Show, library: Library, audio: str, seconds: float, out: Path | None, progress: Progress) -> Rendering:
    """Render the show over `audio` to a video with its sound, or, without `out`, only its hashes."""
    hashes = []
    with ExitStack() as stack:
        encoder = stack.enter_context(Encoder(out, show.canvas, show.fps)) if out else None
        for n, (frame, blocks) in enumerate(frames(show, library, audio, seconds)):
            hashes.append(hashlib.sha256(frame.pixels.tobytes()).hexdigest())
            if encoder:
                encoder.add_frame(frame.pixels, frame.time)
                for block in blocks:
                    encoder.add_sound(block.samples, block.time)
            progress(n + 1)
    return Rendering(tuple(hashes))


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a track that a loop is made of: `start` and length in seconds, `beats` 0 where none are sure."""

    start: float
    seconds: float
    beats: int = 0


def on_the_beat(audio: str, listening: Listening, wished: Span) -> Span:
    """The span nearest to the one that is wished for that begins on a beat and lasts a whole number of beats."""
    clock = SteppedClock()
    beats: list[float] = []
    heard: list[tuple[float, float]] = []
    ears = Ears(open_source(audio, clock), Analyser(listening.by_ear))
    while clock.time < wished.start + wished.seconds:
        clock.time += STEP_S
        for features in ears.drain():
            if features.time >= wished.start:
                heard.append((features.signals["bpm"], features.signals["tempo.confidence"]))
                beats += [event.time for event in features.events if event.name == "beat"]
    if not beats or np.median([confidence for _, confidence in heard]) < SURE:
        return wished
    beat = 60.0 / float(np.median([bpm for bpm, _ in heard]))
    count = max(1, round(wished.seconds / beat))
    return Span(next(time for time in beats if time >= wished.start), count * beat, count)


def make_loop(
    show: Show, library: Library, audio: str, out: Path, *, span: Span, overlap: float, progress: Progress
) -> int:
    """Render a loop of a `span` without a seam and give its number of frames.

    `overlap` more seconds are rendered and laid over its beginning, from all tail to all head: the
    frame after the last one is then the first one, in picture and in motion. How many beats it lasts is
    written into the file.
    """
    show, seconds, start = replace(show, fps=min(show.fps, 30.0)), span.seconds, span.start
    note = beats_note(span.beats) if span.beats else ""
    length, blend = round(seconds * show.fps), round(overlap * show.fps)
    pictures: list[Pixels] = []
    with closing(frames(show, library, audio, seconds + overlap, start)) as drawn:
        for n, (frame, _) in enumerate(islice(drawn, length + blend)):
            if n < length:
                pictures.append(frame.pixels.copy())
            else:
                pictures[n - length] = _mix(frame.pixels, pictures[n - length], (n - length + 1) / (blend + 1))
            progress(n + 1)
    # What stands by now must not be lost to a rendering that ends half-way.
    fresh = out.with_name(f".{out.stem}-new{out.suffix}")
    try:
        with Encoder(fresh, show.canvas, show.fps, note=note) as encoder:
            for n, pixels in enumerate(pictures):
                encoder.add_frame(pixels, n / show.fps)
        fresh.replace(out)
    finally:
        fresh.unlink(missing_ok=True)
    return len(pictures)


def _mix(tail: Pixels, head: Pixels, weight: float) -> Pixels:
    """`head` over `tail` by `weight`, in linear light (sRGB taken as gamma 2.2)."""
    a, b = (p.astype(np.float32) ** 2.2 for p in (tail, head))
    return np.rint((a + (b - a) * weight) ** (1 / 2.2)).astype(np.uint8)
