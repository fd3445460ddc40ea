"""Whether a JACK server is there, without becoming its client.

To open a client of a server that is absent writes to stderr, and of one that hangs blocks the whole
interpreter, so the question is answered from what the kernel lists. Linux only: elsewhere there is
no /proc and the answer is no. Knows nothing of MIDI.
"""

from __future__ import annotations

import os
from pathlib import Path

_SOCKETS = Path("/proc/net/unix")
_SHARED = Path("/dev/shm")
_LISTENS = "00010000"


def server_name() -> str:
    return os.environ.get("JACK_DEFAULT_SERVER", "default")


def server_identity() -> int | None:
    """A number that differs for every start of the server; None while no server listens.

    It is the inode of its listening socket. A killed server leaves the file but not the inode.
    """
    name, user = server_name(), os.getuid()
    paths = {f"{_SHARED}/jack_{name}_{user}_0", f"{_SHARED}/jack_{name}_0"}
    try:
        lines = _SOCKETS.read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        fields = line.split(maxsplit=7)
        if len(fields) == 8 and fields[7] in paths and fields[3] == _LISTENS:
            return int(fields[6])
    return None


def client_identity(port: str) -> int:
    """A number that differs for every start of the client that owns a port; 0 if it cannot be told.

    It is the inode of the client's semaphore. The port's name alone does not tell a client that
    vanished and came back between two looks, whose connections are lost.
    """
    client = port.split(":", 1)[0].replace("/", "_")
    try:
        return (_SHARED / f"jack_sem.{os.getuid()}_{server_name()}_{client}").stat().st_ino
    except OSError:
        return 0
