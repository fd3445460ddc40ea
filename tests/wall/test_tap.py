from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from visuals.types import Flag
from visuals.wall.failover import State
from visuals.wall.tap import Sent, unpack


@given(st.sampled_from(State), st.integers(0, 63), st.integers(-1, 2**50))
def test_what_is_packed_is_unpacked(state: State, flags: int, engine: int) -> None:
    sent = Sent(state, Flag(flags), engine)
    assert 0 <= sent.pack() < 2**63
    assert unpack(sent.pack()) == sent
