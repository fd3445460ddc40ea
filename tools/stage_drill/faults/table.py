"""All faults, in the order of their numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tools.stage_drill.faults import files, hands, machine, masters, packets, pictures, processes, sound
from tools.stage_drill.faults.fault import Absent, Fault

TOTAL = 36


def _order(fault: Fault | Absent) -> tuple[int, str]:
    number = re.match(r"\d+", fault.number)
    assert number is not None
    return int(number[0]), fault.number


ROOMS = (processes, masters, pictures, sound, hands, packets, files, machine)
TABLE: tuple[Fault | Absent, ...] = tuple(sorted((fault for room in ROOMS for fault in room.FAULTS), key=_order))


def chosen(words: Sequence[str]) -> list[Fault | Absent]:
    """Faults by number (`9` is all of 9, `9a` the one) or by a part of their name; all for no words.

    Raises ValueError for a word that fits none.
    """
    if not words:
        return list(TABLE)
    for word in words:
        if not any(_fits(fault, word) for fault in TABLE):
            raise ValueError(f"found `{word}`, expected a fault's number or a part of its name")
    return [fault for fault in TABLE if any(_fits(fault, word) for word in words)]


def _fits(fault: Fault | Absent, word: str) -> bool:
    if word[0].isdigit():
        return word in (fault.number, fault.number.rstrip("abcdefgh"))
    return word in fault.name
