from __future__ import annotations

from visuals.control.allowance import Allowance


def test_an_allowance_fills_again() -> None:
    allowance = Allowance(10.0)
    assert sum(allowance.take(5.0) for _ in range(100)) == 10
    assert sum(allowance.take(5.5) for _ in range(100)) == 5


def test_several_are_allowed_together_or_not_at_all() -> None:
    allowance = Allowance(100.0, at_once=10)
    assert not allowance.take(0.0, 11)
    assert allowance.take(0.0, 10)
    assert not allowance.take(0.05, 6)
    assert allowance.take(0.05, 5)
    assert not allowance.take(1e9, 11)
