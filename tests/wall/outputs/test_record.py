from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import av
import numpy as np
import pytest

from visuals.clock import RealClock, monotonic, sleep
from visuals.errors import OutputError
from visuals.shm import Latest, Layout
from visuals.telemetry import Log, Meter
from visuals.types import Flag, Frame, Pixels
from visuals.wall.outlet import Outlet
from visuals.wall.outputs.encoder import Encoder
from visuals.wall.outputs.record import SLOTS, Record, next_free
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


def test_prores_has_ten_bits_half_the_colour_and_plain_sound(tmp_path: Path) -> None:
    path = tmp_path / "a.mov"
    with Encoder(path, (64, 32), 60.0, sound=True, codec="prores") as encoder:
        for n in range(30):
            encoder.add_frame(picture(n), 10.0 + n / 60)
        encoder.add_sound(np.full((4800, 2), 0.25, np.float32), 10.1)
    with av.open(str(path)) as container:
        (video,), (audio,) = container.streams.video, container.streams.audio
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("prores", "yuv422p10le")
        assert video.codec_context.profile == "HQ"
        assert audio.codec_context.name == "pcm_s24le"
    times, pictures = decoded(path)
    np.testing.assert_allclose(times, np.arange(30) / 60, atol=1e-3)
    for n, seen in enumerate(pictures):
        assert np.abs(seen.astype(int) - picture(n)).max() <= 6
    first, samples = heard(path)
    assert first + int(np.argmax(samples.reshape(-1, 2)[:, 0] != 0)) / RATE_HZ == pytest.approx(0.1, abs=1e-3)


@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
def test_a_clean_end_makes_an_ordinary_file(tmp_path: Path, name: str) -> None:
    """Its first index is the whole one, as editors that know no fragments want it."""
    with Record((64, 32), RecordSettings(file=str(tmp_path / name)), 60.0, None) as output:
        for n in range(180):
            output.send(Frame(n, n / 60, picture(n)))
            sleep(0.002)
    assert "moof" not in boxes(tmp_path / name)
    assert "moov" in boxes(tmp_path / name)


def boxes(path: Path) -> list[str]:
    """ISO 14496-12: the types of a file's top-level boxes, each a length and four letters."""
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        found.append(data[at + 4 : at + 8].decode())
        at += size if size != 1 else int.from_bytes(data[at + 8 : at + 16], "big")
    return found


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


@pytest.mark.parametrize("name", ["a.mp4", "a.mov"], ids=["h264", "prores"])
def test_a_killed_recorder_leaves_a_file_that_plays(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        deadline = monotonic() + 60.0
        while int(process.stdout.readline() or -1) < 400 and monotonic() < deadline:
            pass
        process.send_signal(signal.SIGKILL)
    times, _ = decoded(path)
    # At most the last fragment, one second, and what waited for the encoder are lost.
    assert times[-1] > 400 / 60 - 2.5


def test_a_recording_never_writes_over_another(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    for _ in range(3):
        record_some(RecordSettings(file=str(path)))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a-2.mp4", "a-3.mp4", "a.mp4"]
    assert next_free(path).name == "a-4.mp4"
    before = path.stat().st_ino
    record_some(RecordSettings(file=str(path), replace=True))
    assert (path.stat().st_ino, next_free(path).name) == (before, "a-4.mp4")


def record_some(settings: RecordSettings) -> None:
    with Record((64, 32), settings, 60.0, None) as output:
        output.send(Frame(0, 0.0, picture(0)))


def test_prores_wants_a_quicktime_file() -> None:
    assert RecordSettings(file="a.MOV").codec_name == "prores"
    assert RecordSettings(file="a.mov", codec="h264").codec_name == "h264"
    with pytest.raises(ValueError, match=r"expected a file ending in \.mp4 or \.mov, not `a\.avi`"):
        RecordSettings(file="a.avi")
    with pytest.raises(ValueError, match=r"found the folder `/`, expected a file to write"):
        RecordSettings(file="/")
    with pytest.raises(ValueError, match=r"expected a file ending in \.mov for ProRes, not `a\.mp4`"):
        RecordSettings(file="a.mp4", codec="prores")


def test_progress_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with Record((64, 32), RecordSettings(file=str(path)), 60.0, None) as output:
        for n in range(121):
            output.send(Frame(n, 5.0 + n / 60, picture(n)))
            sleep(0.002)
        deadline = monotonic() + 10.0
        while output.progress["frames"] < 121 and monotonic() < deadline:
            sleep(0.01)
    told = output.progress
    assert {**told, "bytes": 0} == {
        "file": "a.mp4",
        "frames": 121,
        "seconds": 2.0,
        "bytes": 0,
        "dropped": 0,
        "stopped": False,
    }
    assert 0 < told["bytes"] <= path.stat().st_size


def test_an_outlet_tells_how_far_its_recording_is(tmp_path: Path) -> None:
    clock, settings = RealClock(), RecordSettings(file=str(tmp_path / "a.mp4"))
    outlet = Outlet("main", lambda: Record((64, 32), settings, 60.0, None), Meter(clock, Log(clock), "player"))
    deadline, n = monotonic() + 10.0, 0
    while outlet.progress.get("frames", 0) < 10 and monotonic() < deadline:
        outlet.send(picture(n), n, n / 60, Flag.NONE)
        n += 1
        sleep(0.01)
    assert outlet.progress["file"] == "a.mp4"
    assert outlet.progress["frames"] >= 10
    outlet.close()
    assert outlet.progress == {}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 48 MB in memory."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("needs to mount a tmpfs: run as root")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.expects_warnings
@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
def test_a_full_disk_costs_the_recording_until_there_is_room(
    small_disk: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (128, 128, 4), dtype=np.uint8)
    filler = small_disk / "filler"
    took = []

    def play_until(output: Record, frames: Iterator[int], reached: Callable[[], bool]) -> bool:
        deadline = monotonic() + 30.0
        while not reached() and monotonic() < deadline:
            n = next(frames)
            start = monotonic()
            output.send(Frame(n, n / 60, noise))
            took.append(monotonic() - start)
            sleep(0.01)
        return reached()

    frames = count()
    with Record((128, 128), RecordSettings(file=str(small_disk / name)), 60.0, None) as output:
        assert play_until(output, frames, lambda: output.progress["frames"] > 180)
        free = shutil.disk_usage(small_disk).free
        filler.write_bytes(bytes(free - 100_000))
        assert play_until(output, frames, lambda: bool(output.progress["stopped"]))
        stopped = output.progress["frames"]
        waited = monotonic() + 1.5
        assert play_until(output, frames, lambda: monotonic() > waited)
        assert output.progress["frames"] == stopped
        filler.unlink()
        assert play_until(output, frames, lambda: output.progress["frames"] > stopped + 90)
    first, second = small_disk / name, small_disk / name.replace("a.", "a-2.")
    assert len(decoded(first)[0]) > 100
    assert len(decoded(second)[0]) > 80
    assert np.median(took) < 0.001
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2
    assert "No space left on device" in told[0]
    assert told[1].endswith(f"{second.name}: recording goes on here")
