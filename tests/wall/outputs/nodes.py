"""LED nodes for tests that send light: a socket on the loopback, or one at the end of a cable that can be cut."""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pytest

from visuals.types import Frame, Output, Pixels

MISSING = "needs root, iproute2 and a kernel with veth and network namespaces: apt-get install -y iproute2"
OUR_ADDRESS, NODE_ADDRESS, NOBODY_ADDRESS = "10.77.31.1", "10.77.31.2", "10.77.31.99"
NEW_NETWORK = 0x40000000  # CLONE_NEWNET of setns(2)
ROOM_BYTES = 4 << 20


def picture(size: tuple[int, int], seed: int) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 4), dtype=np.uint8)


def port(node: socket.socket) -> int:
    return int(node.getsockname()[1])


def received(node: socket.socket) -> list[bytes]:
    """Everything that has arrived; the loopback delivers at once."""
    node.setblocking(False)
    found = []
    while True:
        try:
            found.append(node.recv(2048))
        except BlockingIOError:
            return found


def play(output: Output, pictures: Sequence[Pixels], rate_hz: float = 30.0, since: float = 0.0) -> None:
    """Send each picture once, in show time."""
    for n, pixels in enumerate(pictures):
        output.send(Frame(n, since + n / rate_hz, pixels))


@contextmanager
def node_on(address: str) -> Iterator[socket.socket]:
    """A receiver on a free port, with room for a large wall."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM_BYTES)
        receiver.bind((address, 0))
        receiver.settimeout(1.0)
        yield receiver


class Cable:
    """A pair of network cards, ours and one in a network of its own, with `node` listening there."""

    def __init__(self, ours: str, there: str, node: socket.socket) -> None:
        self._ours, self._there, self.node = ours, there, node

    def cut(self) -> None:
        _ip("link", "set", self._ours, "down")

    def mend(self) -> None:
        _ip("link", "set", self._ours, "up")

    def far_end(self, state: str) -> None:
        """The far card `up` or `down`: ours has no carrier, and its route stays."""
        _ip("-n", self._there, "link", "set", "far", state)


@contextmanager
def cable() -> Iterator[Cable]:
    """Lay a cable to NODE_ADDRESS; the test is skipped where that may not be."""
    if not shutil.which("ip") or os.geteuid() != 0:
        pytest.skip(MISSING)
    ours, there = f"vis{os.getpid()}", f"visuals-{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", there], capture_output=True).returncode:
        pytest.skip(MISSING)
    try:
        _ip("link", "add", ours, "type", "veth", "peer", "name", "far", "netns", there)
        _ip("addr", "add", f"{OUR_ADDRESS}/24", "dev", ours)
        _ip("link", "set", ours, "up")
        _ip("-n", there, "addr", "add", f"{NODE_ADDRESS}/24", "dev", "far")
        _ip("-n", there, "link", "set", "far", "up")
        with _node_in(there) as node:
            yield Cable(ours, there, node)
    finally:
        subprocess.run(["ip", "netns", "del", there], check=True)


@contextmanager
def _node_in(there: str) -> Iterator[socket.socket]:
    """A socket belongs to the network its thread was in when it was made."""

    def make() -> socket.socket:
        descriptor = os.open(f"/run/netns/{there}", os.O_RDONLY)
        if ctypes.CDLL(None, use_errno=True).setns(descriptor, NEW_NETWORK):
            raise OSError(ctypes.get_errno(), "setns")
        os.close(descriptor)
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    with ThreadPoolExecutor(1) as pool, pool.submit(make).result() as node:
        node.bind(("", 0))
        node.setblocking(False)
        yield node


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=10)
