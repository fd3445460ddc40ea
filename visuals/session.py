"""Session: one performance, from what the user asked for to the processes that give it.

Resolves names, finds every mistake before a window opens, lays out the shared memory, and turns keys
into the operator's overrides. It knows the rooms' entry functions and nothing of what they do.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from visuals import live
from visuals.audio import worker as audio_worker
from visuals.audio.capture import check_source
from visuals.audio.ltc import worker as tape_worker
from visuals.audio.track import Track
from visuals.audio.worker import sound_layout
from visuals.control.midi.ports import Api, matches, patterns, ports, systems
from visuals.control.tempo import ableton_link
from visuals.desk import listened
from visuals.errors import DeviceError, RigError
from visuals.generator import worker as generator_worker
from visuals.generator.backends import gpu_here
from visuals.generator.card import Card, read_card
from visuals.generator.ladder import CPU_PIXELS, CUDA_PIXELS, picture_size
from visuals.library import Library, open_show
from visuals.overhearing import overheard
from visuals.proof import open_proven
from visuals.render.materials import media_files
from visuals.seat import Child
from visuals.shm import Latest, Layout
from visuals.types import SWITCHES, Chasing, Event, Flag, FlashLimit, Listening, Press, Rig, Show, Wall
from visuals.wall import playing
from visuals.wall.failover import STANDBY
from visuals.wall.flash.guard import state_shape
from visuals.wall.layout import fit_problems, load_rig
from visuals.wall.outputs.record import next_free
from visuals.wall.outputs.settings import SacnSettings
from visuals.wall.player import PlayerSettings
from visuals.wall.tap import unpack
from visuals.wire import features_layout, lines_layout, memo_layout

PLAYER_NICE = -10
AUDIO_NICE = -5
GENERATOR_NICE = 5
"""The wall comes first, then the ears; the model takes what is left."""

SPARED_CORES, FEWEST_THREADS, MOST_THREADS = 2, 2, 4
"""Cores a model on the processor leaves to the wall, the engine and the ears, and how many threads it has then.

Two at least: beside an engine that draws in software on two cores, they give twice the pixels of one.
"""
GENERATOR_BUDGET = 3
GENERATOR_GRACE_S = 180.0
"""Compiling a model that this machine has never run takes a while; the shaders play meanwhile."""

GENERATOR_HANG_S, GENERATOR_WORK_S = 2.0, 8.0
"""The model's process tells that it lives ten times a second, whatever the model does, so its silence is a hang.
A picture that does not come may be one that a crowded machine is slow with: 3 s were seen."""

PLAYER_HANG_S = 0.2
"""Of a player that is silent for so long, the spare takes the place: a freeze of under 250 ms. A false alarm
costs a tick; loops of two loaded cores were seen 135 ms late."""

DARK_OUTPUTS = frozenset({"null", "record"})
"""Outputs that make no light: any number of sessions may have them."""


@dataclass(frozen=True, slots=True)
class Session:
    """Everything a performance needs, resolved and checked."""

    path: Path
    show: Show
    rig: Rig
    audio: str
    seconds: float
    seed: int | None = None
    midi: str | None = None
    midi_api: Api = "auto"
    record: Path | None = None
    log: Path | None = None
    notes: tuple[str, ...] = ()
    safe: bool = False
    standby: bool = False
    peer: tuple[str, int] | None = None
    files: frozenset[Path] = frozenset()
    """The show's own and those of its shaders: what is saved there takes over while it plays."""

    def listening(self, show: Show) -> Listening:
        """What the ears are told: the tempo of `show`, the sound of this session's room."""
        return replace(show.listening, gain_db=self.rig.gain_db, noise_db=self.rig.noise_db)

    @property
    def loop(self) -> Path | None:
        """The pre-rendered loop beside the show file, when there is one."""
        path = self.path.parent / "loop.mp4"
        return path if path.is_file() else None


def resolve(
    path: Path,
    *,
    rig: str | None = None,
    audio: str | None = None,
    seconds: float | None = None,
    seed: int | None = None,
    headless: bool = False,
    standby: bool = False,
    proven: bool = False,
    **rest: Any,
) -> Session:
    """Check the show, the rig, the sound and the model; raises VisualsError with all that is wrong.

    A show that is `proven` plays already: its shaders are not tried again.
    """
    show, library = open_show(path, seed) if proven else open_proven(path, seed)
    walls, notes = _rig(show, rig, headless, standby)
    notes += library.notes()
    notes += [*_midi(rest.get("midi"), rest.get("midi_api", "auto")), *listened(show)]
    notes += _unheard(show, rest.get("midi"))
    spec, length = _sound(show, audio)
    if not (path.parent / "loop.mp4").is_file():
        notes.append(f"no loop.mp4 beside the show: a built-in safe picture stands by (make one: visuals loop {path})")
    files = library.files() | media_files(show) | {path}
    if (record := rest.get("record")) is not None and not proven:
        rest["record"] = next_free(record)
        notes += [f"{record} is there already: recording to {rest['record']}"] if rest["record"] != record else []
    told = {"seed": seed, "notes": tuple(notes), "files": files, "standby": standby, **rest}
    return Session(path, show, walls, spec, seconds or length, **told)


def light_of(rig: str | None, headless: bool, standby: bool = False) -> tuple[str, ...]:
    """Where a session makes light, in words that are the same for whoever else would make it there."""
    if rig in (None, "null"):
        return ("the window",) if rig is None and not headless and _display() else ()
    outputs = [wall.output for wall in _loaded(str(rig), headless, standby).walls]
    return tuple(f"{kind} {json.dumps(told, sort_keys=True)}" for kind, told in outputs if kind not in DARK_OUTPUTS)


def _rig(show: Show, rig: str | None, headless: bool, standby: bool) -> tuple[Rig, list[str]]:
    """The named rig, or one wall in a window, or, where there is no display, none to be seen."""
    if rig not in (None, "null"):
        loaded = _loaded(str(rig), headless, standby)
        if misfits := [*fit_problems(loaded, show.canvas), *overheard(show, loaded)]:
            raise RigError("\n".join(f"{rig}: {line}" for line in misfits))
        # The show may ask for less than the venue allows, never for more.
        flashes = min(loaded.flash.flashes, show.guarding.flashes)
        return replace(loaded, flash=replace(loaded.flash, flashes=flashes)), []
    window = rig is None and _display() and not headless
    wall = Wall("main", (0, 0, *show.canvas), show.canvas, ("window" if window else "null", {}))
    notes = [] if _display() or headless or rig else ["no display here: playing without a window"]
    return Rig("default", (wall,), flash=FlashLimit(show.guarding.flashes)), notes


def _display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _loaded(name: str, headless: bool, standby: bool) -> Rig:
    """A rig's file, without windows if `headless`, as the second source of each universe if `standby`."""
    rig = load_rig(Path(name))
    walls = [replace(w, output=("null", {})) if headless and w.output[0] == "window" else w for w in rig.walls]
    if standby:
        walls = [replace(w, output=_second(w)) if w.output[0] == "sacn" else w for w in walls]
        # Another name is another CID: to a receiver two sources, not one that stammers.
        rig = replace(rig, name=f"{rig.name} standby")
    return replace(rig, walls=tuple(walls))


def _second(wall: Wall) -> tuple[str, Mapping[str, object]]:
    """A wall's sACN at one priority less than the main machine's."""
    kind, told = wall.output
    priority = SacnSettings.model_validate(dict(told)).priority
    if priority < 1:
        raise RigError(f"wall `{wall.name}`: found priority 0, expected at least 1: the stand-by machine sends at less")
    return kind, {**told, "priority": priority - 1}


def _midi(pattern: str | None, api: Api) -> Iterator[str]:
    """Which ports are heard. A desk may come later, so a missing one is told and waited for."""
    if pattern is None:
        return
    there = {system.name: ports(system.name) for system in systems(api)}
    heard = next((found for names in there.values() if (found := [n for n in names if matches(pattern, n)])), [])
    if heard:
        yield f"listening to MIDI at {', '.join(heard)}"
    missing = [part for part in patterns(pattern) if not any(matches(part, name) for name in heard)]
    if missing:
        known = ", ".join(name for names in there.values() for name in names) or "none"
        yield f"no MIDI port matches {', '.join(missing)}, waiting for it; there are: {known}"


def _unheard(show: Show, midi: str | None) -> Iterator[str]:
    """Clocks that the show follows and that nobody will hear."""
    if midi is None and "clock" in show.listening.follow:
        yield "the show follows MIDI clock: name its port with --midi"
    if midi is None and show.chasing is not None and show.chasing.source == "mtc":
        yield "the show goes by MIDI timecode: name its port with --midi"
    if "link" in show.listening.follow:
        try:
            ableton_link.library()
        except DeviceError as error:
            yield f"the show follows Ableton Link, but: {error}"


def _sound(show: Show, audio: str | None) -> tuple[str, float]:
    """What to listen to and how long it lasts: a track ends, everything else goes on for ever."""
    if audio is None:
        audio = str(show.track) if show.track is not None else "default"
    check_source(audio)
    return audio, Track(audio).duration if Path(audio).is_file() else float("inf")


def dream_names(show: Show, library: Library) -> tuple[str, ...]:
    """The model's controls in the order they cross to its process; empty without a model."""
    offer = library.model(show.model) if show.model else None
    if offer is None:
        return ()
    return (*offer.controls, *(f"{offer.word}.{name}" for name in offer.styles or show.prompts))


@dataclass
class Accepted:
    """The show that plays now, and its shaders: an engine that has to start again starts with these."""

    show: Show
    kept: Path | None = None


def plan(session: Session, accepted: Accepted | None = None) -> tuple[tuple[Child, ...], dict[str, Layout]]:
    """The processes of a session, the most important first, and the rings between them."""
    show, library = session.show, Library(session.path.parent)
    accepted = accepted or Accepted(show)
    width, height = show.canvas
    names = dream_names(show, library)
    rings = {
        "features": features_layout(""),
        "sound": sound_layout(""),
        "hands": lines_layout(""),
        "tempo": lines_layout(""),
        "keys": lines_layout(""),
        "memo": memo_layout(""),
        "override": Layout("", (1,), "u1"),
        "canvas": Layout("", (height, width, 4), "u1"),
        "sent": Layout("", (height, width, 4), "u1", slots=16),
        "flash": Layout("", state_shape(session.rig.flash), "f4"),
    }
    if _striped(show):
        rings["tape"] = lines_layout("")
    children = [_player(session), _audio(session, accepted), _engine(session, accepted, names)]
    if (tape := _tape(session)) is not None:
        children.insert(2, tape)
    model = library.model_path(show.model) if show.model else None
    if model is not None:
        card = read_card(model)
        size = picture_size(show.canvas, CUDA_PIXELS if gpu_here() else CPU_PIXELS, card.multiple)
        rings["alive"] = Layout("", (1,), "u1")
        rings["controls"] = Layout("", (len(names),), "f8")
        rings["dream"] = rings["source"] = Layout("", (size[1], size[0], 4), "u1")
        children.append(_generator(session, card, size, names))
    return tuple(children), rings


def _player(session: Session) -> Child:
    def arguments(starts: int) -> tuple[Any, ...]:
        show, guarding = session.show, session.show.guarding
        settings = PlayerSettings(
            session.rig,
            show.canvas,
            session.loop,
            session.record,
            fps=show.fps,
            latched=guarding.latched,
            safe=guarding.safe or session.safe,
            standby=session.standby,
            peer=session.peer,
        )
        return (settings,)

    rings = ("canvas", "features", "override", "sent", "flash", "keys", "sound")
    return Child(
        "player", playing.run, arguments, rings, pulse="sent", hang_s=PLAYER_HANG_S, nice=PLAYER_NICE, spare=True
    )


def _audio(session: Session, accepted: Accepted) -> Child:
    def arguments(_: int) -> tuple[Any, ...]:
        listening = session.listening(accepted.show)
        return (session.audio, listening, True, tape.channel) if tape else (session.audio, listening)

    tape = _striped(session.show)
    if tape is not None and tape.input is not None:
        tape = None
    rings = ("features", "sound", "tempo", *(["tape"] if tape else []))
    # Its log tells that the loop runs: no sound arrives while a device is away, and that is no hang.
    return Child("audio", audio_worker.run, arguments, rings, pulse="log.audio", hang_s=3.0, nice=AUDIO_NICE)


def _striped(show: Show) -> Chasing | None:
    """What the show says of timecode, where that comes as sound. It counts from a start on."""
    return show.chasing if show.chasing is not None and show.chasing.source == "ltc" else None


def _tape(session: Session) -> Child | None:
    """Who reads timecode from a sound input of its own."""
    tape = _striped(session.show)
    if tape is None or tape.input is None:
        return None
    told = tape.input, tape.channel
    return Child("timecode", tape_worker.run, lambda _: told, ("tape",), "log.timecode", hang_s=3.0, nice=AUDIO_NICE)


def off_the_wall(rings: Mapping[str, Latest]) -> bool:
    """Whether nothing that the engine draws is on the walls now, or it stands still there."""
    newest = rings["sent"].read()
    told = unpack(newest.flags) if newest is not None else None
    return told is None or told.state in STANDBY or bool(told.flags & (Flag.BLACKOUT | Flag.FREEZE))


def _engine(session: Session, accepted: Accepted, names: Sequence[str]) -> Child:
    def arguments(_: int) -> tuple[Any, ...]:
        desk = session.midi, session.midi_api
        lead, kept = session.rig.lead, accepted.kept
        return (live.LiveSettings(accepted.show, session.path, session.seed, lead, *desk, tuple(names), kept),)

    rings = [
        "features",
        "hands",
        "override",
        "tempo",
        "memo",
        "canvas",
        *(["controls", "dream", "source"] if names else []),
    ]
    if _striped(session.show):
        rings.append("tape")
    return Child("engine", live.run, arguments, tuple(rings), pulse="canvas", hang_s=1.0, unseen=off_the_wall)


def dream_threads(cores: int) -> int:
    """How many threads a model gets on a machine with so many cores."""
    return min(cores, max(FEWEST_THREADS, cores - SPARED_CORES), MOST_THREADS)


def _generator(session: Session, card: Card, size: tuple[int, int], names: Sequence[str]) -> Child:
    show = session.show
    threads = dream_threads(os.cpu_count() or 1)
    settings = generator_worker.GeneratorSettings(
        card.folder, show.seed, size, tuple(names), show.prompts, threads=threads
    )
    return Child(
        "generator",
        generator_worker.run,
        lambda _: (settings,),
        ("controls", "dream", "source", "alive"),
        pulse="alive",
        hang_s=GENERATOR_HANG_S,
        work="dream",
        work_s=GENERATOR_WORK_S,
        grace_s=GENERATOR_GRACE_S,
        nice=GENERATOR_NICE,
        budget=GENERATOR_BUDGET,
    )


class Console:
    """Keys of the terminal and of the player's windows: overrides go to the player, the rest to the show.

    An override reaches the player even when the engine is down. `flags` are those in force; `shown` gives those that
    the show itself has on. Of all hands the last word counts: what is taken away here is taken away in the show, and
    what a desk takes away, here.
    """

    def __init__(self, show: Show, flags: Flag = Flag.NONE, shown: Callable[[], Flag] = lambda: Flag.NONE) -> None:
        self._words = {b.event: b.action.command for b in show.bindings if isinstance(b.action, Press)}
        self.flags, self._shown = flags, shown
        self._said: dict[str, float] = {}

    def press(self, events: Sequence[Event]) -> list[Event]:
        """Take what toggles an override; give back what is for the show."""
        rest = []
        for event in events:
            word = self._words.get(event.name, "")
            if word in SWITCHES:
                on = SWITCHES[word] not in self.flags | self._shown()
                rest += self._put(word, on, event.time, event.source)
            else:
                rest.append(event)
            if word == "live":
                self._release()
        return rest

    def put(self, words: Sequence[tuple[str, bool]], now: float) -> list[Event]:
        """Words from outside: an override is on or off as it is said; give back what is for the show."""
        rest = []
        for word, on in words:
            if word in SWITCHES:
                rest += self._put(word, on, now, "press")
            elif on:
                rest.append(Event(now, word, 1.0, "press"))
            if word == "live":
                self._release()
        return rest

    def hear(self, line: Mapping[str, Any]) -> None:
        """Let a line of the log count: a desk's hand took something away, or went live."""
        word, _, state = str(line.get("what", "")).partition(" ")
        if word == "live" and not state:
            self._release()
        elif word in SWITCHES and state == "off" and float(line["t"]) >= self._said.get(word, 0.0):
            self.flags &= ~SWITCHES[word]

    def _put(self, word: str, on: bool, now: float, source: str) -> list[Event]:
        """Override, or take away what overrides: here, and by a word to the show."""
        self._said[word] = now
        self.flags = self.flags | SWITCHES[word] if on else self.flags & ~SWITCHES[word]
        return [] if on else [Event(now, word, 0.0, source)]

    def _release(self) -> None:
        """Give the show back what was put over it here; a blackout stays until somebody takes it away."""
        self.flags = (self.flags & (Flag.LIVE | Flag.BLACKOUT)) ^ Flag.LIVE


def key_events(lines: Sequence[Mapping[str, Any]]) -> list[Event]:
    """Events of the key names a player's windows reported."""
    return [Event(float(line["t"]), f"key.{line['key']}", 1.0, "window") for line in lines]
