"""Packets to events and answers: what each message is to the show. Pure: time is passed in, sockets are elsewhere.

`use`, `take` and `release` belong to the thread that receives, `drain` to the frame loop. They share one dictionary, of
which each touches one entry at a time, so that neither waits for the other.
"""

from __future__ import annotations

import heapq
import logging
import math
from dataclasses import dataclass

from visuals.control.osc.addresses import TREES, Address, Space, level_of
from visuals.control.osc.packet import IMMEDIATELY, Message, decode, encode, unix_of
from visuals.control.osc.pattern import is_pattern
from visuals.control.osc.peers import Allowance, Peer
from visuals.control.osc.subscribers import TTL_S, Subscribers, packed, told
from visuals.types import Event

SUBSCRIBE, UNSUBSCRIBE = "/show/subscribe", "/show/unsubscribe"

FURTHEST_S = 10.0
"""A time tag further ahead than this is of a clock that is wrong: it is obeyed at once."""

WAITING_LIMIT = 1024
"""Messages that wait for their time. When more come, the soonest goes early."""

PATTERNS_HZ, ANSWERS_HZ, TOLD_HZ = 50.0, 300.0, 1.0
TOLD_LIMIT = 64
KEPT_PATTERNS = 64

Answers = list[tuple[Peer, bytes]]

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Counts:
    """What has come, and what nothing was done with, since the door was opened."""

    packets: int = 0
    unreadable: int = 0
    unknown: int = 0
    refused: int = 0
    unanswered: int = 0


class Reception:
    """Takes packets, keeps the newest of each event until it is drained, answers questions.

    `state` is what questions are answered from: the value of every event that has one.
    """

    def __init__(self, space: Space) -> None:
        self._space = space
        self.subscribers = Subscribers(space)
        self.state: dict[str, float] = {}
        self.counts = Counts()
        self._newest: dict[str, tuple[float, float, str]] = {}
        self._waiting: list[tuple[float, int, str, float, str]] = []
        self._number = 0
        self._patterns: dict[str, tuple[Address, ...]] = {}
        self._told: set[str] = set()
        self._may_match, self._may_answer, self._may_tell = map(Allowance, (PATTERNS_HZ, ANSWERS_HZ, TOLD_HZ))

    # ---- the thread that receives

    def use(self, space: Space) -> None:
        """Let the addresses of an edited show count."""
        self._space = space
        self.subscribers.use(space)
        self._patterns.clear()
        self._told.clear()

    def take(self, packet: bytes, sender: Peer, now: float, unix: float) -> Answers:
        """Obey a packet. `unix` (s since 1970) is what time tags are held against."""
        self.counts.packets += 1
        messages = decode(packet)
        if not messages:
            self.counts.unreadable += 1
        answers: list[bytes] = []
        for message in messages:
            due = now if message.timetag == IMMEDIATELY else now + _ahead(message.timetag, unix)
            self._obey(message, sender, now, due, answers)
        if not answers:
            return []
        return [(sender, packet) for packet in packed(answers) if self._answerable(now)]

    def _answerable(self, now: float) -> bool:
        allowed = self._may_answer.take(now)
        self.counts.unanswered += not allowed
        return allowed

    def _obey(self, message: Message, sender: Peer, now: float, due: float, answers: list[bytes]) -> None:
        address = self._space.addresses.get(message.address)
        if address is not None:
            self._reach(address, message, sender, now, due, answers)
        elif is_pattern(message.address):
            for matched in self._matched(message.address, now):
                self._reach(matched, message, sender, now, due, answers)
        elif message.address in (SUBSCRIBE, UNSUBSCRIBE):
            answers.append(self._subscribe(message, sender, now))
        else:
            self._miss(message.address, sender, now)

    def _reach(
        self, address: Address, message: Message, sender: Peer, now: float, due: float, answers: list[bytes]
    ) -> None:
        """Obey a message at one address: a question has no argument, or `?` as Resolume's have."""
        arguments = message.arguments
        if address.readable and (not arguments or arguments == ("?",)):
            if address.event in self.state:
                answers.append(told(address, self.state[address.event]))
            return
        value = level_of(arguments) if arguments else 1.0
        if value is None:
            self.counts.refused += 1
            return
        if address.kind != "level":
            if value == 0.0:  # the button comes up again
                return
            value = 1.0
        self.subscribers.heard(sender, address.event, value, now)
        if due <= now:
            self._newest[address.event] = (now, value, sender.host)
        else:
            self._wait(due, address.event, value, sender.host)

    def _wait(self, due: float, event: str, value: float, host: str) -> None:
        self._number += 1
        heapq.heappush(self._waiting, (due, self._number, event, value, host))
        if len(self._waiting) > WAITING_LIMIT:
            self._let_go()

    def _let_go(self) -> None:
        due, _, event, value, host = heapq.heappop(self._waiting)
        self._newest[event] = (due, value, host)

    def release(self, now: float) -> float:
        """Let go what has waited for its time; gives how long (s) it is to the next."""
        while self._waiting and self._waiting[0][0] <= now:
            self._let_go()
        return self._waiting[0][0] - now if self._waiting else math.inf

    def _matched(self, pattern: str, now: float) -> tuple[Address, ...]:
        known = self._patterns.get(pattern)
        if known is not None:
            return known
        found = self._space.match(pattern) if self._may_match.take(now) else None
        if not found:
            self.counts.refused += found is None
            self.counts.unknown += found is not None
            return ()
        if len(self._patterns) >= KEPT_PATTERNS:
            del self._patterns[next(iter(self._patterns))]
        self._patterns[pattern] = found
        return found

    def _subscribe(self, message: Message, sender: Peer, now: float) -> bytes:
        """`/show/subscribe [seconds] [port] [/composition]`: changes are told to that port, or to where the question
        came from, by our addresses or by Resolume's.

        The answer says for how long; 0 when there is no place.
        """
        numbers = [v for v in message.arguments if isinstance(v, int | float) and abs(v) < 2**31]
        port = int(numbers[1]) if len(numbers) > 1 and sender.door == "udp" else sender.port
        to = sender._replace(port=port) if 0 < port < 65536 else sender
        ttl = float(numbers[0]) if numbers else TTL_S
        ttl = ttl if message.address == SUBSCRIBE else 0.0
        tree = next((t for t in TREES if t in message.arguments), TREES[0])
        return encode(SUBSCRIBE, self.subscribers.add(sender, to, ttl, now, tree))

    def _miss(self, address: str, sender: Peer, now: float) -> None:
        """Count an address that is not there; say so once, with the one that may be meant."""
        self.counts.unknown += 1
        if address in self._told or len(self._told) >= TOLD_LIMIT or not self._may_tell.take(now):
            return
        self._told.add(address)
        near = self._space.nearest(address)
        logger.warning("OSC from %s: no address %r%s", sender, address[:80], f"; nearest is {near}" if near else "")

    # ---- the frame loop

    def drain(self) -> list[Event]:
        """The newest of every event that came since the last call, in the order they came."""
        taken: list[Event] = []
        for _ in range(len(self._newest)):
            # The last one first; only here is anything taken out.
            event, (time, value, host) = self._newest.popitem()
            taken.append(Event(time, event, value, f"osc {host}"))
        taken.reverse()
        return sorted(taken, key=lambda event: event.time)


def _ahead(timetag: int, unix: float) -> float:
    """How long (s) a message shall wait."""
    ahead = unix_of(timetag) - unix
    return ahead if 0.0 < ahead <= FURTHEST_S else 0.0
