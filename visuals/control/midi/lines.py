"""Lines between a process that holds MIDI ports and the one that asked for it. Knows nothing of what they say."""

from __future__ import annotations

import json
import os
from collections import deque

from visuals.control.midi.messages import newest

BACKLOG = 256
"""Lines that wait beside a full pipe: a second of one port."""
BACKLOG_BYTES = 1 << 22
"""Of these lines together: what is written down of endless dumps must not fill the memory."""
INBOX_BYTES = 1 << 16


class Inbox:
    """Lines of messages, as JSON lists of hex, that come by a descriptor."""

    def __init__(self, fd: int) -> None:
        os.set_blocking(fd, False)
        self._fd = fd
        self._rest = b""

    def take(self) -> list[bytes] | None:
        """The messages that came, the newest of each; None: there will be no more.

        A line that is none, as after a process that ended in the middle of one, is passed over.
        """
        try:
            data = os.read(self._fd, INBOX_BYTES)
        except BlockingIOError:
            return []
        if not data:
            return None
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[-INBOX_BYTES:]
        return newest(message for line in lines for message in _messages(line))


def _messages(line: bytes) -> list[bytes]:
    try:
        return [message for message in map(bytes.fromhex, json.loads(line)) if message and message[0] >= 0x80]
    except (ValueError, TypeError):
        return []


class Outbox:
    """Lines on their way out of a descriptor; when the reader is slow the oldest are dropped."""

    def __init__(self, fd: int) -> None:
        os.set_blocking(fd, False)
        self._fd = fd
        self._lines: deque[bytes] = deque(maxlen=BACKLOG)
        self._rest = b""

    def put(self, *fields: object) -> None:
        self._lines.append(json.dumps(fields).encode() + b"\n")
        while len(self._lines) > 1 and sum(map(len, self._lines)) > BACKLOG_BYTES:
            self._lines.popleft()

    def flush(self) -> None:
        """Write what the pipe takes now."""
        while self._rest or self._lines:
            self._rest = self._rest or self._lines.popleft()
            try:
                self._rest = self._rest[os.write(self._fd, self._rest) :]
            except BlockingIOError:
                return
