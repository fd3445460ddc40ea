"""Ports that get in each other's way, and shows that would tell themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.show.catalogue import Shelf
from visuals.errors import ShowError
from visuals.show.load import load_show

SHOW = """\
show: Ports
scenes:
  dawn:
    layers: [{name: haze, shader: generators/haze}]
"""

WRONG = [
    ("osc: {port: 17000, query: 127.0.0.1:17000}", "127.0", "found port 17000, which OSC over TCP has already"),
    ("osc: {query: 7000}", "7000", "found port 7000, which OSC over TCP has already; expected another"),
    ("osc: {host: 10.0.0.2, query: 0.0.0.0:7000}", "0.0.0.0", "found port 7000, which OSC over TCP has already"),
    ("osc: {}\nmsc: {udp: 7000}", "7000", "found port 7000, which OSC has already; expected another"),
    ("osc: {port: 6004, host: 10.0.0.2}\nmsc: {udp: 6004}", "6004}", "found port 6004, which OSC has already"),
    (
        "msc: {udp: 16004, send: {host: 127.0.0.1, udp: 16004}}",
        "127.0",
        "found 127.0.0.1:16004, where the show listens to MIDI Show Control itself; expected another machine, or",
    ),
    ("msc: {udp: 6004, send: [{host: 10.0.0.9}, {host: 127.1.2.3}]}", "127.1", "found 127.1.2.3:6004, where"),
    ("msc: {udp: 6004, send: {host: 255.255.255.255}}", "255", "found 255.255.255.255:6004, where"),
    ("msc: {udp: 6004, host: 10.0.0.2, send: {host: 10.0.0.2}}", "10.0.0.2}}", "found 10.0.0.2:6004, where"),
    ("osc: {host: 10.0.0.2}\nmsc: {udp: 6004, send: {host: 10.0.0.2}}", "10.0.0.2}}", "found 10.0.0.2:6004"),
    ("osc: {tell: [10.0.0.5:9000, 127.0.0.1:7000]}", "127", "found 127.0.0.1:7000, where the show listens to OSC"),
    ("msc: {udp: 6004}\nosc: {tell: [127.0.0.1:6004]}", "127", "found 127.0.0.1:6004, where the show listens to MIDI"),
    (
        "msc: {send: {host: 127.0.0.1, udp: 7000}}\nosc: {}",
        "127",
        "found 127.0.0.1:7000, where the show listens to OSC",
    ),
]
"""The end of a show file, where in it the fault stands, what is said about it."""


@pytest.mark.parametrize(("end", "token", "hint"), WRONG, ids=[end for end, *_ in WRONG])
def test_ports_in_each_others_way_are_told_with_their_place(tmp_path: Path, end: str, token: str, hint: str) -> None:
    file = tmp_path / "show.yaml"
    file.write_text(SHOW + end + "\n")
    with pytest.raises(ShowError) as raised:
        load_show(file, Shelf())
    lines = (SHOW + end).split("\n")
    line = max(n for n, text in enumerate(lines) if token in text)
    place = f"{file}:{line + 1}:{lines[line].index(token) + 1}: "
    (told,) = map(str, raised.value.problems)
    assert told.startswith(place + hint)


@pytest.mark.parametrize(
    "end",
    [
        "osc: {port: 7000, query: 7080, tell: [127.0.0.1:9000, 10.0.0.5:7000]}",
        "osc: {host: 10.0.0.2, query: 127.0.0.1:7000}",
        "osc: {host: 10.0.0.2, port: 6004}\nmsc: {udp: 6004, host: 10.0.0.3, send: {host: 10.0.0.9}}",
        "msc: {udp: 6004, send: [{host: 127.0.0.1, udp: 6005}, {host: 10.0.0.9}, {port: Desk}]}",
        "msc: {udp: 6004, host: 10.0.0.2, send: {host: 10.0.0.255}}",
        "msc: {send: {host: 127.0.0.1}}\nosc: {query: 6004}",
    ],
)
def test_ports_that_are_in_nobodys_way(tmp_path: Path, end: str) -> None:
    file = tmp_path / "show.yaml"
    file.write_text(SHOW + end + "\n")
    load_show(file, Shelf())
