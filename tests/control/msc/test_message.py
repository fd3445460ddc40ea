from __future__ import annotations

import random
import tracemalloc
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visuals.control.midi.messages import Parser
from visuals.control.msc.message import (
    CODES,
    COMMANDS,
    FORMATS,
    MESSAGE_BYTES,
    Receiver,
    ShowControl,
    decode,
    encode,
    event_of,
)
from visuals.vocabulary import cue_number, list_number

FUZZ_BYTES = 10**6


def hear(wire: str) -> ShowControl | None:
    """What a whole sysex says, taken from a port as bytes are."""
    found = [m for m in Parser().feed(bytes.fromhex(wire)) if m.kind == "sysex"]
    return decode(found[0].data) if found else None


def go(device: int, kind: int, **fields: object) -> ShowControl:
    return ShowControl(device, kind, "go", **fields)  # type: ignore[arg-type]


def ma(command: str, **fields: object) -> ShowControl:
    """From a grandMA: to every device of every type."""
    return ShowControl(0x7F, 0x7F, command, **fields)  # type: ignore[arg-type]


VECTORS = [
    # Eos
    ("F0 7F 01 02 01 01 31 00 31 F7", go(1, 1, cue="1", cue_list="1"), "msc.go.1/1", 0),
    ("F0 7F 01 02 01 01 31 00 32 F7", go(1, 1, cue="1", cue_list="2"), "msc.go.2/1", 0),
    ("F0 7F 01 02 01 01 35 34 00 31 F7", go(1, 1, cue="54", cue_list="1"), "msc.go.1/54", 0),
    ("F0 7F 01 02 01 01 31 30 31 00 34 F7", go(1, 1, cue="101", cue_list="4"), "msc.go.4/101", 0),
    ("F0 7F 01 02 01 01 35 35 2E 36 00 31 30 F7", go(1, 1, cue="55.6", cue_list="10"), "msc.go.10/55.6", 0),
    ("F0 7F 01 02 01 01 00 33 F7", go(1, 1, cue_list="3"), "msc.go.3/", 0),
    ("F0 7F 03 02 01 01 35 2E 34 00 39 39 F7", go(3, 1, cue="5.4", cue_list="99"), "msc.go.99/5.4", 0),
    # Hog
    ("F0 7F 01 02 01 01 33 34 2E 34 00 31 F7", go(1, 1, cue="34.4", cue_list="1"), "msc.go.1/34.4", 0),
    # grandMA2
    ("F0 7F 7F 02 7F 01 32 31 2E 35 30 30 F7", ma("go", cue="21.5"), "msc.go.21.5", 3),
    ("F0 7F 7F 02 7F 01 33 37 2E 32 30 30 00 35 2E 31 F7", ma("go", cue="37.2", cue_list="5.1"), "msc.go.5.1/37.2", 3),
    (
        "F0 7F 7F 02 7F 01 33 37 2E 32 30 30 00 35 00 31 F7",
        ma("go", cue="37.2", cue_list="5", cue_path="1"),
        "msc.go.5.1/37.2",
        3,
    ),
    ("F0 7F 7F 02 7F 02 F7", ma("stop"), "msc.stop", 3),
    ("F0 7F 7F 02 7F 02 30 2E 30 30 30 00 35 2E 31 F7", ma("stop", cue="0", cue_list="5.1"), "msc.stop.5.1/", 3),
    ("F0 7F 7F 02 7F 03 30 2E 30 30 30 00 35 2E 31 F7", ma("resume", cue="0", cue_list="5.1"), "msc.resume.5.1/", 3),
    ("F0 7F 7F 02 7F 04 00 00 14 00 00 37 35 2E 30 30 30 F7", ma("timed_go", cue="75", time=20.0), "msc.go.75", 3),
    (
        "F0 7F 7F 02 7F 04 00 01 00 00 00 35 2E 34 30 30 00 33 2E 31 F7",
        ma("timed_go", cue="5.4", cue_list="3.1", time=60.0),
        "msc.go.3.1/5.4",
        3,
    ),
    ("F0 7F 7F 02 7F 06 02 02 4C 39 F7", ma("set", control=258, value=7372), "msc.set.258", 0),
    (
        "F0 7F 7F 02 7F 06 0E 01 7F 7F 00 00 05 00 00 F7",
        ma("set", control=142, value=16383, time=5.0),
        "msc.set.142",
        0,
    ),
    ("F0 7F 7F 02 7F 07 40 F7", ma("fire", macro=64), "msc.fire.64", 0),
    ("F0 7F 7F 02 7F 0B 30 2E 30 30 30 00 39 2E 35 F7", ma("go_off", cue="0", cue_list="9.5"), "msc.go_off.9.5/", 3),
    # npm midi-show-control
    (
        "F0 7F 01 02 20 01 32 35 2E 35 00 33 2E 31 00 31 2E 39 F7",
        go(1, 0x20, cue="25.5", cue_list="3.1", cue_path="1.9"),
        "msc.go.3.1:1.9/25.5",
        0,
    ),
    ("F0 7F 70 02 40 01 31 30 2E 32 35 F7", go(0x70, 0x40, cue="10.25"), "msc.go.10.25", 0),
    ("F0 7F 6F 02 30 08 F7", ShowControl(0x6F, 0x30, "all_off"), "msc.all_off", 0),
    ("F0 7F 7E 02 30 09 F7", ShowControl(0x7E, 0x30, "restore"), "msc.restore", 0),
    ("F0 7F 05 02 30 0A F7", ShowControl(5, 0x30, "reset"), "msc.reset", 0),
    ("F0 7F 05 02 30 0B 37 00 33 F7", ShowControl(5, 0x30, "go_off", cue="7", cue_list="3"), "msc.go_off.3/7", 0),
    ("F0 7F 05 02 30 05 38 F7", ShowControl(5, 0x30, "load", cue="8"), "msc.load.8", 0),
    # lists and paths, RP-002 section 5
    ("F0 7F 05 02 30 1B 33 F7", ShowControl(5, 0x30, "open_cue_list", cue_list="3"), "msc.open_cue_list.3", 0),
    (
        "F0 7F 05 02 30 1C 33 2E 31 F7",
        ShowControl(5, 0x30, "close_cue_list", cue_list="3.1"),
        "msc.close_cue_list.3.1",
        0,
    ),
    ("F0 7F 05 02 30 1D 32 F7", ShowControl(5, 0x30, "open_cue_path", cue_path="2"), "msc.open_cue_path.2", 0),
    ("F0 7F 05 02 30 1E 32 F7", ShowControl(5, 0x30, "close_cue_path", cue_path="2"), "msc.close_cue_path.2", 0),
]
"""Sysex, what it says, the name of its event, the decimals its sender writes."""


@pytest.mark.parametrize(("wire", "message", "name", "places"), VECTORS)
def test_what_desks_send_is_understood_and_written_alike(
    wire: str, message: ShowControl, name: str, places: int
) -> None:
    assert hear(wire) == message
    assert encode(message, places=places) == bytes.fromhex(wire)
    event = event_of(message, 2.5, "desk")
    assert (event.name, event.time, event.source, event.fade) == (name, 2.5, "desk", message.time)


def test_every_command_has_a_vector() -> None:
    assert {message.command for _, message, _, _ in VECTORS} == set(CODES)
    assert {code for code, _ in CODES.values()} == set(COMMANDS)


@pytest.mark.parametrize(
    ("wire", "message"),
    [
        ("F0 7F 01 02 01 01 31 00 F7", go(1, 1, cue="1")),
        ("F0 7F 01 02 01 01 39 31 2E 35 00 31 32 00 F7", go(1, 1, cue="91.5", cue_list="12")),
        ("F0 7F 01 02 01 01 31 00 32 00 33 00 00 00 F7", go(1, 1, cue="1", cue_list="2", cue_path="3")),
        ("F0 7F 01 02 01 01 00 00 F7", go(1, 1)),
        ("F0 7F 01 02 01 01 31 00 00 33 F7", go(1, 1, cue="1", cue_path="3")),
        ("F0 7F 01 02 01 01 35 2E 2E 34 F7", go(1, 1, cue="5.4")),
        ("F0 7F 01 02 01 01 35 2E F7", go(1, 1, cue="5")),
        ("F0 7F 01 02 01 01 2E 35 F7", go(1, 1, cue="0.5")),
        ("F0 7F 05 02 30 0A 00 F7", ShowControl(5, 0x30, "reset")),
        ("F0 7F 05 02 30 1B 33 00 F7", ShowControl(5, 0x30, "open_cue_list", cue_list="3")),
        ("F0 7F 05 02 30 04 00 00 05 00 00 00 33 F7", ShowControl(5, 0x30, "timed_go", cue_list="3", time=5.0)),
        ("F0 7F 05 02 30 04 00 00 05 00 00 F7", ShowControl(5, 0x30, "timed_go", time=5.0)),
        # npm mamsc's fader without a time, and its off
        ("F0 7F 7F 02 7F 06 01 02 7F 3F 00 F7", ma("set", control=257, value=8191)),
        ("F0 7F 7F 02 7F 0A 30 2E 30 30 30 00 32 2E 32 F7", ma("go_off", cue="0", cue_list="2.2")),
    ],
)
def test_what_receivers_shall_bear_with(wire: str, message: ShowControl) -> None:
    assert hear(wire) == message


@pytest.mark.parametrize(
    "wire",
    [
        "F0 7F 03 02 01 01 35 2E 34 00 39 39 7F",  # the Eos manual's own misprint: it never ends
        "F0 7F 03 02 01 01 35 2E 34 00 39 39 7F F7",  # and if it does, 7F is no digit
        "F0 7F 01 02 01 01 31 00 32 00 33 00 34 F7",  # a fourth number
        "F0 7F 01 02 01 01 31 20 32 F7",  # a blank for a delimiter
        "F0 7F 01 02 01 01 31 2F 32 F7",
        "F0 7F 01 02 01 01 31 61 F7",  # no digit
        "F0 7F 01 02 01 01 2D 31 F7",  # a sign
        "F0 7F 01 02 01 01 2E F7",  # a point alone
        "F0 7F 01 02 01 01 31 00 2E F7",
        "F0 7F 01 02 00 01 31 F7",  # an extended format
        "F0 7F 01 02 01 00 01 31 F7",  # an extended command
        "F0 7F 01 02 01 20 00 00 F7",  # two-phase commit, not ours
        "F0 7F 01 02 01 F7",  # no command
        "F0 7F 01 F7",
        "F0 F7",
        "F0 7E 01 02 01 01 31 F7",  # not real time
        "F0 7F 01 01 01 01 31 F7",  # time code
        "F0 7F 01 02 01 04 00 00 14 00 F7",  # a torn time
        "F0 7F 01 02 01 05 F7",  # load nothing
        "F0 7F 01 02 01 05 00 31 F7",
        "F0 7F 01 02 01 06 02 02 4C F7",  # a torn value
        "F0 7F 01 02 01 06 02 02 4C 39 01 F7",
        "F0 7F 01 02 01 06 02 02 4C 39 00 00 F7",
        "F0 7F 01 02 01 06 02 02 4C 39 00 00 05 00 00 00 F7",
        "F0 7F 01 02 01 07 F7",  # fire nothing
        "F0 7F 01 02 01 07 01 02 F7",
        "F0 7F 01 02 01 08 31 F7",
        "F0 7F 01 02 01 0A 61 F7",  # neither RESET nor what some send for GO_OFF
        "F0 7F 01 02 01 0A 00 00 00 31 F7",
        "F0 7F 01 02 01 1B F7",  # which list?
        "F0 7F 01 02 01 1B 33 00 34 F7",
        "F0 7F 01 02 01 1D 00 33 F7",
        "F0 7F 01 02 01 01 31 90 32 F7",  # cut by a note
    ],
)
def test_what_is_wrong_is_nothing(wire: str) -> None:
    assert hear(wire) is None


def test_the_longest_message_is_the_standards() -> None:
    head, room = "7F 01 02 01 01", MESSAGE_BYTES - 7
    assert decode(bytes.fromhex(head) + b"1" * room) == go(1, 1, cue="1" * room)
    assert decode(bytes.fromhex(head) + b"1" * (room + 1)) is None
    with pytest.raises(ValueError, match="no show control"):
        encode(go(1, 1, cue="1" * (room + 1)))


def test_real_time_bytes_inside_and_running_status_around() -> None:
    stream = bytes.fromhex("90 3C 64 3C 00 F0 7F 01 F8 02 01 FE 01 31 F7 90 40 64 40 00")
    found = Parser().feed(stream)
    assert [m.kind for m in found] == [
        *("note_on", "note_on"),
        *("clock", "active_sensing", "sysex"),
        *("note_on", "note_on"),
    ]
    assert decode(found[4].data) == go(1, 1, cue="1")


# ---- numbers


@pytest.mark.parametrize("text", ["4", "04", "4.000", "4.0", "4.", "0004.0"])
def test_a_cue_has_one_name(text: str) -> None:
    assert cue_number(text) == "4"


@pytest.mark.parametrize(
    ("text", "cue", "cue_list"),
    [
        ("5.10", "5.1", "5.10"),
        ("5.01", "5.01", "5.1"),
        ("05.0", "5", "5"),
        ("0", "0", "0"),
        ("0.000", "0", "0"),
        ("1.2.3", "1.2.3", "1.2.3"),
        ("1..2", "1.2", "1.2"),
        ("1.02.30", "1.2.30", "1.2.30"),
        (".5", "0.5", "0.5"),
        ("", None, None),
        (".", None, None),
        ("1e3", None, None),
        ("-1", None, None),
        ("1 ", None, None),
        ("²", None, None),
        ("४", None, None),
    ],
)
def test_cues_are_decimals_and_lists_have_sections(text: str, cue: str | None, cue_list: str | None) -> None:
    assert (cue_number(text), list_number(text)) == (cue, cue_list)


DECIMALS = st.from_regex(r"[0-9]{1,40}(\.[0-9]{0,40})?", fullmatch=True)


@given(DECIMALS, DECIMALS, st.integers(0, 3), st.integers(0, 3))
def test_cues_are_equal_where_decimals_are(one: str, other: str, leading: int, trailing: int) -> None:
    assert (cue_number(one) == cue_number(other)) == (Decimal(one) == Decimal(other))
    padded = "0" * leading + one + ("0" * trailing if "." in one else "")
    assert cue_number(padded) == cue_number(one)
    assert Decimal(cue_number(one) or "") == Decimal(one)


# ---- times and values


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        ("00 00 40 00 00", 64.0),  # a grandMA counts past 59
        ("00 00 7F 00 00", 127.0),
        ("01 02 03 0C 00", 3723.5),
        ("21 00 00 05 00", 3600.2),
        ("40 00 00 1D 00", 29 * 1.001 / 30),
        ("60 00 00 0F 00", 0.5),
        ("00 00 01 00 32", 1.0 + 0.5 / 24),
        ("00 00 01 20 32", 1.0),  # a status, no parts of a frame
        ("00 41 01 40 00", 61.0),  # colour frame and sign
    ],
)
def test_times_at_every_rate(time: str, seconds: float) -> None:
    message = hear(f"F0 7F 01 02 30 04 {time} 31 F7")
    assert message is not None
    assert message.time == pytest.approx(seconds)


def test_a_set_value_is_a_level_with_its_time() -> None:
    event = event_of(ma("set", control=258, value=7372, time=5.0), 0.0, "")
    assert event.value == pytest.approx(0.45, abs=1e-4)
    assert event.fade == 5.0
    assert event_of(ma("set", value=16383), 0.0, "").value == 1.0


def test_a_timed_go_is_a_go_with_a_fade_even_of_no_time() -> None:
    event = event_of(ma("timed_go", cue="1", time=0.0), 0.0, "")
    assert (event.name, event.value, event.fade) == ("msc.go.1", 1.0, 0.0)
    assert event_of(ma("go", cue="1"), 0.0, "").fade is None


def test_places_are_added_never_taken() -> None:
    assert encode(go(1, 1, cue="5.1234"), places=3)[6:-1] == b"5.1234"
    assert encode(go(1, 1, cue_list="3"), places=3)[6:-1] == b"\x003"


def test_wide_macros_are_for_udp_only() -> None:
    for macro in (128, 247, 255):
        message = ma("fire", macro=macro)
        assert decode(encode(message, wide=True)[1:-1]) == message
        with pytest.raises(ValueError, match="no show control"):
            encode(message)


@pytest.mark.parametrize(
    "message",
    [
        ShowControl(1, 1, "dance"),
        ShowControl(0x80, 1, "go"),
        ShowControl(1, 0, "go"),
        ShowControl(-1, 1, "go"),
        go(1, 1, cue="1;2"),
        go(1, 1, cue="4.000"),
        go(1, 1, cue="1", time=2.0),
        ma("load"),
        ma("timed_go", cue="1"),
        ma("timed_go", cue="1", time=86400.0),
        ma("timed_go", cue="1", time=float("nan")),
        ma("set", control=16384),
        ma("set", value=-1),
        ma("fire", macro=256),
        ma("all_off", cue="1"),
        ma("open_cue_list"),
    ],
)
def test_what_cannot_be_said_is_refused(message: ShowControl) -> None:
    with pytest.raises(ValueError, match=r"."):
        encode(message)


CUES = st.from_regex(r"[0-9]{1,9}(\.[0-9]{1,9}){0,3}", fullmatch=True).map(cue_number)
LISTS = st.from_regex(r"[0-9]{1,9}(\.[0-9]{1,9}){0,3}", fullmatch=True).map(list_number)
FADES = st.floats(0.0, 86399.0)


@given(
    st.integers(0, 127),
    st.integers(1, 127),
    st.one_of(
        st.builds(dict, command=st.sampled_from(["go", "stop", "resume", "load", "go_off"]), cue=CUES, cue_list=LISTS),
        st.builds(dict, command=st.just("timed_go"), cue=CUES, cue_path=LISTS, time=FADES),
        st.builds(dict, command=st.just("set"), control=st.integers(0, 16383), value=st.integers(0, 16383), time=FADES),
        st.builds(dict, command=st.just("fire"), macro=st.integers(0, 127)),
    ),
)
def test_what_is_said_is_heard(device: int, kind: int, fields: dict[str, object]) -> None:
    message = ShowControl(device, kind, **fields)  # type: ignore[arg-type]
    found = hear(encode(message).hex())
    assert found is not None
    assert found.time == pytest.approx(message.time, abs=1 / 4800 + 1e-9)
    assert (found.cue, found.cue_list, found.cue_path) == (message.cue, message.cue_list, message.cue_path)
    assert (found.control, found.value, found.macro) == (message.control, message.value, message.macro)


# ---- whom it is for


def to(device: int, kind: int) -> ShowControl:
    return ShowControl(device, kind, "go")


def test_by_default_a_show_answers_every_device_as_video_projection_or_lighting() -> None:
    assert [kind for kind in FORMATS if Receiver().hears(to(9, kind))] == [0x01, 0x02, 0x30, 0x40, 0x7F]
    assert all(Receiver().hears(to(device, 0x30)) for device in range(128))


def test_a_show_with_an_id_answers_that_its_groups_and_all_calls() -> None:
    receiver = Receiver(frozenset({5}), frozenset({1, 15}), frozenset({0x30}))
    assert [device for device in range(128) if receiver.hears(to(device, 0x30))] == [5, 0x70, 0x7E, 0x7F]
    assert not receiver.hears(to(5, 0x01))
    assert [receiver.refuses(m) for m in (to(5, 0x30), to(4, 0x30), to(5, 0x01))] == ["", "device", "format"]
    assert receiver.hears(to(5, 0x7F))


# ---- garbage


def test_a_million_random_bytes_raise_nothing_and_stay_nowhere() -> None:
    noise, parser = random.Random(7), Parser()

    def take(count: int) -> int:
        ended = [m for m in parser.feed(noise.randbytes(count)) if m.kind == "sysex"]
        return sum(decode(m.data) is None for m in ended)

    heard = sum(take(4000) for _ in range(FUZZ_BYTES // 4000 - 25))
    tracemalloc.start()
    heard += sum(take(4000) for _ in range(25))
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert heard > 10
    assert held < 100_000


def test_a_million_random_bytes_behind_a_good_head_are_a_message_or_nothing() -> None:
    noise = random.Random(8)
    left, found = FUZZ_BYTES, 0
    while left > 0:
        body = noise.choice([noise.randbytes, lambda n: bytes(noise.choices(b"0123456789.\0", k=n))])(
            noise.randrange(12)
        )
        message = decode(bytes([0x7F, noise.randrange(256), 0x02, noise.randrange(128), noise.randrange(32)]) + body)
        left -= len(body) + 5
        if message is not None:
            found += 1
            if message.time is None or message.time < 86400.0:
                assert decode(encode(message, wide=True)[1:-1]) is not None
            assert event_of(message, 0.0, "").name.startswith("msc.")
    assert found > 1000


@given(st.binary(max_size=160))
def test_garbage_is_never_an_error(data: bytes) -> None:
    message = decode(data)
    assert message is None or 0 <= message.value <= 16383
