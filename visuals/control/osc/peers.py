"""Who is at the other end."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Peer(NamedTuple):
    """Where a packet came from, and where an answer goes."""

    door: Literal["udp", "tcp"]
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"
