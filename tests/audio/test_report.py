from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.audio.pulse import write_wav
from tests.audio.sounds import band, match
from visuals.audio.report import write
from visuals.errors import MediaError
from visuals.vocabulary import EVENTS, SIGNALS


def test_a_report_holds_hops_at_100_hz_and_every_event(tmp_path: Path) -> None:
    sound, times = band(6.0)
    shares: list[float] = []
    write(write_wav(tmp_path / "band.wav", sound), tmp_path / "out.jsonl", progress=shares.append)
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    hops = [line for line in lines if line["type"] == "hop"]
    events = [line for line in lines if line["type"] != "hop"]
    assert [h["t"] for h in hops] == pytest.approx(np.arange(len(hops)) / 100.0)
    assert len(hops) == pytest.approx(600, abs=2)
    assert all(set(h["signals"]) == set(SIGNALS) and h["emit"] >= h["t"] for h in hops)
    assert all(set(e) == {"type", "t", "emit", "strength", "confidence"} for e in events)
    assert {e["type"] for e in events} <= set(EVENTS)
    assert all(e["emit"] >= e["t"] - 1e-4 for e in events)
    f, _ = match(times["kick"], np.array([e["emit"] for e in events if e["type"] == "kick"]))
    assert f > 0.9
    assert shares == sorted(shares)
    assert shares[-1] <= 1.0


def test_a_file_without_sound_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(MediaError):
        write(tmp_path / "gone.wav", tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()
