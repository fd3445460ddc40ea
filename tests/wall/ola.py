"""A real Open Lighting daemon: one that listens to sACN or Art-Net on the loopback, for tests that send light, and one
in a network of its own that sends both, for tests of what desks send."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from visuals.clock import monotonic, sleep

MISSING = "needs olad and its Python bindings: apt-get install -y ola ola-python"
SYSTEM_PYTHON = "/usr/bin/python3"
RPC_PORT, SACN_PORT, ARTNET_PORT = 9010, 5568, 6454
OTHER_PLUGINS = (
    "dummy",
    "espnet",
    "ftdidmx",
    "gpio",
    "karate",
    "kinet",
    "milinst",
    "nanoleaf",
    "opendmx",
    "openpixelcontrol",
    "osc",
    "pathport",
    "renard",
    "sandnet",
    "shownet",
    "spi",
    "stageprofi",
    "uartdmx",
    "usbdmx",
    "usbpro",
    "usbserial",
    "streamingdmx",
)

FETCH = """
import json, sys
from ola.ClientWrapper import ClientWrapper
wrapper = ClientWrapper()
universes = [int(u) for u in sys.argv[1:]]
found = {}
def take(status, universe, data):
    found[universe] = list(data)
    if len(found) == len(universes):
        wrapper.Stop()
for universe in universes:
    wrapper.Client().FetchDmx(universe, take)
wrapper.Run()
print(json.dumps([found[u] for u in universes]))
"""

SEND = """
import array, json, sys
from ola.ClientWrapper import ClientWrapper
wrapper = ClientWrapper()
for line in sys.stdin:
    universe, slots = json.loads(line)
    wrapper.Client().SendDmx(universe, array.array("B", slots), lambda status: wrapper.Stop())
    wrapper.Run()
    print("set", flush=True)
"""


def slots(universes: Sequence[int]) -> list[list[int]]:
    """What olad holds of each universe."""
    command = [SYSTEM_PYTHON, "-c", FETCH, *map(str, universes)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    assert done.returncode == 0, done.stderr
    found: list[list[int]] = json.loads(done.stdout)
    return found


@contextmanager
def olad(sacn: Sequence[int] = (), artnet: Sequence[int] = ()) -> Iterator[None]:
    """Run olad with an input for each universe sent to 127.0.0.1, at most four of Art-Net.

    olad joins the group of each sACN universe, of which a system allows a socket twenty.

    Art-Net's are the last four bits of a Port-Address of net 0, subnet 0; olad holds both kinds by
    their number.
    """
    bindings = Path("/usr/lib/python3/dist-packages/ola")
    if not (shutil.which("olad") and shutil.which("ola_patch") and bindings.is_dir()):
        pytest.skip(MISSING)
    ports = {RPC_PORT: socket.SOCK_STREAM, SACN_PORT: socket.SOCK_DGRAM, ARTNET_PORT: socket.SOCK_DGRAM}
    if taken := [port for port, kind in ports.items() if _taken(port, kind)]:
        pytest.skip(f"port {taken[0]} is in use: is another lighting server running?")
    with _running("127.0.0.1", len(sacn)) as process:
        _patch(process, "E1\\.31", sacn)
        _patch(process, "ArtNet", artnet)
        yield


class Desk:
    """A lighting desk that sends universe `sacn` by sACN and `artnet` by Art-Net (0:0:`artnet`)."""

    def __init__(self, there: Sequence[str]) -> None:
        self._there = there
        self._hand = subprocess.Popen(
            [*there, SYSTEM_PYTHON, "-c", SEND], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def set(self, universe: int, slots: Sequence[int]) -> None:
        """As `ola_set_dmx` does, without the time that a program needs to start."""
        assert self._hand.stdin is not None
        assert self._hand.stdout is not None
        self._hand.stdin.write(json.dumps([universe, list(slots)]) + "\n")
        self._hand.stdin.flush()
        assert self._hand.stdout.readline() == "set\n"

    def set_dmx(self, universe: int, slots: Sequence[int]) -> None:
        """By the program of that name."""
        words = ["ola_set_dmx", "-u", str(universe), "-d", ",".join(map(str, slots))]
        subprocess.run([*self._there, *words], check=True, timeout=10)

    def close(self) -> None:
        self._hand.kill()
        self._hand.communicate()


@contextmanager
def desk(there: Sequence[str], address: str, sacn: int, artnet: int) -> Iterator[Desk]:
    """Run olad with one output of each kind in another network, at an address of it; `there` runs commands in it."""
    bindings = Path("/usr/lib/python3/dist-packages/ola")
    if not (shutil.which("olad") and shutil.which("ola_set_dmx") and bindings.is_dir()):
        pytest.skip(MISSING)
    with _running(address, 1, there) as process:
        _patch(process, "E1\\.31", [sacn], there)
        _patch(process, "ArtNet", [artnet], there)
        running = Desk(there)
        try:
            yield running
        finally:
            running.close()


@contextmanager
def _running(address: str, sacn_inputs: int, there: Sequence[str] = ()) -> Iterator[subprocess.Popen[bytes]]:
    folder = Path(tempfile.mkdtemp(prefix="olad-"))
    process = _start(folder, address, sacn_inputs, there)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(3.0)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        shutil.rmtree(folder)


def _start(folder: Path, address: str, sacn_inputs: int, there: Sequence[str]) -> subprocess.Popen[bytes]:
    for plugin in OTHER_PLUGINS:
        (folder / f"ola-{plugin}.conf").write_text("enabled = false\n")
    (folder / "ola-e131.conf").write_text(
        f"enabled = true\nip = {address}\ninput_ports = {sacn_inputs}\noutput_ports = 1\nrevision = 0.46\n"
    )
    (folder / "ola-artnet.conf").write_text(
        f"enabled = true\nip = {address}\nuse_loopback = {'false' if there else 'true'}\noutput_ports = 1\n"
        "net = 0\nsubnet = 0\nalways_broadcast = true\n"
    )
    # Without --no-register-with-dns-sd and without avahi, olad spins and floods its log.
    command = ["olad", "-c", str(folder), "--no-http", "--no-register-with-dns-sd", "-l", "1"]
    if os.geteuid() == 0:  # olad refuses to run as root
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, "olad")
        command = ["runuser", "-u", "olad", "--", *command]
    return subprocess.Popen(
        [*there, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def _patch(process: subprocess.Popen[bytes], name: str, universes: Sequence[int], there: Sequence[str] = ()) -> None:
    """Make the device's ports the inputs of universes; those of an olad that is `there` their outputs."""
    deadline = monotonic() + 10.0
    while not (device := re.search(rf"Device (\d+): {name}", _output(*there, "ola_dev_info"))):
        assert process.poll() is None, "olad ended by itself"
        assert monotonic() < deadline, f"olad shows no device {name}"
        sleep(0.05)
    for port, universe in enumerate(universes):
        words = [*there, "ola_patch", "-d", device.group(1), "-p", str(port), *([] if there else ["-i"])]
        subprocess.run([*words, "-u", str(universe)], check=True, timeout=10)


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=10).stdout


def _taken(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            return probe.connect_ex(("127.0.0.1", port)) == 0
        try:
            probe.bind(("", port))
        except OSError:
            return True
        return False
