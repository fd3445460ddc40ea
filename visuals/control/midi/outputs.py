"""MIDI out: messages to every output whose name matches, however often it goes and comes.

The ports live in processes of their own, as those of `inputs` do. Does not know what a message means.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from visuals.control.midi.ports import Api
from visuals.control.midi.processes import ORDER_BYTES, Listeners


class MidiOut:
    """The outputs that match `pattern`, for as long as it is entered. With `auto`, JACK's count where ALSA has none.

    Entering raises DeviceError when rtmidi cannot be loaded; ports are waited for.
    """

    def __init__(self, pattern: str, api: Api = "auto") -> None:
        self._pattern = pattern
        self._senders = Listeners(api, "midi out")

    @property
    def connected(self) -> tuple[str, ...]:
        """Names of the ports that are sent to, as of the last `look`."""
        return self._senders.open

    def look(self) -> bool:
        """See which ports are there; True if one was opened since the last look, which knows nothing yet."""
        for sender in self._senders.all:
            for _ in sender.lines():
                pass
        is_fresh = any(sender.is_fresh for sender in self._senders.all)
        for sender in self._senders.all:
            sender.is_fresh = False
        return is_fresh

    def send(self, messages: Sequence[bytes]) -> bool:
        """Hand messages over, a few dozen at most; False where none was. Never waits."""
        line = json.dumps([message.hex() for message in messages]).encode() + b"\n"
        sender = self._senders.leading
        return sender is not None and len(line) <= ORDER_BYTES and sender.order(line)

    def __enter__(self) -> Self:
        self._senders.start(f"--send={self._pattern}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._senders.close()
