"""Every desk's way to the wall, driven by what other people wrote, from another network where it comes by one.

Bounds here only tell working from broken; `tools/measure desks timecode floods unplug` gives the figures.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.drills.beats import clock_to_light
from tests.drills.desk import every_desk, replugged
from tests.drills.floods import midi_flood, osc_flood
from tests.drills.tapes import ltc, mtc

pytestmark = [pytest.mark.drill, pytest.mark.jack, pytest.mark.timeout(300)]

WAYS = {
    "show control, MIDI",
    "show control, UDP",
    "OSC, UDP",
    "OSC, TCP",
    "sACN, scene",
    "sACN, dimmer",
    "Art-Net, scene",
    "Art-Net, dimmer",
}


@pytest.mark.olad
def test_every_desk_reaches_the_wall(tmp_path: Path) -> None:
    figures = every_desk(tmp_path, 3)
    assert set(figures) == WAYS
    for way, result in figures.items():
        assert result["answered"] == result["sent"], way
        assert result["latency_s"]["median"] < 0.3, way


@pytest.mark.pulse
@pytest.mark.parametrize("tape", [mtc, ltc])
def test_cues_come_at_their_frames_of_a_tape(tape: Callable[[Path, int], dict[str, Any]], tmp_path: Path) -> None:
    result = tape(tmp_path, 6)
    assert result["fired"] == 6
    assert -0.04 < result["late_s"]["min"] <= result["late_s"]["median"] < 0.15


def test_a_midi_clock_flashes_the_wall_on_its_beats(tmp_path: Path) -> None:
    result = clock_to_light(tmp_path, 128.0, 6.0)
    assert result["flashes"] == result["beats"] > 10
    assert abs(result["found_bpm"] / 128.0 - 1.0) < 0.01


def test_a_flood_of_midi_passes(tmp_path: Path) -> None:
    result = midi_flood(tmp_path, 20_000, 3.0, 3)
    assert result["sent"] > 10_000
    assert result["restarts"] == 0
    assert result["note_after"]["answered"] == 3


def test_a_flood_of_osc_passes(tmp_path: Path) -> None:
    result = osc_flood(tmp_path, 50_000, 3.0, 3)
    assert result["sent"] > 20_000
    assert result["restarts"] == 0
    assert result["note_after"]["answered"] == 3


@pytest.mark.olad
def test_what_is_unplugged_comes_back_and_the_picture_stands_meanwhile(tmp_path: Path) -> None:
    for port, result in replugged(tmp_path, 2).items():
        assert result["held"] == result["repeats"], port
