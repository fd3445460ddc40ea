"""The desks of a show: what their messages do by themselves, and the ports they come in by.

Beneath what the show file binds lies what every desk's operator expects: GO fires a cue, a fixture's dimmer dims.
Knows the show and what the rooms of `control` offer; nothing of packets, and sends nothing that it heard.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from types import TracebackType
from typing import Self

from visuals.clock import Clock, monotonic
from visuals.control.allowance import Once
from visuals.control.dmx import fixture
from visuals.control.dmx.gdtf import gdtf
from visuals.control.dmx.grandma2 import grandma2
from visuals.control.dmx.receiver import DmxIn
from visuals.control.feedback.lights import Lights
from visuals.control.feedback.palette import otherwise
from visuals.control.midi.inputs import MidiIn, Timed
from visuals.control.midi.messages import MOVING
from visuals.control.midi.ports import Api
from visuals.control.msc.followers import MscOut
from visuals.control.msc.message import FORMATS, Receiver
from visuals.control.msc.udp import MscIn
from visuals.control.osc.addresses import Address, Space
from visuals.control.osc.query import OscQuery
from visuals.control.osc.server import OscIn
from visuals.control.osc.subscribers import PUSHES_HZ
from visuals.errand import Errand
from visuals.errors import VisualsError
from visuals.show.bindings import Bindings, acts
from visuals.types import (
    SWITCHES,
    Action,
    Binding,
    Event,
    FireCue,
    Follow,
    Go,
    Look,
    MscSettings,
    Press,
    Pulse,
    Set,
    Show,
    Source,
    StandBy,
    When,
)
from visuals.vocabulary import COMMANDS, MASTER_CONTROLS

EQUIPMENT: dict[str, frozenset[int]] = {
    "lighting": frozenset({0x01, 0x02}),
    "video": frozenset({0x30}),
    "projection": frozenset({0x40}),
    "all": frozenset(FORMATS),
}
"""`vocabulary.MSC_FORMATS` as numbers: MMA RP-002, section 4.1. Desks say lighting or moving lights."""

RETRY_S = 2.0
OWN_ADDRESS = "osc./"
"""How the events begin of what the show file itself binds to OSC."""

NAMES_A_CUE = ("msc.go.", "msc.load.")

logger = logging.getLogger(__name__)


# ---- what a desk's messages do by themselves ----------------------------------------------------


def equipped(show: Show) -> Show:
    """The show with what desks do by themselves, wherever the file binds nothing to it."""
    acted_on = {b.event for b in show.bindings if acts(b)}
    return replace(show, bindings=(*show.bindings, *(b for b in _defaults(show) if b.event not in acted_on)))


def _defaults(show: Show) -> Iterator[Binding]:
    yield from _show_control(show)
    if show.desks.osc is not None:
        yield from (b for b in space(show).bindings() if not b.event.startswith(OWN_ADDRESS))
    if show.desks.dmx is not None:
        yield from fixture.bindings(tuple(show.scenes))


def _show_control(show: Show) -> Iterator[Binding]:
    """MMA RP-002, section 5, as `vocabulary.MSC_COMMANDS` tells it."""
    for cue in show.cues:
        yield Binding(f"msc.go.{cue.number}", FireCue(cue.number))
        yield Binding(f"msc.load.{cue.number}", StandBy(cue.number))
    yield Binding("msc.go", Press("go"))
    yield Binding("msc.stop", Press("freeze", "on"))
    yield Binding("msc.resume", Press("freeze", "off"))
    yield Binding("msc.all_off", Press("blackout", "on"))
    yield Binding("msc.restore", Press("blackout", "off"))
    yield Binding("msc.reset", FireCue(show.cues[0].number) if show.cues else Go(next(iter(show.scenes))))


def space(show: Show) -> Space:
    """The OSC addresses of a show. A fader goes as far as the fixture's: in the middle, speed is normal."""
    masters = {name: (t.low, t.high) for name, t in MASTER_CONTROLS.items() if t.low is not None and t.high is not None}
    masters |= {a.control: (a.low, a.high) for c in fixture.CHANNELS if isinstance(a := c.action, Follow)}
    layers = dict.fromkeys(layer.name for scene in show.scenes.values() for layer in scene.layers)
    cues = [cue.number for cue in show.cues]
    return Space(tuple(show.scenes), cues, {**masters, **show.ranges}, COMMANDS, tuple(layers), _bound(show))


def _bound(show: Show) -> Iterator[Address]:
    """The addresses that the file itself binds: what is held or driven has a level, the rest are buttons."""
    actions: dict[str, list[Action]] = {}
    for binding in show.bindings:
        if binding.event.startswith(OWN_ADDRESS):
            actions.setdefault(binding.event, []).append(binding.action)
    for event, done in actions.items():
        levels = [a for a in done if isinstance(a, Follow) or (isinstance(a, Press) and a.mode == "momentary")]
        yield Address(event.removeprefix("osc."), event, "level" if levels else "button", (levels or done)[0])


def receiver(settings: MscSettings) -> Receiver:
    """Whose show control is obeyed."""
    formats = frozenset(number for name in settings.formats for number in EQUIPMENT[name])
    return Receiver(settings.devices, settings.groups, formats)


def counted(show: Show) -> frozenset[str]:
    """The controllers whose every message counts: of an endless knob each is a step, and a button may be down and up
    again within a frame."""
    bound = {b.event for b in show.bindings if not isinstance(b.action, Follow) or b.action.relative}
    ruled = {rule.event for scene in show.scenes.values() for rule in scene.rules if isinstance(rule, When)}
    return frozenset(event for event in bound | ruled if event.startswith(MOVING))


def personality(show: Show) -> dict[str, bytes]:
    """The show as a fixture, for the libraries of lighting desks: file's name -> what is in it."""
    name, own = re.sub(r"[^\w .()+-]", "-", show.name), _labels(show)
    scenes = [own.get(f"scene.{n}", scene) for n, scene in enumerate(show.scenes, 1)]
    channels = fixture.labelled(own)
    return {
        f"visuals@{name}.gdtf": gdtf(show.name, scenes, channels),
        f"visuals@{name}@show.xml": grandma2(show.name, scenes, channels),
    }


def _labels(show: Show) -> dict[str, str]:
    """What the file itself does with channels of the fixture, of several things the first; names have no points."""
    labels: dict[str, str] = {}
    for binding in show.bindings:
        kind, _, channel = binding.event.partition(".")
        if kind == "dmx" and binding.line:
            labels.setdefault(channel, _label(binding.action))
    return labels


def _label(action: Action) -> str:
    match action:
        case Go(scene):
            return scene
        case FireCue(cue) | StandBy(cue):
            return f"cue {cue}"
        case Press(command):
            return command
        case Follow(control) | Set(control) | Pulse(control):
            return control.removeprefix("midi.").replace(".", " ")


# ---- the ports ----------------------------------------------------------------------------------


def listened(show: Show) -> Iterator[str]:
    """What is listened to on the network, who is shown what is on, and which lights are others there than the show
    names; a line each."""
    msc, osc, dmx = show.desks.msc, show.desks.osc, show.desks.dmx
    if msc.udp is not None:
        whose = "everybody" if msc.devices is None else f"device {', '.join(map(str, sorted(msc.devices)))}"
        yield f"listening to MIDI Show Control for {whose} at {msc.host or '0.0.0.0'}:{msc.udp}"
    for follower in msc.followers:
        where = f"{follower.host}:{follower.udp}" if follower.host else f"MIDI outputs like `{follower.port}`"
        yield f"telling cues by MIDI Show Control to {where}"
    if osc is not None:
        described = f", described at {osc.query[0]}:{osc.query[1]}" if osc.query else ""
        told = "".join(f", telling {host}:{port}" for host, port, _ in osc.told)
        yield f"listening to OSC at {osc.host}:{osc.port}{described}{told}"
    if dmx is not None:
        protocol = {"sacn": "sACN", "artnet": "Art-Net"}[dmx.protocol]
        last = dmx.address + fixture.FOOTPRINT - 1
        yield f"listening to {protocol} universe {dmx.universe}, channels {dmx.address} to {last}"
    for shown in show.desks.feedback:
        yield f"showing what is on at MIDI outputs like `{shown.port}`, as {shown.palette}"
    yield from otherwise(show.bindings, [shown.palette for shown in show.desks.feedback])


class Door:
    """What is opened when it can be, and told once while it cannot."""

    def __init__(self, opened: MidiIn | MscIn | MscOut | OscIn | DmxIn | OscQuery | Lights) -> None:
        self.opened = opened
        self._failing = ""

    def open(self, stack: ExitStack) -> bool:
        try:
            stack.enter_context(self.opened)
        except (VisualsError, OSError) as error:
            if str(error) != self._failing:
                logger.error("the show plays without a desk, trying again: %s", error)
            self._failing = str(error)
            return False
        return True


class Desk:
    """All desks of a show as one `Source`, for as long as it is entered.

    `midi` is the pattern of the MIDI inputs to listen to, None for none; on the network only what the show asks for
    is listened to. What cannot be opened is told once and tried again, and the show plays without it.
    """

    def __init__(self, show: Show, clock: Clock, midi: str | None = None, api: Api = "auto") -> None:
        self._opened = self._told = show.desks
        self._newest = show
        self._addressing = Errand(self._readdress)
        desks, answers = show.desks, receiver(show.desks.msc)
        self._midi = None if midi is None else MidiIn(midi, clock, api, receiver=answers)
        self._msc = None if desks.msc.udp is None else MscIn(clock, answers, desks.msc.host, desks.msc.udp)
        self._osc = self._query = None
        if desks.osc is not None:
            addresses = space(show)
            osc = self._osc = OscIn(addresses, clock, desks.osc.host, desks.osc.port, desks.osc.told)
            if desks.osc.query is not None:
                self._query = OscQuery(addresses, lambda: osc.state, lambda: osc.port, show.name, *desks.osc.query)
        self._dmx = None if desks.dmx is None else DmxIn(desks.dmx, len(show.scenes), clock, show.name)
        self._lights = Lights(show.bindings, desks.feedback, api) if desks.feedback else None
        self._followers = MscOut(desks.msc.followers, api) if desks.msc.followers else None
        self._open: list[Source[Event]] = []
        self._shut: list[Door] = []
        self._opening, self._tried = Errand(self._try_shut), 0.0
        self._published = -math.inf
        self._once = Once()
        self._stack = ExitStack()
        self._names(show)

    def drain(self) -> Sequence[Event]:
        """What came from all of them since the last call."""
        if self._shut and monotonic() > self._tried + RETRY_S:
            self._tried = monotonic()
            self._opening.start()
        came = [(source, source.drain()) for source in self._open]
        if self._lights is not None:
            self._lights.hear([event for source, events in came if source is self._midi for event in events])
        heard = [event for _, events in came for event in events]
        for event in heard:
            if event.name.startswith(NAMES_A_CUE) and not self._bindings.of(event.name):
                self._miss(event)
        return heard

    def _miss(self, event: Event) -> None:
        """Tell once of each sender that it called a cue that is not there; each time stands in the show's log."""
        if self._once.is_due(event.time, event.source):
            cue = event.name.split(".", 2)[2]
            logger.warning("MIDI Show Control from %s: the show has no cue %s", event.source, cue)

    def light(self, look: Look, cue: str | None, stands: Callable[[str], float], now: float) -> None:
        """Let controllers show what is on; `stands` says where a control was put."""
        if self._lights is not None and look.parts:
            self._lights.step(look.parts[-1].scene, cue, look.flags, stands, now)

    def call(self, cues: Sequence[str]) -> None:
        """Let who follows the show's cues know which were fired."""
        if self._followers is not None:
            self._followers.step(cues)

    def timing(self) -> Sequence[Timed]:
        """What told time on the MIDI ports since the last call."""
        return self._midi.timing() if self._midi else ()

    def publish(self, look: Look, cue: str | None, now: float) -> None:
        """Let who listens over OSC know what is on; costs nothing more often than they are told."""
        if self._osc is None or not look.parts or now - self._published < 1.0 / PUSHES_HZ:
            return
        self._published = now
        newest = look.parts[-1]
        switches = {name: float(flag in look.flags) for name, flag in SWITCHES.items()}
        controls = {**newest.controls, **switches, "master": look.master, "speed": look.speed}
        self._osc.publish(newest.scene, cue, controls)

    def take(self, show: Show) -> None:
        """Let an edited show's names count. Its ports do from the next start on."""
        before, self._told = self._told, show.desks
        if show.desks not in (before, self._opened):
            logger.warning(
                "the show's `msc`, `osc`, `dmx` or `feedback` is another now: its ports are opened at the next start"
            )
        self._names(show)
        self._once.forget()
        if self._lights is not None:
            self._lights.take(show.bindings)
        if self._osc is not None:
            self._newest = show
            self._addressing.start()
        if self._dmx is not None:
            self._dmx.take(len(show.scenes))

    def _readdress(self) -> None:
        """Beside the frame loop: a large show has ten thousands of addresses."""
        addresses = space(self._newest)
        if self._osc is not None:
            self._osc.take(addresses)
        if self._query is not None:
            self._query.take(addresses)

    def _names(self, show: Show) -> None:
        self._bindings = Bindings(show.bindings)
        if self._midi is not None:
            self._midi.counted = counted(show)

    def __enter__(self) -> Self:
        doors = (self._midi, self._msc, self._osc, self._dmx, self._query, self._lights, self._followers)
        self._shut = [Door(opened) for opened in doors if opened is not None]
        self._tried = monotonic()
        self._try_shut()
        return self

    def _try_shut(self) -> None:
        """Again beside the frame loop: what failed may have to look on the disk."""
        for door in list(self._shut):
            if not door.open(self._stack):
                continue
            self._shut.remove(door)
            if not isinstance(door.opened, OscQuery | Lights | MscOut):
                self._open.append(door.opened)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
