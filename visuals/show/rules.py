"""The rules of one scene, running: followers, pulses, glides, cooldowns, waits for the beat.

Everything is a function of time, so that 30 and 120 steps a second give the same values. It does not
know about other scenes, and carries out no action itself: `fire` says what is due.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from visuals.show.expressions import Expression, parse
from visuals.types import Controls, Drive, Event, Layer, Pulse, Scene, Set, Signals, When, every
from visuals.vocabulary import KIND_CONTROLS, LAYER_CONTROLS, MASTER_CONTROLS, Term

CURVES: dict[str, Callable[[float], float]] = {
    "linear": lambda x: x,
    "square": lambda x: x * x,
    "cube": lambda x: x * x * x,
    "root": math.sqrt,
    "smooth": lambda x: x * x * (3.0 - 2.0 * x),
    "invert": lambda x: 1.0 - x,
}
TAKEOVER_S = 0.25
"""Time constant with which a reloaded rule closes the gap to where its control stood."""
PULSE_ENDS = 1e-4
"""A pulse below this share of its amount is over."""
_SWITCHES = frozenset({"blackout", "freeze", "loop"})


@dataclass(slots=True)
class Glide:
    """A base value on its way from `start` to `end`."""

    start: float
    end: float
    since: float
    seconds: float

    def at(self, now: float) -> float:
        if self.seconds <= 0.0 or now >= self.since + self.seconds:
            return self.end
        return self.start + (self.end - self.start) * max(0.0, now - self.since) / self.seconds


@dataclass(slots=True)
class Envelope:
    """A pulse falling since its hit."""

    control: str
    amount: float
    tau: float
    since: float

    def at(self, now: float) -> float:
        if self.tau <= 0.0:
            return self.amount if now <= self.since else 0.0
        fall = math.exp(-max(0.0, now - self.since) / self.tau)
        return self.amount * fall if fall > PULSE_ENDS else 0.0


@dataclass(slots=True)
class Due:
    """A rule whose moment has come, and why."""

    rule: When
    index: int
    why: str


@dataclass(slots=True)
class _State:
    """What a scene remembers from step to step; all of it bounded by its number of rules."""

    followers: dict[str, float] = field(default_factory=dict)
    glides: dict[str, Glide] = field(default_factory=dict)
    pulses: dict[object, Envelope] = field(default_factory=dict)
    waiting: dict[int, str] = field(default_factory=dict)


class SceneRules:
    """A scene's controls over time, with those of the `shared` layers. `controls` once a step, `fire` before it."""

    def __init__(self, scene: Scene, shared: Sequence[Layer] = ()) -> None:
        self.scene = scene
        self._layers = tuple(every((*scene.layers, *shared)))
        self._written = _base(self._layers)
        self.base = dict(self._written)
        self._spans = _spans(self._layers)
        self._drives = [(r, parse(r.source), CURVES[r.curve]) for r in scene.rules if isinstance(r, Drive)]
        self._whens: list[tuple[When, Expression | None]] = [
            (r, parse(r.condition) if r.condition else None) for r in scene.rules if isinstance(r, When)
        ]
        self._by_event: dict[str, list[int]] = {}
        for i, (rule, _) in enumerate(self._whens):
            self._by_event.setdefault(rule.event, []).append(i)
        self._state = _State()
        self._last_fired: dict[int, float] = {}
        self._stood: Controls = {}
        self._gaps: dict[str, tuple[float, float]] = {}
        self.values: dict[str, float] = {}

    def enter(self) -> None:
        """Begin anew: base values as written, followers where their signals are. Cooldowns go on."""
        self.base = dict(self._written)
        self._state = _State()
        self._stood, self._gaps = {}, {}

    # ---- events

    def fire(self, events: Sequence[Event], signals: Signals, now: float, beat: bool, bar: bool) -> Iterator[Due]:
        """The rules that are due at `now`, each at most once an event and not within its cooldown."""
        bpm = signals.get("bpm", 120.0)
        reached = {"now": True, "beat": beat, "bar": bar}
        for event in events:
            for i in self._by_event.get(event.name, ()):
                rule, condition = self._whens[i]
                if condition is None or condition(signals):
                    why = f"{event.name} {event.value:.2f}" + (f", {rule.condition}" if condition else "")
                    self._state.waiting[i] = why
        for i, why in list(self._state.waiting.items()):
            rule = self._whens[i][0]
            if reached[rule.at]:
                del self._state.waiting[i]
                if now - self._last_fired.get(i, -math.inf) >= rule.cooldown.seconds(bpm):
                    self._last_fired[i] = now
                    yield Due(rule, i, why)

    def pulse(self, action: Pulse, key: object, now: float, bpm: float) -> None:
        """Start a pulse; a new one of the same `key` takes the place of the last."""
        self._state.pulses[key] = Envelope(action.control, action.amount, action.decay.seconds(bpm), now)

    def glide(self, action: Set, now: float, bpm: float) -> None:
        """Send a base value to a new one."""
        start = self.stands(action.control, now)
        self._state.glides[action.control] = Glide(start, action.value, now, action.fade.seconds(bpm))

    def hold(self, control: str, value: float) -> None:
        """Put a base value where a hand wants it."""
        if control in self.base:
            self.base[control] = value
            self._state.glides.pop(control, None)

    def release(self, control: str) -> None:
        """Put a base value where the show has it."""
        if control in self.base:
            self.hold(control, self._written[control])

    def knows(self, control: str) -> bool:
        return control in self.base

    # ---- controls

    def controls(self, signals: Signals, desk: Controls, now: float, dt: float) -> dict[str, float]:
        """All controls at `now`, `dt` seconds after the last time; `desk` holds the show's own."""
        values = {**desk, **self.base}
        for control, glide in self._state.glides.items():
            values[control] = glide.at(now)
        bpm = signals.get("bpm", 120.0)
        for rule, source, curve in self._drives:
            values[rule.control] = self._follow(rule, curve(_unit(source(signals))), bpm, dt)
        self._add_pulses(values, now)
        self._close_gaps(values, now)
        for control, (low, high) in self._spans.items():
            values[control] = min(max(values[control], low), high)
        self.values = values
        return values

    def _follow(self, rule: Drive, target: float, bpm: float, dt: float) -> float:
        at = self._state.followers.get(rule.control, target)
        tau = (rule.attack if target > at else rule.release).seconds(bpm)
        at = target if tau <= 0.0 else at + (target - at) * (1.0 - math.exp(-dt / tau))
        self._state.followers[rule.control] = at
        return rule.low + (rule.high - rule.low) * at

    def _add_pulses(self, values: dict[str, float], now: float) -> None:
        for key, pulse in list(self._state.pulses.items()):
            height = pulse.at(now)
            if height:
                values[pulse.control] = values.get(pulse.control, 0.0) + height
            else:
                del self._state.pulses[key]

    def stands(self, control: str, now: float) -> float:
        """Where hands and what sets it have put a control, without what drives and pulses make of it."""
        glide = self._state.glides.get(control)
        return glide.at(now) if glide else self.base.get(control, 0.0)

    # ---- reload

    def succeed(self, last: SceneRules) -> None:
        """Go on where the same scene's former rules stood, without a jump of any control."""
        mine = _State(
            followers={
                r.control: at for r, *_ in self._drives if (at := last._state.followers.get(r.control)) is not None
            },
            glides={c: glide for c, glide in last._state.glides.items() if c in self.base},
            pulses={k: p for k, p in last._state.pulses.items() if p.control in self.base},
        )
        self._state = mine
        for i, (rule, _) in enumerate(self._whens):
            for j, (former, _) in enumerate(last._whens):
                if (rule.event, rule.action) == (former.event, former.action) and j in last._last_fired:
                    self._last_fired[i] = last._last_fired[j]
        self._stood = {c: v for c, v in last.values.items() if c not in _SWITCHES}

    def _close_gaps(self, values: dict[str, float], now: float) -> None:
        """Add what is left of the gaps between a control's old and new place."""
        if self._stood:
            self._gaps = {c: (self._stood[c] - v, now) for c, v in values.items() if c in self._stood}
            self._gaps = {c: gap for c, gap in self._gaps.items() if gap[0]}
            self._stood = {}
        for control, (gap, since) in list(self._gaps.items()):
            share = math.exp(-(now - since) / TAKEOVER_S)
            if share < PULSE_ENDS or control not in values:
                del self._gaps[control]
            else:
                values[control] += gap * share


def _unit(x: float) -> float:
    return 0.0 if x < 0.0 else 1.0 if x > 1.0 else x


def _base(layers: Iterable[Layer]) -> dict[str, float]:
    """Every control of the layers at the value written for it."""
    base: dict[str, float] = {}
    for layer in layers:
        base |= {f"{layer.name}.{control}": value for control, value in layer.controls.items()}
        own = {"opacity": layer.opacity, "bypass": float(layer.bypass), "solo": float(layer.solo)}
        base |= {f"{layer.name}.{control}": value for control, value in own.items()}
    return base


def _spans(layers: Iterable[Layer]) -> dict[str, tuple[float, float]]:
    """The ranges of the controls that have the same range in every show; a shader knows its own."""
    spans = dict(_ranges(MASTER_CONTROLS))
    for layer in layers:
        known = {
            **{n: t for n, t in KIND_CONTROLS.get(layer.kind, {}).items() if n in layer.controls},
            **LAYER_CONTROLS,
        }
        spans |= {f"{layer.name}.{name}": ends for name, ends in _ranges(known)}
        weights = (name for name in layer.controls if layer.kind == "model" and name.startswith(("style.", "prompt.")))
        spans |= {f"{layer.name}.{name}": (0.0, 1.0) for name in weights}
    return spans


def _ranges(terms: Mapping[str, Term]) -> Iterator[tuple[str, tuple[float, float]]]:
    for name, term in terms.items():
        if term.low is not None and term.high is not None:
            yield name, (term.low, term.high)
