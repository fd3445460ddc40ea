"""The audio process: from the sound card or a file to the rings `features` and `sound`.

Knows nothing of pictures. Without sound it writes silence at the same pace, so that everything
downstream decays to rest and moves on.
"""

from __future__ import annotations

import gc
from dataclasses import replace

from visuals.audio.analysis import Analyser
from visuals.audio.capture import AudioSource, DeviceSource, Monitor, SilentSource, TrackSource, Unbroken, open_source
from visuals.audio.levels import clean
from visuals.audio.ltc.stripe import Stripe
from visuals.clock import sleep
from visuals.errors import VisualsError
from visuals.process import Post, Worker
from visuals.shm import Layout
from visuals.telemetry import Log, Meter
from visuals.types import HOP, SAMPLE_RATE_HZ, Block, Event, Listening, Tempo
from visuals.wire import Lines, Orders, Readings, pack_features

POLL_S = 0.002  # blocks come every 5.3 ms; waiting costs at most this much latency
_LATE_MS = 25.0  # the callbacks of a busy sound server come 10 ms late as a rule
NUDGE_S = 0.01  # what one `later` or `earlier` moves the beat by
_UNTOLD = Listening()
_BURST = 32  # blocks heard per turn: after a stall the rings are refilled without lapping their readers


def sound_layout(name: str) -> Layout:
    """The ring of blocks [256, 2] float32 that left the sound card: 1.4 s of it."""
    return Layout(name, (HOP, 2), "<f4", slots=256)


def run(
    post: Post, spec: str, listening: Listening = _UNTOLD, monitor: bool = True, striped: int | None = None
) -> None:
    """Listen to `spec` (see `capture.open_source`) until told to end.

    Rings: `features` and `sound` out, `tempo` in (orders of the engine), `log` out; each may be left
    out. `monitor`: a file is also played on the default output. `striped`: this channel (1 or 2) carries
    timecode, which goes to the ring `tape` and is not heard.
    """
    with Worker(post, _LATE_MS) as worker:
        source = _open(spec, worker)
        speaker = Monitor() if monitor and isinstance(source, TrackSource) else None
        # The collector's pauses grow with the heap; what lives now lives for the whole show.
        gc.collect()
        gc.freeze()
        try:
            _Loop(worker, source, speaker, listening, striped).run()
        finally:
            source.close()
            if speaker is not None:
                speaker.close()


def _open(spec: str, worker: Worker) -> AudioSource:
    try:
        return open_source(spec, worker.clock, patient=True)
    except VisualsError as error:
        worker.log.write("error", source="audio", level="error", text=f"{error}; going on in silence")
        return SilentSource(worker.clock)


class _Loop:
    """One turn: operator, blocks, features, rings."""

    def __init__(
        self,
        worker: Worker,
        source: AudioSource,
        speaker: Monitor | None,
        listening: Listening,
        striped: int | None,
    ) -> None:
        self._worker, self._source, self._speaker = worker, source, speaker
        self._room = listening
        self._blocks = Unbroken(source, worker.clock)
        self._analyser = Analyser(listening)
        rings = worker.rings
        self._features, self._sound = rings.get("features"), rings.get("sound")
        self._orders = Orders(Lines(rings["tempo"])) if "tempo" in rings else None
        self._stripe = Stripe(striped, Readings(Lines(rings["tape"])).write) if striped else None
        self._watch = Watch(source, worker.log, worker.meter)
        self._pending: list[Block] = []

    def run(self) -> None:
        while not self._worker.ended and not self._watch.given_up:
            self._obey()
            self._pending += self._blocks.drain()
            now, self._pending = self._pending[:_BURST], self._pending[_BURST:]
            for block in now:
                self._hear(block)
            self._watch.look()
            if not self._pending:
                sleep(POLL_S)

    def _hear(self, block: Block) -> None:
        late = self._worker.clock.now() - (block.time + HOP / SAMPLE_RATE_HZ)
        if self._stripe is not None:
            block = self._stripe.part(block)
        with self._worker.meter.stage("analysis"):
            features = self._analyser.hear(block)
        if self._features is not None:
            self._features.write(pack_features(features), time=features.time)
        if self._sound is not None:
            self._sound.write(clean(block.samples), time=block.time)
        if self._speaker is not None:
            self._speaker.play(block)
        self._worker.meter.tick(max(0.0, late))

    def _obey(self) -> None:
        for order in self._orders.drain() if self._orders else ():
            if isinstance(order, Listening):
                # A show knows its music, not the room it plays in.
                order = replace(order, gain_db=self._room.gain_db, noise_db=self._room.noise_db)
                self._analyser.listen(order)
            elif isinstance(order, Tempo):
                self._analyser.take(order)
            else:
                obey(self._analyser, order)


def obey(analyser: Analyser, event: Event) -> None:
    """Do what the operator says of the tempo: one of `vocabulary.COMMANDS`, at the event's time."""
    match event.name:
        case "tap":
            analyser.tap(event.time)
        case "resync":
            analyser.resync(event.time)
        case "double":
            analyser.scale(2.0)
        case "halve":
            analyser.scale(0.5)
        case "later":
            analyser.nudge(NUDGE_S)
        case "earlier":
            analyser.nudge(-NUDGE_S)


class Watch:
    """Tells the log, once each, when the sound goes, comes back or ends; counts overruns."""

    def __init__(self, source: AudioSource, log: Log, meter: Meter, name: str = "audio") -> None:
        self._source, self._log, self._meter, self._name = source, log, meter, name
        self._alive: bool | None = None
        self._ended = False
        self.given_up = False
        """Whether only another process can have the device back."""
        self._overruns = 0

    def look(self) -> None:
        if isinstance(self._source, DeviceSource):
            self._look_at_device(self._source)
        if self._source.ended and not self._ended:
            self._ended = True
            self._log.write("audio", text="the track is over; going on in silence")

    def _look_at_device(self, device: DeviceSource) -> None:
        if device.overruns > self._overruns:
            self._meter.count("overruns", device.overruns - self._overruns)
            self._overruns = device.overruns
        if device.stuck and not self.given_up:
            self.given_up = True
            self._log.write("error", source="audio", level="error", text="the sound system hangs: starting anew")
        alive = device.alive
        if alive == self._alive or (self._alive is None and not alive and not device.failed):
            return
        self._meter.state[self._name] = "alive" if alive else "lost"
        name = device.name or "the default input"
        if alive:
            self._log.write(self._name, text=f"sound comes from {name}")
        else:
            self._log.write("error", source=self._name, level="error", text=f"no sound from {name}: {device.reason}")
        self._alive = alive
