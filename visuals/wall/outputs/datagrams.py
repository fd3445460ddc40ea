"""UDP packets that leave together: one system call where the system has it, and nobody waits.

Knows addresses and buffers, nothing of what is in them.
"""

from __future__ import annotations

import ctypes
import errno
import os
import select
import socket
import sys
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from visuals.errors import DeviceError

Address = tuple[str, int]
Row = npt.NDArray[np.uint8]
Packet = tuple[Row, Address]

FULL = {errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOBUFS}
"""The card or the socket holds all it can: what is left leaves later."""

ROOM_WITHIN_S = 0.0005
"""A card empties 60 kB in that time at a gigabit: what the largest walls lack where a socket's buffer may not
grow."""

BUFFER_BYTES_A_PACKET = 2304
"""What the kernel charges a socket for a full packet and its own notes, roughly."""

MULTICAST_TTL = 16
PER_CALL = 1024
NAME_BYTES = 16


class Datagrams:
    """Packets in the order they leave, each a row of bytes with its address.

    The buffers are the caller's: `send` reads what is in them at that moment. `lost` counts packets
    that no route would take.
    """

    def __init__(self, packets: Sequence[Packet]) -> None:
        self._packets = packets
        self._at = len(packets)
        self._full = False  # since the last packet that left: it is not waited for a second time
        self._many = _Many(packets) if sys.platform == "linux" else None
        self.lost = 0

    @property
    def done(self) -> bool:
        """Whether all of them have been handed over."""
        return self._at == len(self._packets)

    def send(self, out: socket.socket) -> OSError | None:
        """Send all. Gives the error of what did not leave; after a full buffer `resume` goes on."""
        self._at = 0
        return self.resume(out)

    def resume(self, out: socket.socket) -> OSError | None:
        """Send what is still to leave."""
        found = None
        while not self.done:
            try:
                self._at += self._some(out)
                self._full = False
            except OSError as error:
                if error.errno in FULL:
                    if self._full:
                        return error
                    self._full = True
                    select.select([], [out], [], ROOM_WITHIN_S)
                else:
                    found = error
                    self._at += 1
                    self.lost += 1
        return found

    def _some(self, out: socket.socket) -> int:
        """Hand over one packet or more from `_at` on; raises OSError when the first is refused."""
        if self._many is not None:
            return self._many.send(out.fileno(), self._at)
        row, address = self._packets[self._at]
        out.sendto(row.data, address)
        return 1


# ---- sendmmsg(2), with the structures of the Linux ABI --------------------------------------------


class _Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


class _Header(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("vectors", ctypes.c_void_p),
        ("vector_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    ]


class _Message(ctypes.Structure):
    _fields_ = [("header", _Header), ("sent", ctypes.c_uint)]


class _Many:
    """The call's arguments, made once. ctypes lets go of the interpreter while the kernel copies."""

    def __init__(self, packets: Sequence[Packet]) -> None:
        self._names = ctypes.create_string_buffer(b"".join(_sockaddr(address) for _, address in packets))
        self._vectors = (_Vector * len(packets))(*[_Vector(row.ctypes.data, row.nbytes) for row, _ in packets])
        names, vectors = ctypes.addressof(self._names), ctypes.addressof(self._vectors)
        headers = [
            _Header(names + i * NAME_BYTES, NAME_BYTES, vectors + i * ctypes.sizeof(_Vector), 1)
            for i in range(len(packets))
        ]
        self._messages = (_Message * len(packets))(*[_Message(header) for header in headers])
        self._call = ctypes.CDLL(None, use_errno=True).sendmmsg
        self._call.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int)

    def send(self, descriptor: int, first: int) -> int:
        count = min(len(self._messages) - first, PER_CALL)
        at = ctypes.addressof(self._messages) + first * ctypes.sizeof(_Message)
        sent = int(self._call(descriptor, at, count, 0))
        if sent < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return sent


def _sockaddr(address: Address) -> bytes:
    """struct sockaddr_in."""
    host, port = address
    return socket.AF_INET.to_bytes(2, sys.byteorder) + port.to_bytes(2) + socket.inet_aton(host) + bytes(8)


# ---- addresses and sockets ----------------------------------------------------------------------


def resolve(host: str, port: int) -> Address:
    """The address of a host's name; may ask the network. Raises DeviceError when there is none."""
    try:
        found = socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_DGRAM)[0][4][0]
    except OSError as error:
        raise DeviceError(f"no host `{host}`: {error.strerror or error}") from error
    return str(found), port


def open_socket(interface: str | None, packets: int) -> socket.socket:
    """A socket that never waits and holds so many packets.

    Raises DeviceError when no network card has the address `interface`.
    """
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        opened.setblocking(False)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, packets * BUFFER_BYTES_A_PACKET)
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, MULTICAST_TTL)
        if interface is not None:
            opened.bind((interface, 0))
            opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
    except OSError as error:
        opened.close()
        raise DeviceError(f"no network card with the address `{interface}`: {error}") from error
    return opened
