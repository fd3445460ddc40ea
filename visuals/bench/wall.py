"""What leaving for the wall costs: a tick of the player, the ring that feeds it, packets on the network.

Sends only over the loopback interface, to a socket of its own, and nobody reads there.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from itertools import count, pairwise

import cv2
import numpy as np

from visuals.bench.figures import Figure, Peer, Work, compare, compare_share
from visuals.clock import RealClock, monotonic, sleep
from visuals.errors import OutputError
from visuals.shm import Latest, Layout
from visuals.telemetry import Log, Meter
from visuals.types import Cabinet, FlashLimit, Frame, Light, Output, Pixels, Rig, Wall
from visuals.wall.failover import TO_LIVE_S
from visuals.wall.flash.guard import state_shape
from visuals.wall.outputs import open_output
from visuals.wall.outputs.settings import universes
from visuals.wall.player import Player, PlayerSettings
from visuals.wall.playing import THREADS
from visuals.wall.raster import Mapper

CANVAS, FULL_HD = (512, 256), (1920, 1080)
VENUES = (FULL_HD, (1600, 900), (1280, 720), (960, 540))
SHAPE = (CANVAS[1], CANVAS[0], 4)
RATE_HZ = 60.0
LOOPBACK = "127.0.0.1"
DMX_WALL, DMX_HZ = (170, 200), 44.0
"""LEDs that fill 200 universes to the last, and the most pictures a second that DMX512 carries."""
DDP_WALL, DDP_HZ = (400, 250), 60.0
FIRST_UNIVERSE = 60_000
WAVES = 16
MOST_SENDING_S = 1.5
OPENS_WITHIN_S = 2.0


Content = Callable[[tuple[int, int]], list[Pixels]]


def run(seconds: float) -> list[Figure]:
    sending = min(seconds, MOST_SENDING_S)
    cv2.setNumThreads(THREADS)  # as in the player's own process
    venue = [
        _venue(seconds, size, *content) for size in VENUES for content in (("passing", _wave), ("softened", _strobe))
    ]
    return [_tick(seconds), _map(seconds), *venue, _ring(seconds), _sacn(sending), _artnet(sending), _ddp(sending)]


def _pictures(size: tuple[int, int]) -> list[Pixels]:
    shape = (size[1], size[0], 4)
    return list(np.random.default_rng(7).integers(0, 256, (2, *shape), np.uint8))


def _wave(size: tuple[int, int]) -> list[Pixels]:
    """Pictures of which each moves on and none flashes."""
    width, height = size
    x, y = np.arange(width) / width, np.arange(height)[:, None] / height
    pictures = []
    for n in range(WAVES):
        light = 110.0 + 60.0 * np.sin(6.2832 * (x + y + n / (60.0 * WAVES)))
        pictures.append(np.ascontiguousarray(np.repeat(light[..., None], 4, axis=2).astype(np.uint8)))
    return pictures


def _strobe(size: tuple[int, int]) -> list[Pixels]:
    """White and black in turns, 15 times a second at 60 pictures a second: what the guard softens."""
    shape = (size[1], size[0], 4)
    return [np.full(shape, level, np.uint8) for level in (255, 255, 0, 0)]


def _bare_copy() -> Peer:
    picture, into = _pictures(CANVAS)
    return Peer("bare np.copyto", Work(lambda _: np.copyto(into, picture)))


def _make_ring(stack: ExitStack) -> Latest:
    return _ring_of(stack, SHAPE, "u1")


def _ring_of(stack: ExitStack, shape: tuple[int, ...], dtype: str) -> Latest:
    ring = Latest(Layout("", shape, dtype), create=True)
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
        ticks = _ticks(rings["canvas"], _pictures(CANVAS))
        for _ in range(round(2.0 * TO_LIVE_S * RATE_HZ)):  # past the fade from the stand-by
            player.step(*next(ticks))
        about = f"one tick of the player, live, {CANVAS[0]}x{CANVAS[1]}: read, failover, tap, one null output"
        return compare("wall.tick", about, seconds, Work(lambda at: player.step(*at), ticks), _bare_copy())


def _venue(
    seconds: float, size: tuple[int, int], name: str, content: Callable[[tuple[int, int]], list[Pixels]]
) -> Figure:
    with ExitStack() as stack:
        width, height = size
        names = ("canvas", "sent", "flash")
        shapes = ((height, width, 4), (height, width, 4), state_shape(FlashLimit()))
        rings = {n: _ring_of(stack, s, "f4" if n == "flash" else "u1") for n, s in zip(names, shapes, strict=True)}
        clock = RealClock()
        log = Log(clock)
        player = Player(
            PlayerSettings(Rig("bench", _quarters(size)), size), rings, clock, log, Meter(clock, log, "player")
        )
        stack.callback(player.close)
        _wait_until_open(player)
        ticks = _ticks(rings["canvas"], content(size))
        for _ in range(round(2.0 * RATE_HZ)):  # past the fade, and until the guard does what it will do
            player.step(*next(ticks))
        about = f"a whole tick with four walls from {width}x{height}: 256 cabinets, limiter, guard; {name}"
        return compare(f"wall.venue.{width}x{height}.{name}", about, seconds, Work(lambda at: player.step(*at), ticks))


def _quarters(size: tuple[int, int]) -> tuple[Wall, ...]:
    """Cabinets that hang upside down and a limiter: nothing is passed on as it is."""
    light = Light(brightness=0.8, watts=1000.0, limit_watts=700.0)
    width, height = size[0] // 2, size[1] // 2
    return tuple(_quarter((x, y, width, height), light) for y in (0, height) for x in (0, width))


def _map(seconds: float) -> Figure:
    mappers = [Mapper(wall, FULL_HD) for wall in _quarters(FULL_HD)]
    picture, into = _pictures(FULL_HD)

    def map_all(n: int) -> None:
        for mapper in mappers:
            mapper.map(picture, n / RATE_HZ)

    about = "four walls of 960x540 from a canvas of 1920x1080: 256 cabinets laid, calibrated, limited"
    peer = Peer("bare cv2.LUT", Work(lambda _: cv2.LUT(picture, np.arange(256, dtype=np.uint8), into)))
    return compare("wall.map", about, seconds, Work(map_all, count()), peer)


def _quarter(place: tuple[int, int, int, int], light: Light) -> Wall:
    x, y, width, height = place
    columns, rows = (np.linspace(0, side, 9).astype(int).tolist() for side in (width, height))
    boxes = [(a, c, b - a, d - c) for c, d in pairwise(rows) for a, b in pairwise(columns)]
    cabinets = tuple(Cabinet(f"{n}", box, box, 180) for n, box in enumerate(boxes))
    return Wall(f"{x},{y}", place, (width, height), ("null", {}), light, cabinets=cabinets)


def _wait_until_open(player: Player) -> None:
    limit = monotonic() + OPENS_WITHIN_S
    while not all(outlet.is_open for outlet in player.outlets):
        if monotonic() > limit:
            raise OutputError(f"the null output did not open within {OPENS_WITHIN_S:g} s")
        sleep(0.001)


def _ticks(canvas: Latest, pictures: Sequence[Pixels]) -> Iterator[tuple[float, float]]:
    """Times of ticks (now, due), before each of which the engine has written a frame."""
    n = 0
    while True:
        n += 1
        canvas.write(pictures[n % len(pictures)], time=n / RATE_HZ)
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


# ---- the network --------------------------------------------------------------------------------


def _sacn(seconds: float) -> Figure:
    count = universes(DMX_WALL)
    with ExitStack() as stack:
        port = _node(stack)
        # The loopback as interface: what goes to groups must not leave the machine either.
        ours = _opened(stack, DMX_WALL, "sacn", port=port, universe=FIRST_UNIVERSE, interface=LOOPBACK)
        out = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        peer = Peer("sacn", _library(out, (LOOPBACK, port), count)) if find_spec("sacn") else None
        about = f"{count} universes that all change, encoded and sent to {LOOPBACK}, {DMX_HZ:g} times a second"
        work = Work(ours.send, _frames(DMX_WALL, DMX_HZ - 1.0))
        return compare_share("wall.sacn", about, DMX_HZ, seconds, work, peer)


def _artnet(seconds: float) -> Figure:
    with ExitStack() as stack:
        ours = _opened(stack, DMX_WALL, "artnet", port=_node(stack))
        about = f"{universes(DMX_WALL)} universes by Art-Net with ArtSync, {DMX_HZ:g} times a second"
        return compare_share("wall.artnet", about, DMX_HZ, seconds, Work(ours.send, _frames(DMX_WALL, DMX_HZ - 1.0)))


def _ddp(seconds: float) -> Figure:
    with ExitStack() as stack:
        ours = _opened(stack, DDP_WALL, "ddp", port=_node(stack))
        about = f"{DDP_WALL[0] * DDP_WALL[1]} pixels that all change by DDP, {DDP_HZ:g} times a second"
        return compare_share("wall.ddp", about, DDP_HZ, seconds, Work(ours.send, _frames(DDP_WALL, DDP_HZ)))


def _node(stack: ExitStack) -> int:
    """The port of a socket that takes what comes and reads nothing."""
    drain = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    drain.bind((LOOPBACK, 0))
    return int(drain.getsockname()[1])


def _opened(stack: ExitStack, size: tuple[int, int], kind: str, **settings: object) -> Output:
    wall = Wall("wall", (0, 0, *size), size, (kind, {"host": LOOPBACK, **settings}))
    return stack.enter_context(open_output(wall, rig="bench"))


def _frames(size: tuple[int, int], rate_hz: float) -> Iterator[Frame]:
    """Frames that all differ, each in the next turn of an output that sends `rate_hz` times a second."""
    pictures = _pictures(size)
    n = 0
    while True:
        n += 1
        yield Frame(n, n / rate_hz, pictures[n % 2])


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
