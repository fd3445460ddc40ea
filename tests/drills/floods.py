"""Floods of MIDI and OSC, through a real server and another network, and what the wall and the hands feel of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tests.drills.desk import DESKS, OSC_PORT, Rig, rig
from tests.drills.latency import path_latency
from tests.drills.stage import missed_ticks
from tests.wall.outputs.nodes import OUR_ADDRESS

MIDI_FLOOD = """
import rtmidi, sys, time
rate, seconds = int(sys.argv[1]), float(sys.argv[2])
kinds = [
    lambda n: [0x90, 60 + n % 12, 1 + n % 100],
    lambda n: [0xB0, 20 + n % 40, n % 128],
    lambda n: [0xE0, 0, n % 128],
]
messages = [kinds[n % 3](n) for n in range(3000)]
out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="desk-flood")
out.open_virtual_port("out")
print("ready", flush=True)
sys.stdin.readline()
start, sent = time.monotonic(), 0
while (now := time.monotonic() - start) < seconds:
    while sent < rate * now:
        out.send_message(messages[sent % len(messages)])
        sent += 1
    time.sleep(0.0005)
print(sent, flush=True)
time.sleep(0.2)
"""

OSC_FLOOD = r"""
import socket, sys, time
host, port, rate, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
out.connect((host, port))
packets = [b"/show/speed\0,f\0\0\x3f\0\0" + bytes([n]) for n in range(64)]
print("ready", flush=True)
sys.stdin.readline()
start, sent = time.monotonic(), 0
while (now := time.monotonic() - start) < seconds:
    while sent < rate * now:
        try:
            out.send(packets[sent % 64])
        except OSError:
            pass
        sent += 1
    time.sleep(0.0005)
print(sent, flush=True)
"""


def flood(found: Rig, command: Sequence[str], seconds: float, tries: int) -> dict[str, Any]:
    """Let a command flood the show: ticks lost meanwhile, and how late a note is obeyed right after."""
    stage = found.stage
    stage.until_live()
    stage.run(2.0)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as flooding:
        assert flooding.stdin is not None
        assert flooding.stdout is not None
        assert flooding.stdout.readline() == "ready\n"
        stage.run(1.0)  # the port of a flood is found, too
        flooding.stdin.write("\n")
        flooding.stdin.flush()
        frames = stage.run(seconds + 0.2)
        sent = int(flooding.stdout.readline())
    light, dark = partial(found.hands.send, [0x90, 36, 100]), partial(found.hands.send, [0x90, 37, 100])
    after = path_latency(stage, light, dark, tries, settle_s=0.0)
    return {
        "sent": sent,
        "lost_ticks": missed_ticks(frames),
        "frames": len(frames),
        "engine_frames": len({frame.engine for frame in frames}),
        "restarts": len(stage.lines("process")) - len({line["name"] for line in stage.lines("process")}),
        "note_after": after,
    }


def midi_flood(folder: Path, rate: int = 50_000, seconds: float = 10.0, tries: int = 20) -> dict[str, Any]:
    """A note or fader message every 20 us from another JACK client."""
    with rig(folder, "") as found:
        return flood(found, [sys.executable, "-c", MIDI_FLOOD, str(rate), str(seconds)], seconds, tries)


def osc_flood(folder: Path, rate: int = 100_000, seconds: float = 10.0, tries: int = 20) -> dict[str, Any]:
    """An OSC packet every 10 us through the cable."""
    with rig(folder, DESKS) as found:
        words = [OUR_ADDRESS, str(OSC_PORT), str(rate), str(seconds)]
        return flood(found, [*found.wire.there, sys.executable, "-c", OSC_FLOOD, *words], seconds, tries)
