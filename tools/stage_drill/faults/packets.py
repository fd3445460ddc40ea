"""Somebody on the network who floods the show with OSC, some of it nonsense."""

from __future__ import annotations

import random
import socket
import subprocess
import sys
from statistics import median

from tools.stage_drill.faults.fault import UNTOUCHED, Absent, Fault, Moments
from tools.stage_drill.faults.hands import PROBE_S, PROBES, follows
from tools.stage_drill.stage import Stage
from visuals.clock import monotonic

HAND = b"/show/control/wave/hand\0,f\0\0"
NUMBERS = {0: b"\0\0\0\0", 127: b"\x3f\x80\0\0"}

FLOOD = """
import socket, sys, time
port, rate = int(sys.argv[1]), int(sys.argv[2])
packets = [bytes.fromhex(line) for line in sys.argv[3:]]
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
out.connect(("127.0.0.1", port))
start, sent = time.monotonic(), 0
while True:
    while sent < rate * (time.monotonic() - start):
        try:
            out.send(packets[sent % len(packets)])
        except OSError:
            pass
        sent += 1
    time.sleep(0.0005)
"""
RATE = 100_000


def move(stage: Stage, value: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.sendto(HAND + NUMBERS[value], ("127.0.0.1", stage.scenery.osc))


def nonsense() -> list[bytes]:
    """Packets that are cut, that lie of their lengths, that hold bundles in bundles and types without end."""
    dice, bundle = random.Random(23), b"#bundle\0" + bytes(8)
    nested = b""
    for _ in range(60):
        nested = bundle + len(nested).to_bytes(4, "big") + nested
    return [
        HAND[:-2],
        HAND,
        b"/nobody/knows\0\0\0,f\0\0" + NUMBERS[127],
        bundle + b"\x7f\xff\xff\xff" + HAND,
        nested,
        b"/a\0\0," + 1395 * b"[" + bytes(4),
        b"/a\0\0,b\0\0\xff\xff\xff\xff",
        *(dice.randbytes(dice.randint(1, 64)) for _ in range(8)),
    ]


def flood(stage: Stage) -> None:
    """As many packets as a network brings; the fader is moved between them, and again once they have ended."""
    packets = [HAND + NUMBERS[0], *nonsense()]
    command = [sys.executable, "-c", FLOOD, str(stage.scenery.osc), str(RATE), *(packet.hex() for packet in packets)]
    sender = subprocess.Popen(command)
    try:
        stage.run(PROBES * PROBE_S)
    finally:
        sender.kill()
        sender.wait()
    answers = []
    for _ in range(PROBES):
        answers.append(follows(stage, move=move))
        stage.run(PROBE_S)  # quicker is a flash, which the guard softens
    stage.notes["control_ms"] = 1000.0 * median(answers)
    stage.notes["control_most_ms"] = 1000.0 * max(answers)


def hears(stage: Stage, moments: Moments) -> float:
    """When the wall followed the fader again."""
    while monotonic() - moments.undone < 10.0:
        if follows(stage, 0.25, move) < float("inf"):
            return monotonic() - moments.undone
    return float("inf")


FAULTS: tuple[Fault | Absent, ...] = (
    Fault(
        "23",
        "OSC flood",
        "100,000 packets a second for 3 s, most of them nonsense",
        flood,
        {**UNTOUCHED, "control_ms": 100.0, "resumes_s": 2.0},
        needs=frozenset({"osc"}),
        measures={"resumes_s": hears},
    ),
)
