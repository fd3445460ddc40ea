"""MIDI out: messages to every output whose name matches, however often it goes and comes.

The ports live in a process of their own, as those of `midi` do. Does not know what a message means.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from visuals.control.midi.inputs import ORDER_BYTES, WATCH_S, Listener
from visuals.control.midi.ports import Api, rtmidi, systems


class MidiOut:
    """The outputs that match `pattern`, for as long as it is entered. With `auto`, JACK's count where ALSA has none.

    Entering raises DeviceError when rtmidi cannot be loaded; ports are waited for.
    """

    def __init__(self, pattern: str, api: Api = "auto") -> None:
        self._pattern = pattern
        self._systems, self._senders = systems(api), list[Listener]()
        self._ending = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="midi out", daemon=True)

    @property
    def connected(self) -> tuple[str, ...]:
        """Names of the ports that are sent to, as of the last `look`."""
        return next((sender.open for sender in self._senders if sender.open), ())

    def look(self) -> bool:
        """See which ports are there; True if one was opened since the last look, which knows nothing yet."""
        for sender in self._senders:
            for _ in sender.lines():
                pass
        is_fresh = any(sender.is_fresh for sender in self._senders)
        for sender in self._senders:
            sender.is_fresh = False
        return is_fresh

    def send(self, messages: Sequence[bytes]) -> bool:
        """Hand messages over, a few dozen at most; False where none was. Never waits."""
        line = json.dumps([message.hex() for message in messages]).encode() + b"\n"
        sender = next((sender for sender in self._senders if sender.open), None)
        return sender is not None and len(line) <= ORDER_BYTES and sender.order(line)

    def __enter__(self) -> Self:
        rtmidi()
        self._senders = [Listener(system, f"--send={self._pattern}") for system in self._systems]
        self._tend()
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._watcher.join()
        for sender in self._senders:
            sender.close()

    def _watch(self) -> None:
        while not self._ending.wait(WATCH_S):
            self._tend()

    def _tend(self) -> None:
        for sender in self._senders:
            sender.tend()
