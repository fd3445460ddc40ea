from __future__ import annotations

from visuals.control.allowance import TOLD_AT_ONCE, TOLD_LIMIT, Allowance, Once


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


def test_each_thing_is_told_once_and_of_a_flood_little() -> None:
    once = Once()
    assert [once.is_due(0.0, "number", host) for host in ("a", "a", "b")] == [True, False, True]
    assert sum(once.is_due(0.0, "number", str(n)) for n in range(1000)) == TOLD_AT_ONCE - 2
    assert sum(once.is_due(float(n), "address", str(n)) for n in range(1, 1000)) == TOLD_LIMIT - TOLD_AT_ONCE
    once.forget()
    assert once.is_due(2000.0, "number", "a")
