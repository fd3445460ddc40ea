"""The player: takes the engine's newest canvas and keeps the walls lit, whatever happens upstream.

Its own process, 60 times a second: read and judge, decide (failover), mix, publish what leaves, map, guard,
send. Knows no show, sound or model; the engine may be dead for ever, a network gone, a disk full. Never black
unless asked. Beside it waits a spare one with everything ready: whoever holds the ring `sent` plays.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from visuals.clock import Clock
from visuals.shm import Latest, Layout
from visuals.telemetry import Log, Meter
from visuals.types import Flag, Output, Pixels, Rig, Wall
from visuals.wall.failover import Failover, State, Verdict
from visuals.wall.feed import SAFE_FRAMES, Feed
from visuals.wall.guarding import Guarding
from visuals.wall.health import Health
from visuals.wall.heartbeat import PORT, Heart, Vigil
from visuals.wall.music import Heard, Music
from visuals.wall.outlet import Outlet
from visuals.wall.outputs import open_output
from visuals.wall.place import misfit
from visuals.wall.raster import Mapper
from visuals.wall.standby import Mix, Standby
from visuals.wall.staying import Staying
from visuals.wall.tap import Sent, unpack
from visuals.wire import Lines

STILL_COMES_S = 0.05
"""Three frames of 60 a second: a picture that is older is no news of the engine."""

TAKEN_UP_S = 5.0
"""How long after its last frame a fallen player's state still counts."""

KNOWN_FLAGS = sum(Flag)

KEPT_DARK = frozenset({"window"})
KEPT_SILENT = frozenset({"artnet", "ddp", "ndi"})
"""Outputs of a stand-by machine while the main one plays: a switcher sees black, receivers without a rule for
two sources see nothing. sACN is sent all the time, at its lower priority."""


@dataclass(frozen=True, slots=True)
class PlayerSettings:
    """What the player process is told.

    `canvas` is (width, height), `fps` the rate of the engine's frames; `loop` a video to stand by; `record`
    an MP4 to write of what leaves, with the ring `sound`. `latched` and `safe`: see `Guarding`. `peer` is
    the address (host, port) of the stand-by machine, or where this one listens if it is the `standby`.
    """

    rig: Rig
    canvas: tuple[int, int]
    loop: Path | None = None
    record: Path | None = None
    rate_hz: float = 60.0
    fps: float = 60.0
    latched: bool = False
    safe: bool = False
    standby: bool = False
    peer: tuple[str, int] | None = None


class Player:
    """The tick, without a process around it. `rings` may lack any of canvas, features, override, sent, flash, keys.

    One that is `waiting` opens no output before `begin`.
    """

    def __init__(
        self,
        settings: PlayerSettings,
        rings: Mapping[str, Latest],
        clock: Clock,
        log: Log,
        meter: Meter,
        sound: Layout | None = None,
        waiting: bool = False,
    ) -> None:
        width, height = settings.canvas
        self._settings, self._sound = settings, sound
        self._log, self._meter = log, meter
        self._override, self._sent = rings.get("override"), rings.get("sent")
        self._keys = Lines(rings["keys"]) if "keys" in rings else None
        self._music = Music(rings.get("features"))
        self._feed = Feed(rings.get("canvas"), settings.canvas, SAFE_FRAMES if settings.safe else 0)
        self._failover = Failover(settings.fps, settings.latched)
        self._staying = Staying()
        self._standby = Standby(settings.canvas, settings.loop)
        self._mix = Mix(settings.canvas)
        shape = (height, width, 4)
        self._still: Pixels = np.zeros(shape, np.uint8)
        self._black: Pixels = np.zeros(shape, np.uint8)
        self._black[..., 3] = 255
        self._shown = self._standby.frame(0.0)
        self._frozen = False
        self._forced = Flag.NONE
        self._asked = (Flag.NONE, Flag.NONE)
        self._ticks = 0
        self._walls = _walls(settings, log)
        self._mappers = [Mapper(wall, settings.canvas, settings.rate_hz) for wall in self._walls]
        self._guarding = Guarding(self._walls, settings.rig.flash, rings.get("flash"), log)
        self._heart: Heart | None = None
        self._vigil: Vigil | None = None
        self._waits: bool | None = None
        self.outlets: list[Outlet] = []
        if not waiting:
            self.begin(clock.now())

    def begin(self, now: float) -> None:
        """Open the outputs and take up what was on the walls, of an engine or of a player before."""
        if self._feed.misfit:
            self._log.write("error", source="player", level="error", text="the engine's canvas has another size")
        self.outlets = [_outlet(wall, self._settings, now, self._sound, self._meter) for wall in self._walls]
        self._join(now)
        self._feed.meet(now)
        self._guarding.meet(now)
        if self._override is not None:
            self._override.rewind()  # what hands said before this process was there counts as well
        self._hear_hands()
        self._asked = self._feed.flags & Flag.LIVE, self._forced & Flag.LIVE
        if self._sent is not None and now - self._sent.time < TAKEN_UP_S:
            reading = self._sent.read(self._still)
            if reading is not None:
                self._failover.resume(unpack(reading.flags).state)
                self._shown = self._still

    def step(self, now: float, due: float) -> None:
        """One tick at show time `now`; what leaves carries `due`, the time it was meant for."""
        with self._meter.stage("read"):
            heard = self._music.hear(now)
            self._feed.read(now, heard)
            self._hear_hands()
        flags = self._feed.flags | self._forced
        verdict = self._decide(now, flags)
        with self._meter.stage("mix"):
            self._keep_still(Flag.FREEZE in flags)
            pixels = self._picture(verdict, now, heard)
        with self._meter.stage("tap"):
            self._publish(pixels, verdict.state, flags, now)
        with self._meter.stage("map"):
            rasters = [mapper.map(pixels, due) for mapper in self._mappers]
        with self._meter.stage("guard"):
            rasters = self._guarding.step(rasters, due)
        self._send(rasters, now, due, flags)
        self._tell(verdict, now, flags)
        self._ticks += 1

    def idle(self) -> None:
        """What may take a few milliseconds, right after a tick."""
        self._standby.scrub()
        self._meter.state["outputs"] = {o.name: o.is_open for o in self.outlets}
        self._meter.totals["broken_frames"] = self._feed.broken
        self._meter.state["recording"] = {o.name: o.progress for o in self.outlets if o.progress}
        gc.collect()

    def close(self) -> None:
        """End the outputs: a clean end is told to the network, a recording gets its last frames."""
        for outlet in self.outlets:
            outlet.end()
        for outlet in self.outlets:
            outlet.close()
        for part in (self._heart, self._vigil):
            if part is not None:
                part.close()

    def _join(self, now: float) -> None:
        """Tell the other machine that this one plays, or listen whether it does."""
        settings = self._settings
        try:
            if settings.standby:
                self._vigil = Vigil(now, settings.peer[1] if settings.peer else PORT)
            elif settings.peer is not None:
                self._heart = Heart(*settings.peer)
        except OSError as error:
            self._log.write("error", source="player", level="error", text=f"the other machine: {error.strerror}")

    def _send(self, rasters: Sequence[Pixels], now: float, due: float, flags: Flag) -> None:
        """Give each wall its picture; a stand-by machine keeps back what the main one has."""
        waits = self._vigil is not None and not self._vigil.leads(now)
        if self._vigil is not None and waits is not self._waits:
            self._waits = waits
            self._log.write("peer", waits=waits, text=_peer(waits, self._vigil.met))
        if self._heart is not None:
            self._heart.beat(now)
        for outlet, wall, raster in zip(self.outlets, self._walls, rasters, strict=True):
            kind = wall.output[0]
            if not (waits and kind in KEPT_SILENT):
                outlet.send(np.zeros_like(raster) if waits and kind in KEPT_DARK else raster, self._ticks, due, flags)

    def _hear_hands(self) -> None:
        forced = self._override.read_new() if self._override is not None else None
        if forced is not None:
            self._forced = Flag(forced.flags & KNOWN_FLAGS)

    def _decide(self, now: float, flags: Flag) -> Verdict:
        asked = self._feed.flags & Flag.LIVE, self._forced & Flag.LIVE
        released, self._asked = asked != self._asked, asked
        # Of frames that do not come any more, the last one tells nothing.
        comes = now - self._feed.came_at <= STILL_COMES_S
        fault = str(self._feed.fault) if comes and self._feed.fault is not Health.GOOD else ""
        loop = self._standby.has_loop
        return self._failover.step(now, self._feed.arrived, flags, loop=loop, released=released, fault=fault)

    def _keep_still(self, frozen: bool) -> None:
        """What is on the walls when they are frozen is there again after a look at the loop or the safe picture."""
        if frozen and not self._frozen:
            np.copyto(self._still, self._shown)
        self._frozen = frozen

    def _picture(self, verdict: Verdict, now: float, heard: Heard) -> Pixels:
        if verdict.black:
            return self._black
        self._shown = self._still if verdict.frozen else self._moving(verdict, now, heard)
        return self._shown

    def _moving(self, verdict: Verdict, now: float, heard: Heard) -> Pixels:
        if verdict.share <= 0.0:
            return self._feed.live
        standby = self._standby.frame(now, heard, safe=verdict.state is State.SAFE)
        return standby if verdict.share >= 1.0 else self._mix(self._feed.live, standby, verdict.share)

    def _publish(self, pixels: Pixels, state: State, flags: Flag, now: float) -> None:
        if self._sent is not None:
            self._sent.write(pixels, time=now, flags=Sent(state, flags, self._feed.index).pack())

    def _tell(self, verdict: Verdict, now: float, flags: Flag) -> None:
        if verdict.change is not None:
            change = verdict.change
            self._log.write(
                "failover",
                **{"from": change.origin.name.lower(), "to": change.to.name.lower(), "reason": change.reason},
            )
        fault = "" if self._feed.fault is Health.GOOD else str(self._feed.fault)
        if text := self._staying.step(now, verdict.state, flags, self._feed.came, fault):
            self._log.write("failover_stays", state=verdict.state.name.lower(), reason=text)
        self._meter.state["state"] = verdict.state.name.lower()
        if self._keys is not None:
            for outlet in self.outlets:
                for key in outlet.pressed():
                    self._keys.write({"t": round(now, 4), "key": key})


def _peer(waits: bool, met: bool) -> str:
    """Who of two machines has the light, in words."""
    if waits:
        return "the main machine is heard: it has the light" if met else "listening for the main machine"
    missing = "" if met else " (was it started with --peer?)"
    return f"the main machine is not heard{missing}: taking over"


def _walls(settings: PlayerSettings, log: Log) -> list[Wall]:
    """The walls that fit the canvas, and one for the recording."""
    walls = []
    for wall in settings.rig.walls:
        if text := misfit(wall, settings.canvas):
            log.write("error", source="player", level="error", text=text)
        else:
            walls.append(wall)
    if settings.record is not None:
        rectangle = (0, 0, *settings.canvas)
        walls.append(Wall("record", rectangle, settings.canvas, ("record", {"file": str(settings.record)})))
    return walls


def _outlet(wall: Wall, settings: PlayerSettings, now: float, sound: Layout | None, meter: Meter) -> Outlet:
    def opener() -> Output:
        return open_output(wall, rig=settings.rig.name, rate_hz=settings.rate_hz, sound=sound)

    return Outlet(wall.name, opener, meter, now)
