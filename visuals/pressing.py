"""The operator's words from another terminal, a script or a service: a local socket beside the rings.

Only the user who plays may press, and only words of `vocabulary.COMMANDS`.
"""

from __future__ import annotations

import socket
from contextlib import suppress

from visuals.errors import VisualsError
from visuals.shm import FOLDER, PREFIX
from visuals.vocabulary import COMMANDS

SOCKET = "-press"
MOST_A_TURN = 32


class Presses:
    """What is pressed from outside; `prefix` is the session's. Use as a context manager."""

    def __init__(self, prefix: str) -> None:
        self._path = FOLDER / f"{prefix}{SOCKET}"

    def drain(self) -> list[tuple[str, bool]]:
        """Each word and whether it is meant on, in the order in which they came; never waits."""
        words = []
        with suppress(BlockingIOError):
            for _ in range(MOST_A_TURN):
                word, _, state = self._socket.recv(256).decode(errors="replace").partition(" ")
                if word in COMMANDS:
                    words.append((word, state != "off"))
        return words

    def __enter__(self) -> Presses:
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self._path))
        self._path.chmod(0o600)
        self._socket.setblocking(False)
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._path.unlink(missing_ok=True)


def press(word: str, on: bool = True, prefix: str = PREFIX) -> int:
    """Press `word` in every session that plays here and begins with `prefix`, and count them.

    Raises VisualsError when there is none.
    """
    pressed = 0
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.settimeout(1.0)
        for path in FOLDER.glob(f"{prefix}*{SOCKET}"):
            with suppress(OSError):
                sender.sendto(f"{word} {'on' if on else 'off'}".encode(), str(path))
                pressed += 1
    if not pressed:
        raise VisualsError("found no show that plays here, expected one: visuals play SHOW")
    return pressed
