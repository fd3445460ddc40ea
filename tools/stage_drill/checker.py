"""The checker: a process of its own that listens where the walls would hang.

    python -m tools.stage_drill.checker KIND:WIDTHxHEIGHT:ADDRESS:PORT …

Says `ready`, then writes a record (see `light`) for each picture. The kernel stamps the packets, so that a
busy checker does not make the wall late.
"""

from __future__ import annotations

import argparse
import select
import socket
import struct
import sys
import time
from dataclasses import dataclass

from tools.stage_drill.flashes import judge
from tools.stage_drill.light import note, pack
from tools.stage_drill.wire import reader
from visuals.clock import monotonic
from visuals.rank import take_rank

SO_TIMESTAMPNS = getattr(socket, "SO_TIMESTAMPNS", 35)
TIMESPEC = struct.Struct("@qq")
BUFFER_BYTES = 8_000_000
PACKET_BYTES = 2048
NICE = -5
"""Who judges a machine that has no time must have some."""
JUDGE = "tools.stage_drill.flashes:Flashes"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a wall's packets come in."""

    kind: str
    size: tuple[int, int]
    address: str
    port: int

    @classmethod
    def read(cls, text: str) -> Place:
        kind, size, address, port = text.split(":")
        width, _, height = size.partition("x")
        return cls(kind, (int(width), int(height)), address, int(port))

    def __str__(self) -> str:
        return f"{self.kind}:{self.size[0]}x{self.size[1]}:{self.address}:{self.port}"


class Watcher:
    """One wall's socket, its reader and its judge of flashes."""

    def __init__(self, number: int, place: Place, judge_name: str) -> None:
        self._number = number
        self._reader, self._judge = reader(place.kind, place.size), judge(judge_name, place.size)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.bind((place.address, place.port))
        self.socket.setblocking(False)

    def drain(self) -> bytes:
        """Records of all that has come."""
        records: list[bytes] = []
        while True:
            try:
                packet, extra, _, sender = self.socket.recvmsg(PACKET_BYTES, 64)
            except BlockingIOError:
                return b"".join(records)
            picture = self._reader.take(packet)
            if picture is not None:
                at = stamp(extra)
                flashes = self._judge.look(picture.pixels, at)
                records.append(pack(note(self._number, sender[1], at, picture, flashes)))


def stamp(extra: list[tuple[int, int, bytes]]) -> float:
    """The kernel's time of a packet on the monotonic clock (s); now, where it gave none."""
    for level, kind, data in extra:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanos = TIMESPEC.unpack(data[: TIMESPEC.size])
            age: float = time.clock_gettime(time.CLOCK_REALTIME) - (seconds + 1e-9 * nanos)
            return monotonic() - max(0.0, age)
    return monotonic()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("places", nargs="+", type=Place.read)
    parser.add_argument("--judge", default=JUDGE)
    options = parser.parse_args()
    take_rank(NICE)
    watchers = {w.socket: w for w in (Watcher(n, p, options.judge) for n, p in enumerate(options.places))}
    out = sys.stdout.buffer
    out.write(b"ready\n")
    out.flush()
    while True:
        for ready in select.select(list(watchers), [], [])[0]:
            out.write(watchers[ready].drain())
        try:
            out.flush()
        except BrokenPipeError:
            return


if __name__ == "__main__":
    main()
