"""Timecode past a show's cues, to the player's frames."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tests.audio.pulse import play, pulse_server, write_wav
from tests.drills.desk import rig, show_with
from tests.drills.latency import first_jump, onsets
from tests.drills.peers import stripe
from tests.drills.sound import environment
from tests.drills.stage import Stage, on_stage, spread
from visuals.clock import monotonic

DRUM = 0.5 * np.sin(2 * np.pi * 60 * np.arange(4800) / 48_000)

RATE = 25
START_H = 10
CUE_EVERY = 12
"""Frames from one cue to the next: light and dark in turn."""

MTC = """
import rtmidi, sys, time
hours, rate, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
kinds = {24: 0, 25: 1, 30: 3}
out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="desk-time")
out.open_virtual_port("out")
time.sleep(1.0)
start = time.monotonic() + 0.05
print(start, flush=True)
for piece in range(int(seconds * rate * 4)):
    frame = piece // 8 * 2
    s, f = divmod(frame, rate)
    numbers = (f, s % 60, s // 60, hours)
    nibbles = [n >> 4 * half & 15 for n in numbers for half in (0, 1)]
    nibbles[7] |= kinds[rate] << 1
    time.sleep(max(0.0, start + piece / (4 * rate) - time.monotonic()))
    out.send_message([0xF1, piece % 8 << 4 | nibbles[piece % 8]])
"""


def _taped(cues: int) -> str:
    """Lines of a show's list for cues in timecode, from two seconds after its start."""
    lines = []
    for n in range(cues):
        seconds, frame = divmod(2 * RATE + n * CUE_EVERY, RATE)
        label = f"{START_H:02}:{seconds // 60:02}:{seconds % 60:02}:{frame:02}"
        lines.append(f"  - {{cue: {100 + n}, scene: {('light', 'dark')[n % 2]}, fade: cut, timecode: {label}}}\n")
    return "".join(lines)


def _lateness(stage: Stage, start: float, cues: int) -> dict[str, Any]:
    """How long after its frame each cue was on the wall; the tape began at `start` (show time, s)."""
    due = [start + (2 * RATE + n * CUE_EVERY) / RATE for n in range(cues)]
    jumps = [first_jump(stage.seen, at - 0.2, at + 0.25, rising=n % 2 == 0) for n, at in enumerate(due)]
    late = [jump - at for jump, at in zip(jumps, due, strict=True) if jump is not None]
    return {"cues": cues, "fired": len(late), "late_s": spread(late) if late else None}


def ltc(folder: Path, cues: int = 20) -> dict[str, Any]:
    """LTC by libltc on the left of a sound input: how long after its frame each cue is on the wall.

    On the right a drum tells when the tape begins: that side is what the show hears of it.
    """
    seconds = 3.0 + cues * CUE_EVERY / RATE
    left = stripe((START_H, 0, 0, 0), RATE, seconds)
    right = np.zeros(len(left))
    right[: len(DRUM)] = DRUM
    show = show_with(folder, f"timecode: {{source: ltc, rate: {RATE}, channel: 1}}\n", _taped(cues))
    with pulse_server(folder) as env, environment(env), on_stage(show, folder, audio="pulse") as stage:
        stage.until_live()
        stage.run(1.0)
        heard = stage.supervisor.rings["sound"]
        heard.drain()
        player = play(env, write_wav(folder / "tape.wav", np.column_stack((left, right))))
        blocks = []
        began = stage.now
        while stage.now - began < seconds + 1.0:
            stage.run(0.02)
            blocks += [(r.time, r.data[:, 0].copy()) for r in heard.drain()]
        player.wait()
        return _lateness(stage, onsets(blocks)[0], cues)


def mtc(folder: Path, cues: int = 20) -> dict[str, Any]:
    """Quarter frames through JACK: how long after its frame each cue is on the wall."""
    seconds = 3.0 + cues * CUE_EVERY / RATE
    with rig(folder, f"timecode: {{source: mtc, rate: {RATE}}}\n", _taped(cues)) as found:
        found.stage.until_live()
        command = [sys.executable, "-c", MTC, str(START_H), str(RATE), str(seconds)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as tape:
            assert tape.stdout is not None
            start = float(tape.stdout.readline()) + found.stage.now - monotonic()
            found.stage.run(seconds + 0.5)
        return _lateness(found.stage, start, cues)
