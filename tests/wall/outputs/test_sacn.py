from __future__ import annotations

import itertools
import socket

import numpy as np
import pytest
import sacn
from sacn.messages.data_packet import DataPacket
from sacn.messages.sync_packet import SyncPacket
from sacn.messages.universe_discovery import UniverseDiscoveryPacket

from tests.wall.ola import olad, slots
from tests.wall.outputs.nodes import cable, node_on, picture, play, port, received
from visuals.clock import monotonic, sleep
from visuals.errors import DeviceError, OutputError
from visuals.types import Frame, Pixels
from visuals.wall.outputs.e131 import SLOTS, discovery_packets, multicast_group, packets, sync_packet
from visuals.wall.outputs.sacn import Sacn
from visuals.wall.outputs.settings import SacnSettings


def expected_slots(pixels: Pixels) -> list[list[int]]:
    """RGB row by row, 170 pixels a universe, the rest of its 512 slots zero."""
    flat = pixels[..., :3].reshape(-1, 3)
    cut = [flat[i : i + 170].ravel().tolist() for i in range(0, len(flat), 170)]
    return [part + [0] * (512 - len(part)) for part in cut]


def settings(node: socket.socket, **fields: object) -> SacnSettings:
    return SacnSettings.model_validate({"host": "127.0.0.1", "port": node.getsockname()[1], **fields})


def test_a_packet_is_the_standard_byte_for_byte() -> None:
    # A packet of the `sacn` library captured on the wire: priority 200, sync universe 7962, sequence 1.
    vector = bytes.fromhex(
        "00100000" "4153432d45312e3137000000" "726e" "00000004" "000102030405060708090a0b0c0d0e0f"
        "7258" "00000002" "766563" + "00" * 61 + "c8" "1f1a" "01" "00" "0001"
        "720b" "02" "a1" "0000" "0001" "0201" "00" "010203" + "00" * 509
    )  # fmt: skip
    packet = packets(1, 1, bytes(range(16)), "vec", priority=200, sync=7962)
    packet[0, 111] = 1
    packet[0, SLOTS : SLOTS + 3] = 1, 2, 3
    assert packet[0].tobytes() == vector


def test_the_foreign_library_reads_what_we_write() -> None:
    packet = packets(258, 2, bytes(16), "Ünïcode " * 20, priority=7)[1]
    read = DataPacket.make_data_packet(packet.tobytes())
    assert (read.universe, read.priority, read.sequence, read.dmxStartCode) == (259, 7, 0, 0)
    assert read.sourceName.startswith("Ünïcode")
    assert len(read.sourceName.encode()) <= 63


def test_multicast_groups_follow_the_universe() -> None:
    assert multicast_group(1) == "239.255.0.1"
    assert multicast_group(7962) == "239.255.31.26"


def test_pixels_never_straddle_universes(node: socket.socket) -> None:
    pixels = picture((32, 16), 1)
    with Sacn((32, 16), settings(node, universe=5, priority=120), "rig main") as output:
        output.send(Frame(0, 0.0, pixels))
        read = [DataPacket.make_data_packet(p) for p in received(node)]
    assert [p.universe for p in read] == [5, 6, 7, 8]
    assert {p.priority for p in read} == {120}
    assert {p.sequence for p in read} == {1}
    assert [list(p.dmxData) for p in read] == expected_slots(pixels)


def test_never_more_than_44_packets_a_second_and_a_sequence_without_gaps(node: socket.socket) -> None:
    arrived = []
    with Sacn((10, 10), settings(node), "r") as output:
        for n in range(600):
            output.send(Frame(n, n / 60, picture((10, 10), n)))
            arrived += [(n / 60, p[111]) for p in received(node)]
    times = [t for t, _ in arrived]
    assert 425 <= len(times) <= 440
    for start in times:
        assert sum(1 for t in times if start <= t < start + 1.0 - 1e-6) <= 44
    assert [s for _, s in arrived] == [(n + 1) % 256 for n in range(len(arrived))]


def test_a_player_that_starts_anew_is_not_taken_for_late(node: socket.socket) -> None:
    # Section 6.7.2: of packets that come up to 20 numbers late, receivers show none.
    numbers = []
    for start, end in ((0, 400), (405, 700), (703, 730)):
        output = Sacn((1, 1), settings(node), "r").__enter__()
        for n in range(start, end):
            output.send(Frame(n, n / 60, picture((1, 1), n)))
        output.__exit__(KeyboardInterrupt, None, None)  # killed: no end is told
        numbers.append([p[111] for p in received(node)])
    for before, after in itertools.pairwise(numbers):
        assert 0 < (after[0] - before[-1]) % 256 < 128


def test_a_still_picture_is_kept_alive_every_second(node: socket.socket) -> None:
    pixels, times = picture((10, 10), 1), []
    with Sacn((10, 10), settings(node), "r") as output:
        for n in range(300):
            output.send(Frame(n, n / 60, pixels))
            times += [n / 60 for _ in received(node)]
    assert len(times) <= 10
    assert max(np.diff(times)) <= 1.0
    assert np.diff(times)[3:].min() >= 0.79


def test_a_change_after_stillness_leaves_at_once(node: socket.socket) -> None:
    with Sacn((2, 2), settings(node), "r") as output:
        for n in range(60):
            output.send(Frame(n, n / 60, np.zeros((2, 2, 4), np.uint8)))
        received(node)
        output.send(Frame(60, 1.0, np.full((2, 2, 4), 9, np.uint8)))
        assert len(received(node)) == 1


def test_the_end_is_told_three_times(node: socket.socket) -> None:
    with Sacn((1, 1), settings(node), "r") as output:
        output.send(Frame(0, 0.0, picture((1, 1), 1)))
        received(node)
    ends = [DataPacket.make_data_packet(p) for p in received(node)]
    assert [p.option_StreamTerminated for p in ends] == [True] * 3
    assert [p.sequence for p in ends] == [2, 3, 4]


def test_the_cid_survives_restarts_and_differs_by_wall_and_by_who_stands_by(node: socket.socket) -> None:
    cids = [Sacn((1, 1), settings(node), name).cid for name in ("rig main", "rig main", "rig side")]
    assert cids[0] == cids[1] != cids[2]
    # A stand-by sends at less priority; on one machine too it is a source of its own.
    assert Sacn((1, 1), settings(node, priority=99), "rig main").cid not in cids


@pytest.mark.olad
def test_a_stand_by_at_less_priority_takes_over_when_the_main_machine_falls_silent() -> None:
    main, stand_by = picture((17, 10), 1), picture((17, 10), 2)
    with olad(sacn=[1]):
        spare = Sacn((17, 10), SacnSettings(host="127.0.0.1", priority=99), "rig main").__enter__()
        ours = Sacn((17, 10), SacnSettings(host="127.0.0.1"), "rig main").__enter__()
        for n in range(20):
            spare.send(Frame(n, n / 30, stand_by))
            ours.send(Frame(n, n / 30, main))
            sleep(1 / 30)
        assert slots([1]) == expected_slots(main)
        ours.__exit__(KeyboardInterrupt, None, None)  # killed: no end is told
        silent = monotonic()
        while slots([1]) != expected_slots(stand_by):
            spare.send(Frame(0, 10.0 + monotonic() - silent, stand_by))
            assert monotonic() - silent < 5.0  # the standard has receivers wait 2.5 s
            sleep(0.1)
        spare.__exit__(None, None, None)


def test_an_end_by_an_error_is_not_told_as_a_clean_one(node: socket.socket) -> None:
    output = Sacn((1, 1), settings(node), "r").__enter__()
    output.send(Frame(0, 0.0, picture((1, 1), 1)))
    output.__exit__(DeviceError, DeviceError("given up"), None)
    assert [p[112] for p in received(node)] == [0]


def test_a_sync_packet_is_the_standard_byte_for_byte() -> None:
    vector = bytes.fromhex(
        "00100000" "4153432d45312e3137000000" "7021" "00000008" "000102030405060708090a0b0c0d0e0f"
        "700b" "00000001" "05" "1f1a" "0000"
    )  # fmt: skip
    packet = sync_packet(7962, bytes(range(16)))
    packet[44] = 5
    assert packet.tobytes() == vector


def test_universes_are_synchronised_where_the_data_goes() -> None:
    pictures = [picture((20, 17), seed) for seed in range(3)]
    with node_on("127.0.0.1") as first, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as second:
        second.bind(("127.0.0.2", port(first)))
        to = SacnSettings(host=("127.0.0.1", "127.0.0.2"), port=port(first), universe=3, sync=90)
        with Sacn((20, 17), to, "r") as output:
            play(output, pictures)
            came = [received(first), received(second)]
    for packets_ in came:
        kinds = [len(p) for p in packets_]
        assert kinds == [638, 638, 49] * 3
        syncs = [SyncPacket.make_sync_packet(p) for p in packets_[2::3]]
        assert [(s.syncAddr, s.sequence) for s in syncs] == [(90, 1), (90, 2), (90, 3)]
        data = [DataPacket.make_data_packet(p) for p in packets_ if len(p) == 638]
        assert {p.syncAddr for p in data} == {90}
        # Whoever misses the sync goes on by itself.
        assert {p.option_ForceSync for p in data} == {True}
        assert [list(p.dmxData) for p in data[-2:]] == expected_slots(pictures[-1])


def test_discovery_pages_are_read_by_the_foreign_library() -> None:
    pages = discovery_packets(range(5, 5 + 600), bytes(range(16)), "Club main")
    read = [UniverseDiscoveryPacket.make_universe_discovery_packet(p.tobytes()) for p in pages]
    assert [(p.page, p.lastPage, p.sourceName) for p in read] == [(0, 1, "Club main"), (1, 1, "Club main")]
    assert [u for p in read for u in p.universes] == list(range(5, 605))
    ours = pages[1].tobytes()
    theirs = UniverseDiscoveryPacket(tuple(range(16)), "Club main", tuple(range(517, 605)), 1, 1)
    assert ours == bytes(theirs.getBytes())


def test_the_universes_are_told_every_ten_seconds() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as console:
        console.bind(("239.255.250.214", 0))
        group = socket.inet_aton("239.255.250.214") + socket.inet_aton("127.0.0.1")
        console.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        to = SacnSettings(universe=300, port=port(console), interface="127.0.0.1")
        times = []
        with Sacn((20, 17), to, "Club main") as output:
            for n in range(25 * 30):
                output.send(Frame(n, n / 30, np.zeros((17, 20, 4), np.uint8)))
                told = [UniverseDiscoveryPacket.make_universe_discovery_packet(p) for p in received(console)]
                times += [n / 30 for _ in told]
                assert all(p.universes == (300, 301) for p in told)
    assert times == pytest.approx([0.0, 10.0, 20.0])


@pytest.mark.expects_warnings
def test_a_dead_network_never_raises(caplog: pytest.LogCaptureFixture) -> None:
    # The kernel refuses a broadcast that was not asked for: as final as an unplugged cable.
    with Sacn((10, 10), SacnSettings(host="255.255.255.255"), "r") as output:
        for n in range(120):
            output.send(Frame(n, n / 60, picture((10, 10), n)))
        assert output.lost > 50
    assert len(caplog.records) == 1


def test_a_host_that_is_not_there_is_said() -> None:
    with pytest.raises(DeviceError, match=r"no host `no-such-host\.invalid`"):
        Sacn((1, 1), SacnSettings(host="no-such-host.invalid"), "r")
    with pytest.raises(DeviceError, match=r"no network card with the address `192\.0\.2\.1`"):
        Sacn((1, 1), SacnSettings(interface="192.0.2.1"), "r").__enter__()


def test_a_wall_beyond_the_last_universe_is_refused() -> None:
    with pytest.raises(OutputError, match="found 2 universes from 63999, expected the last at 63999"):
        Sacn((171, 1), SacnSettings(universe=63_999), "r")


def test_multicast_arrives_in_every_group() -> None:
    pixels = picture((20, 17), 3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as node:
        node.bind(("", 0))
        node.settimeout(2.0)
        for universe in (300, 301):
            group = socket.inet_aton(multicast_group(universe)) + socket.inet_aton("127.0.0.1")
            node.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        to = SacnSettings(universe=300, port=node.getsockname()[1], interface="127.0.0.1")
        with Sacn((20, 17), to, "r") as output:
            output.send(Frame(0, 0.0, pixels))
            read = sorted((DataPacket.make_data_packet(node.recv(2048)) for _ in range(2)), key=lambda p: p.universe)
    assert [list(p.dmxData) for p in read] == expected_slots(pixels)


def test_the_foreign_receiver_holds_our_pixels_and_is_told_the_end() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        free = port(probe)
    held: dict[int, tuple[int, ...]] = {}
    changes: list[tuple[int, str]] = []
    receiver = sacn.sACNreceiver(bind_address="127.0.0.1", bind_port=free)
    receiver.register_listener("universe", lambda p: held.__setitem__(p.universe, p.dmxData), universe=1)
    receiver.register_listener("universe", lambda p: held.__setitem__(p.universe, p.dmxData), universe=2)
    receiver.register_listener("availability", lambda universe, changed: changes.append((universe, changed)))
    receiver.start()
    pixels = picture((17, 20), 4)
    try:
        with Sacn((17, 20), SacnSettings(host="127.0.0.1", port=free, sync=9), "r") as output:
            deadline, n = monotonic() + 5.0, 0
            while len(held) < 2 and monotonic() < deadline:
                output.send(Frame(n, n / 40, pixels))
                n += 40
                sleep(0.02)
        deadline = monotonic() + 1.5  # without the packets at the end it would take 2.5 s
        while changes.count((2, "timeout")) < 1 and monotonic() < deadline:
            sleep(0.02)
    finally:
        receiver.stop()
    assert [list(held[u]) for u in (1, 2)] == expected_slots(pixels)
    assert sorted(set(changes)) == [(1, "available"), (1, "timeout"), (2, "available"), (2, "timeout")]


@pytest.mark.olad
def test_olad_holds_512_of_512_slots_of_every_universe() -> None:
    universes = [1, 2, 3, 4]
    with olad(sacn=universes), Sacn((32, 16), SacnSettings(host="127.0.0.1"), "rig main") as output:
        for seed in (5, 6):
            pixels = picture((32, 16), seed)
            until_held(output, pixels, universes, expected_slots(pixels), seed * 100.0)


@pytest.mark.olad
def test_olad_holds_two_hundred_universes_sent_at_44_hz() -> None:
    size, universes = (170, 200), list(range(1, 201))
    pictures = [picture(size, seed) for seed in range(4)]
    # A network of its own, where olad may join so many groups; it starts nowhere with a loopback alone.
    with cable(), olad(sacn=universes), Sacn(size, SacnSettings(host="127.0.0.1"), "r") as output:
        start, took = monotonic(), []
        for n in range(88):
            sleep(start + n / 44 - monotonic())
            began = monotonic()
            output.send(Frame(n, n / 44, pictures[n % 4]))
            took.append(monotonic() - began)
        assert output.lost == 0
        assert np.median(took) < 0.003
        until_held(output, pictures[0], universes, expected_slots(pictures[0]), 10.0)


@pytest.mark.olad
def test_olad_holds_pixels_in_another_order() -> None:
    pixels = picture((9, 7), 8)
    # A strip that goes up the right edge and comes back down, white last, from channel 101.
    to = SacnSettings(
        host="127.0.0.1", order="GRBW", start="bottom right", along="columns", zigzag=True, channel=101, universe=2
    )
    wanted = [0] * 100
    for column in range(9):
        rows = range(6, -1, -1) if column % 2 == 0 else range(7)
        for row in rows:
            r, g, b = (int(v) for v in pixels[row, 8 - column, :3])
            w = min(r, g, b)
            wanted += [g - w, r - w, b - w, w]
    wanted += [0] * (512 - len(wanted))
    with olad(sacn=[2]), Sacn((9, 7), to, "rig main") as output:
        until_held(output, pixels, [2], [wanted])


def until_held(output: Sacn, pixels: Pixels, universes: list[int], wanted: list[list[int]], since: float = 0.0) -> None:
    """Send until olad holds just that."""
    held: list[list[int]] = []
    deadline, n = monotonic() + 5.0, 0
    while held != wanted and monotonic() < deadline:
        for _ in range(4):
            output.send(Frame(n, since + n, pixels))
            n += 1
            sleep(0.02)
        held = slots(universes)
    assert held == wanted
