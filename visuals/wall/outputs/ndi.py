"""A wall as an NDI source on the network: the only door to cyndilib, which brings the NDI library.

NDI is lossy (4:2:2) and compresses on the processor; its receivers are media servers and vision
mixers. NDI is a registered trademark of Vizrt NDI AB, see ndi.video; its library comes under its own terms.
"""

from __future__ import annotations

import threading
from fractions import Fraction
from types import TracebackType
from typing import Any, Self

import numpy as np

from visuals.errors import DeviceError
from visuals.types import Frame, Pixels
from visuals.wall.outputs.settings import NdiSettings

INSTALL = "NDI needs its library: pip install 'visuals[ndi]'"
CLOSE_S = 1.0


class Ndi:
    """Shows a wall of `size` (width, height) as the source `name`; `rate_hz` is what receivers are told.

    Sending waits for the compression of the picture before, so it happens in a thread of its own:
    `send` copies and returns, and the newest picture wins. Raises DeviceError on entering when the
    library is missing or does not run here.
    """

    def __init__(self, size: tuple[int, int], settings: NdiSettings, name: str, rate_hz: float) -> None:
        self._size, self._rate_hz = size, rate_hz
        self._name, self._groups = settings.name or name, settings.groups
        self._slots: list[Pixels] = [np.zeros((size[1], size[0], 4), np.uint8) for _ in range(3)]
        self._pending = self._sending = -1
        self._wake = threading.Event()
        self._ended = False
        self._failed: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="ndi", daemon=True)

    def send(self, frame: Frame) -> None:
        """Leave a copy of the picture for the sending thread. Raises DeviceError once that has failed."""
        if self._failed is not None:
            raise DeviceError(f"NDI source `{self._name}`: {self._failed}")
        free = next(i for i in range(3) if i not in (self._pending, self._sending))
        np.copyto(self._slots[free], frame.pixels)
        self._pending = free
        self._wake.set()

    def __enter__(self) -> Self:
        self._sender = _opened(self._name, self._groups, self._size, self._rate_hz)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended = True
        self._wake.set()
        self._thread.join(CLOSE_S)
        if self._thread.is_alive():
            raise DeviceError(f"NDI source `{self._name}`: does not end within {CLOSE_S:g} s")

    def _run(self) -> None:
        try:
            while not self._ended:
                self._wake.wait()
                self._wake.clear()
                self._sending, self._pending = self._pending, -1
                if self._sending >= 0:
                    self._sender.write_video(self._slots[self._sending].reshape(-1))
        except Exception as error:  # whatever the library raises is told by the next `send`
            self._failed = error
        finally:
            self._sender.close()


def _opened(name: str, groups: str, size: tuple[int, int], rate_hz: float) -> Any:
    """A sender of 8-bit RGB without alpha that takes pictures as they come."""
    try:
        from cyndilib.sender import Sender
        from cyndilib.video_frame import VideoSendFrame
        from cyndilib.wrapper.ndi_structs import FourCC
    except ImportError as error:
        raise DeviceError(f"{INSTALL} ({error})") from error
    frame = VideoSendFrame()
    frame.set_resolution(*size)
    frame.set_frame_rate(Fraction(rate_hz).limit_denominator(1001))
    frame.set_fourcc(FourCC.RGBX)
    sender = Sender(name, groups, clock_video=False, clock_audio=False)
    sender.set_video_frame(frame)
    try:
        sender.open()
    except Exception as error:  # the library has no errors of its own to tell apart
        raise DeviceError(f"NDI source `{name}`: {error or type(error).__name__}") from error
    return sender
