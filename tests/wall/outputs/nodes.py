"""LED nodes for tests that send light: a socket on the loopback, or one at the end of a cable that can be cut."""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from visuals.clock import monotonic, sleep
from visuals.types import Frame, Output, Pixels

MISSING = "needs root, iproute2 and a kernel with veth and network namespaces: apt-get install -y iproute2"
OUR_ADDRESS, NODE_ADDRESS, NOBODY_ADDRESS = "10.77.31.1", "10.77.31.2", "10.77.31.99"
MEMBERSHIPS = 256
NEW_NETWORK = 0x40000000  # CLONE_NEWNET of setns(2)
SO_RCVBUFFORCE, ROOM_BYTES = 33, 4 << 20


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
        with suppress(PermissionError):  # root may have more than the system's limit
            receiver.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, ROOM_BYTES)
        receiver.bind((address, 0))
        receiver.settimeout(1.0)
        yield receiver


class Cable:
    """A pair of network cards in networks of their own, with `node` listening at the far one."""

    def __init__(self, there: str, node: socket.socket) -> None:
        self._there, self.node = there, node

    @property
    def there(self) -> tuple[str, ...]:
        """What makes a command run at the far end."""
        return ("ip", "netns", "exec", self._there)

    def cut(self) -> None:
        _ip("link", "set", "near", "down")

    def mend(self) -> None:
        _ip("link", "set", "near", "up")

    def far_end(self, state: str) -> None:
        """The far card `up` or `down`: ours keeps its route, and nobody tells us."""
        _ip("-n", self._there, "link", "set", "far", state)


@contextmanager
def cable() -> Iterator[Cable]:
    """Lay a cable from this thread to NODE_ADDRESS."""
    there = f"visuals-{os.getpid()}"
    with own_network():
        _ip("netns", "add", there)
        try:
            _ip("link", "add", "near", "type", "veth", "peer", "name", "far", "netns", there)
            _ip("addr", "add", f"{OUR_ADDRESS}/24", "brd", "+", "dev", "near")
            _ip("link", "set", "near", "up")
            _ip("-n", there, "addr", "add", f"{NODE_ADDRESS}/24", "brd", "+", "dev", "far")
            _ip("-n", there, "link", "set", "far", "up")
            _ip("-n", there, "link", "set", "lo", "up")
            with _node_in(there) as node:
                _until_met(node)
                yield Cable(there, node)
        finally:
            _ip("netns", "del", there)


@contextmanager
def own_network() -> Iterator[None]:
    """Put this thread, and what it starts, into a network of its own with nothing but a loopback.

    There a socket may join MEMBERSHIPS multicast groups. The test is skipped where that may not be.
    """
    if not shutil.which("ip") or os.geteuid() != 0:
        pytest.skip(MISSING)
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        _call("unshare", NEW_NETWORK)
    except OSError:
        os.close(home)
        pytest.skip(MISSING)
    try:
        _ip("link", "set", "lo", "up")
        # /proc/sys shows the network of who reads it.
        Path("/proc/sys/net/ipv4/igmp_max_memberships").write_text(str(MEMBERSHIPS))
        yield
    finally:
        _call("setns", home, NEW_NETWORK)
        os.close(home)


@contextmanager
def _node_in(there: str) -> Iterator[socket.socket]:
    """A socket belongs to the network its thread was in when it was made."""

    def make() -> socket.socket:
        descriptor = os.open(f"/run/netns/{there}", os.O_RDONLY)
        _call("setns", descriptor, NEW_NETWORK)
        os.close(descriptor)
        # As LED nodes do: who comes up tells the others its address.
        Path("/proc/sys/net/ipv4/conf/far/arp_notify").write_text("1")
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    with ThreadPoolExecutor(1) as pool, pool.submit(make).result() as node:
        node.bind(("", 0))
        node.setblocking(False)
        yield node


def _until_met(node: socket.socket) -> None:
    """Both cards are up a moment after they were told to be, and know each other's hardware address after that."""
    deadline = monotonic() + 10.0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        while not received(node):
            assert monotonic() < deadline, "nothing comes through the cable"
            out.sendto(b"hello", (NODE_ADDRESS, port(node)))
            sleep(0.02)
    sleep(0.02)
    received(node)


def _call(name: str, *arguments: int) -> None:
    """A system call that Python 3.11 does not know."""
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments):
        raise OSError(ctypes.get_errno(), name)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=10)
