"""One life of an output, in a thread of its own: opened, fed with the newest picture, closed.

However long the output takes or hangs, who posts pictures only ever copies one.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue

import numpy as np

from visuals.errors import DeviceError
from visuals.types import Flag, Frame, Output, Pixels

logger = logging.getLogger(__name__)


class Mailbox:
    """Room for one picture: the newest wins. One thread posts, one takes; neither waits for the other.

    There are two buffers: one may be with the taker, the other waits or is being written.
    """

    def __init__(self) -> None:
        self._waiting: SimpleQueue[Frame | None] = SimpleQueue()
        self._free: deque[Pixels] = deque()

    def post(self, frame: Frame) -> bool:
        """Leave a copy; False when the one before it was never taken. All are of one size."""
        fresh = True
        try:
            stale = self._waiting.get_nowait()
            assert stale is not None, "nothing is posted after the end"
            buffer, fresh = stale.pixels, False
        except Empty:
            buffer = self._free.popleft() if self._free else np.empty_like(frame.pixels)
        np.copyto(buffer, frame.pixels)
        self._waiting.put(Frame(frame.index, frame.time, buffer, frame.flags))
        return fresh

    def end(self) -> None:
        """After what still waits, there is nothing more."""
        self._waiting.put(None)

    def take(self) -> Frame | None:
        """Wait for a picture; None at the end."""
        return self._waiting.get()

    def give_back(self, frame: Frame) -> None:
        """The picture was used; its buffer may be written again."""
        self._free.append(frame.pixels)


class Feeder:
    """Opens an output and sends it what is posted, until it fails or is ended.

    `steps` grows with everything that is done, `busy` says that something is being done: busy and no
    step means that it hangs. `error` is why it is over.
    """

    def __init__(self, name: str, opener: Callable[[], Output]) -> None:
        self.output: Output | None = None
        self.error: Exception | None = None
        self.steps = 0
        self.busy = True
        self._name, self._opener = name, opener
        self._mail = Mailbox()
        self._abandoned = False
        self._thread = threading.Thread(target=self._run, name=f"outlet {name}", daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        return not self._thread.is_alive()

    def post(self, pixels: Pixels, index: int, time: float, flags: Flag) -> bool:
        """Leave a picture for the output; False when the one before it was never sent."""
        return self._mail.post(Frame(index, time, pixels, flags))

    def abandon(self) -> None:
        """Let it be: should it ever come back, it closes and ends."""
        self._abandoned = True
        self._mail.end()

    def end(self) -> None:
        """Send the last picture and close, in its own time."""
        self._mail.end()

    def is_over_within(self, patience: float) -> bool:
        """Wait for the end, at most `patience` seconds."""
        self._thread.join(patience)
        return self.is_over

    def _run(self) -> None:
        try:
            with self._opener() as output:
                self.output = output
                self._feed(output)
        except Exception as error:  # whatever an output does, the others go on
            self.error = error
        finally:
            self.output = None

    def _feed(self, output: Output) -> None:
        self._rest()
        while not self._abandoned and (frame := self._mail.take()) is not None:
            self.busy = True
            output.send(frame)
            self._mail.give_back(frame)
            self._rest()
        if self._abandoned:
            raise DeviceError("it was given up")  # no clean end: another may send in its place

    def _rest(self) -> None:
        self.steps += 1
        self.busy = False
