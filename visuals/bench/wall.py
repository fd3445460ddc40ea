"""What leaving for the wall costs: a tick of the player, the ring that feeds it, packets of sACN.

Sends only to a socket of its own on the loopback interface, and nobody reads there.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec

import numpy as np

from visuals.bench.figures import Figure, Peer, Work, compare, compare_rate
from visuals.clock import RealClock, monotonic, sleep
from visuals.errors import OutputError
from visuals.shm import Latest, Layout
from visuals.telemetry import Log, Meter
from visuals.types import Frame, Pixels, Rig, Wall
from visuals.wall.failover import TO_LIVE_S
from visuals.wall.outputs.sacn import Sacn
from visuals.wall.outputs.settings import SacnSettings, universes
from visuals.wall.player import Player, PlayerSettings

CANVAS = (512, 256)
SHAPE = (CANVAS[1], CANVAS[0], 4)
RATE_HZ = 60.0
LOOPBACK = "127.0.0.1"
LED_WALL = (170, 100)
"""LEDs that fill 100 universes to the last."""
FIRST_UNIVERSE = 60_000
MOST_SENDING_S = 1.5
OPENS_WITHIN_S = 2.0


def run(seconds: float) -> list[Figure]:
    return [_tick(seconds), _ring(seconds), _packets(min(seconds, MOST_SENDING_S))]


def _pictures(size: tuple[int, int]) -> list[Pixels]:
    shape = (size[1], size[0], 4)
    return list(np.random.default_rng(7).integers(0, 256, (2, *shape), np.uint8))


def _bare_copy() -> Peer:
    picture, into = _pictures(CANVAS)
    return Peer("bare np.copyto", Work(lambda _: np.copyto(into, picture)))


def _make_ring(stack: ExitStack) -> Latest:
    ring = Latest(Layout("", SHAPE, "u1"), create=True)
    stack.callback(ring.unlink)
    stack.callback(ring.close)
    return ring


def _tick(seconds: float) -> Figure:
    with ExitStack() as stack:
        rings = {name: _make_ring(stack) for name in ("canvas", "sent")}
        clock = RealClock()
        log = Log(clock)
        rig = Rig("bench", (Wall("wall", (0, 0, *CANVAS), CANVAS, ("null", {})),))
        player = Player(PlayerSettings(rig, CANVAS), rings, clock, log, Meter(clock, log, "player"))
        stack.callback(player.close)
        _wait_until_open(player)
        ticks = _ticks(rings["canvas"])
        for _ in range(round(2.0 * TO_LIVE_S * RATE_HZ)):  # past the fade from the stand-by
            player.step(*next(ticks))
        about = f"one tick of the player, live, {CANVAS[0]}x{CANVAS[1]}: read, failover, tap, one null output"
        return compare("wall.tick", about, seconds, Work(lambda at: player.step(*at), ticks), _bare_copy())


def _wait_until_open(player: Player) -> None:
    limit = monotonic() + OPENS_WITHIN_S
    while not all(outlet.is_open for outlet in player.outlets):
        if monotonic() > limit:
            raise OutputError(f"the null output did not open within {OPENS_WITHIN_S:g} s")
        sleep(0.001)


def _ticks(canvas: Latest) -> Iterator[tuple[float, float]]:
    """Times of ticks (now, due), before each of which the engine has written a frame."""
    pictures = _pictures(CANVAS)
    n = 0
    while True:
        n += 1
        canvas.write(pictures[n % 2], time=n / RATE_HZ)
        yield n / RATE_HZ, n / RATE_HZ


def _ring(seconds: float) -> Figure:
    with ExitStack() as stack:
        ring = _make_ring(stack)
        picture, into = _pictures(CANVAS)

        def cross(_: object) -> None:
            ring.write(picture)
            ring.read_new(into)

        about = f"a picture of {CANVAS[0]}x{CANVAS[1]} through shared memory: written and read, two copies"
        return compare("wall.ring", about, seconds, Work(cross), _bare_copy())


# ---- sACN ---------------------------------------------------------------------------------------


def _packets(seconds: float) -> Figure:
    count = universes(LED_WALL)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as drain:
        drain.bind((LOOPBACK, 0))
        port = drain.getsockname()[1]
        settings = SacnSettings(host=LOOPBACK, port=port, universe=FIRST_UNIVERSE)
        with Sacn(LED_WALL, settings, "bench") as ours, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            peer = Peer("sacn", _library(out, (LOOPBACK, port), count)) if find_spec("sacn") else None
            about = f"{count} universes of 512 slots that all change, encoded and sent to {LOOPBACK}"
            return compare_rate("wall.sacn", about, "packets/s", count, seconds, Work(ours.send, _wall_frames()), peer)


def _wall_frames() -> Iterator[Frame]:
    """Frames that all differ and come slower than the most a universe gets in a second."""
    pictures = _pictures(LED_WALL)
    n = 0
    while True:
        n += 1
        yield Frame(n, n / 40.0, pictures[n % 2])


def _library(out: socket.socket, address: tuple[str, int], count: int) -> Work:
    """The library's packets, sent as its sender thread does; its data are tuples."""
    from sacn.messages.data_packet import DataPacket

    cid = tuple(range(16))
    packets = [DataPacket(cid, "bench", FIRST_UNIVERSE + i, (0,) * 512) for i in range(count)]
    slots = np.random.default_rng(7).integers(0, 256, (2, count, 512), np.uint8)
    data = [[tuple(universe) for universe in picture.tolist()] for picture in slots]

    def feed() -> Iterator[list[tuple[int, ...]]]:
        while True:
            yield from data

    def send(picture: list[tuple[int, ...]]) -> None:
        for packet, universe in zip(packets, picture, strict=True):
            packet.dmxData = universe
            out.sendto(bytearray(packet.getBytes()), address)
            packet.sequence_increase()

    return Work(send, feed())
