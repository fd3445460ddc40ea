"""A show that is a fixture and a rig that sends light, on one machine: who hears what."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sacn.messages.data_packet import DataPacket

from visuals.checking import check_files
from visuals.clock import RealClock, monotonic, sleep
from visuals.control.dmx import artnet
from visuals.control.dmx.receiver import DmxIn
from visuals.library import open_show
from visuals.overhearing import echoed, overheard
from visuals.types import Desks, DmxSettings, Frame, MscFollower, MscSettings, OscSettings, Output, Rig, Wall
from visuals.wall.outputs.artnet import Artnet
from visuals.wall.outputs.sacn import Sacn
from visuals.wall.outputs.settings import ArtnetSettings, SacnSettings

FLASH = Path(__file__).parent / "drills" / "flash" / "show.yaml"
SIZE = (171, 1)
"""Pixels of two universes."""

WITHIN_S = 3.0


@pytest.fixture
def desk() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.1", 0))
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        yield sender


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])


def sacn(universe: int, *slots: int) -> bytes:
    levels = (*slots, *[0] * (512 - len(slots)))
    return bytes(DataPacket(tuple(range(16)), "desk", universe, levels).getBytes())


def artdmx(address: int, *slots: int) -> bytes:
    levels = bytes(slots).ljust(512, b"\0")
    return b"Art-Net\0\0\x50\0\x0e\0\0" + address.to_bytes(2, "little") + (512).to_bytes(2) + levels


def shine(output: Output, dmx: DmxIn, since: float, desk: bytes, to: tuple[str, int], sender: socket.socket) -> str:
    """Send light and a desk's word until something is heard; whose it is."""
    deadline, n = monotonic() + WITHIN_S, 0
    while dmx.universe.slots is None:
        assert monotonic() < deadline, "nobody was heard"
        output.send(Frame(n, since + n / 30.0, np.full((SIZE[1], SIZE[0], 4), n % 200 + 50, np.uint8)))
        if n > 10:
            sender.sendto(desk, to)
        n += 1
        sleep(0.01)
    return dmx.universe.source


@pytest.mark.parametrize(("first", "heard"), [(2, "desk"), (1, "Club main"), (63_000, "desk")])
def test_sacn_leaves_and_comes_by_one_port(desk: socket.socket, first: int, heard: str) -> None:
    """Its own light is heard only in the universe that is listened to, whatever else is on the port."""
    port = free_port()
    listening = DmxSettings("sacn", 1, interface="127.0.0.1", port=port)
    sending = SacnSettings.model_validate({"universe": first, "port": port, "interface": "127.0.0.1"})
    with DmxIn(listening, 3, RealClock()) as dmx, Sacn(SIZE, sending, "Club main") as output:
        assert shine(output, dmx, 0.0, sacn(1, 2, 255, 255), ("239.255.0.1", port), desk) == heard


@pytest.mark.parametrize("player_first", [True, False])
def test_artnet_comes_by_the_port_that_our_light_is_asked_at(desk: socket.socket, player_first: bool) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("", artnet.PORT))
        except OSError:
            pytest.skip(f"port {artnet.PORT} is in use: is another lighting program running?")
    sending = ArtnetSettings.model_validate({"host": "127.0.0.1", "universe": 1})
    with ExitStack() as stack:
        output = Artnet(SIZE, sending, "Club main")
        dmx = DmxIn(DmxSettings("artnet", 0), 3, RealClock())
        for each in (output, dmx) if player_first else (dmx, output):
            stack.enter_context(each)
        word = artdmx(0, 2, 255, 255)
        assert shine(output, dmx, 0.0, word, ("127.0.0.1", artnet.PORT), desk) == "127.0.0.1"
        assert dmx.universe.slots == word[18:]


@pytest.mark.parametrize(
    ("dmx", "output", "told"),
    [
        (DmxSettings("sacn", 1), ("sacn", {}), True),
        (DmxSettings("sacn", 2), ("sacn", {}), True),
        (DmxSettings("sacn", 3), ("sacn", {}), False),
        (DmxSettings("sacn", 1), ("sacn", {"host": "10.0.0.20"}), False),  # to another machine alone
        (DmxSettings("sacn", 1), ("sacn", {"host": ["10.0.0.20", "127.0.0.1"]}), True),
        (DmxSettings("sacn", 1, interface="10.0.0.5"), ("sacn", {"interface": "10.1.0.5"}), False),
        (DmxSettings("sacn", 1, interface="10.0.0.5"), ("sacn", {"interface": "10.0.0.5"}), True),
        (DmxSettings("artnet", 0), ("artnet", {"host": "2.255.255.255"}), True),
        (DmxSettings("artnet", 0), ("artnet", {"host": "2.0.0.20"}), False),
        (DmxSettings("artnet", 1), ("sacn", {}), False),
        (None, ("sacn", {}), False),
    ],
)
def test_a_show_that_would_hear_its_own_light(
    dmx: DmxSettings | None, output: tuple[str, dict[str, object]], told: bool
) -> None:
    show, _ = open_show(FLASH, None)
    show = replace(show, desks=replace(show.desks, dmx=dmx))
    rig = Rig("Club", (Wall("main", (0, 0, *SIZE), SIZE, output),))
    assert bool([*overheard(show, rig)]) == told


def test_check_tells_it_of_a_show_and_its_rig(tmp_path: Path) -> None:
    show, rig = tmp_path / "show.yaml", tmp_path / "rig.yaml"
    show.write_text(
        "show: Lit\ncanvas: [64, 32]\ndmx: {sacn: {universe: 2}}\n"
        "scenes:\n  one:\n    layers:\n      - {name: a, shader: generators/haze}\n"
    )
    rig.write_text("rig: Club\nwalls:\n  - {name: main, canvas: [0, 0, 64, 32], output: {sacn: {universe: 1}}}\n")
    problems = "\n".join(check_files([str(show), str(rig)]).problems)
    assert "wall `main`: found universes 1 to 13, of which the show Lit hears 2" in problems


@pytest.mark.parametrize(
    ("to", "port", "lines"),
    [("127.0.0.1", 6004, 1), ("127.0.0.1", 6005, 0), ("203.0.113.7", 6004, 0)],
)
def test_a_show_that_tells_this_machines_own_port_is_refused(to: str, port: int, lines: int) -> None:
    show, _ = open_show(FLASH, None)
    msc = MscSettings(udp=6004, followers=(MscFollower(host=to, udp=port), MscFollower(port="Desk")))
    found = [*echoed(replace(show, desks=Desks(msc)))]
    assert len(found) == lines
    assert all(f"found {to}:{port}, which is this machine" in line for line in found)
    told = OscSettings(port=6004, told=((to, port, "/show"),))
    assert len([*echoed(replace(show, desks=Desks(osc=told)))]) == lines
