"""Which names a show may use, and what is said about one it may not.

Each check adds its fault to the list and goes on, so that all are told at once. A layer whose
shader or model could not be found has unknown inputs: nothing more is said about those.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from visuals.document import Document, Keys, nearest
from visuals.errors import Problem
from visuals.show.expressions import ExpressionError, parse
from visuals.show.schema import ADDRESS_PATTERN, KEY_NAMES, PRESSURE_PATTERN, PROGRAM_PATTERN
from visuals.vocabulary import COMMANDS, ENGINE_SIGNALS, EVENTS, MASTER_CONTROLS, SHOW_EVENTS, SIGNALS, Term

_HANDS = re.compile(
    rf"midi\.(?:note|cc|cc14)\.{ADDRESS_PATTERN[1:-1]}|midi\.program\.{PROGRAM_PATTERN[1:-1]}"
    rf"|midi\.(?:bend|pressure)\.{PRESSURE_PATTERN[1:-1]}|key\.(?:.|{'|'.join(KEY_NAMES)})"
)
_EVENTS = (*EVENTS, *SHOW_EVENTS, *COMMANDS)


@dataclass(slots=True)
class Faults:
    """The problems of one document, as they are found."""

    document: Document
    problems: list[Problem] = field(default_factory=list)

    def add(self, keys: Keys, text: str, offset: int | None = None, at_key: bool = False) -> None:
        self.problems.append(self.document.problem(keys, text, offset, at_key))

    def line(self, keys: Keys) -> int:
        return self.document.place(keys)[0]


@dataclass(slots=True)
class Names:
    """All names of a show: its scenes' controls by scene, and the layers nothing is known about."""

    faults: Faults
    scenes: tuple[str, ...]
    cues: tuple[str, ...]
    desk_signals: frozenset[str]
    controls: dict[str, Mapping[str, Term]] = field(default_factory=dict)
    opaque: dict[str, frozenset[str]] = field(default_factory=dict)

    def expression(self, keys: Keys, text: str) -> str:
        """Check an expression and the signals it reads."""
        try:
            expression = parse(text)
        except ExpressionError as e:
            self.faults.add(keys, f"in `{text:.60}`: {e.text}", e.offset)
            return text
        known = [*SIGNALS, *ENGINE_SIGNALS, *sorted(self.desk_signals)]
        for name, offset in expression.names:
            if name in _EVENTS and name not in known:
                text = f"`{name}` is an event, expected a signal; use it in a `when` rule"
                self.faults.add(keys, text, offset)
            elif name not in known:
                self.faults.add(keys, f"found the unknown signal `{name}`{_heard(name, known)}", offset)
        return text

    def event(self, keys: Keys, name: str) -> str:
        if name not in _EVENTS and not _HANDS.fullmatch(name):
            self.faults.add(keys, f"found the unknown event `{name:.60}`{_heard(name, _EVENTS)}")
        return name

    def scene(self, keys: Keys, name: str) -> str:
        if name not in self.scenes:
            self.faults.add(keys, f"found the unknown scene `{name}`{nearest(name, self.scenes)}")
        return name

    def cue(self, keys: Keys, number: str) -> str:
        if number not in self.cues:
            self.faults.add(keys, f"found the unknown cue `{number}`{nearest(number, self.cues)}")
        return number

    def control(self, keys: Keys, name: str, scene: str | None) -> Term | None:
        """The control's term; of any scene's when `scene` is None. None where nothing is known."""
        scenes = self.scenes if scene is None else (scene,)
        for controls in (MASTER_CONTROLS, *(self.controls.get(s, {}) for s in scenes)):
            if name in controls:
                return controls[name]
        if any(name.split(".")[0] in self.opaque.get(s, ()) for s in scenes):
            return None
        known = sorted({*MASTER_CONTROLS, *(c for s in scenes for c in self.controls.get(s, {}))})
        where = f" of scene `{scene}`" if scene else ""
        self.faults.add(keys, f"found the unknown control `{name:.60}`{where}{nearest(name, known)}")
        return None

    def value(self, keys: Keys, value: float, term: Term | None) -> float:
        """Check a value against its term's range."""
        if term is not None and not _inside(value, term):
            self.faults.add(keys, f"found {value:g}, expected {_span(term)}")
        return value

    def range(self, keys: Keys, low_high: tuple[float, float], term: Term | None) -> tuple[float, float]:
        for i, end in enumerate(low_high):
            self.value((*keys, i), end, term)
        return low_high

    def amount(self, keys: Keys, amount: float, term: Term | None) -> float:
        """Check a change: no larger than the control's whole range."""
        if term and term.low is not None and term.high is not None and abs(amount) > term.high - term.low:
            self.faults.add(keys, f"found {amount:g}, expected a change of at most {term.high - term.low:g}")
        return amount


def _heard(name: str, known: Sequence[str]) -> str:
    """The nearest name, or where to read them all."""
    told = nearest(name, known)
    return told if "nearest is" in told else f"{told}; `visuals signals` says what each is for"


def _inside(value: float, term: Term) -> bool:
    return (term.low is None or value >= term.low) and (term.high is None or value <= term.high)


def _span(term: Term) -> str:
    unit = f" {term.unit}" if term.unit else ""
    if term.low is not None and term.high is not None:
        return f"{term.low:g} to {term.high:g}{unit}"
    return f"{term.low:g}{unit} or more" if term.low is not None else f"{term.high:g}{unit} or less"
