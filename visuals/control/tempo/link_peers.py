"""Who else is on Ableton Link, found by listening alone: a peer that nobody met would impose its own tempo.

Source: Link's open code, discovery/v1/Messages.hpp, discovery/Payload.hpp and link/Timeline.hpp. Knows the
announcements of peers and not their session: that is for `ableton_link`.
"""

from __future__ import annotations

import socket
import struct
from contextlib import suppress

from visuals.errors import DeviceError

GROUP, PORT = "224.76.78.75", 20808
PROTOCOL = b"_asdp_v\x01"
ALIVE, RESPONSE, BYE = 1, 2, 3
HEADER = struct.Struct(">8sBBH8s")
"""Protocol, kind of message, seconds that it holds, group, the peer's name."""

ENTRY = struct.Struct(">4sI")
"""Of the payload: key, bytes that follow."""

TIMELINE, TEMPO = b"tmln", struct.Struct(">q")
"""The entry whose first field is the tempo, in microseconds per beat."""

BPM_RANGE = (20.0, 999.0)
"""What Link takes for a tempo."""

SURE_S = 1.0
"""A peer that was heard for so long has a session that is older than one we begin: Link lets the older one lead."""

FORGET_S = 2.0
"""Peers speak four times a second."""

_MOST_PEERS, _MOST_PACKETS = 64, 64
_LOOK_S = 2.0


def announced(packet: bytes) -> tuple[bytes, float | None] | None:
    """A peer's name and its tempo in BPM, None where it goes; None for anything else."""
    if len(packet) < HEADER.size:
        return None
    protocol, kind, _, _, name = HEADER.unpack_from(packet)
    if protocol != PROTOCOL:
        return None
    if kind == BYE:
        return name, None
    bpm = _tempo(packet[HEADER.size :])
    return (name, bpm) if kind in (ALIVE, RESPONSE) and bpm is not None else None


def _tempo(payload: bytes) -> float | None:
    while len(payload) >= ENTRY.size:
        key, size = ENTRY.unpack_from(payload)
        value, payload = payload[ENTRY.size : ENTRY.size + size], payload[ENTRY.size + size :]
        if key == TIMELINE and len(value) == size >= TEMPO.size:
            (beat_us,) = TEMPO.unpack_from(value)
            bpm = 60e6 / beat_us if beat_us > 0 else 0.0
            return bpm if BPM_RANGE[0] <= bpm <= BPM_RANGE[1] else None
    return None


class LinkPeers:
    """Hears what peers announce on every network of this machine, those that come later too.

    Raises DeviceError where the port is not to be had. Never waits.
    """

    def __init__(self, port: int = PORT) -> None:
        self._heard: dict[bytes, tuple[float, float, float]] = {}  # name: first heard, last heard, tempo
        self._looked = float("-inf")
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.setblocking(False)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((GROUP, port))
        except OSError as error:
            self._socket.close()
            raise DeviceError(f"Ableton Link: port {port}: {error}") from error

    def tempo(self, now: float) -> float | None:
        """What the session of those who are there goes at; None as long as nobody is surely there."""
        self._join(now)
        for packet in self._packets():
            self._take(packet, now)
        self._heard = {name: heard for name, heard in self._heard.items() if now - heard[1] < FORGET_S}
        sure = (bpm for first, last, bpm in self._heard.values() if last - first >= SURE_S)
        return next(sure, None)

    def forget(self) -> None:
        """Nothing that was said up to now counts."""
        for _ in self._packets():
            pass
        self._heard.clear()

    def close(self) -> None:
        self._socket.close()

    def _join(self, now: float) -> None:
        if now - self._looked < _LOOK_S:
            return
        self._looked = now
        for index, _ in socket.if_nameindex():
            with suppress(OSError):  # it is joined already, or knows no multicast
                member = struct.pack("@4s4si", socket.inet_aton(GROUP), socket.inet_aton("0.0.0.0"), index)
                self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)

    def _packets(self) -> list[bytes]:
        packets: list[bytes] = []
        with suppress(OSError):
            while len(packets) < _MOST_PACKETS:
                packets.append(self._socket.recv(2048))
        return packets

    def _take(self, packet: bytes, now: float) -> None:
        found = announced(packet)
        if found is None:
            return
        name, bpm = found
        if bpm is None:
            self._heard.pop(name, None)
        elif name in self._heard or len(self._heard) < _MOST_PEERS:
            self._heard[name] = self._heard.get(name, (now, now, bpm))[0], now, bpm
