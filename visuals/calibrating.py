"""Calibrating a room: listens for a while, says how it sounds there, and keeps that in the rig file.

What gain and noise floor follow from what was heard, the audio room knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from rich.console import Console

from visuals.audio.calibrate import measure
from visuals.audio.capture import Track, open_source
from visuals.clock import RealClock, sleep
from visuals.document import amend
from visuals.errors import DeviceError
from visuals.types import HOP, SAMPLE_RATE_HZ, Block, Rig
from visuals.wall.layout import load_rig

HOP_S = HOP / SAMPLE_RATE_HZ
POLL_S = 0.02
PATIENCE_S = 5.0


def calibrate(audio: str, seconds: float, rig: Path | None, advance: Callable[[int], None], say: Console) -> None:
    """Measure `seconds` of a device or a file and print the result; with a rig file, write it there.

    What was not heard, music or rest, stays in the file as it was. `advance` is told the whole seconds
    heard. Raises RigError before it listens when the rig file is broken.
    """
    before = load_rig(rig) if rig is not None else Rig("")
    found = measure(listen(audio, seconds, advance))
    say.print(found.report(), markup=False)
    gain = found.gain_db if found.heard_music else before.gain_db
    # Below -95 dBFS there is no line at all: a cable is out, and nothing is known of the room.
    noise = found.noise_db if found.heard_quiet and found.noise_db > -95.0 else before.noise_db
    parts = [f"{name}: {value:.1f}" for name, value in (("gain", gain), ("noise", noise)) if value is not None]
    entry = f"{{{', '.join(parts)}}}"
    if rig is None:
        say.print(f"for a rig file: sound: {entry}", markup=False)
    elif parts and (found.heard_music or found.heard_quiet):
        amend(rig, "sound", entry, load_rig)
        say.print(f"kept in {rig}: sound: {entry}", markup=False)


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
