"""A figure of a benchmark, and how two calls are timed side by side.

Ours and the peer take turns in small batches, so that whatever else the machine does falls on both.
It knows no room and no library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, Literal

import numpy as np

from visuals.clock import monotonic

BATCH = 5
"""Counted calls in a row. The one before them is not counted: it finds the other's data in the
caches, and a graphics processor that still draws for the other."""

FEWEST = 2 * BATCH
"""Calls timed in any case, however short the given time is."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, 5th, 95th and 99th percentile of `n` calls."""

    median: float
    p5: float
    p95: float
    p99: float
    n: int


@dataclass(frozen=True, slots=True)
class Figure:
    """What `name` costs or achieves, in `unit`; `better` says which way is good.

    `peer` is what `peer_name` took in the same run, `ratio` our median over the peer's.
    """

    name: str
    about: str
    unit: str
    ours: Spread
    better: Literal["lower", "higher"] = "lower"
    peer_name: str | None = None
    peer: Spread | None = None
    ratio: float | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """A call to be timed. Each gets the next item of `feed`, which is made off the clock."""

    call: Callable[[Any], object]
    feed: Iterator[Any] = field(default_factory=lambda: repeat(None))


@dataclass(frozen=True, slots=True)
class Peer:
    """The bare library's call for the same, and what it is."""

    name: str
    work: Work


def compare(name: str, about: str, seconds: float, ours: Work, peer: Peer | None = None) -> Figure:
    """Milliseconds a call, over `seconds` of the machine's time in all."""
    own, other = take_turns(seconds, ours, peer.work if peer else None)
    return figure(name, about, "ms", [1e3 * s for s in own], peer, [1e3 * s for s in other])


def compare_rate(name: str, about: str, unit: str, count: int, seconds: float, ours: Work, peer: Peer | None) -> Figure:
    """Things a second, of which a call makes `count`."""
    own, other = take_turns(seconds, ours, peer.work if peer else None)
    return figure(name, about, unit, [count / s for s in own], peer, [count / s for s in other], "higher")


def compare_share(
    name: str, about: str, rate_hz: float, seconds: float, ours: Work, peer: Peer | None = None
) -> Figure:
    """Percent of one core that a call takes which is made `rate_hz` times a second and waits for nothing."""
    own, other = take_turns(seconds, ours, peer.work if peer else None)
    percent = 100.0 * rate_hz
    return figure(name, about, "% of a core", [percent * s for s in own], peer, [percent * s for s in other])


def figure(
    name: str,
    about: str,
    unit: str,
    own: list[float],
    peer: Peer | None,
    other: list[float],
    better: Literal["lower", "higher"] = "lower",
) -> Figure:
    """The samples of one comparison, summed up."""
    if peer is None:
        return Figure(name, about, unit, spread(own), better)
    ours, theirs = spread(own), spread(other)
    return Figure(name, about, unit, ours, better, peer.name, theirs, ours.median / theirs.median)


def take_turns(seconds: float, ours: Work, peer: Work | None) -> tuple[list[float], list[float]]:
    """Seconds of each counted call of ours and of the peer's."""
    own: list[float] = []
    other: list[float] = []
    until = monotonic() + seconds
    while len(own) < FEWEST or monotonic() < until:
        own += _batch(ours)
        if peer is not None:
            other += _batch(peer)
    return own, other


def spread(samples: list[float]) -> Spread:
    p5, median, p95, p99 = np.percentile(samples, (5, 50, 95, 99)).tolist()
    return Spread(median, p5, p95, p99, len(samples))


def _batch(work: Work) -> list[float]:
    times = []
    for _ in range(BATCH + 1):
        item = next(work.feed)
        start = monotonic()
        work.call(item)
        times.append(monotonic() - start)
    return times[1:]
