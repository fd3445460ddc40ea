"""Real files, whose frames say which they are."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.render.media.films import KINDS, RATE_HZ, SIZE, film, number
from visuals.clock import monotonic, sleep
from visuals.errors import MediaError
from visuals.render.media.footage import Footage, beat_position
from visuals.render.media.video import Video
from visuals.types import Pixels

ENOUGH_S = 10.0
"""To wait for a thread on a machine that is busy."""

RING = 16 * SIZE[0] * SIZE[1] * 4
"""Sixteen pictures: less than the clips here have."""


@contextmanager
def playing(path: Path, size: tuple[int, int] = SIZE, **kwargs: Any) -> Iterator[Video]:
    video = Video(path, size, **kwargs)
    try:
        yield video
    finally:
        video.close()
        video._thread.join(ENOUGH_S)
        assert not video._thread.is_alive()


def until(done: Callable[[], bool]) -> None:
    limit = monotonic() + ENOUGH_S
    while not done():
        assert monotonic() < limit, "waited in vain"
        sleep(0.002)


def seen(video: Video, position: float) -> int:
    """The frame at a position, once it is there."""
    until(lambda: is_ready(video, position))
    return number(video.at(position))


def is_ready(video: Video, position: float) -> bool:
    late = video.late
    video.at(position)
    return video.late == late


# ---- positions ------------------------------------------------------------------------------------

CONTAINERS = {
    "a.mp4": {},
    "b-frames.mp4": {"gop": 250, "options": {"bf": "3", "b-adapt": "0"}},
    "a.mov": {"codec": "qtrle", "pix_fmt": "rgb24"},
    "a.mkv": {},
    "a.webm": {"codec": "libvpx-vp9"},
    "a.avi": {"codec": "mjpeg", "pix_fmt": "yuvj420p"},
    "a.ts": {},
    "a.mpg": {"codec": "mpeg2video"},
    "a.flv": {},
    "a.h264": {},
    "open-gop.ts": {"options": {"x264-params": "open-gop=1:bframes=3:b-adapt=0"}},
}


@pytest.mark.parametrize("name", CONTAINERS)
@pytest.mark.parametrize("max_bytes", [RING, 2**20], ids=["ring", "whole"])
def test_each_position_has_its_frame(tmp_path: Path, name: str, max_bytes: int) -> None:
    with playing(film(tmp_path / name, 40, **CONTAINERS[name]), max_bytes=max_bytes) as video:
        assert video.duration == pytest.approx(40 / RATE_HZ, abs=2e-3)
        for n in (0, 1, 13, 39, 12, 11, 25, 38, 0, 39):
            assert seen(video, (n + 0.5) / RATE_HZ) == n


def test_positions_wrap_either_way(tmp_path: Path) -> None:
    with playing(film(tmp_path / "a.mp4", 30)) as video:
        for position, n in ((1.01, 0), (7.51, 15), (3600.51, 15), (-0.01, 29), (-0.49, 15), (-1e-18, 0)):
            assert seen(video, position) == n


def test_a_variable_rate_is_followed(tmp_path: Path) -> None:
    times = [0, 40, 90, 500, 510, 1200, 1240]
    with playing(film(tmp_path / "a.mkv", 7, times_ms=times)) as video:
        for position, n in ((0.039, 0), (0.041, 1), (0.499, 2), (0.505, 3), (0.511, 4), (1.199, 4), (1.201, 5)):
            assert seen(video, position) == n
        assert seen(video, video.duration - 1e-6) == 6


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4", "a.ts"])
def test_a_file_that_begins_late_begins_at_0(tmp_path: Path, name: str) -> None:
    path = film(tmp_path / name, 20, times_ms=[5000 + 100 * n for n in range(20)])
    with playing(path, max_bytes=RING) as video:
        assert video.duration == pytest.approx(2.0, abs=0.07)
        for n in (0, 19, 7):
            assert seen(video, 0.1 * n + 0.02) == n


# ---- loops ----------------------------------------------------------------------------------------


def play(video: Video, seconds: float, speed: float, *, patiently: bool = False) -> list[tuple[float, int]]:
    """Positions asked 60 times a second and the frames given; `patiently` the decoder is waited for in between."""
    given = []
    for n in range(round(60 * seconds)):
        position = speed * n / 60 + 0.003
        given.append((position, number(video.at(position))))
        if patiently:
            until(lambda: video._store.missing(video._course) is None)
        else:
            sleep(1 / 60)
    return given


def wrong(given: list[tuple[float, int]], frames: int) -> list[tuple[float, int]]:
    return [(at, n) for at, n in given if n != int(at * RATE_HZ % frames) % KINDS]


@pytest.mark.parametrize("speed", [1.0, 3.7, -1.0, -4.0])
@pytest.mark.parametrize("name", ["a.mp4", "a.ts"])
@pytest.mark.parametrize("room", [10, 29])
def test_no_frame_is_wrong_or_missing_over_twenty_loops(tmp_path: Path, name: str, speed: float, room: int) -> None:
    with playing(film(tmp_path / name, 30, gop=5), max_bytes=room * SIZE[0] * SIZE[1] * 4) as video:
        given = play(video, 20.6 / abs(speed), speed, patiently=True)
        under_way = [(at, n) for at, n in given if abs(at) > 0.4]  # that it goes backwards it learns by it
        assert abs(given[-1][0]) > 20.4
        assert wrong(under_way, 30) == []
        assert video._thread.is_alive()  # it was not in RAM as a whole


def test_twenty_loops_in_real_time(tmp_path: Path) -> None:
    """None is wrong where two cores are free; a machine busy with other tests may starve the decoder for a moment."""
    with playing(film(tmp_path / "a.mp4", 15, gop=5), max_bytes=14 * SIZE[0] * SIZE[1] * 4) as video:
        given = play(video, 10.6, 1.0)
        assert given[-1][0] > 10.0
        assert len(wrong(given, 15)) <= 0.02 * len(given)
        assert video._thread.is_alive()


def test_a_machine_too_slow_for_a_clip_shows_what_it_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty pictures a second asked, at most twelve can be made."""
    with playing(film(tmp_path / "a.mp4", 240, gop=30), max_bytes=RING) as video:
        scale = video._scale

        def slowly(picture: Any) -> Pixels:
            sleep(0.08)
            return scale(picture)

        monkeypatch.setattr(video, "_scale", slowly)
        given = [(at, n) for at, n in play(video, 4.0, 1.0) if n >= 0]
        assert video.late > 0
        assert len({n for at, n in given if at > 1.0}) > 10
        behind = [(int(at * RATE_HZ) - n) % KINDS for at, n in given if at > 1.0]
        assert max(behind) <= 1.5 * RATE_HZ


def test_a_clip_that_fits_is_decoded_once_and_its_file_let_go(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", 30)
    with playing(path) as video:
        until(lambda: not video._thread.is_alive())
        path.unlink()
        assert wrong([(at, number(video.at(at))) for at in np.arange(0.0005, 3.0, 0.013)], 30) == []
        assert video.late == 0


def test_the_same_frame_is_the_same_array(tmp_path: Path) -> None:
    with playing(film(tmp_path / "a.mp4", 30)) as video:
        first, again, next_one = video.at(0.001), video.at(0.03), None
        seen(video, 0.04)
        next_one = video.at(0.04)
        assert first is again
        assert next_one is not first
        assert first is not None
        with pytest.raises(ValueError, match="read-only"):
            first[0, 0] = 0


def test_after_a_jump_the_old_frame_stays_until_the_new_one_is_there(tmp_path: Path) -> None:
    with playing(film(tmp_path / "a.mp4", 600, gop=60), max_bytes=RING) as video:
        for target in (15.02, 3.52, 18.02, 9.02):
            before = number(video.at(video._course.at))
            given = []
            limit = monotonic() + ENOUGH_S
            while (given or [before])[-1] != int(target * RATE_HZ) % KINDS and monotonic() < limit:
                given.append(number(video.at(target)))
                sleep(1 / 60)
            assert set(given[:-1]) <= {before}
            assert len(given) < 30
            assert given[-1] == int(target * RATE_HZ) % KINDS


def test_a_first_position_elsewhere_shows_nothing_else_before(tmp_path: Path) -> None:
    with playing(film(tmp_path / "a.mp4", 600, gop=300), max_bytes=RING) as video:
        given = []
        while not given or given[-1] != (9 * RATE_HZ) % KINDS:
            given.append(number(video.at(9.01)))
        assert set(given[:-1]) <= {-1}


# ---- how a picture is seen --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "limit", "expected"),
    [
        ((64, 48), (1000, 1000), (64, 48)),
        ((64, 48), (32, 32), (32, 24)),
        ((65, 33), (512, 256), (65, 33)),
        ((65, 33), (20, 512), (20, 10)),
        ((640, 2), (64, 64), (64, 1)),
    ],
)
def test_a_picture_fits_into_the_canvas_and_is_not_enlarged(
    tmp_path: Path, size: tuple[int, int], limit: tuple[int, int], expected: tuple[int, int]
) -> None:
    with playing(film(tmp_path / "a.mkv", 3, size=size, codec="ffv1", pix_fmt="yuv444p"), limit) as video:
        assert video.size == expected
        pixels = video.at(0.0)
        assert pixels is not None
        assert (pixels.shape, pixels.dtype) == ((expected[1], expected[0], 4), np.uint8)
        assert number(pixels) == 0


def draw(path: Path, picture: np.ndarray[Any, Any], format: str, codec: str, pix_fmt: str, **stream: Any) -> Path:
    """One picture, as a video of twelve frames."""
    with av.open(str(path), "w") as container:
        out: Any = container.add_stream(codec, rate=RATE_HZ, options=stream.pop("options", {}))
        out.height, out.width, out.pix_fmt = *picture.shape[:2], pix_fmt
        if rotation := stream.pop("rotation", 0):
            out.set_display_rotation(rotation)
        for name, value in stream.items():
            setattr(out.codec_context, name, value)
        for _ in range(12):
            container.mux(out.encode(av.VideoFrame.from_ndarray(picture, format=format)))
        container.mux(out.encode(None))
    return path


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_a_picture_is_turned_as_its_camera_was(tmp_path: Path, rotation: int) -> None:
    picture = np.zeros((32, 64, 3), np.uint8)
    picture[:16, :32] = 255
    path = draw(tmp_path / "a.mp4", picture, "rgb24", "libx264", "yuv420p", rotation=rotation)
    with playing(path, (32, 32)) as video:
        expected = np.rot90(picture[::2, ::2], rotation // 90)
        pixels = video.at(0.0)
        assert pixels is not None
        assert video.size == expected.shape[1::-1]
        assert np.abs(pixels[..., :3].astype(int) - expected).mean() < 6


def test_pixels_that_are_not_square_are_seen_square(tmp_path: Path) -> None:
    path = draw(
        tmp_path / "a.mp4", np.zeros((48, 64, 3), np.uint8), "rgb24", "libx264", "yuv420p", sample_aspect_ratio=2
    )
    with playing(path, (512, 512)) as video:
        assert video.size == (128, 48)


def test_transparency_is_kept(tmp_path: Path) -> None:
    picture = np.zeros((16, 16, 4), np.uint8)
    picture[:, :8] = (200, 100, 50, 128)
    with playing(draw(tmp_path / "a.mov", picture, "rgba", "png", "rgba")) as video:
        np.testing.assert_array_equal(video.at(0.0), picture)


def test_transparency_beside_the_picture_is_read_too(tmp_path: Path) -> None:
    """As WebM keeps it, which is what most tools write for an overlay."""
    picture = np.full((32, 64, 4), (200, 100, 50, 255), np.uint8)
    picture[:, 32:, 3] = 60
    path = draw(tmp_path / "a.webm", picture, "rgba", "libvpx-vp9", "yuva420p", options={"auto-alt-ref": "0"})
    with playing(path, max_bytes=0) as video:
        for at in (0.0, 0.39, 0.1, 0.0, 0.2, 0.39):
            until(lambda at=at: is_ready(video, at))
            pixels = video.at(at)
            assert pixels is not None
            assert np.abs(pixels[8, [8, 56]].astype(int) - picture[8, [8, 56]]).max() <= 4


@pytest.mark.parametrize(("tagged", "size"), [(True, (64, 48)), (False, (1280, 720))])
def test_hd_colours_are_read_as_hd(tmp_path: Path, tagged: bool, size: tuple[int, int]) -> None:
    """BT.709 as H.273 names it; untold, by its lines. Read as BT.601 this green would be (33, 199, 14)."""
    picture = np.broadcast_to(np.array([0, 180, 0], np.uint8), (size[1], size[0], 3)).copy()
    coded = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(
        format="yuv444p", src_colorspace="ITU709", dst_colorspace="ITU709"
    )
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        out: Any = container.add_stream("ffv1", rate=RATE_HZ)
        out.width, out.height, out.pix_fmt = *size, "yuv444p"
        out.codec_context.colorspace = coded.colorspace = 1 if tagged else 2
        container.mux(out.encode(coded))
        container.mux(out.encode(None))
    with playing(path, (64, 64)) as video:
        pixels = video.at(0.0)
        assert pixels is not None
        assert np.abs(pixels[0, 0, :3].astype(int) - (0, 180, 0)).max() <= 2


# ---- what is wrong ----------------------------------------------------------------------------------


def sound(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_what_is_no_video_is_said_in_one_line(tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.mp4", 30).read_bytes()
    (tmp_path / "text.mp4").write_text("nothing of the kind" * 100)
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    data = whole.index(b"mdat")
    (tmp_path / "rotten.mp4").write_bytes(
        whole[: data + 4] + bytes(len(whole[data + 4 : whole.index(b"moov")])) + whole[whole.index(b"moov") :]
    )
    (tmp_path / "list.mp4").write_text(f"#EXTM3U\n#EXTINF:1,\n{tmp_path}/whole.mp4\n#EXT-X-ENDLIST\n")
    (tmp_path / "concat.mp4").write_text("ffconcat version 1.0\nfile whole.mp4\n")
    sound(tmp_path / "sound.mp4")
    for name, said in {
        "missing.mp4": "no such video",
        ".": "no such video",
        "text.mp4": "not a video that can be read",
        "empty.mp4": "not a video that can be read",
        "cut.mp4": "not a video that can be read",
        "rotten.mp4": "not a video that can be read .no picture in it can be decoded",
        "list.mp4": "not a video that can be read",
        "concat.mp4": "not a video that can be read",
        "sound.mp4": "found audio, expected moving pictures",
    }.items():
        with pytest.raises(MediaError, match=said) as told:
            Video(tmp_path / name, SIZE)
        assert "\n" not in str(told.value)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts", "a.avi"])
def test_a_file_cut_short_plays_as_far_as_it_goes(tmp_path: Path, name: str) -> None:
    codec = {"codec": "mpeg4"} if name == "a.avi" else {}
    path = film(tmp_path / name, 90, **codec)
    if name == "a.mp4":
        path = faststart(path)
    data = path.read_bytes()
    pictures = max(0, data.find(b"mdat"))
    path.write_bytes(data[: pictures + round((len(data) - pictures) * 0.6)])
    with playing(path, max_bytes=RING) as video:
        assert 0.5 < video.duration < 2.9
        for n in (0, 5, 10):
            assert seen(video, (n + 0.5) / RATE_HZ) == n
        seen(video, video.duration - 0.001)
        assert seen(video, 0.05) == 1


def faststart(path: Path) -> Path:
    """The same with its index in front."""
    to = path.with_name("front.mp4")
    with av.open(str(path)) as source, av.open(str(to), "w", options={"movflags": "faststart"}) as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                out.mux(packet)
    return to


def test_damage_within_holds_the_frame_before(tmp_path: Path) -> None:
    path = film(tmp_path / "a.avi", 30, codec="mjpeg", pix_fmt="yuvj420p")
    data = bytearray(path.read_bytes())
    starts = [n for n in range(len(data)) if data[n : n + 3] == b"\xff\xd8\xff"]
    data[starts[10] : starts[11] - 8] = bytes(starts[11] - 8 - starts[10])
    path.write_bytes(data)
    with playing(path) as video:
        assert [seen(video, (n + 0.5) / RATE_HZ) for n in range(8, 13)] == [8, 9, 9, 11, 12]


@pytest.mark.expects_warnings
def test_a_file_that_vanishes_holds_its_last_frame_and_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visuals.render.media.video.RETRY_S", 0.05)
    path = film(tmp_path / "a.avi", 600, codec="mjpeg", pix_fmt="yuvj420p")
    data = path.read_bytes()
    with playing(path, max_bytes=RING) as video:
        held = seen(video, 5.0)
        os.truncate(path, 0)
        path.unlink()
        limit = monotonic() + 1.0
        while monotonic() < limit:
            assert number(video.at(12.0)) == held
            sleep(0.01)
        assert [record.getMessage().partition(": ")[2][:24] for record in caplog.records] == [
            "holds its last picture, "
        ]
        path.write_bytes(data)
        assert seen(video, 12.0) == 360 % KINDS
        assert video._thread.is_alive()


def test_closing_ends_the_thread_within_a_second(tmp_path: Path) -> None:
    video = Video(film(tmp_path / "a.mp4", 600), SIZE, max_bytes=RING)
    begin = monotonic()
    video.close()
    assert monotonic() - begin < 0.05
    video._thread.join(1.0)
    assert not video._thread.is_alive()
    assert number(video.at(0.0)) == 0  # a layer that fades out still has its picture


def test_two_hundred_videos_leave_nothing_behind(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", 60)

    def use() -> None:
        video = Video(path, SIZE, max_bytes=RING)
        video.at(1.0)
        video.close()
        video._thread.join(ENOUGH_S)
        with suppress(MediaError):
            Video(tmp_path / "missing.mp4", SIZE)

    def held() -> tuple[int, int, float]:
        statm = Path("/proc/self/statm").read_text().split()
        return threading.active_count(), len(os.listdir("/proc/self/fd")), int(statm[1]) * 4096 / 2**20

    if not Path("/proc/self/statm").exists():
        pytest.skip("counts files and memory by Linux's /proc")
    for _ in range(40):
        use()
    before = held()
    for _ in range(200):
        use()
    after = held()
    assert after[:2] == before[:2]
    assert after[2] - before[2] < 8.0, "MiB"


# ---- beats ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bpm", [60.0, 128.0, 174.0])
def test_a_clip_of_n_beats_stays_on_the_beat(bpm: float) -> None:
    for beat in range(0, 64, 5):
        seconds = beat * 60.0 / bpm
        assert beat_position(seconds * bpm / 60.0, 8.0, 3.0) == pytest.approx(beat % 8 * 3.0 / 8.0, abs=1e-9)


def test_positions_of_beats_stay_within_the_clip() -> None:
    for beats in (-1e-18, -0.5, 0.0, 7.999999, 8.0, 1e9 + 0.25):
        assert 0.0 <= beat_position(beats, 8.0, 3.0) < 3.0
    assert beat_position(-0.5, 8.0, 4.0) == 3.75


def test_a_video_is_footage(tmp_path: Path) -> None:
    with playing(film(tmp_path / "a.mp4", 3)) as video:
        footage: Footage = video
        assert footage.size == SIZE
