"""A real Open Lighting daemon that listens to sACN or Art-Net on the loopback, for tests that send light."""

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
    folder = Path(tempfile.mkdtemp(prefix="olad-"))
    process = _start(folder, len(sacn))
    try:
        _patch(process, "E1\\.31", sacn)
        _patch(process, "ArtNet", artnet)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(3.0)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        shutil.rmtree(folder)


def _start(folder: Path, sacn_ports: int) -> subprocess.Popen[bytes]:
    for plugin in OTHER_PLUGINS:
        (folder / f"ola-{plugin}.conf").write_text("enabled = false\n")
    (folder / "ola-e131.conf").write_text(
        f"enabled = true\nip = 127.0.0.1\ninput_ports = {sacn_ports}\noutput_ports = 1\nrevision = 0.46\n"
    )
    (folder / "ola-artnet.conf").write_text(
        "enabled = true\nip = 127.0.0.1\nuse_loopback = true\noutput_ports = 1\nnet = 0\nsubnet = 0\n"
    )
    # Without --no-register-with-dns-sd and without avahi, olad spins and floods its log.
    command = ["olad", "-c", str(folder), "--no-http", "--no-register-with-dns-sd", "-l", "1"]
    if os.geteuid() == 0:  # olad refuses to run as root
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, "olad")
        command = ["runuser", "-u", "olad", "--", *command]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def _patch(process: subprocess.Popen[bytes], name: str, universes: Sequence[int]) -> None:
    deadline = monotonic() + 10.0
    while not (device := re.search(rf"Device (\d+): {name}", _output("ola_dev_info"))):
        assert process.poll() is None, "olad ended by itself"
        assert monotonic() < deadline, f"olad shows no device {name}"
        sleep(0.05)
    for port, universe in enumerate(universes):
        number = device.group(1)
        subprocess.run(["ola_patch", "-d", number, "-p", str(port), "-i", "-u", str(universe)], check=True, timeout=10)


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
