"""Packets to events and answers: what each message is to the show. Pure: time is passed in, sockets are elsewhere.

`use`, `take` and `release` belong to the thread that receives, `drain` to the frame loop. They share one dictionary,
which each changes in single steps, so that neither waits for the other; all of a packet gets there in one.
"""

from __future__ import annotations

import heapq
import logging
import math
from dataclasses import dataclass
from typing import NamedTuple

from visuals.control.allowance import Allowance, Once
from visuals.control.osc.addresses import TREES, WORK_LIMIT, Address, Space, level_of
from visuals.control.osc.packet import ELEMENTS_LIMIT, IMMEDIATELY, Argument, Message, decode, encode, is_empty, unix_of
from visuals.control.osc.pattern import is_pattern
from visuals.control.osc.peers import Peer
from visuals.control.osc.subscribers import TTL_S, Subscribers, packed, told
from visuals.types import Event

SUBSCRIBE, UNSUBSCRIBE = "/show/subscribe", "/show/unsubscribe"

FURTHEST_S = 10.0
"""A time tag further ahead than this is of a clock that is wrong: it is obeyed at once."""

WAITING_LIMIT = 1024
"""Messages that wait for their time. When more come, the soonest goes early."""

ANSWERS_HZ = 300.0
STEPS_HZ = 200_000.0
"""Steps a second in which patterns are looked up: 3 % of a core. At once there may be those of one pattern."""
REACHES_HZ, REACHES_AT_ONCE = 20_000.0, 512
"""So many addresses are reached by patterns, which make much work of few bytes."""

EVENTS_A_DRAIN = ELEMENTS_LIMIT
"""All that may be in one bundle. More would take the frame loop milliseconds in a show of many scenes; what is left
comes with the next frames, each event with its newest value, and scenes, cues and words before faders."""

KEPT_PATTERNS = 64
SHOWN_BYTES = 32
"""Of what cannot be read, or is no number."""

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


class Said(NamedTuple):
    """What an event was called with last: when, its number in the order of arrival, the value, and by whom."""

    time: float
    number: int
    value: float
    host: str


class Reception:
    """Takes packets, keeps the newest of each event until it is drained, answers questions.

    `state` is what questions are answered from: the value of every event that has one.
    """

    def __init__(self, space: Space) -> None:
        self._space = space
        self.subscribers = Subscribers(space)
        self.state: dict[str, float] = {}
        self.counts = Counts()
        self._newest: dict[str, Said] = {}
        self._waiting: list[tuple[float, int, str, float, str]] = []
        self._together: dict[str, Said] = {}
        self._number = 0
        self._left: dict[str, Said] = {}
        self._patterns: dict[str, tuple[Address, ...]] = {}
        self._once = Once()
        self._may_match, self._may_reach = Allowance(STEPS_HZ, WORK_LIMIT), Allowance(REACHES_HZ, REACHES_AT_ONCE)
        self._may_answer = Allowance(ANSWERS_HZ)

    # ---- the thread that receives

    def use(self, space: Space) -> None:
        """Let the addresses of an edited show count."""
        self._space = space
        self.subscribers.use(space)
        self._patterns.clear()
        self._once.forget()

    def take(self, packet: bytes, sender: Peer, now: float, unix: float) -> Answers:
        """Obey a packet. `unix` (s since 1970) is what time tags are held against."""
        self.counts.packets += 1
        messages = decode(packet)
        if not messages and not is_empty(packet):
            self.garble(f"{packet[:SHOWN_BYTES]!r}", sender, now)
        answers: list[bytes] = []
        for message in messages:
            due = now if message.timetag == IMMEDIATELY else now + _ahead(message.timetag, unix)
            self._obey(message, sender, now, due, answers)
        self._hand_over()
        return [(sender, packet) for packet in packed(answers) if self._answerable(now)]

    def garble(self, what: str, sender: Peer, now: float) -> None:
        """Count what is no OSC; say so once of each sender."""
        self.counts.unreadable += 1
        if self._once.is_due(now, "unreadable", sender.host):
            logger.warning("OSC from %s: cannot be read: %s", sender, what)

    def _hand_over(self) -> None:
        """In one step: of what was sent together, or is due together, no frame sees a part."""
        self._newest.update(self._together)
        self._together.clear()

    def _answerable(self, now: float) -> bool:
        allowed = self._may_answer.take(now)
        self.counts.unanswered += not allowed
        return allowed

    def _obey(self, message: Message, sender: Peer, now: float, due: float, answers: list[bytes]) -> None:
        address = self._space.addresses.get(message.address)
        if address is not None:
            self._reach(address, message, sender, now, due, answers)
        elif is_pattern(message.address):
            for matched in self._matched(message.address, sender, now):
                self._reach(matched, message, sender, now, due, answers)
        elif message.address in (SUBSCRIBE, UNSUBSCRIBE):
            answers.append(self._subscribe(message, sender, now))
        else:
            self._miss(message.address, sender, now)

    def _reach(
        self, address: Address, message: Message, sender: Peer, now: float, due: float, answers: list[bytes]
    ) -> None:
        """Obey a message at one address, or answer it where it asks and there is an answer."""
        if _asks(address, message):
            if address.event in self.state:
                answers.append(told(address, self.state[address.event]))
            return
        value = level_of(message.arguments) if message.arguments else 1.0
        if value is None:
            self._refuse("number", f"no number for {message.address[:80]}: {_shown(message.arguments[0])}", sender, now)
            return
        if address.kind != "level":
            if value == 0.0:
                self.subscribers.released(sender, address.event, now)
                return
            value = 1.0
        self.subscribers.heard(sender, address.event, value, now)
        self._number += 1
        if due <= now:
            self._together[address.event] = Said(now, self._number, value, sender.host)
        else:
            self._wait(due, address.event, value, sender.host)

    def _wait(self, due: float, event: str, value: float, host: str) -> None:
        self._number += 1
        heapq.heappush(self._waiting, (due, self._number, event, value, host))
        if len(self._waiting) > WAITING_LIMIT:
            self._let_go()

    def _let_go(self) -> None:
        due, _, event, value, host = heapq.heappop(self._waiting)
        self._number += 1
        self._together[event] = Said(due, self._number, value, host)

    def release(self, now: float) -> float:
        """Let go what has waited for its time; gives how long (s) it is to the next."""
        while self._waiting and self._waiting[0][0] <= now:
            self._let_go()
        self._hand_over()
        return self._waiting[0][0] - now if self._waiting else math.inf

    def _refuse(self, kind: str, wrong: str, sender: Peer, now: float) -> None:
        """Count what is not obeyed; say so once of each kind and sender."""
        self.counts.refused += 1
        if self._once.is_due(now, kind, sender.host):
            logger.warning("OSC from %s: %s", sender, wrong)

    def _matched(self, pattern: str, sender: Peer, now: float) -> tuple[Address, ...]:
        """What a pattern reaches, as far as it may now."""
        found = self._known(pattern, sender, now)
        if found and not self._may_reach.take(now, len(found)):
            self._refuse("flood", f"too much at once reached by {pattern[:80]!r} and others", sender, now)
            return ()
        return found

    def _known(self, pattern: str, sender: Peer, now: float) -> tuple[Address, ...]:
        """All that a pattern matches; looked up once, unless that took too much."""
        found = self._patterns.get(pattern)
        if found is None:
            found = self._space.match(pattern, lambda steps: self._may_match.take(now, steps))
            if found is None:
                self._refuse("work", f"too much work to look up {pattern[:80]!r} and others", sender, now)
                return ()
            if len(self._patterns) >= KEPT_PATTERNS:
                del self._patterns[next(iter(self._patterns))]
            self._patterns[pattern] = found
        if not found:
            self._miss(pattern, sender, now)
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
        """Count an address that is not there; say so once, with those that may be meant."""
        self.counts.unknown += 1
        if not self._once.is_due(now, "address", address):
            return
        found = [near[:80] for near in self._space.nearest(address)]
        near = f"; nearest {'is' if len(found) == 1 else 'are'} {', '.join(found)}" if found else ""
        logger.warning("OSC from %s: no address %r%s", sender, address[:80], near)

    # ---- the frame loop

    def drain(self) -> list[Event]:
        """The newest of every event that came since the last call, in the order they came."""
        taken: list[tuple[Said, str]] = []
        while self._newest:  # only here is anything taken out; what comes meanwhile is newer than what is left
            event, said = self._newest.popitem()
            taken.append((said, event))
        for said, event in sorted(taken):
            self._left.pop(event, None)
            self._left[event] = said
        names = [*self._left]
        if len(names) > EVENTS_A_DRAIN:
            names = sorted(names, key=self._is_level)[:EVENTS_A_DRAIN]
        return [self._event(name, self._left.pop(name)) for name in names]

    def _is_level(self, event: str) -> bool:
        address = self._space.events.get(event)
        return address is not None and address.kind == "level"

    @staticmethod
    def _event(name: str, said: Said) -> Event:
        return Event(said.time, name, said.value, f"osc {said.host}")


def _asks(address: Address, message: Message) -> bool:
    """Whether a message is a question: `?` as Resolume's have, or a level, or a pattern, without an argument.

    A scene, a cue or a word that is named without an argument is called: many a desk can send nothing else.
    """
    if message.arguments:
        return message.arguments == ("?",)
    return address.kind == "level" or message.address != address.path


def _shown(argument: Argument) -> str:
    return repr(argument[:SHOWN_BYTES] if isinstance(argument, str | bytes) else argument)


def _ahead(timetag: int, unix: float) -> float:
    """How long (s) a message shall wait."""
    ahead = unix_of(timetag) - unix
    return ahead if 0.0 < ahead <= FURTHEST_S else 0.0
