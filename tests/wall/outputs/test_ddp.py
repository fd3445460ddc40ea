from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field

import numpy as np
import pytest

from tests.wall.outputs.nodes import picture, play, port, received
from visuals.clock import monotonic, sleep
from visuals.errors import DeviceError
from visuals.types import Frame
from visuals.wall.outputs.ddp import Ddp
from visuals.wall.outputs.settings import DdpSettings


def settings(node: socket.socket, **fields: object) -> DdpSettings:
    return DdpSettings.model_validate({"host": "127.0.0.1", "port": port(node), **fields})


@dataclass
class Display:
    """A DDP display as the protocol describes it: data goes to its offset, push shows it."""

    size: int
    buffer: bytearray = field(init=False)
    shown: list[bytes] = field(default_factory=list)
    sequence: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.buffer = bytearray(self.size)

    def take(self, packet: bytes) -> None:
        assert packet[0] & 0xC0 == 0x40
        offset, length = int.from_bytes(packet[4:8]), int.from_bytes(packet[8:10])
        assert len(packet) == 10 + length
        self.buffer[offset : offset + length] = packet[10:]
        self.sequence.append(packet[1])
        if packet[0] & 0x01:
            self.shown.append(bytes(self.buffer))


def test_a_packet_is_the_protocol_byte_for_byte(node: socket.socket) -> None:
    red_green = np.array([[[255, 0, 0, 255], [0, 255, 0, 255]]], np.uint8)
    with Ddp((2, 1), settings(node), "r") as output:
        play(output, [red_green])
        assert received(node) == [bytes.fromhex("41 01 0B 01 00000000 0006 FF0000 00FF00")]


def test_offsets_push_and_sequence(node: socket.socket) -> None:
    size = (100, 10)  # 3000 bytes: 1440, 1440 and 120
    display = Display(3000)
    pictures = [picture(size, seed) for seed in range(12)]
    with Ddp(size, settings(node, id=7), "r") as output:
        play(output, pictures)
        packets = received(node)
    assert [(p[0], p[2], p[3], int.from_bytes(p[4:8]), len(p) - 10) for p in packets[:3]] == [
        (0x40, 0x0B, 7, 0, 1440),
        (0x40, 0x0B, 7, 1440, 1440),
        (0x41, 0x0B, 7, 2880, 120),
    ]
    for packet in packets:
        display.take(packet)
    assert display.shown == [p[..., :3].tobytes() for p in pictures]
    assert display.sequence == [n % 15 + 1 for n in range(36)]


def test_white_makes_four_bytes_of_a_pixel(node: socket.socket) -> None:
    pixels = picture((500, 1), 2)
    with Ddp((500, 1), settings(node, order="RGBW"), "r") as output:
        play(output, [pixels])
        packets = received(node)
    assert [(p[2], len(p) - 10) for p in packets] == [(0x1B, 1440), (0x1B, 560)]
    white = pixels[..., :3].min(axis=2, keepdims=True)
    wanted = np.concatenate([pixels[..., :3] - white, white], axis=2)
    assert b"".join(p[10:] for p in packets) == wanted.tobytes()


def test_a_picture_of_whole_packets_ends_with_a_whole_one(node: socket.socket) -> None:
    with Ddp((480, 2), settings(node), "r") as output:
        play(output, [picture((480, 2), 1)])
        assert [(p[0], len(p)) for p in received(node)] == [(0x40, 1450), (0x41, 1450)]


def test_every_tick_at_60_hz_leaves_and_a_still_picture_is_kept_alive(node: socket.socket) -> None:
    with Ddp((4, 4), settings(node), "r") as output:
        for n in range(600):
            output.send(Frame(n, n * (1 / 60), picture((4, 4), n)))
        assert len(received(node)) == 600
        times = []
        for n in range(600, 1200):
            output.send(Frame(n, n * (1 / 60), picture((4, 4), 0)))
            times += [n / 60 for _ in received(node)]
    assert max(np.diff(times)) <= 1.0
    assert len(times) < 20


def test_a_host_that_is_not_there_is_said() -> None:
    with pytest.raises(DeviceError, match=r"no host `no-such-host\.invalid`"):
        Ddp((1, 1), DdpSettings(host="no-such-host.invalid"), "r")


def test_a_hundred_thousand_pixels_at_60_hz_arrive_every_one(node: socket.socket) -> None:
    size, count, rate_hz = (400, 250), 60, 60.0
    display = Display(300_000)
    pictures = [picture(size, seed) for seed in range(4)]

    def read() -> None:
        node.settimeout(1.0)
        while len(display.shown) < count:
            display.take(node.recv(2048))

    reader = threading.Thread(target=read)
    reader.start()
    with Ddp(size, settings(node), "r") as output:
        start = monotonic()
        for n in range(count):
            # A busy machine may be late; it may not send two pictures at once into a socket's little room.
            sleep(start + n / rate_hz - monotonic())
            while len(display.shown) < n - 1 and reader.is_alive():
                sleep(0.001)
            output.send(Frame(n, n / rate_hz, pictures[n % 4]))
        reader.join()
        assert output.lost == 0
    assert len(display.shown) == count
    for n, shown in enumerate(display.shown):
        assert shown == pictures[n % 4][..., :3].tobytes()
