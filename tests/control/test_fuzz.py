"""A million random bytes into every parser of what desks send: nothing is raised, and no memory grows."""

from __future__ import annotations

import itertools
import random
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from tests.control.osc.space import space
from visuals.audio.ltc.reader import LtcReader
from visuals.control.dmx import artnet, e131
from visuals.control.midi.channels import Channels
from visuals.control.midi.listening import Calm, Doubt, sort
from visuals.control.midi.messages import Parser
from visuals.control.midi.monitor import Monitor
from visuals.control.msc import message as msc
from visuals.control.msc.udp import HEAD, unpack
from visuals.control.osc.framing import Framing
from visuals.control.osc.packet import decode
from visuals.control.osc.peers import Peer
from visuals.control.osc.reception import Reception
from visuals.control.tempo.link_peers import announced
from visuals.control.tempo.midi_clock import MidiClock
from visuals.control.timecode.mtc import MtcReader

BYTES, WARM_BYTES = 10**6, 2 * 10**5
MOST_BYTES = 64 * 1024
"""More than this is held at the end only by what grows."""

Feed = Callable[[bytes, float], object]


def midi() -> Feed:
    parser, channels, clock, tape = Parser(), Channels(), MidiClock(), MtcReader()

    def feed(data: bytes, now: float) -> None:
        for message in parser.feed(data):
            clock.take(message, now)
            tape.take(message, now)
            if message.kind == "sysex":
                msc.decode(message.data)
            else:
                channels.events(message, now, "fuzz")

    return feed


def midi_port() -> Feed:
    doubt, calm = Doubt(), Calm()

    def feed(data: bytes, now: float) -> None:
        cuts = [data[n : n + 7] for n in range(0, len(data), 7)]
        hands, _ = sort([("fuzz", cut) for cut in doubt.take(cuts, now)])
        calm.take(hands.get("fuzz", []))

    return feed


def monitor() -> Feed:
    rows = Monitor()
    return lambda data, now: rows.rows([(now, "fuzz", data)], now)


def show_control() -> Feed:
    return lambda data, now: (msc.decode(b"\x7f\x7f\x02\x7f" + bytes(b & 0x7F for b in data[:60])), unpack(HEAD + data))


def ltc() -> Feed:
    reader = LtcReader()
    return lambda data, now: reader.feed(now, np.frombuffer(data, np.int8).astype(np.float32) / 128.0)


def osc_stream(first: bytes) -> Callable[[], Feed]:
    def make() -> Feed:
        framing = Framing()
        framing.feed(first)
        return lambda data, now: [decode(packet) for packet in framing.feed(data)]

    return make


def osc() -> Feed:
    reception = Reception(space())

    def feed(data: bytes, now: float) -> None:
        for start in (b"", b"#bundle\0", b"/show/*\0,", b"/show/scene\0,ff\0"):
            decode(start + data)
            reception.take(start + data, Peer("udp", "10.0.0.5", 9000), now, now)
        reception.drain()

    return feed


def light() -> Feed:
    def feed(data: bytes, now: float) -> None:
        for start in (b"", b"Art-Net\0\0\x50\0\x0e", bytes.fromhex("00100000 4153432d45312e3137000000")):
            artnet.parse(start + data)
            artnet.asks(start + data, 0)
            e131.parse((start + data)[:638])

    return feed


def link() -> Feed:
    return lambda data, now: (announced(data), announced(b"_asdp_v\1\1" + data))


PARSERS: dict[str, Callable[[], Feed]] = {
    "MIDI": midi,
    "MIDI port": midi_port,
    "monitor": monitor,
    "show control": show_control,
    "LTC": ltc,
    "OSC, size first": osc_stream(b"\0"),
    "OSC, SLIP": osc_stream(b"\xc0"),
    "OSC": osc,
    "sACN and Art-Net": light,
    "Link": link,
}


@pytest.mark.expects_warnings
@pytest.mark.parametrize("name", PARSERS)
def test_any_bytes_are_borne(name: str) -> None:
    dice, feed, moments = random.Random(6), PARSERS[name](), itertools.count()

    def pour(count: int) -> None:
        while count > 0:
            data = dice.randbytes(min(count, dice.choice((30, 300, 1400))))
            feed(data, next(moments) / 60.0)
            count -= len(data)

    pour(WARM_BYTES)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        pour(BYTES)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < MOST_BYTES
