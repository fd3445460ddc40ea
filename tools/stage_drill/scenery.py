"""What stands around a drill: the show's folder, its loop and music, the rig, and the servers a fault is about."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np

from tests.audio.pulse import pulse_server, write_wav
from tests.control.jack import Desk, jack_server
from tools.stage_drill.checker import Place
from visuals.wall.outputs.settings import KINDS

HERE = Path(__file__).parent
CANVAS, WALL = (128, 64), (32, 10)
MUSIC_S, LOOP_S, LOOP_FPS = 300.0, 4.0, 30
RATE_HZ = 48_000
DISK_BYTES = 6_000_000
KIND = "ddp" if "ddp" in KINDS else "sacn"
"""What the judged wall is sent by: DDP gets every tick, sACN at most 44 a second."""

NEEDS: Mapping[str, tuple[str, ...]] = {
    "model": (),
    "pulse": ("pulseaudio", "pactl", "paplay"),
    "jack": ("jackd",),
    "osc": (),
    "far": ("ip", "tc"),
    "netem": ("unshare", "tc"),
    "disk": ("mount", "umount"),
}
"""What a fault may need and the programs that it takes; `far` and `disk` also need to be root."""


def missing(need: str) -> str:
    """Why `need` cannot be had here; "" if it can."""
    absent = [name for name in NEEDS[need] if shutil.which(name) is None]
    if absent:
        return f"needs {', '.join(absent)}"
    if need in {"far", "netem", "disk"} and os.geteuid():
        return "needs root"
    return "needs the kernel's netem" if need == "netem" and not _netem() else ""


@cache
def _netem() -> bool:
    """Whether this kernel can lose packets on purpose."""
    command = "unshare --net tc qdisc add dev lo root netem loss 1%"
    return subprocess.run(command.split(), capture_output=True, check=False).returncode == 0


@dataclass
class Scenery:
    """Where all is; `hands` are the desk's, there with `jack`, `osc` is the port with `osc`."""

    folder: Path
    show: Path
    rig: Path
    places: tuple[Place, ...]
    environment: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()
    """What runs the checker of the last place, when that is on another machine's side of a cable."""
    link: str = ""
    hands: Desk | None = None
    osc: int = 0


@contextmanager
def scenery(folder: Path, needs: frozenset[str]) -> Iterator[Scenery]:
    """Set up what `needs` names, under `folder`; nothing of it outlives the context."""
    with ExitStack() as stack:
        home = folder / "show"
        shutil.copytree(HERE / "show", home)
        write_loop(home / "loop.mp4")
        music = write_wav(folder / "music.wav", music_samples(20.0 if "pulse" in needs else MUSIC_S))
        place = Place(KIND, WALL, "127.0.0.1", free_port())
        made = Scenery(
            folder, home / ("dream.yaml" if "model" in needs else "show.yaml"), folder / "rig.yaml", (place,)
        )
        made.options = {"audio": str(music), "headless": True, "seconds": 1e9}
        if "pulse" in needs:
            stack.enter_context(_sound(made, music))
        if "jack" in needs:
            stack.enter_context(_desk(made))
        if "osc" in needs:
            made.osc = free_port()
            made.show.write_text(f"{made.show.read_text()}osc: {{host: 127.0.0.1, port: {made.osc}}}\n")
        if "far" in needs:
            stack.enter_context(_far(made))
        if "disk" in needs:
            stack.enter_context(_disk(made))
        made.rig.write_text(rig_text(made.places))
        yield made


def rig_text(places: tuple[Place, ...]) -> str:
    """A rig file with a wall for each place, all of the whole canvas."""
    lines = ["rig: Drill", "walls:"]
    for number, place in enumerate(places):
        where = f"host: {place.address}, port: {place.port}"
        lines += [
            f"  - name: wall{number}",
            f"    canvas: [0, 0, {CANVAS[0]}, {CANVAS[1]}]",
            f"    size: [{place.size[0]}, {place.size[1]}]",
            f"    output: {{{place.kind}: {{{where}}}}}",
        ]
    return "\n".join(lines) + "\n"


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_loop(path: Path) -> None:
    """A blue wave: nothing of it is red, so that the wall tells the loop from the show."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=LOOP_FPS, options={"crf": "12", "g": "10"})
        stream.width, stream.height, stream.pix_fmt = *CANVAS, "yuv420p"
        x = np.arange(CANVAS[0]) / CANVAS[0]
        count = int(LOOP_S * LOOP_FPS)
        for n in range(count):
            pixels = np.zeros((CANVAS[1], CANVAS[0], 3), np.uint8)
            pixels[..., 2] = 140.0 + 60.0 * np.sin(2.0 * np.pi * (x - 2.0 * n / count))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        container.mux(stream.encode())


def music_samples(seconds: float) -> np.ndarray:
    """Loud without a pause: a chord that breathes, and a drum twice a second."""
    beat = np.arange(RATE_HZ // 2) / RATE_HZ
    chord = sum(0.15 * np.sin(2.0 * np.pi * hz * beat) for hz in (220.0, 276.0, 330.0))
    drum = 0.5 * np.sin(2.0 * np.pi * 50.0 * beat) * np.exp(-beat / 0.08)
    return np.tile(chord + drum, int(2 * seconds))


@contextmanager
def _sound(made: Scenery, music: Path) -> Iterator[None]:
    """A sound server whose null sink is played into for ever, also when it was away."""
    with pulse_server(made.folder) as environment:
        player = subprocess.Popen(
            ["sh", "-c", f"while :; do paplay --device=stage --latency-msec=20 {music}; sleep 0.1; done"],
            env=environment,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        made.environment |= {name: environment[name] for name in ("XDG_RUNTIME_DIR", "HOME", "PULSE_SERVER_PID")}
        made.options["audio"] = "pulse"
        try:
            yield
        finally:
            os.killpg(player.pid, signal.SIGKILL)
            player.wait()


@contextmanager
def _desk(made: Scenery) -> Iterator[None]:
    with jack_server(made.folder) as environment:
        made.environment |= environment
        made.options |= {"midi": "desk", "midi_api": "jack"}
        made.hands = Desk("desk")
        try:
            yield
        finally:
            made.hands.close()  # which may be another one by now


@contextmanager
def _far(made: Scenery) -> Iterator[None]:
    """A second wall behind a cable of its own: a network namespace at the other end of a pair of cards."""
    space, near, far = f"drill-{os.getpid()}", f"dr{os.getpid()}a"[:15], f"dr{os.getpid()}b"[:15]
    net = f"10.77.{os.getpid() % 250}"
    setup = [
        f"ip netns add {space}",
        f"ip link add {near} type veth peer name {far} netns {space}",
        f"ip addr add {net}.1/24 dev {near}",
        f"ip link set {near} up",
        f"ip -n {space} addr add {net}.2/24 dev {far}",
        f"ip -n {space} link set {far} up",
        f"ip -n {space} link set lo up",
    ]
    try:
        for command in setup:
            subprocess.run(command.split(), check=True)
        made.places = (*made.places, Place("sacn", WALL, f"{net}.2", 5568))
        made.prefix, made.link = ("ip", "netns", "exec", space), near
        yield
    finally:
        subprocess.run(["ip", "netns", "del", space], check=False)


@contextmanager
def _disk(made: Scenery) -> Iterator[None]:
    """A small disk of its own for the log and a recording."""
    place = made.folder / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(place)], check=True)
    made.options["record"] = str(place / "night.mp4")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)
