"""FFmpeg's test picture stands in for a camera: it is opened as a device is, and ends like one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from visuals.clock import monotonic, sleep
from visuals.errors import MediaError
from visuals.render.media import camera
from visuals.render.media.camera import Camera, Device, find_on_linux
from visuals.render.media.footage import Footage

ENOUGH_S = 10.0
PICTURE = Device("lavfi", "testsrc=size=64x48:rate=30,realtime")
BRIEF = Device("lavfi", "testsrc=size=64x48:rate=30:duration=0.2,realtime")
MISSING = Device("v4l2", "/dev/video987")


@contextmanager
def running(find: Callable[[str], Device | None], size: tuple[int, int] = (64, 48)) -> Iterator[Camera]:
    watched = Camera("stand-in", size, find)
    try:
        yield watched
    finally:
        watched.close()
        watched._thread.join(ENOUGH_S)
        assert not watched._thread.is_alive()


def until(done: Callable[[], bool]) -> None:
    limit = monotonic() + ENOUGH_S
    while not done():
        assert monotonic() < limit, "waited in vain"
        sleep(0.002)


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera, "RETRY_S", 0.05)


def test_the_newest_picture_is_given_and_no_other_array_until_there_is_a_newer() -> None:
    with running(lambda _: PICTURE) as watched:
        footage: Footage = watched
        until(lambda: footage.at(0.0) is not None)
        assert footage.size == (64, 48)
        assert watched.alive
        pictures, begin = [], monotonic()
        while monotonic() < begin + 1.0:
            pictures.append(footage.at(99.0))
            sleep(0.005)
        different = {id(picture) for picture in pictures}
        assert 3 < len(different) < 45
        first = pictures[0]
        assert first is not None
        assert (first.shape, first.dtype, first.flags.writeable) == ((48, 64, 4), np.uint8, False)


def test_a_large_picture_is_scaled_to_fit() -> None:
    with running(lambda _: PICTURE, (32, 32)) as watched:
        until(lambda: watched.at(0.0) is not None)
        assert watched.size == (32, 24)


@pytest.mark.expects_warnings
@pytest.mark.usefixtures("quickly")
def test_a_device_may_come_late_go_and_return_and_is_complained_of_once_each(
    caplog: pytest.LogCaptureFixture,
) -> None:
    there: list[Device | None] = [None]
    with running(lambda _: there[0]) as watched:
        sleep(0.3)
        assert (watched.at(0.0), watched.size, watched.alive) == (None, None, False)
        there[0] = MISSING
        sleep(0.3)
        there[0] = BRIEF
        until(lambda: watched.alive)
        there[0] = None
        until(lambda: not watched.alive)
        held = watched.at(0.0)
        assert held is not None
        sleep(0.2)
        assert watched.at(0.0) is held
        there[0] = PICTURE
        until(lambda: watched.alive and watched.at(0.0) is not held)
    said = [record.getMessage() for record in caplog.records]
    assert [text.partition(";")[0] for text in said] == [
        "camera stand-in: it is not there",
        "camera stand-in: it went away",
    ]


@pytest.mark.parametrize("device", [PICTURE, None])
@pytest.mark.expects_warnings
def test_closing_ends_the_thread_within_a_second(device: Device | None) -> None:
    before = threading.active_count()
    watched = Camera("stand-in", (64, 48), lambda _: device)
    sleep(0.2)
    begin = monotonic()
    watched.close()
    assert monotonic() - begin < 0.05
    watched._thread.join(1.0)
    assert threading.active_count() == before


@pytest.mark.parametrize(
    "name", ["", "  ", "/etc/passwd", "/dev/video", "/dev/video0/../sda", "../x", "a\nb", "x" * 201]
)
def test_what_cannot_be_a_camera_is_said(name: str) -> None:
    with pytest.raises(MediaError, match="expected a device's name") as told:
        Camera(name, (64, 48))
    assert "\n" not in str(told.value)


def test_linux_finds_a_camera_by_its_node_or_its_name(tmp_path: Path) -> None:
    for node, told in {"video0": "HD Webcam: HD Webcam", "video2": "Cam Link 4K", "video10": "Cam Link 4K"}.items():
        (tmp_path / node).mkdir()
        (tmp_path / node / "name").write_text(told + "\n")
    for name, node in {
        "/dev/video2": "video2",
        "video10": "video10",
        "Cam Link 4K": "video2",
        "cam link": "video2",
        "webcam": "video0",
    }.items():
        assert find_on_linux(name, tmp_path) == Device("v4l2", f"/dev/{node}")
    assert find_on_linux("Elgato", tmp_path) is None
    assert find_on_linux("Elgato", tmp_path / "none") is None
