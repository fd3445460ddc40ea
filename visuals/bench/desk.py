"""What desks cost: a frame's share of MIDI, OSC and light, a clock's ticks, timecode as sound.

Beside them what other people's libraries take for the bytes alone, where those are installed (`visuals[dev]`): ours
make events of them, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from itertools import count, cycle

import numpy as np

from visuals.audio.ltc.codeword import codeword
from visuals.audio.ltc.reader import LtcReader
from visuals.bench.figures import Figure, Peer, Work, compare_share
from visuals.control.dmx import e131
from visuals.control.dmx.fixture import Fixture
from visuals.control.dmx.merge import Merge
from visuals.control.midi.channels import Channels
from visuals.control.midi.messages import MOVING, Message, Parser, newest_controls
from visuals.control.osc.addresses import Space
from visuals.control.osc.packet import encode
from visuals.control.osc.peers import Peer as Sender
from visuals.control.osc.reception import Reception
from visuals.control.tempo.midi_clock import MidiClock
from visuals.timecode import RATES, Timecode
from visuals.types import SAMPLE_RATE_HZ, Float32s

MIDI_HZ, OSC_HZ, LIGHT_HZ, TICKS_HZ = 10_000, 5_000, 44, 48
"""Messages a second: a flood of MIDI, a full tablet, a universe, a clock at 120 BPM."""

FPS = 60
LTC_FPS, BITS = 25, 80


def run(seconds: float) -> list[Figure]:
    return [
        compare_share("desk.midi", f"{MIDI_HZ:,} messages a second made events", FPS, seconds, *_midi()),
        compare_share("desk.osc", f"{OSC_HZ:,} OSC packets a second, obeyed", OSC_HZ, seconds, *_osc()),
        compare_share("desk.sacn", "a universe of sACN, merged and told apart", LIGHT_HZ, seconds, *_sacn()),
        compare_share("desk.clock", "MIDI clock at 120 BPM, a tick at a time", TICKS_HZ, seconds, _clock()),
        compare_share("desk.ltc", "timecode read out of sound", 1.0, seconds, _ltc()),
    ]


def _midi() -> tuple[Work, Peer | None]:
    """Notes, faders and bend in turn."""
    messages = MIDI_HZ // FPS
    run_of = b"".join(bytes([(0x90, 0xB0, 0xE0)[n % 3], n % 60, n % 128]) for n in range(messages))
    parser, channels = Parser(), Channels()

    def ours(_: object) -> None:
        events = [e for message in parser.feed(run_of) for e in channels.events(message, 0.0, "desk")]
        newest_controls(events, MOVING)

    return Work(ours), _mido(run_of)


def _mido(run_of: bytes) -> Peer | None:
    if find_spec("mido") is None:
        return None
    import mido

    parser = mido.Parser()

    def feed(_: object) -> None:
        parser.feed(run_of)
        list(parser)

    return Peer("bare mido", Work(feed))


def _osc() -> tuple[Work, Peer | None]:
    space = Space(("dawn",), ("1",), {"master": (0.0, 1.0), "haze.density": (0.0, 1.0)}, {}, ("haze",))
    reception, sender = Reception(space), Sender("udp", "10.0.0.5", 9000)
    packets = [encode("/show/control/haze/density", n / 64) for n in range(64)]
    moments = count()

    def ours(packet: bytes) -> None:
        now = next(moments) / OSC_HZ
        reception.take(packet, sender, now, now)
        if not packet[-1]:
            reception.drain()

    return Work(ours, cycle(packets)), _python_osc(packets)


def _python_osc(packets: list[bytes]) -> Peer | None:
    if find_spec("pythonosc") is None:
        return None
    from pythonosc.osc_packet import OscPacket

    return Peer("bare python-osc", Work(lambda packet: OscPacket(packet).messages[0].message.params, cycle(packets)))


def _sacn() -> tuple[Work, Peer | None]:
    packets = [_universe(n) for n in range(256)]
    merge, fixture, moments = Merge(e131.LOSS_S, e131.is_late, 10.0), Fixture(1, 8), count()

    def ours(packet: bytes) -> None:
        now = next(moments) / LIGHT_HZ
        data = e131.parse(packet)
        if data is not None:
            merge.take(data.cid, data.source, data.slots, data.priority, data.sequence, now)
        fixture.events(merge.look(now), now)

    return Work(ours, cycle(packets)), _sacn_library(packets)


def _universe(number: int) -> bytes:
    """A data packet (E1.31, table 4-1 and 4-2) in which all slots have moved on."""
    head = bytes.fromhex("0010 0000 4153432d45312e3137000000 726e 00000004") + bytes(16)
    framing = bytes.fromhex("7258 00000002") + b"desk".ljust(64, b"\0") + bytes([100, 0, 0, number, 0, 0, 1])
    return head + framing + bytes.fromhex("720b 02 a1 0000 0001 0201 00") + bytes([number]) * 512


def _sacn_library(packets: list[bytes]) -> Peer | None:
    if find_spec("sacn") is None:
        return None
    from sacn.messages.data_packet import DataPacket

    return Peer("bare sacn", Work(lambda packet: DataPacket.make_data_packet(tuple(packet)).dmxData, cycle(packets)))


def _clock() -> Work:
    clock, ticks = MidiClock(), count()
    clock.take(Message("start", 0, b""), 0.0)

    def ours(_: object) -> None:
        now = next(ticks) / TICKS_HZ
        clock.take(Message("clock", 0, b""), now)
        clock.at(now)

    return Work(ours)


def _ltc() -> Work:
    reader, seconds, sound = LtcReader(), count(), _striped()

    def ours(_: object) -> None:
        reader.feed(float(next(seconds)), sound)

    return Work(ours)


def _striped() -> Float32s:
    """A second of timecode: a turn of the wave at each bit's edge, one more in the middle of a one (SMPTE 12M)."""
    per_half = SAMPLE_RATE_HZ // (LTC_FPS * BITS * 2)
    return np.repeat(np.fromiter(_halves(), np.float32), per_half)


def _halves() -> Iterator[float]:
    """The level of each half of each bit, least significant first."""
    level = 0.5
    for frame in range(LTC_FPS):
        word = codeword(Timecode(10, 0, 0, frame, RATES["25"]))
        for bit in range(BITS):
            level = -level
            yield level
            level = -level if word >> bit & 1 else level
            yield level
