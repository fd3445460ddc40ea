"""Calibrating a room: listens for a while, says how it sounds there, and keeps that in the rig file.

What gain and noise floor follow from what was heard, the audio room knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Protocol

from rich.console import Console

from visuals.audio.capture import Track, open_source
from visuals.clock import RealClock, sleep
from visuals.document import amend
from visuals.errors import DeviceError
from visuals.types import HOP, SAMPLE_RATE_HZ, Block
from visuals.wall.layout import load_rig

HOP_S = HOP / SAMPLE_RATE_HZ
POLL_S = 0.02
PATIENCE_S = 5.0


class Room(Protocol):
    """What was measured: the gain (dB) that brings the music to its working level, the noise floor (dBFS)."""

    @property
    def gain_db(self) -> float: ...

    @property
    def noise_db(self) -> float: ...


def calibrate(
    audio: str,
    seconds: float,
    rig: Path | None,
    measure: Callable[[Iterable[Block]], Room],
    advance: Callable[[int], None],
    say: Console,
) -> None:
    """Measure `seconds` of a device or a file and print the result; with a rig file, write it there.

    `advance` is told the whole seconds heard. Raises RigError before it listens when the rig file is broken.
    """
    if rig is not None:
        load_rig(rig)
    room = measure(listen(audio, seconds, advance))
    entry = f"{{gain: {room.gain_db:.1f}, noise: {room.noise_db:.1f}}}"
    say.print(f"gain {room.gain_db:+.1f} dB, noise {room.noise_db:.1f} dBFS")
    if rig is None:
        say.print(f"for a rig file: sound: {entry}", markup=False)
        return
    amend(rig, "sound", entry, load_rig)
    say.print(f"kept in {rig}", markup=False)


def listen(audio: str, seconds: float, advance: Callable[[int], None]) -> Iterator[Block]:
    """The blocks of the next `seconds`, of a file as fast as it is read. Raises VisualsError."""
    for n, block in enumerate(Track(audio) if Path(audio).is_file() else _device(audio), 1):
        yield block
        advance(int(n * HOP_S))
        if n * HOP_S >= seconds:
            return


def _device(name: str) -> Iterator[Block]:
    clock = RealClock()
    with closing(open_source(name, clock)) as source:
        came = clock.now()
        while True:
            blocks = source.drain()
            yield from blocks
            came = clock.now() if blocks else came
            if clock.now() - came > PATIENCE_S:
                raise DeviceError(f"no sound from {name or 'the default input'} for {PATIENCE_S:.0f} s")
            sleep(POLL_S)
