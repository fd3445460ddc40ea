"""Calibrating: as much as was asked for is heard, and the rig file keeps the result."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from tests.audio.pulse import write_wav
from visuals.calibrating import calibrate, listen
from visuals.errors import MediaError, RigError
from visuals.types import HOP, SAMPLE_RATE_HZ
from visuals.wall.layout import load_rig

RIG = """\
rig: Club      # the small one
walls:
  - {name: main, canvas: [0, 0, 512, 256], output: {'null': {}}}
"""


def hall(tmp_path: Path, *parts: str) -> str:
    """Three seconds of each: rest is noise at -60 dBFS, music a tone at -29 dBFS that swells and fades."""
    time = np.arange(3 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    music = 0.05 * np.sin(2 * np.pi * 220 * time) * (0.8 + 0.2 * np.sin(2 * np.pi * time))
    sounds = {"rest": np.random.default_rng(1).normal(0, 0.001, len(time)), "music": music}
    return str(write_wav(tmp_path / "hall.wav", np.concatenate([sounds[part] for part in parts])))


def calibrated(audio: str, rig: Path | None) -> str:
    out = StringIO()
    calibrate(audio, 60.0, rig, lambda n: None, Console(file=out, width=200))
    return out.getvalue()


def test_a_rig_file_keeps_what_was_measured(tmp_path: Path) -> None:
    rig = tmp_path / "club.yaml"
    rig.write_text(RIG)
    said = calibrated(hall(tmp_path, "rest", "music"), rig)
    found = load_rig(rig)
    assert found.noise_db == pytest.approx(-60.0, abs=1.5)
    assert found.gain_db == pytest.approx(10.0, abs=4.0)
    assert rig.read_text() == RIG.replace(
        "walls:", f"sound: {{gain: {found.gain_db}, noise: {found.noise_db}}}\nwalls:"
    )
    assert f"kept in {rig}" in said


def test_what_was_not_heard_stays_as_it_was(tmp_path: Path) -> None:
    rig = tmp_path / "club.yaml"
    rig.write_text(RIG.replace("walls:", "sound: {gain: 17.5}   # by ear\nwalls:"))
    said = calibrated(hall(tmp_path, "rest"), rig)
    assert "no music heard" in said
    assert load_rig(rig).gain_db == 17.5
    assert load_rig(rig).noise_db == pytest.approx(-60.0, abs=1.5)
    assert "# by ear" in rig.read_text()


def test_without_a_rig_file_the_line_for_one_is_printed(tmp_path: Path) -> None:
    assert "for a rig file: sound: {gain: " in calibrated(hall(tmp_path, "rest", "music"), None)


def test_no_more_is_heard_than_was_asked_for(tmp_path: Path) -> None:
    audio, told = hall(tmp_path, "rest"), []
    assert len(list(listen(audio, 1.5, told.append))) == np.ceil(1.5 * SAMPLE_RATE_HZ / HOP)
    assert (told[0], told[-1]) == (0, 1)
    assert len(list(listen(audio, 60.0, lambda n: None))) == np.ceil(3 * SAMPLE_RATE_HZ / HOP)
    assert len(list(listen("none", 0.2, lambda n: None))) == np.ceil(0.2 * SAMPLE_RATE_HZ / HOP)


def test_a_broken_rig_is_told_before_anybody_listens(tmp_path: Path) -> None:
    rig = tmp_path / "club.yaml"
    rig.write_text("rig: Club\nwals: []\n")
    with pytest.raises(RigError, match="nearest is `walls`"):
        calibrated("no/such.wav", rig)


def test_a_file_without_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.wav").write_text("no sound")
    with pytest.raises(MediaError):
        list(listen(str(tmp_path / "notes.wav"), 1.0, lambda n: None))
