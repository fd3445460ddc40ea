"""The player: takes the engine's newest canvas and keeps the walls lit, whatever happens upstream.

Its own process, 60 times a second: read, decide (failover), mix, publish what leaves, map, send. Knows no
show, sound or model; the engine may be dead for ever, a network gone, a disk full. Never black
unless asked.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from visuals.clock import Clock, ticks
from visuals.process import Post, Worker
from visuals.shm import Latest, Layout
from visuals.telemetry import Log, Meter
from visuals.types import Flag, Output, Pixels, Rig, Wall
from visuals.wall.failover import Failover, State, Verdict
from visuals.wall.layout import misfit
from visuals.wall.loop import Mix, Standby
from visuals.wall.outlet import Outlet
from visuals.wall.outputs import open_output
from visuals.wall.raster import Mapper
from visuals.wall.tap import Sent
from visuals.wire import Lines

RECENT_S = 0.25
"""A frame this old when the player starts is the engine's live picture: after a restart of the
player alone the walls go on with it at once."""

IDLE_EVERY_S = 1.0
FLAG_BITS = int(Flag.BLACKOUT | Flag.FREEZE | Flag.LOOP)
SWITCH_S = 0.0005
"""How long a recording or window thread may keep the interpreter while a tick is due."""


@dataclass(frozen=True, slots=True)
class PlayerSettings:
    """What the player process is told.

    `canvas` is (width, height); `loop` a video to stand by; `record` an MP4 to write of what leaves,
    with the ring `sound`.
    """

    rig: Rig
    canvas: tuple[int, int]
    loop: Path | None = None
    record: Path | None = None
    rate_hz: float = 60.0


class Player:
    """The tick, without a process around it. `rings` may lack any of canvas, override, sent, keys."""

    def __init__(
        self,
        settings: PlayerSettings,
        rings: Mapping[str, Latest],
        clock: Clock,
        log: Log,
        meter: Meter,
        sound: Layout | None = None,
    ) -> None:
        width, height = settings.canvas
        self._log, self._meter = log, meter
        self._canvas, self._override = rings.get("canvas"), rings.get("override")
        self._sent = rings.get("sent")
        self._keys = Lines(rings["keys"]) if "keys" in rings else None
        self._failover = Failover()
        self._standby = Standby(settings.canvas, settings.loop)
        self._mix = Mix(settings.canvas)
        shape = (height, width, 4)
        self._live: Pixels = np.zeros(shape, np.uint8)
        self._spare: Pixels = np.zeros(shape, np.uint8)
        self._still: Pixels = np.zeros(shape, np.uint8)
        self._black: Pixels = np.zeros(shape, np.uint8)
        self._black[..., 3] = 255
        self._shown = self._standby.frame(0.0)
        self._frozen = False
        self._arrived: float | None = None
        self._engine = -1
        self._flags = self._forced = Flag.NONE
        self._ticks = 0
        walls = _walls(settings, log)
        self._mappers = [Mapper(wall, settings.canvas, settings.rate_hz) for wall in walls]
        self.outlets = [_outlet(wall, settings, clock.now(), sound, meter) for wall in walls]
        self._meet(clock.now())

    def step(self, now: float, due: float) -> None:
        """One tick at show time `now`; what leaves carries `due`, the time it was meant for."""
        with self._meter.stage("read"):
            self._read(now)
        flags = self._flags | self._forced
        verdict = self._failover.step(now, self._arrived, flags, loop=self._standby.has_loop)
        with self._meter.stage("mix"):
            pixels = self._picture(verdict, now)
        with self._meter.stage("tap"):
            self._publish(pixels, verdict.state, flags, now)
        with self._meter.stage("map"):
            rasters = [mapper.map(pixels, now) for mapper in self._mappers]
        for outlet, raster in zip(self.outlets, rasters, strict=True):
            outlet.send(raster, self._ticks, due, flags)
        self._tell(verdict, now)
        self._ticks += 1

    def idle(self) -> None:
        """What may take a few milliseconds, right after a tick."""
        self._standby.scrub()
        self._meter.state["outputs"] = {o.name: o.is_open for o in self.outlets}
        self._meter.state["recording"] = {o.name: o.progress for o in self.outlets if o.progress}
        gc.collect()

    def close(self) -> None:
        """End the outputs: a clean end is told to the network, a recording gets its last frames."""
        for outlet in self.outlets:
            outlet.end()
        for outlet in self.outlets:
            outlet.close()

    def _meet(self, now: float) -> None:
        """Take up the picture of an engine that already runs."""
        if self._canvas is not None and now - self._canvas.time < RECENT_S:
            reading = self._canvas.read(self._live)
            if reading is not None:
                self._arrived, self._engine, self._flags = now, reading.index, Flag(reading.flags & FLAG_BITS)

    def _read(self, now: float) -> None:
        reading = self._canvas.read_new(self._spare) if self._canvas is not None else None
        if reading is not None:
            # A copy that failed half-way stays in the spare, never in the picture that is held.
            self._live, self._spare = self._spare, self._live
            self._arrived, self._engine, self._flags = now, reading.index, Flag(reading.flags & FLAG_BITS)
        forced = self._override.read_new() if self._override is not None else None
        if forced is not None:
            self._forced = Flag(forced.flags & FLAG_BITS)

    def _picture(self, verdict: Verdict, now: float) -> Pixels:
        if verdict.frozen and not self._frozen:
            np.copyto(self._still, self._shown)
        self._frozen = verdict.frozen
        if verdict.black:
            return self._black
        self._shown = self._still if verdict.frozen else self._moving(verdict.share, now)
        return self._shown

    def _moving(self, share: float, now: float) -> Pixels:
        if share <= 0.0:
            return self._live
        standby = self._standby.frame(now)
        return standby if share >= 1.0 else self._mix(self._live, standby, share)

    def _publish(self, pixels: Pixels, state: State, flags: Flag, now: float) -> None:
        if self._sent is not None:
            self._sent.write(pixels, time=now, flags=Sent(state, flags, self._engine).pack())

    def _tell(self, verdict: Verdict, now: float) -> None:
        if verdict.change is not None:
            change = verdict.change
            self._log.write(
                "failover",
                **{"from": change.origin.name.lower(), "to": change.to.name.lower(), "reason": change.reason},
            )
        self._meter.state["state"] = verdict.state.name.lower()
        if self._keys is not None:
            for outlet in self.outlets:
                for key in outlet.pressed():
                    self._keys.write({"t": round(now, 4), "key": key})


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
        fields = {"file": str(settings.record), "replace": True}
        walls.append(Wall("record", rectangle, settings.canvas, ("record", fields)))
    return walls


def _outlet(wall: Wall, settings: PlayerSettings, now: float, sound: Layout | None, meter: Meter) -> Outlet:
    def opener() -> Output:
        return open_output(wall, rig=settings.rig.name, rate_hz=settings.rate_hz, sound=sound)

    return Outlet(wall.name, opener, meter, now)


def run(post: Post, settings: PlayerSettings) -> None:
    """Play until told to end. Rings, all optional: canvas, override, sound in; sent, keys, log out."""
    # The picture must not wait while a thread of an output holds the interpreter.
    sys.setswitchinterval(SWITCH_S)
    with Worker(post, late_ms=4.0) as worker:
        player = Player(settings, worker.rings, worker.clock, worker.log, worker.meter, post.rings.get("sound"))
        gc.collect()
        gc.freeze()
        gc.disable()
        try:
            _play(worker, player, settings.rate_hz)
        finally:
            player.close()


def _play(worker: Worker, player: Player, rate_hz: float) -> None:
    idled = 0.0
    for due, late in ticks(worker.clock, rate_hz):
        player.step(worker.clock.now(), due)
        worker.meter.tick(late)
        if due - idled >= IDLE_EVERY_S:
            idled = due
            player.idle()
        if worker.ended:
            return
