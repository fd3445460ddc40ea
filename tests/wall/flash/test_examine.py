"""`visuals flash check` on real files."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest
from typer.testing import CliRunner

from tests.wall.flash.adversary import RED, Source, flat, square
from visuals.cli import app
from visuals.errors import MediaError
from visuals.wall.flash.report import Analysis
from visuals.wall.footage.examine import examine

SIZE = (192, 108)


def write(path: Path, draw: Source, seconds: float = 1.5, fps: int = 30) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv444p"
        stream.options = {"crf": "4"}
        for i in range(round(seconds * fps)):
            picture = np.ascontiguousarray(np.broadcast_to(draw(i / fps)[:1, :1, :3], (SIZE[1], SIZE[0], 3)))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def test_a_strobe_fails_with_its_time(tmp_path: Path) -> None:
    video = write(tmp_path / "strobe.mp4", lambda t: square(7.5)(t) if t > 0.6 else flat((0, 0, 0)))
    result = CliRunner().invoke(app, ["flash", "check", str(video), "--json", "--plot", str(tmp_path / "page.png")])
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["verdict"] == "fail"
    assert "no medical guarantee" in told["note"]
    finding = told["findings"][0]
    assert finding["kind"] == "general"
    assert 0.9 <= finding["start"] <= 1.2
    assert finding["where"] == pytest.approx([0, 0, 1, 1], abs=0.01)
    assert (tmp_path / "page.png").stat().st_size > 10_000


def test_how_often_it_changes_is_told_beyond_what_may_be(tmp_path: Path) -> None:
    video = write(tmp_path / "strobe.mp4", square(15.0), seconds=2.2, fps=60)
    found = examine(video, "broadcast", 200.0, lambda _: None)
    assert max(general for _, general, _ in found.counts) in (29, 30)


@pytest.mark.parametrize("share", [0.55, 0.7])
def test_where_it_flashes_is_told(share: float) -> None:
    analysis = Analysis(SIZE, "broadcast")
    wide, high = round(share * SIZE[0]), round(share * SIZE[1])
    for i in range(90):
        picture = np.full((SIZE[1], SIZE[0], 4), 40, np.uint8)
        picture[:high, :wide, :3] = 255 if i % 6 < 3 else 0
        analysis.see(picture, i / 60)
    assert analysis.findings[0].where == pytest.approx((0.0, 0.0, share, share), abs=0.03)


def test_slow_light_passes(tmp_path: Path) -> None:
    video = write(tmp_path / "slow.mp4", square(2.5), seconds=1.2)
    result = CliRunner().invoke(app, ["flash", "check", str(video)])
    assert result.exit_code == 0
    assert "passes" in result.stdout
    assert "certifies nothing" in result.stdout


def test_red_is_told_apart(tmp_path: Path) -> None:
    """Dark red and a grey of its luminance: only the colour flashes."""
    video = write(tmp_path / "red.mp4", square(6.0, (150, 0, 0), (69, 69, 69)))
    assert {found.kind for found in examine(video, "broadcast", 200.0, lambda _: None).findings} == {"red"}


def test_a_brighter_display_is_judged_more_strictly(tmp_path: Path) -> None:
    video = write(tmp_path / "dim.mp4", square(6.0, (80, 80, 80), (55, 55, 55)))
    assert not examine(video, "broadcast", 200.0, lambda _: None).fails
    assert examine(video, "broadcast", 1000.0, lambda _: None).fails


def test_what_is_no_video_says_so(tmp_path: Path) -> None:
    broken = tmp_path / "notes.mp4"
    broken.write_text("no video")
    with pytest.raises(MediaError, match="cannot be read as a video"):
        examine(broken, "trace", 200.0, lambda _: None)


@pytest.mark.parametrize(("hz", "lasting"), [(2.5, {"extended"}), (1.5, set())])
def test_long_at_the_limit_is_a_warning(hz: float, lasting: set[str]) -> None:
    analysis = Analysis((48, 27), "broadcast")
    for i in range(60 * 6):
        analysis.see(square(hz)(i / 60), i / 60)
    assert {found.level for found in analysis.findings} == lasting


def test_a_small_area_fails_its_field_and_not_the_screen() -> None:
    verdicts = {}
    for standard in ("trace", "broadcast"):
        analysis = Analysis((480, 270), standard)
        for i in range(45):
            picture = flat((0, 0, 0), (480, 270))
            picture[100:160, 200:260] = flat((255, 255, 255) if i // 3 % 2 else RED)[:1, :1]
            analysis.see(picture, i / 30)
        verdicts[standard] = bool(analysis.findings)
    assert verdicts == {"trace": True, "broadcast": False}


def test_the_same_frames_twice_at_twice_the_rate_get_the_same_verdict() -> None:
    random = np.random.default_rng(8)
    for _ in range(6):
        levels = random.choice([20, 70, 110, 200], 60)
        found = []
        for rate in (30, 60):
            analysis = Analysis((48, 27), "broadcast")
            for i in range(60 * rate // 30):
                level = int(levels[i * 30 // rate])
                analysis.see(flat((level, level, level)), i / rate)
            found.append([(f.level, f.kind, f.start, f.end) for f in analysis.findings])
        assert found[0] == found[1]
