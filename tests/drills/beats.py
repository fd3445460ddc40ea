"""A MIDI clock that nobody here wrote, to flashes of the player's frames."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.control.jack import jack_server
from tests.control.tempo.test_jack_midi_clock import jack_midi_clock, roll
from tests.drills.desk import show_with
from tests.drills.latency import JUMP
from tests.drills.sound import environment
from tests.drills.stage import Seen, on_stage

SETTLING_S = 6.0


def flashes(frames: Sequence[Seen]) -> list[float]:
    """When the picture became light."""
    return [b.time for a, b in itertools.pairwise(frames) if b.mean - a.mean > JUMP]


def clock_to_light(folder: Path, bpm: float = 128.0, seconds: float = 12.0) -> dict[str, Any]:
    """Follow `jack_midi_clock`: the tempo of the flashes, how many came of those due, how far each is from its beat."""
    show = show_with(folder, "tempo: {follow: [clock, audio]}\n")
    show.write_text(show.read_text().replace("when: kick", "when: beat"))
    with (
        jack_server(folder) as env,
        environment(env),
        on_stage(show, folder, midi="mclk", midi_api="jack") as stage,
        jack_midi_clock(bpm),
    ):
        stage.until_live()
        roll()
        stage.run(SETTLING_S)
        times = np.array(flashes(stage.run(seconds)))
    beats = np.round((times - times[0]) * bpm / 60.0)
    slope, first = np.polyfit(beats, times, 1)
    off = times - (first + slope * beats)
    return {
        "asked_bpm": bpm,
        "found_bpm": round(60.0 / float(slope), 2),
        "flashes": len(times),
        "beats": int(beats[-1]) + 1,
        "off_ms": {"median": 1000.0 * float(np.median(np.abs(off))), "most": 1000.0 * float(np.abs(off).max())},
    }
