"""The engine as a process: rings in, rings out, the real clock, hands from the desk.

A show file that is saved again is loaded beside the running show and takes over between two frames;
a broken one changes nothing.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from visuals.audio.ears import RingEars
from visuals.clock import ticks, wall_date
from visuals.conductors import Conductors
from visuals.control.midi.inputs import Timed
from visuals.control.midi.ports import Api
from visuals.control.tempo.ableton_link import AbletonLink
from visuals.desk import Desk, equipped
from visuals.engine import Engine, NoDream
from visuals.errand import Errand
from visuals.errors import DeviceError, ShaderError, VisualsError
from visuals.following import Following
from visuals.generator.remote import RemoteGenerator
from visuals.library import Library, open_show
from visuals.process import Post, Worker
from visuals.proof import Gate
from visuals.render.compositor import Compositor
from visuals.render.gpu import Gpu
from visuals.render.judging.judge import Judge
from visuals.render.materials import Materials
from visuals.shm import Latest
from visuals.show.director import Director
from visuals.telemetry import Log
from visuals.types import BEATS_PER_BAR, SWITCHED, SWITCHES, Event, Flag, Generator, Show, Source
from visuals.wire import EventLines, Lines, Orders, Readings, stamp

logger = logging.getLogger(__name__)

RELOAD = "show.reload"
"""The supervisor's word that the show file was saved and found good."""

MEMO_S = 0.25


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """What the engine process is told: the show that was accepted last, its file, the desk.

    `kept` holds its shaders as they were found good. `lead`: see `Rig`. `dream` names the model's controls in
    the order of the `controls` ring; empty without a model.
    """

    show: Show
    path: Path
    seed: int | None
    lead: float
    midi: str | None
    midi_api: Api
    dream: tuple[str, ...]
    kept: Path | None = None


class Reloader(Errand[Materials | VisualsError]):
    """Reads an edited show in a thread, so that no disk ever holds up a frame, and sees that all of it was proven."""

    def __init__(self, settings: LiveSettings, gate: Gate, playing: Materials) -> None:
        super().__init__(self._load)
        self._settings, self._gate, self._last = settings, gate, playing

    def _load(self) -> Materials | VisualsError:
        try:
            show, _ = open_show(self._settings.path, self._settings.seed, thorough=False)  # the supervisor's was
            show = equipped(show)
            problems = self._gate.faults(show)
        except VisualsError as error:
            return error
        if problems:
            return ShaderError(problems=problems)
        self._last = Materials(show, self._gate.shader, self._last)
        return self._last


class Operator:
    """The supervisor's events; its word that the show file was saved goes to the reloader."""

    def __init__(self, events: Source[Event], reloader: Reloader) -> None:
        self._events, self._reloader = events, reloader

    def drain(self) -> Sequence[Event]:
        events = self._events.drain()
        if any(event.name == RELOAD for event in events):
            self._reloader.start()
        return [event for event in events if event.name != RELOAD]


class Hands:
    """All hands as one `Source`, in order of time."""

    def __init__(self, sources: Sequence[Source[Event]]) -> None:
        self._sources = sources

    def drain(self) -> Sequence[Event]:
        return sorted((e for source in self._sources for e in source.drain()), key=lambda e: e.time)


def run(post: Post, settings: LiveSettings) -> None:
    """Run the engine until told to end.

    Rings: features, hands, override, dream and tape in; canvas, controls, memo and tempo (what hands say of the beat)
    out.
    """
    with Worker(post) as worker, ExitStack() as stack:
        show, library = equipped(settings.show), Library(settings.show.folder)
        gpu = stack.enter_context(Gpu())
        rings = worker.rings
        judge = stack.enter_context(Judge(show.canvas, driver=gpu.driver))
        gate, proven = Gate(library, judge), Gate(Library(settings.kept or show.folder), judge)
        _admit(proven, show)
        materials = Materials(show, proven.shader)
        reloader = Reloader(settings, gate, materials)
        desk = stack.enter_context(Desk(show, worker.clock, settings.midi, settings.midi_api))
        following = _following(worker, show, desk.timing, stack)
        director = Director(show, settings.lead)
        memo = Lines(rings["memo"])
        past = memo.newest()
        if past is not None:  # one that had no room for all that hands moved still says scene and cue
            director.restore(past)
            following.restore(past)
        seen = _seen(worker, settings)
        engine = Engine(
            show,
            ears=RingEars(rings["features"]),
            hands=Hands([Operator(EventLines(Lines(rings["hands"])), reloader), desk]),
            director=director,
            generator=_generator(worker, settings),
            # Lenient: a picture or clip broken on disk since the show was proven must not keep an engine down.
            compositor=Compositor(gpu, materials, date=wall_date, lenient=True, seen=seen),
            log=worker.log,
            meter=worker.meter,
            tempo=Orders(Lines(rings["tempo"])).write,
            clocks=following,
        )
        _play(worker, engine, director, memo, gpu, show.fps, reloader, desk, following)


def _following(worker: Worker, show: Show, midi: Callable[[], Sequence[Timed]], stack: ExitStack) -> Following:
    """The other clocks there are. Without Link's library the show goes by those it has."""
    link: AbletonLink | None = None
    if "link" in show.listening.follow:
        try:
            link = stack.enter_context(AbletonLink(float(show.listening.metre or BEATS_PER_BAR)))
        except DeviceError as error:
            logger.error("no Link: %s", error)
    return Following(
        show,
        midi=midi,
        tape=Readings(Lines(worker.rings["tape"])).drain if "tape" in worker.rings else tuple,
        link=link.beat if link else None,
    )


def _generator(worker: Worker, settings: LiveSettings) -> Generator:
    if not settings.dream:
        return NoDream()
    return RemoteGenerator(worker.rings["controls"], worker.rings["dream"], settings.dream, worker.rings["source"])


def _seen(worker: Worker, settings: LiveSettings) -> tuple[int, int] | None:
    """The size (width, height) of the pictures that the generator draws from."""
    if not settings.dream:
        return None
    height, width, _ = worker.rings["source"].layout.shape
    return width, height


def _play(
    worker: Worker,
    engine: Engine,
    director: Director,
    memo: Lines,
    gpu: Gpu,
    fps: float,
    reloader: Reloader,
    desk: Desk,
    following: Following,
) -> None:
    """The frame loop. Everything built so far is kept out of the garbage collector's sight."""
    gc.collect()
    gc.freeze()
    noted = 0.0
    edit, forced = Edit(engine, worker.log, desk), Forced(worker.rings["override"])
    conductors = Conductors(worker.log)
    for _, late in ticks(worker.clock, fps):
        now = worker.clock.now()
        director.force(forced.flags())
        frame = engine.step(now)
        if frame is not None:
            signed = stamp(frame.pixels, frame.flags, engine.look)
            worker.rings["canvas"].write(frame.pixels, time=frame.time, flags=signed)
        seen = replace(engine.shown, flags=engine.shown.flags | director.forced)
        desk.call(director.passed_on)
        desk.publish(seen, director.cue, now)
        desk.light(seen, director.cue, director.stands, now)
        conductors.step(engine.features, following.place, now)
        edit.step(reloader.result())
        if now - noted >= MEMO_S:
            noted = now
            memo.write({**director.memo(), **following.memo()})
            worker.meter.state |= {
                "scene": engine.scene,
                "over": [name for name, flag in SWITCHES.items() if flag in engine.shown.flags],
                "master": round(engine.shown.master, 2),
                "timecode": conductors.timecode,
                "gl_objects": sum(gpu.objects.values()),
            }
        worker.meter.tick(late)
        if worker.ended:
            return


class Forced:
    """What a keyboard put over the show, past the engine and straight to the player."""

    def __init__(self, ring: Latest) -> None:
        self._ring, self._flags = ring, Flag.NONE
        ring.rewind()

    def flags(self) -> Flag:
        """Those in force."""
        newest = self._ring.read_new()
        if newest is not None:
            self._flags = Flag(newest.flags) & SWITCHED
        return self._flags


class Edit:
    """An edited show on its way onto the air, a step after each frame; a newer one takes its place."""

    def __init__(self, engine: Engine, log: Log, desk: Desk) -> None:
        self._engine, self._log, self._desk = engine, log, desk
        self._show: Show | None = None
        self._steps: Iterator[None] = iter(())

    def step(self, fresh: Materials | VisualsError | None) -> None:
        if isinstance(fresh, VisualsError):
            logger.error("the show goes on as it was: %s", fresh)
        elif fresh is not None:
            self._steps = self._engine.taking(fresh)
            self._show = fresh.show
        if self._show is None:
            return
        try:
            next(self._steps)
        except StopIteration:
            self._desk.take(self._show)
            self._log.write("reload", show=self._show.name)
            self._show = None
        except VisualsError as error:
            logger.error("the show goes on as it was: %s", error)
            self._show = None


def _admit(gate: Gate, show: Show) -> None:
    """Have a show's shaders judged before this process compiles any: all are known, unless files changed meanwhile."""
    try:
        gate.faults(show)
    except VisualsError as error:
        logger.error("shaders that are not known are left out: %s", error)
