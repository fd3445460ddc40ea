"""Who is told of what changes, for as long as they keep asking. Pure: time is passed in, packets come out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from visuals.control.allowance import Allowance
from visuals.control.osc.addresses import TREES, Address, Space
from visuals.control.osc.packet import bundle, encode
from visuals.control.osc.peers import Peer

PUSHES_HZ = 30.0
SUBSCRIBERS_LIMIT = 16
TTL_S, LONGEST_TTL_S = 60.0, 3600.0
NEW_HZ = 4.0
"""New ones a second, all of a full house at once: each is told the whole show for one small packet, which may have
come in another's name."""

ECHO_S = 0.5
"""Nothing of what a sender moved goes back to it for so long: a fader under a hand must not be pulled."""

UP_S, ANSWER_S = 0.1, 0.2
"""A button that came up is told so much later whether it is on: by then what it called is. One that comes up within
ANSWER_S of being told is no hand but an answer, and is told no more: that would go round for ever."""

STEP = 1e-4
"""Smaller changes than this are not told."""

BUNDLE_BYTES = 1400
"""What goes through any network in one piece."""


@dataclass(slots=True)
class Subscriber:
    """Where changes go, until when, and what is known there: event -> value; `told` and `touched` say when (s) we or
    a hand there said it last. `source` is who asked.

    Of two ends on one machine that differ in their port the one that asked is meant; one that has its answers sent
    to another port than it sends from may change that, and is known by its machine alone.
    """

    source: Peer
    to: Peer
    ends: float
    tree: str
    known: dict[str, float] = field(default_factory=dict)
    told: dict[str, float] = field(default_factory=dict)
    touched: dict[str, float] = field(default_factory=dict)

    def sent(self, sender: Peer) -> bool:
        return sender == self.source or (self.to != self.source and sender.host == self.to.host)


class Subscribers:
    """All who are told, by the addresses of `space`."""

    def __init__(self, space: Space) -> None:
        self.use(space)
        self._all: dict[Peer, Subscriber] = {}
        self._pushed = -math.inf
        self._may_come = Allowance(NEW_HZ, SUBSCRIBERS_LIMIT)

    def use(self, space: Space) -> None:
        """Tell by the addresses of another space from now on."""
        self._addresses = {tree: space.by_event(tree) for tree in TREES}

    def __len__(self) -> int:
        return len(self._all)

    def add(self, source: Peer, to: Peer, ttl: float, now: float, tree: str = TREES[0]) -> float:
        """Take one in, or keep it for longer; gives for how long (s), 0 when there is no place.

        `tree` is the one of TREES whose addresses it knows.
        """
        ttl = min(ttl, LONGEST_TTL_S) if ttl > 0.0 else 0.0
        self._forget(now)
        if to in self._all and self._all[to].ends == math.inf:
            return LONGEST_TTL_S  # told for good: nobody who says to be this one ends that
        if ttl == 0.0:
            self.remove(to)
            return 0.0
        if to not in self._all and (len(self._all) >= SUBSCRIBERS_LIMIT or not self._may_come.take(now)):
            return 0.0
        subscriber = self._all.setdefault(to, Subscriber(source, to, now, tree))
        subscriber.source, subscriber.ends, subscriber.tree = source, now + ttl, tree
        return ttl

    def keep(self, to: Peer, tree: str) -> None:
        """Tell somebody for good who never asks: a tablet that listens to one port and sends from any."""
        self._all[to] = Subscriber(to._replace(port=0), to, math.inf, tree)

    def remove(self, to: Peer) -> None:
        self._all.pop(to, None)

    def heard(self, sender: Peer, event: str, value: float, now: float) -> None:
        """Remember that a sender knows this value: it is its own."""
        for subscriber in self._all.values():
            if subscriber.sent(sender):
                subscriber.known[event] = value
                subscriber.touched[event] = now

    def released(self, sender: Peer, event: str, now: float) -> None:
        """Remember that a button there came up: many a tablet darkens it then, whatever it called."""
        for subscriber in self._all.values():
            if subscriber.sent(sender) and now - subscriber.told.get(event, -math.inf) >= ANSWER_S:
                subscriber.known[event] = 0.0
                subscriber.touched[event] = now + UP_S - ECHO_S

    def push(self, state: Mapping[str, float], now: float) -> Iterator[tuple[Peer, bytes]]:
        """What has changed for each of them, at most PUSHES_HZ times a second, made one by one."""
        if not self._all or now - self._pushed < 1.0 / PUSHES_HZ:
            return
        self._pushed = now
        self._forget(now)
        for subscriber in [*self._all.values()]:
            for packet in packed(self._changes(subscriber, state, now)):
                yield subscriber.to, packet

    def _changes(self, subscriber: Subscriber, state: Mapping[str, float], now: float) -> Iterator[bytes]:
        addresses = self._addresses[subscriber.tree]
        for event, value in state.items():
            known = subscriber.known.get(event)
            if value == known or event not in addresses:  # most of them, most of the time
                continue
            if known is not None and abs(value - known) < STEP and value not in (0.0, 1.0):
                continue
            if now - subscriber.touched.get(event, -math.inf) < ECHO_S:
                continue
            subscriber.known[event], subscriber.told[event] = value, now
            yield told(addresses[event], value)

    def _forget(self, now: float) -> None:
        for to in [to for to, subscriber in self._all.items() if subscriber.ends <= now]:
            del self._all[to]


def told(address: Address, value: float) -> bytes:
    """The message that tells the value of an address: a level as a float, what is on or off as 1 or 0."""
    return encode(address.path, float(value) if address.kind == "level" else int(value))


def packed(messages: Iterable[bytes]) -> Iterator[bytes]:
    """Messages in bundles that go through any network; one that is alone stays so."""
    held: list[bytes] = []
    size = 16
    for message in messages:
        if held and size + 4 + len(message) > BUNDLE_BYTES:
            yield held[0] if len(held) == 1 else bundle(held)
            held, size = [], 16
        held.append(message)
        size += 4 + len(message)
    if held:
        yield held[0] if len(held) == 1 else bundle(held)
