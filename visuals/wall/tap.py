"""What the `sent` ring says of each frame that leaves the player, packed into the ring's flags.

Anyone can count ticks, black, stills and failovers from it without asking the player.
"""

from __future__ import annotations

from dataclasses import dataclass

from visuals.types import Flag
from visuals.wall.failover import State

_STATE_BITS, _FLAG_BITS = 4, 8


@dataclass(frozen=True, slots=True)
class Sent:
    """State of the failover, the flags in force, and the canvas ring's index of the newest engine frame.

    `engine` is -1 before the first one. While `state` is LOOP or SAFE and the crossfade has ended,
    nothing of that frame is seen.
    """

    state: State
    flags: Flag
    engine: int

    def pack(self) -> int:
        """As the ring's flags: bits 0-3 state, 4-11 flags, 12-62 index + 1."""
        return int(self.state) | int(self.flags) << _STATE_BITS | (self.engine + 1) << (_STATE_BITS + _FLAG_BITS)


def unpack(flags: int) -> Sent:
    """The inverse of `Sent.pack`."""
    state = State(flags & (1 << _STATE_BITS) - 1)
    mask = (1 << _FLAG_BITS) - 1
    return Sent(state, Flag(flags >> _STATE_BITS & mask), (flags >> (_STATE_BITS + _FLAG_BITS)) - 1)
