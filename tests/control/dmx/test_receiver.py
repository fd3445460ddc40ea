from __future__ import annotations

import logging
import math
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from sacn.messages.data_packet import DataPacket

from visuals.clock import RealClock, monotonic, sleep
from visuals.control.dmx.receiver import POLLS_HZ, DmxIn
from visuals.errors import VisualsError
from visuals.types import DmxSettings

CID = tuple(range(16))
WITHIN_S = 5.0


@pytest.fixture
def desk() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.1", 0))
        sender.settimeout(WITHIN_S)
        yield sender


@contextmanager
def entered(**fields: object) -> Iterator[DmxIn]:
    settings = DmxSettings(**({"host": "127.0.0.1", "port": 0, "multicast": False} | fields))  # type: ignore[arg-type]
    with DmxIn(settings, 3, RealClock(), "First Light") as dmx:
        yield dmx


def sacn(*slots: int, sequence: int = 0, cid: tuple[int, ...] = CID, **fields: object) -> bytes:
    name = fields.pop("name", "desk")
    levels = (*slots, *[0] * (512 - len(slots)))
    packet = DataPacket(
        cid=cid, sourceName=name, universe=fields.pop("universe", 1), dmxData=levels, sequence=sequence, **fields
    )
    return bytes(packet.getBytes())


def artdmx(*slots: int, address: int = 0, sequence: int = 0) -> bytes:
    levels = bytes(slots).ljust(512, b"\0")
    return b"Art-Net\0\0\x50\0\x0e" + bytes([sequence, 0]) + address.to_bytes(2, "little") + (512).to_bytes(2) + levels


def heard(dmx: DmxIn, *names: str) -> dict[str, float]:
    """What comes until all of these events have."""
    found: dict[str, float] = {}
    deadline = monotonic() + WITHIN_S
    while not set(names) <= set(found):
        assert monotonic() < deadline, found
        found |= {event.name: event.value for event in dmx.drain()}
        sleep(0.005)
    return found


def test_sacn_is_heard(desk: socket.socket) -> None:
    with entered() as dmx:
        assert dmx.drain() == []
        desk.sendto(sacn(2, 128, 0), ("127.0.0.1", dmx.port))
        first = heard(dmx, "dmx.scene.2", "dmx.master", "dmx.assign.8")
        assert first["dmx.link"] == 1.0
        assert first["dmx.master"] == pytest.approx(0.5, abs=1e-4)
        desk.sendto(sacn(2, 255, 255, sequence=1), ("127.0.0.1", dmx.port))
        assert heard(dmx, "dmx.master") == {"dmx.master": 1.0}


def test_what_is_not_for_us_is_not_heard(desk: socket.socket) -> None:
    with entered() as dmx:
        for packet in (sacn(1, universe=2), sacn(1, previewData=True), b"nonsense", sacn(1)[:200], artdmx(1)):
            desk.sendto(packet, ("127.0.0.1", dmx.port))
        desk.sendto(sacn(3), ("127.0.0.1", dmx.port))
        assert "dmx.scene.1" not in heard(dmx, "dmx.scene.3")


def test_a_backup_takes_over_when_the_main_desk_ends(desk: socket.socket) -> None:
    with entered() as dmx:
        to = ("127.0.0.1", dmx.port)
        backup = (*CID[:15], 99)
        desk.sendto(sacn(1, 0, 0, 10, cid=backup, priority=50), to)
        desk.sendto(sacn(2, 0, 0, 20, priority=150), to)
        heard(dmx, "dmx.scene.2")
        for n in range(3):
            desk.sendto(sacn(2, 0, 0, 20, priority=150, sequence=1 + n, streamTerminated=True), to)
        assert heard(dmx, "dmx.scene.1")["dmx.speed"] == 10 / 255


def test_a_lost_desk_is_held_and_then_released(desk: socket.socket) -> None:
    with entered(hold=0.2) as dmx:
        desk.sendto(sacn(1), ("127.0.0.1", dmx.port))
        heard(dmx, "dmx.scene.1")
        began = monotonic()
        assert heard(dmx, "dmx.link")["dmx.link"] == 0.0
        assert 2.4 <= monotonic() - began <= 2.5 + 1.0
        assert dmx.universe.link == "held"
        heard(dmx, "dmx.release")
        desk.sendto(sacn(1), ("127.0.0.1", dmx.port))
        heard(dmx, "dmx.link", "dmx.scene.1")


def test_artnet_is_heard_and_a_poll_is_answered(desk: socket.socket) -> None:
    with entered(protocol="artnet", universe=0x321) as dmx:
        to = ("127.0.0.1", dmx.port)
        desk.sendto(artdmx(1), to)
        desk.sendto(artdmx(2, 255, 255, address=0x321, sequence=1), to)
        first = heard(dmx, "dmx.scene.2", "dmx.master")
        assert "dmx.scene.1" not in first
        desk.sendto(b"Art-Net\0\0\x20\0\x0e\0\0", to)
        reply = desk.recv(1000)
        assert len(reply) == 239
        assert (reply[18:20], reply[190], reply[10:14]) == (b"\x03\x02", 1, b"\x7f\0\0\1")
        assert reply[26:37] == b"First Light"


def test_a_flood_of_polls_is_answered_so_often(desk: socket.socket) -> None:
    with entered(protocol="artnet") as dmx:
        for _ in range(500):
            desk.sendto(b"Art-Net\0\0\x20\0\x0e\0\0", ("127.0.0.1", dmx.port))
        sleep(0.2)
        desk.setblocking(False)
        answers = 0
        with suppress(BlockingIOError):
            while desk.recv(1000):
                answers += 1
    assert 0 < answers <= 2 * POLLS_HZ


def test_two_artnet_sources_share_by_the_highest_level() -> None:
    with entered(protocol="artnet", universe=0) as dmx, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.2", 0))
        one.sendto(artdmx(0, 0, 0, 200), ("127.0.0.1", dmx.port))
        heard(dmx, "dmx.speed")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as two:
            two.bind(("127.0.0.3", 0))
            two.sendto(artdmx(0, 0, 0, 100, 50), ("127.0.0.1", dmx.port))
        assert heard(dmx, "dmx.hue") == {"dmx.hue": 50 / 255}


@pytest.mark.parametrize("interface", ["lo", "127.0.0.1"])
def test_multicast_is_joined_on_the_named_interface(desk: socket.socket, interface: str) -> None:
    with entered(host="", multicast=True, universe=259, interface=interface) as dmx:
        desk.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        desk.sendto(sacn(3, universe=259), ("239.255.1.3", dmx.port))
        heard(dmx, "dmx.scene.3")


def test_a_group_is_joined_anew_after_silence(desk: socket.socket) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as chosen:
        chosen.bind(("", 0))
        port = chosen.getsockname()[1]
    with entered(host="", multicast=True, interface="lo", port=port) as dmx:
        desk.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        sleep(2.5)
        desk.sendto(sacn(3), ("239.255.0.1", port))
        heard(dmx, "dmx.scene.3")


@pytest.mark.expects_warnings
def test_an_interface_that_is_not_there_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), entered(host="", multicast=True, interface="nowhere0") as dmx:
        sleep(1.2)
        assert dmx.port == 0
        assert dmx.drain() == []
    assert len(caplog.records) == 1


def test_a_port_goes_and_comes_many_times(desk: socket.socket) -> None:
    port = 0
    for n in range(20):
        with entered(port=port) as dmx:
            port = dmx.port
            desk.sendto(sacn(1, sequence=n), ("127.0.0.1", port))
            heard(dmx, "dmx.scene.1")


def test_a_flood_leaves_the_drain_quick_and_the_newest_look(desk: socket.socket) -> None:
    with entered() as dmx:
        packets = [sacn(1, 0, 0, n % 256, sequence=n % 256) for n in range(256)]
        slowest = 0.0
        for n in range(10_000):
            desk.sendto(packets[n % 256], ("127.0.0.1", dmx.port))
            if n % 250 == 0:
                began = monotonic()
                dmx.drain()
                slowest = max(slowest, monotonic() - began)
        assert slowest < 0.1
        sleep(0.3)
        dmx.drain()
        desk.sendto(sacn(2, 0, 0, 77, cid=(*CID[:15], 99), priority=101), ("127.0.0.1", dmx.port))
        assert heard(dmx, "dmx.scene.2")["dmx.speed"] == 77 / 255


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"universe": 0}, "sacn has no universe 0, expected 1 to 63999"),
        ({"universe": 64_000}, "sacn has no universe 64000"),
        ({"protocol": "artnet", "universe": 32_768}, "artnet has no universe 32768, expected 0 to 32767"),
        ({"address": 499}, "no room at address 499 for 15 channels, expected 1 to 498"),
        ({"address": 0}, "no room at address 0"),
        ({"hold": -1.0}, "cannot be held for -1.0 s"),
        ({"hold": math.nan}, "cannot be held for nan s"),
    ],
)
def test_settings_that_cannot_be_are_told(fields: dict[str, object], found: str) -> None:
    with pytest.raises(VisualsError, match=found):
        DmxIn(DmxSettings(**fields), 3, RealClock())  # type: ignore[arg-type]
