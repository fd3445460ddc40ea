"""A camera or capture card, in a thread of its own: the newest picture wins.

A device may be missing, vanish and return: it is opened by name every second until it is there. It
knows PyAV's input devices and nothing of what is done with the picture.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import av

from visuals.errors import MediaError
from visuals.render.media.decoding import FAULTS, decoded, moving, reason
from visuals.render.media.scaling import Scaler, Size
from visuals.types import Pixels

logger = logging.getLogger(__name__)

RETRY_S = 1.0
SILENT_S = 5.0
"""A device that gives nothing for so long is opened again, where FFmpeg's input for it does not block."""

LONGEST_NAME = 200
LINUX = Path("/sys/class/video4linux")


@dataclass(frozen=True, slots=True)
class Device:
    """What PyAV opens: one of FFmpeg's input formats, the device as that one names it, its options."""

    format: str
    file: str
    options: Mapping[str, str] = field(default_factory=dict)


def find_device(name: str) -> Device | None:
    """The camera called `name`; None while Linux has none of that name. The other systems look when it is opened."""
    if sys.platform == "darwin":  # at its own 29.97 FFmpeg refuses most cameras there
        return Device("avfoundation", f"{name}:none", {"framerate": "30"})
    if sys.platform == "win32":
        return Device("dshow", f"video={name}")
    return find_on_linux(name, LINUX)


def find_on_linux(name: str, listed: Path) -> Device | None:
    """`/dev/video0`, `video0`, `0`, or the name or a part of it, as its driver tells; of several the first."""
    wanted = f"video{name}" if name.isdecimal() else name.removeprefix("/dev/").casefold()
    nodes = sorted(listed.glob("video*"), key=lambda node: (len(node.name), node.name))
    told = {node.name: _driver_name(node) for node in nodes}
    exact = [node for node in told if wanted in (node, told[node])]
    found = exact or [node for node in told if wanted in told[node]]
    return Device("v4l2", f"/dev/{found[0]}") if found else None


class Camera:
    """Footage of a device, scaled to fit into `size_limit` (width, height).

    `alive` is False while it is missing; its last picture stays. Raises MediaError for what cannot be a
    camera's name; a camera that is missing is waited for.
    """

    def __init__(self, name: str, size_limit: Size, find: Callable[[str], Device | None] = find_device) -> None:
        if not _is_name(name):
            raise MediaError(f"found the camera {name[:40]!r}, expected a device's name, or /dev/video0")
        self.name, self.alive = name, False
        self._find, self._limit = partial(find, name), size_limit
        self._newest: Pixels | None = None
        self._complained = False
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"camera-{name}", daemon=True)
        self._thread.start()

    @property
    def size(self) -> Size | None:
        newest = self._newest
        return None if newest is None else (newest.shape[1], newest.shape[0])

    def at(self, position_s: float) -> Pixels | None:
        """The newest picture, whatever the position."""
        return self._newest

    def close(self) -> None:
        """End the thread, which lets the device go, without waiting for it."""
        self._closing.set()

    # ---- the thread -----------------------------------------------------------------------------

    def _work(self) -> None:
        while not self._closing.is_set():
            try:
                self._watch()
            except FAULTS as error:
                self._complain(reason(error))
            self.alive = False
            self._closing.wait(RETRY_S)

    def _watch(self) -> None:
        """Take its pictures until it ends."""
        device = self._find()
        if device is None:
            raise OSError("it is not there")
        with av.open(device.file, format=device.format, options=dict(device.options), timeout=SILENT_S) as container:
            stream = moving(container)
            scale: Scaler | None = None
            for picture in decoded(container, stream, stream.codec_context):
                if self._closing.is_set():
                    return
                scale = scale or Scaler((picture.width, picture.height), self._limit)
                self._newest = scale(picture)
                self.alive, self._complained = True, False
        self._complain("it went away")

    def _complain(self, why: str) -> None:
        """Once until it is there again."""
        if not self._complained:
            logger.warning("camera %s: %s; looked for every second", self.name, why)
        self._complained = True


def _is_name(name: str) -> bool:
    """A path is one only of a video device: nothing else is ever opened."""
    is_path = "/" in name and not re.fullmatch(r"/dev/video\d{1,3}", name)
    return bool(name.strip()) and len(name) <= LONGEST_NAME and name.isprintable() and not is_path


def _driver_name(node: Path) -> str:
    try:
        return (node / "name").read_text(errors="replace").strip().casefold()
    except OSError:
        return ""
