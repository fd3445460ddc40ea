"""The stand-by machine takes the light when the main one is silent, and gives it back at leisure."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from visuals.wall.heartbeat import BACK_AFTER_S, LOST_AFTER_S, Heart, Vigil

TICK_S = 1 / 60


@pytest.fixture
def port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def pair(port: int) -> Iterator[tuple[Heart, Vigil]]:
    heart, vigil = Heart("127.0.0.1", port), Vigil(0.0, port)
    yield heart, vigil
    heart.close()
    vigil.close()


def test_who_leads_follows_the_heart(pair: tuple[Heart, Vigil]) -> None:
    heart, vigil = pair
    leads = {}
    for n in range(round(20 / TICK_S)):
        now = n * TICK_S
        if now < 5.0 or now >= 10.0:
            heart.beat(now)
        leads[now] = vigil.leads(now)
    assert not any(leads[t] for t in leads if t < 5.0)
    taken = next(t for t in leads if leads[t])
    assert LOST_AFTER_S - 0.1 <= taken - 5.0 <= LOST_AFTER_S + 2 * TICK_S
    given = next(t for t in leads if t > taken and not leads[t])
    assert given - 10.0 == pytest.approx(BACK_AFTER_S, abs=2 * TICK_S)


def test_a_main_machine_that_was_never_there_is_not_waited_for(pair: tuple[Heart, Vigil]) -> None:
    _, vigil = pair
    assert [vigil.leads(t) for t in (0.0, LOST_AFTER_S, LOST_AFTER_S + 0.01)] == [False, False, True]


def test_it_knows_whether_the_main_machine_was_ever_there(pair: tuple[Heart, Vigil]) -> None:
    heart, vigil = pair
    vigil.leads(0.0)
    assert not vigil.met
    heart.beat(0.1)
    vigil.leads(0.15)
    assert vigil.met


def test_what_is_no_heartbeat_does_not_count(pair: tuple[Heart, Vigil], port: int) -> None:
    _, vigil = pair
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for n in range(100):
            stranger.sendto(b"hello" * (n % 9), ("127.0.0.1", port))
    assert vigil.leads(1.0)


def test_a_heart_that_nobody_hears_never_waits(port: int) -> None:
    heart = Heart("127.0.0.1", port)
    for n in range(200):
        heart.beat(n * TICK_S)
    heart.close()
