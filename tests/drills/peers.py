"""Senders that other people wrote: show control from Node's packages, OSC from liblo, timecode from libltc.

Each test that needs one that is missing is skipped with the line that installs it.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
NODE_PACKAGES = ROOT / ".venv" / "peers" / "node_modules"


def need(program: str, package: str) -> str:
    """The program's path."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"needs {program}: apt-get install -y --no-install-recommends {package}")
    return found


# ---- show control ---------------------------------------------------------------------------


def _node() -> tuple[str, dict[str, str]]:
    node = need("node", "nodejs npm")
    if not (NODE_PACKAGES / "mamsc").is_dir():
        pytest.skip(f"needs npm packages: npm install --prefix {NODE_PACKAGES.parent} midi-show-control mamsc")
    return node, {**os.environ, "NODE_PATH": str(NODE_PACKAGES)}


BUILD = """
const msc = require("midi-show-control")
const wanted = JSON.parse(process.argv[1])
console.log(JSON.stringify(wanted.map(w => Array.from(msc.buildMessage(w)))))
"""


def show_control(*wanted: dict[str, Any]) -> list[bytes]:
    """Messages as npm's `midi-show-control` builds them."""
    node, environment = _node()
    done = subprocess.run(
        [node, "-e", BUILD, json.dumps(wanted)], env=environment, capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 0, done.stderr
    return [bytes(message) for message in json.loads(done.stdout)]


SAY = """
const out = require("mamsc").out(Number(process.argv[1]), process.argv[2])
require("readline").createInterface({input: process.stdin}).on("line", line => {
    const [command, ...words] = JSON.parse(line)
    out[command](...words)
})
setTimeout(() => console.log("ready"), 100)
"""


HEAR = """
const ears = require("mamsc").in(Number(process.argv[1]), process.argv[2])
ears.on("ready", () => console.log("ready"))
ears.on("message", (command, data) => console.log(JSON.stringify([command, data])))
ears.on("error", error => console.log(JSON.stringify(["error", error.message])))
"""


class Listener:
    """A process that tells what it hears, line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

    def heard(self) -> Any:
        """The next command with its data."""
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


@contextmanager
def grandma_ears(port: int, host: str) -> Iterator[Listener]:
    """A grandMA2 as npm's `mamsc` listens for it."""
    node, environment = _node()
    with _running([node, "-e", HEAR, str(port), host], environment) as process:
        yield Listener(process)


class Speaker:
    """A process that says what it is told to, line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

    def say(self, *words: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()


@contextmanager
def grandma(port: int, host: str, there: Sequence[str] = ()) -> Iterator[Speaker]:
    """A grandMA2 as npm's `mamsc` speaks for it: `say("goto", "2")`, `("pause",)`, `("fader", 50, "3.1")` …"""
    node, environment = _node()
    with _running([*there, node, "-e", SAY, str(port), host], environment) as process:
        yield Speaker(process)


@contextmanager
def _running(command: Sequence[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


# ---- OSC --------------------------------------------------------------------------------------


def oscsend(url: str, address: str, *values: float, there: Sequence[str] = ()) -> None:
    """A message from liblo's `oscsend`, to `osc.udp://host:port` or `osc.tcp://host:port`."""
    program = need("oscsend", "liblo-tools")
    words = [*there, program, url, address, "f" * len(values), *map(str, values)]
    subprocess.run(words, check=True, timeout=10)


# ---- timecode -------------------------------------------------------------------------------


class _Smpte(ctypes.Structure):
    """`SMPTETimecode` of ltc.h."""

    _fields_ = [
        ("zone", ctypes.c_char * 6),
        *((name, ctypes.c_ubyte) for name in ("years", "months", "days", "hours", "minutes", "seconds", "frame")),
    ]


def stripe(start: tuple[int, int, int, int], fps: float, seconds: float, rate_hz: int = 48_000) -> np.ndarray:
    """LTC as libltc writes it, from a time on: samples [n] in -1..1."""
    found = ctypes.util.find_library("ltc")
    if found is None:
        pytest.skip("needs libltc: apt-get install -y --no-install-recommends libltc11")
    ltc = ctypes.CDLL(found)
    ltc.ltc_encoder_create.restype = ctypes.c_void_p
    ltc.ltc_encoder_create.argtypes = [ctypes.c_double, ctypes.c_double, ctypes.c_int, ctypes.c_int]
    for name, more in {
        "set_timecode": [ctypes.POINTER(_Smpte)],
        "encode_frame": [],
        "get_buffer": [ctypes.c_char_p],
        "inc_timecode": [],
        "free": [],
    }.items():
        getattr(ltc, f"ltc_encoder_{name}").argtypes = [ctypes.c_void_p, *more]
    standard = 0 if fps == 30 else 1  # LTC_TV_525_60, LTC_TV_625_50
    encoder = ltc.ltc_encoder_create(float(rate_hz), fps, standard, 0)
    try:
        time = _Smpte(b"+0000", 26, 11, 30, *start)
        ltc.ltc_encoder_set_timecode(encoder, ctypes.byref(time))
        buffer, blocks = ctypes.create_string_buffer(rate_hz), []
        for _ in range(round(seconds * fps)):
            ltc.ltc_encoder_encode_frame(encoder)
            size = ltc.ltc_encoder_get_buffer(encoder, buffer)
            blocks.append(np.frombuffer(buffer.raw[:size], np.uint8))
            ltc.ltc_encoder_inc_timecode(encoder)
    finally:
        ltc.ltc_encoder_free(encoder)
    return (np.concatenate(blocks).astype(np.float64) - 128.0) / 128.0
