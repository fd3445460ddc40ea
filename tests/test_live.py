"""What the engine's process tells desks of what the walls show."""

from __future__ import annotations

import pytest

from visuals.live import Forced
from visuals.shm import Latest, Layout
from visuals.types import Flag


@pytest.mark.parametrize("flag", [Flag.BLACKOUT, Flag.FREEZE, Flag.LOOP, Flag.SAFE])
def test_what_a_keyboard_put_over_the_show_is_seen_by_desks(flag: Flag) -> None:
    ring = Latest(Layout("", (1,), "u1"), create=True)
    try:
        forced = Forced(ring)
        assert forced.flags() == Flag.NONE
        ring.write(0, time=1.0, flags=int(flag | Flag.LIVE))
        assert [forced.flags() for _ in range(3)] == [flag] * 3
        again = Latest(ring.layout)
        assert Forced(again).flags() == flag  # an engine that was started again
        again.close()
        ring.write(0, time=2.0, flags=int(Flag.LIVE))
        assert forced.flags() == Flag.NONE
    finally:
        ring.close()
        ring.unlink()
