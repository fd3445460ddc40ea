"""Ports that come and go are told once each, and a loose plug floods nothing."""

from __future__ import annotations

from itertools import pairwise

from visuals.control.midi.presence import MOST_NAMED, WORDS_AT_ONCE, WORDS_HZ, Presence


def told(presence: Presence, *opened: str, now: float = 0.0, away: bool = False) -> list[str]:
    return list(presence.step(opened, away, now))


def test_each_change_is_told_once_with_its_names() -> None:
    presence = Presence("jack", "input")
    assert told(presence, "apc") == []
    assert told(presence, "apc") == []
    assert told(presence, "desk", "clock") == [
        "MIDI jack: input apc is gone",
        "MIDI jack: inputs clock, desk are there",
    ]
    assert told(presence, "desk", "clock") == []
    assert told(presence) == ["MIDI jack: inputs clock, desk are gone"]
    assert told(presence, away=True) == ["MIDI jack: the server is gone"]
    assert told(presence, "apc") == ["MIDI jack: the server is there", "MIDI jack: input apc is there"]


def test_a_system_that_comes_after_the_show_is_told_with_its_ports() -> None:
    presence = Presence("jack", "input")
    assert told(presence, away=True) == []
    assert told(presence, "apc") == ["MIDI jack: the server is there", "MIDI jack: input apc is there"]
    outputs = Presence("jack", "output")
    assert told(outputs, away=True) == []
    assert told(outputs, "apc") == ["MIDI jack: output apc is there"]


def test_a_loose_plug_is_told_a_few_times_a_minute_and_at_last_how_it_is() -> None:
    presence = Presence("alsa", "input")
    told(presence, "apc")
    minute = [told(presence, *(["apc"] if n % 2 else []), now=n / 5) for n in range(300)]
    assert WORDS_AT_ONCE <= sum(map(len, minute)) <= WORDS_AT_ONCE + 60 * WORDS_HZ
    said = [line for lines in minute for line in lines]
    assert all(before != after for before, after in pairwise(said))
    gone = [told(presence, now=60.0 + n / 5) for n in range(100)]
    assert [*said, *(line for lines in gone for line in lines)][-1] == "MIDI alsa: input apc is gone"


def test_a_line_names_a_few_and_counts_the_rest() -> None:
    presence = Presence("alsa", "output")
    told(presence)
    (line,) = told(presence, *(f"port {n:02}" for n in range(MOST_NAMED + 3)))
    assert line.endswith("port 07 and 3 more are there")
