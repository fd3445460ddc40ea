"""Calibrating: as much as was asked for is heard, and the rig file keeps the result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from tests.audio.pulse import write_wav
from visuals.calibrating import calibrate, listen
from visuals.errors import MediaError, RigError
from visuals.types import HOP, SAMPLE_RATE_HZ, Block
from visuals.wall.layout import load_rig

RIG = """\
rig: Club      # the small one
walls:
  - {name: main, canvas: [0, 0, 512, 256], output: {'null': {}}}
"""


@dataclass(frozen=True)
class Sounding:
    gain_db: float
    noise_db: float


def loudness(blocks: Iterable[Block]) -> Sounding:
    """A measure that is easily foretold: the gain to -20 dBFS, the level of the softest block."""
    powers = [float(np.mean(np.square(block.samples))) for block in blocks]
    decibels = 10.0 * np.log10(np.maximum(powers, 1e-12))
    return Sounding(-20.0 - float(decibels.max()), float(decibels.min()))


@pytest.fixture
def hall(tmp_path: Path) -> Path:
    """Two seconds of -40 dBFS, then two of -26."""
    level = np.repeat([0.01, 0.05], 2 * SAMPLE_RATE_HZ)
    return write_wav(tmp_path / "hall.wav", level * np.tile([1.0, -1.0], 2 * SAMPLE_RATE_HZ))


def test_a_rig_file_keeps_what_was_measured(tmp_path: Path, hall: Path) -> None:
    rig = tmp_path / "club.yaml"
    rig.write_text(RIG)
    out, told = StringIO(), []
    calibrate(str(hall), 4.0, rig, loudness, told.append, Console(file=out, width=200))
    assert out.getvalue().startswith("gain +6.0 dB, noise -40.0 dBFS\n")
    assert rig.read_text() == RIG.replace("walls:", "sound: {gain: 6.0, noise: -40.0}\nwalls:")
    assert (load_rig(rig).gain_db, load_rig(rig).noise_db) == (6.0, -40.0)
    assert (told[0], told[-1]) == (0, 4)


def test_without_a_rig_file_the_line_for_one_is_printed(hall: Path) -> None:
    out = StringIO()
    calibrate(str(hall), 1.0, None, loudness, lambda n: None, Console(file=out, width=200))
    assert "sound: {gain: 20.0, noise: -40.0}" in out.getvalue()


def test_no_more_is_heard_than_was_asked_for(hall: Path) -> None:
    assert len(list(listen(str(hall), 1.5, lambda n: None))) == np.ceil(1.5 * SAMPLE_RATE_HZ / HOP)
    assert len(list(listen(str(hall), 60.0, lambda n: None))) == 4 * SAMPLE_RATE_HZ // HOP
    assert len(list(listen("none", 0.2, lambda n: None))) == np.ceil(0.2 * SAMPLE_RATE_HZ / HOP)


def test_a_broken_rig_is_told_before_anybody_listens(tmp_path: Path) -> None:
    rig = tmp_path / "club.yaml"
    rig.write_text("rig: Club\nwals: []\n")
    with pytest.raises(RigError, match="nearest is `walls`"):
        calibrate("no/such.wav", 1.0, rig, loudness, lambda n: None, Console(file=StringIO()))


def test_a_file_without_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.wav").write_text("no sound")
    with pytest.raises(MediaError):
        list(listen(str(tmp_path / "notes.wav"), 1.0, lambda n: None))
