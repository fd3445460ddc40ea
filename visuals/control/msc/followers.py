"""MIDI Show Control out: the cues that a show fires, for desks and other shows to follow.

Knows nothing of what fired a cue; who gives them here leaves out those that show control asked for, so that no desk
hears again what it said. Nothing is kept for later: a GO that comes late is a wrong one.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Self

from visuals.control.midi.outputs import MidiOut
from visuals.control.midi.ports import Api
from visuals.control.msc.message import ALL_CALL, ALL_TYPES, ShowControl, encode
from visuals.control.msc.udp import pack
from visuals.types import MscFollower

EQUIPMENT: dict[str, int] = {"lighting": 0x01, "video": 0x30, "projection": 0x40, "all": ALL_TYPES}
"""`vocabulary.MSC_FORMATS` as MMA RP-002, section 4.1 has them."""


def go(cue: str, follower: MscFollower) -> ShowControl:
    """What tells a follower of a cue. A cue is a number as `vocabulary.cue_number` writes it."""
    device = ALL_CALL if follower.device is None else follower.device
    return ShowControl(device, EQUIPMENT[follower.format], "go", cue, follower.cue_list)


class MscOut:
    """All who follow a show's cues, for as long as it is entered. Nothing here waits for any of them.

    Entering raises DeviceError where rtmidi is needed and cannot be loaded, OSError where there is no network.
    """

    def __init__(self, followers: Sequence[MscFollower], api: Api = "auto") -> None:
        self._by_port = [(follower, MidiOut(follower.port, api)) for follower in followers if follower.port]
        self._by_host = [follower for follower in followers if follower.host]
        self._mouth: socket.socket | None = None
        self._stack = ExitStack()

    def step(self, cues: Sequence[str]) -> None:
        """Pass on the cues that were fired since the last call, and see which ports there are."""
        for follower, out in self._by_port:
            out.look()
            if cues:
                out.send([encode(go(cue, follower)) for cue in cues])
        for follower in self._by_host:
            for cue in cues:
                self._say(pack(go(cue, follower)), (follower.host, follower.udp))

    def _say(self, packet: bytes, to: tuple[str, int]) -> None:
        if self._mouth is not None:
            with suppress(OSError):  # no way there now: the next cue tries again
                self._mouth.sendto(packet, to)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            if self._by_host:
                mouth = self._mouth = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                mouth.setblocking(False)
                mouth.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            for _, out in self._by_port:
                stack.enter_context(out)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
        self._mouth = None
