from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from visuals.clock import monotonic, sleep
from visuals.errors import OutputError
from visuals.shm import Latest, Layout
from visuals.types import Frame, Pixels
from visuals.wall.outputs.record import SLOTS, Encoder, Record
from visuals.wall.outputs.settings import RecordSettings

RATE_HZ = 48_000


def picture(n: int, size: tuple[int, int] = (64, 32)) -> Pixels:
    """Smooth colours, which survive half-resolution chroma; `n` is told by the brightness."""
    x, y = np.meshgrid(np.linspace(0, 1, size[0]), np.linspace(0, 1, size[1]))
    pixels = np.full((size[1], size[0], 4), 255, np.uint8)
    pixels[..., 0], pixels[..., 1], pixels[..., 2] = 60 + 120 * x, 60 + 120 * y, 40 + 2 * (n % 90)
    return pixels


def decoded(path: Path) -> tuple[list[float], list[np.ndarray]]:
    with av.open(str(path)) as container:
        pictures = [(float(p.time), p.to_ndarray(format="rgba")) for p in container.decode(video=0)]
    return [t for t, _ in pictures], [p for _, p in pictures]


def heard(path: Path) -> tuple[float, np.ndarray]:
    """Time of the first sample and all samples [channels, n]."""
    with av.open(str(path)) as container:
        blocks = [(float(b.time), b.to_ndarray()) for b in container.decode(audio=0)]
    return blocks[0][0], np.concatenate([b for _, b in blocks], axis=1)


def test_what_is_recorded_is_what_was_sent(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with Encoder(path, (64, 32), 60.0) as encoder:
        for n in range(30):
            encoder.add_frame(picture(n), 10.0 + n / 60)
    times, pictures = decoded(path)
    np.testing.assert_allclose(times, np.arange(30) / 60, atol=1e-3)
    for n, seen in enumerate(pictures):
        assert np.abs(seen.astype(int) - picture(n)).max() <= 16
        assert np.abs(seen.astype(int) - picture(n)).mean() <= 2


def test_without_sound_there_is_no_sound_track(tmp_path: Path) -> None:
    with Encoder(tmp_path / "a.mp4", (64, 32), 30.0) as encoder:
        for n in range(90):
            encoder.add_frame(picture(n), n / 30)
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert not container.streams.audio
    assert len(decoded(tmp_path / "a.mp4")[0]) == 90


def test_a_wall_of_odd_size_gets_its_edges_repeated(tmp_path: Path) -> None:
    with Encoder(tmp_path / "a.mp4", (17, 11), 30.0) as encoder:
        for n in range(5):
            encoder.add_frame(picture(n, (17, 11)), n / 30)
    assert decoded(tmp_path / "a.mp4")[1][0].shape == (12, 18, 4)


@pytest.mark.parametrize("sound", [None, True])
def test_a_flash_and_a_click_stay_together_though_frames_are_lost(tmp_path: Path, sound: bool | None) -> None:
    path, start, click = tmp_path / "a.mp4", 100.0, 102.5
    with Encoder(path, (64, 32), 60.0, sound=sound) as encoder:
        block = 0
        for n in range(240):
            time = start + n / 60
            if n % 5 == 3 or 60 <= n < 90:
                continue
            encoder.add_frame(np.full((32, 64, 4), 255 if time >= click else 30, np.uint8), time)
            while start + block * 256 / RATE_HZ < time:
                at = start + block * 256 / RATE_HZ
                t = at + np.arange(256) / RATE_HZ
                samples = np.where((t >= click) & (t < click + 0.05), np.sin(6283.0 * t), 0.0).astype(np.float32)
                encoder.add_sound(np.column_stack((samples, samples)), at)
                block += 1
    times, pictures = decoded(path)
    flash = next(t for t, p in zip(times, pictures, strict=True) if p.mean() > 150)
    first, samples = heard(path)
    clicked = first + int(np.argmax(np.abs(samples[0]) > 0.3)) / RATE_HZ
    assert flash == pytest.approx(2.5, abs=0.02)
    assert clicked == pytest.approx(flash, abs=0.025)


def test_a_gap_in_the_sound_is_silence_of_its_length(tmp_path: Path) -> None:
    path, tone = tmp_path / "a.mp4", np.sin(np.arange(4800) * 0.1).astype(np.float32)[:, None]
    with Encoder(path, (64, 32), 30.0, sound=True) as encoder:
        for n in range(60):
            encoder.add_frame(picture(n), n / 30)
        encoder.add_sound(tone, 0.0)
        encoder.add_sound(tone, 1.0)
        encoder.add_sound(tone, 0.5)  # too late: its place is written
    _, samples = heard(path)
    loud = np.flatnonzero(np.abs(samples[0]) > 0.3) / RATE_HZ
    assert not ((loud > 0.15) & (loud < 0.95)).any()
    assert loud.max() == pytest.approx(1.1, abs=0.04)


def test_frames_that_are_not_newer_are_left_out(tmp_path: Path) -> None:
    with Encoder(tmp_path / "a.mp4", (64, 32), 30.0) as encoder:
        for time in (0.0, 0.1, 0.1, 0.05, 0.2):
            encoder.add_frame(picture(0), time)
    assert len(decoded(tmp_path / "a.mp4")[0]) == 3


def test_the_output_records_pictures_and_the_ring_of_sound(tmp_path: Path) -> None:
    ring = Latest(Layout("", (256, 2), "f4", slots=64), create=True)
    path = tmp_path / "a.mp4"
    try:
        with Record((64, 32), RecordSettings(file=str(path)), 60.0, ring.layout) as output:
            for n in range(90):
                output.send(Frame(n, n / 60, picture(n)))
                for k in range(3):
                    ring.write(np.full((256, 2), 0.25, np.float32), time=n / 60 + k / 180)
                sleep(1 / 60)
        assert output.dropped == 0
    finally:
        ring.close()
        ring.unlink()
    times, pictures = decoded(path)
    assert len(times) == 90
    assert np.abs(pictures[40].astype(int) - picture(40)).mean() < 3
    assert np.abs(heard(path)[1]).max() == pytest.approx(0.25, abs=0.1)


def test_a_silent_ring_does_not_hold_up_the_pictures(tmp_path: Path) -> None:
    ring = Latest(Layout("", (256, 2), "f4", slots=64), create=True)
    try:
        with Record((64, 32), RecordSettings(file=str(tmp_path / "a.mp4")), 60.0, ring.layout) as output:
            for n in range(60):
                output.send(Frame(n, n / 20, picture(n)))
                sleep(0.003)
        assert heard(tmp_path / "a.mp4")[1].shape[1] / RATE_HZ == pytest.approx(2.5, abs=0.2)
    finally:
        ring.close()
        ring.unlink()


def test_an_encoder_that_cannot_follow_costs_the_oldest_frames(tmp_path: Path) -> None:
    size = (1920, 1080)
    pixels = np.random.default_rng(0).integers(0, 256, (1080, 1920, 4), dtype=np.uint8)
    with Record(size, RecordSettings(file=str(tmp_path / "a.mp4")), 60.0, None) as output:
        for n in range(2 * SLOTS):
            output.send(Frame(n, n / 60, pixels))
    times, _ = decoded(tmp_path / "a.mp4")
    assert output.dropped > 0
    assert len(times) == 2 * SLOTS - output.dropped
    assert times[-1] == pytest.approx((2 * SLOTS - 1) / 60, abs=1e-3)


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        Encoder(tmp_path / "file" / "a.mp4", (64, 32), 60.0)


KILLED = """
import sys
from pathlib import Path
import numpy as np
from visuals.clock import sleep
from visuals.types import Frame
from visuals.wall.outputs.record import Record
from visuals.wall.outputs.settings import RecordSettings
with Record((64, 32), RecordSettings(file=sys.argv[1]), 60.0, None) as output:
    for n in range(100_000):
        output.send(Frame(n, n / 60, np.full((32, 64, 4), n % 256, np.uint8)))
        sleep(0.002)
        print(n, flush=True)
"""


def test_a_killed_recorder_leaves_a_file_that_plays(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        deadline = monotonic() + 60.0
        while int(process.stdout.readline() or -1) < 400 and monotonic() < deadline:
            pass
        process.send_signal(signal.SIGKILL)
    times, _ = decoded(path)
    # At most the last fragment, one second, and what waited for the encoder are lost.
    assert times[-1] > 400 / 60 - 2.5
