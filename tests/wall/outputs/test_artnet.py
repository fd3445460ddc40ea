from __future__ import annotations

import socket

import numpy as np
import pytest

from tests.wall.ola import olad, slots
from tests.wall.outputs.nodes import node_on, picture, play, port, received
from visuals.clock import monotonic, sleep
from visuals.errors import DeviceError, OutputError
from visuals.types import Frame
from visuals.wall.outputs import artnet
from visuals.wall.outputs.artnet import PORT, Artnet, asks, packets, poll_reply, sync_packet
from visuals.wall.outputs.settings import ArtnetSettings

SYNC = bytes.fromhex("4172742d4e6574000052000e0000")
POLL = bytes.fromhex("4172742d4e6574000020000e")


def settings(node: socket.socket, **fields: object) -> ArtnetSettings:
    return ArtnetSettings.model_validate({"host": "127.0.0.1", "port": port(node), **fields})


def test_a_packet_is_the_standard_byte_for_byte() -> None:
    packet = packets(2, 1)
    packet[0, artnet.DATA] = 9
    vector = bytes.fromhex("4172742d4e6574000050000e00000200020009") + bytes(511)
    assert packet[0].tobytes() == vector
    assert sync_packet().tobytes() == SYNC


def test_port_addresses_run_from_universe_to_subnet_to_net() -> None:
    to = ArtnetSettings(host="x", net=1, subnet=15, universe=14)
    heads = packets(to.first, 4)[:, 14:16].tolist()
    assert heads == [[0xFE, 1], [0xFF, 1], [0x00, 2], [0x01, 2]]


def test_universes_of_even_length_then_the_sync(node: socket.socket) -> None:
    pictures = [picture((19, 9), seed) for seed in range(2)]
    with Artnet((19, 9), settings(node, universe=5, net=3), "r") as output:
        play(output, pictures)
        came = received(node)
    for n, pixels in enumerate(pictures):
        first, second, sync = came[3 * n : 3 * n + 3]
        assert sync == SYNC
        assert [p[12:18] for p in (first, second)] == [bytes([n + 1, 0, u, 3, 2, 0]) for u in (5, 6)]
        flat = pixels[..., :3].reshape(-1, 3)
        assert first[18:] == flat[:170].tobytes() + bytes(2)
        assert second[18:] == flat[170:].tobytes() + bytes(509)
    assert len(came) == 6


def test_the_sequence_runs_from_1_to_255_at_no_more_than_44_a_second(node: socket.socket) -> None:
    arrived = []
    with Artnet((2, 2), settings(node, sync=False), "r") as output:
        for n in range(600):
            output.send(Frame(n, n / 60, picture((2, 2), n)))
            arrived += [(n / 60, p[12]) for p in received(node)]
    times = [t for t, _ in arrived]
    assert 425 <= len(times) <= 440
    for start in times:
        assert sum(1 for t in times if start <= t < start + 1.0 - 1e-6) <= 44
    assert [s for _, s in arrived] == [n % 255 + 1 for n in range(len(arrived))]


def test_a_still_picture_is_kept_alive_every_second(node: socket.socket) -> None:
    pixels, times = picture((10, 10), 1), []
    with Artnet((10, 10), settings(node, sync=False), "r") as output:
        for n in range(300):
            output.send(Frame(n, n / 60, pixels))
            times += [n / 60 for _ in received(node)]
    assert len(times) <= 10
    assert max(np.diff(times)) <= 1.0


def test_several_nodes_get_all(node: socket.socket) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.2", port(node)))
        with Artnet((171, 1), settings(node, host=["127.0.0.1", "127.0.0.2"]), "r") as output:
            play(output, [picture((171, 1), 3)])
            first, second = received(node), received(other)
    assert len(first) == 3
    assert first == second


def test_the_broadcast_address_of_a_network_is_a_host(node: socket.socket) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as everywhere:
        everywhere.bind(("127.255.255.255", port(node)))
        with Artnet((1, 1), settings(node, host="127.255.255.255"), "r") as output:
            play(output, [picture((1, 1), 3)])
            assert len(received(everywhere)) == 2


def test_a_wall_beyond_the_last_universe_or_a_host_that_is_not_there_is_said() -> None:
    with pytest.raises(OutputError, match="found 2 universes from 32767, expected the last at 32767"):
        Artnet((171, 1), ArtnetSettings(host="127.0.0.1", net=127, subnet=15, universe=15), "r")
    with pytest.raises(DeviceError, match=r"no host `no-such-host\.invalid`"):
        Artnet((1, 1), ArtnetSettings(host="no-such-host.invalid"), "r")


# ---- polls --------------------------------------------------------------------------------------


def test_a_reply_has_every_field_at_its_place() -> None:
    reply = poll_reply("Club main with a very long name", "10.0.0.7", 0x1FE, 9)
    assert len(reply) == 239
    assert reply[:10] == b"Art-Net\0\x00\x21"
    assert reply[10:14] == bytes([10, 0, 0, 7])
    assert reply[14:16] == bytes([0x36, 0x19])
    assert (reply[18], reply[19]) == (1, 15)  # NetSwitch, SubSwitch
    assert reply[26:44] == b"Club main with a \0"
    assert reply[44:108].rstrip(b"\0") == b"Club main with a very long name"
    assert reply[108:172].startswith(b"#0001 [0000] sends 9 universes\0")
    assert reply[172:174] == bytes([0, 2])  # only what shares net and subnet
    assert reply[174:178] == bytes([0x40, 0x40, 0, 0])
    assert reply[186:190] == bytes([14, 15, 0, 0])
    assert reply[200] == 1


@pytest.mark.parametrize(
    ("packet", "answered"),
    [
        (POLL + bytes([0, 0]), True),
        (POLL + bytes([2, 0x80]) + bytes(4), True),
        (POLL + bytes([0x20, 0]) + bytes([0, 9, 0, 5]), True),
        (POLL + bytes([0x20, 0]) + bytes([0, 9, 0, 8]), False),
        (POLL + bytes([0x20, 0]) + bytes([0, 3, 0, 1]), False),
        (POLL, False),
        (SYNC + bytes(8), False),
        (b"", False),
        (b"Art-Net\0", False),
    ],
)
def test_only_polls_for_us_are_answered(packet: bytes, answered: bool) -> None:
    assert asks(packet, 4, 4) is answered


def ours_alone() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("", PORT))
        except OSError:
            pytest.skip(f"port {PORT} is in use: is another lighting program running?")


def test_a_controller_that_asks_gets_an_answer(node: socket.socket) -> None:
    ours_alone()
    with Artnet((171, 1), settings(node, universe=3), "Club main") as output, node_on("127.0.0.1") as desk:
        desk.sendto(POLL + bytes([0, 0]), ("127.0.0.1", PORT))
        play(output, [picture((171, 1), 1)])
        assert received(desk) == [poll_reply("Club main", "127.0.0.1", 3, 2)]


def test_a_port_that_is_taken_is_left_alone(node: socket.socket) -> None:
    ours_alone()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("", PORT))
        with Artnet((1, 1), settings(node), "r") as output, node_on("127.0.0.1") as desk:
            desk.sendto(POLL + bytes([0, 0]), ("127.0.0.1", PORT))
            play(output, [picture((1, 1), 1)])
            assert received(desk) == []
            assert len(received(node)) == 2
        assert received(other) == [POLL + bytes([0, 0])]


def test_who_comes_later_may_share_the_port(node: socket.socket) -> None:
    ours_alone()
    with Artnet((1, 1), settings(node), "r"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("", PORT))


def test_a_flood_on_the_port_does_not_hold_up_the_picture(node: socket.socket) -> None:
    ours_alone()
    with Artnet((1, 1), settings(node), "r") as output, node_on("127.0.0.1") as desk:
        for _ in range(5000):
            desk.sendto(b"Art-Net\0" + bytes(522), ("127.0.0.1", PORT))
        took = []
        for n in range(20):
            start = monotonic()
            output.send(Frame(n, n / 30, picture((1, 1), n)))
            took.append(monotonic() - start)
        assert len(received(node)) == 40
    assert np.median(took) < 0.001


@pytest.mark.olad
def test_olad_holds_every_slot() -> None:
    pixels = picture((32, 16), 7)
    flat = pixels[..., :3].reshape(-1, 3)
    wanted = [flat[i : i + 170].ravel().tolist() for i in range(0, 512, 170)]
    wanted = [part + [0] * (512 - len(part)) for part in wanted]
    held: list[list[int]] = []
    with olad(artnet=[2, 3, 4, 5]), Artnet((32, 16), ArtnetSettings(host="127.0.0.1", universe=2), "r") as output:
        deadline, n = monotonic() + 5.0, 0
        while held != wanted and monotonic() < deadline:
            for _ in range(4):
                output.send(Frame(n, float(n), pixels))
                n += 1
                sleep(0.02)
            held = slots([2, 3, 4, 5])
    assert held == wanted
