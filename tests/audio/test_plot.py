"""The page of an analysis: one golden picture, and pages of what is hard to draw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from tests.audio.heard import song
from tests.audio.pulse import write_wav
from tests.audio.sounds import band
from visuals.audio.plot import gather, plot, summary
from visuals.audio.report import write

GOLDEN = Path(__file__).parents[1] / "golden" / "analyse.png"
GRAIN = (150, 110)
"""Pages are compared this small: another version's letters may lie a pixel beside ours."""


def seen(path: Path) -> npt.NDArray[np.float32]:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB").resize(GRAIN, Image.Resampling.BOX), np.float32)


def test_the_page_of_a_song_is_the_golden_one(tmp_path: Path) -> None:
    """After a change that is meant, look at the page and keep it: see `GRAIN`."""
    page = tmp_path / "page.png"
    plot(song(12.0), page, "song.wav")
    difference = np.abs(seen(page) - seen(GOLDEN))
    assert difference.mean() < 1.0
    assert np.quantile(difference, 0.999) < 40.0


def test_another_song_is_another_page(tmp_path: Path) -> None:
    page = tmp_path / "page.png"
    plot(song(13.0), page, "song.wav")
    assert np.abs(seen(page) - seen(GOLDEN)).mean() > 2.0


def test_the_title_tells_length_tempo_and_key() -> None:
    assert summary(gather(song(12.0))) == "0:12 long   ·   120.2 BPM   ·   A minor"
    assert summary(gather([])) == "0:00 long"


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_a_page_of_nothing_is_a_page(tmp_path: Path, ending: str) -> None:
    plot([], tmp_path / f"page.{ending}")
    assert (tmp_path / f"page.{ending}").stat().st_size > 5_000


def test_a_sound_file_becomes_lines_and_the_page_of_these_lines(tmp_path: Path) -> None:
    sound, _ = band(4.0)
    wav = write_wav(tmp_path / "band.wav", sound)
    write(wav, tmp_path / "out.jsonl", tmp_path / "page.png")
    write(wav, picture=tmp_path / "alone.png")
    assert (tmp_path / "out.jsonl").read_text().count('"type":"hop"') > 390
    assert (seen(tmp_path / "page.png") == seen(tmp_path / "alone.png")).all()
