"""Rules and bindings of a show file, with every name in them looked up; and rules that never rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from visuals.document import Keys
from visuals.show import schema
from visuals.show.names import Faults, Names
from visuals.types import (
    CUT,
    Action,
    Binding,
    Cue,
    Drive,
    FireCue,
    Follow,
    Go,
    Press,
    Pulse,
    Rule,
    Scene,
    Set,
    Through,
    When,
)

LOW_HALF = 32
"""MIDI 1.0, table III: a controller's low half is that many above it."""


@dataclass(slots=True)
class Actions:
    """Resolves what rules, keys and the desk do."""

    names: Names
    faults: Faults
    through: Callable[[Keys, str | schema.ThroughEntry | None], Through | None]

    def rules(self, keys: Keys, entries: Sequence[schema.AnyRule], scene: str) -> tuple[Rule, ...]:
        driven: dict[str, int] = {}
        rules: list[Rule] = []
        for i, entry in enumerate(entries):
            at = (*keys, i)
            if isinstance(entry, schema.DriveRule):
                rules.append(self._drive(at, entry, scene, driven))
            else:
                rules.append(self._when(at, entry, scene))
        return tuple(rules)

    def _drive(self, keys: Keys, entry: schema.DriveRule, scene: str, driven: dict[str, int]) -> Drive:
        line = self.faults.line(keys)
        term = self.names.control((*keys, "drive"), entry.drive, scene)
        if entry.drive in driven:
            self.faults.add((*keys, "drive"), f"`{entry.drive}` is driven twice, first in line {driven[entry.drive]}")
        driven.setdefault(entry.drive, line)
        low, high = self.names.range((*keys, "range"), entry.range, term)
        return Drive(
            control=entry.drive,
            source=self.names.expression((*keys, "from"), entry.source),
            low=low,
            high=high,
            curve=entry.curve,
            attack=entry.smooth or entry.attack or CUT,
            release=entry.smooth or entry.release or CUT,
            line=line,
        )

    def _when(self, keys: Keys, entry: schema.WhenRule, scene: str) -> When:
        return When(
            event=self.names.event((*keys, "when"), entry.when),
            action=self.action(keys, entry, scene),
            condition=None if entry.condition is None else self.names.expression((*keys, "if"), entry.condition),
            cooldown=entry.cooldown,
            at=entry.at,
            line=self.faults.line(keys),
        )

    def action(self, keys: Keys, entry: schema.Entry, scene: str | None) -> Action:
        """What an entry does. Its controls are looked up in `scene`, or in all scenes for None."""
        names = self.names
        match entry:
            case schema.PulseAction():
                term = names.control((*keys, "pulse"), entry.pulse, scene)
                return Pulse(entry.pulse, names.amount((*keys, "amount"), entry.amount, term), entry.decay)
            case schema.SetAction():
                term = names.control((*keys, "set"), entry.set, scene)
                return Set(entry.set, names.value((*keys, "to"), entry.to, term), entry.fade)
            case schema.GoAction():
                through = self.through((*keys, "through"), entry.through)
                at = "now" if isinstance(entry, schema.WhenRule) else entry.at
                return Go(names.scene((*keys, "go"), entry.go), entry.fade, through, at)
            case schema.CueAction():
                return FireCue(names.cue((*keys, "cue"), entry.cue))
            case schema.FollowMidi():
                term = names.control((*keys, "drive"), entry.drive, scene)
                low, high = names.range((*keys, "range"), entry.range, term)
                return Follow(entry.drive, low, high, entry.relative or "", entry.pickup)
            case schema.PressMidi():
                return Press(entry.press, entry.mode)
            case schema.PressAction():
                return Press(entry.press)
        raise TypeError(type(entry).__name__)

    # ---- the desk and the keyboard

    def bindings(self, file: schema.ShowFile, scenes: Mapping[str, Scene]) -> tuple[Binding, ...]:
        """What the desk and the keyboard do. A name is a `Follow` of the signal it publishes."""
        driven = {r.control: r.line for s in scenes.values() for r in s.rules if isinstance(r, Drive)}
        named: dict[str, str] = {}
        done: dict[tuple[str, str], Keys] = {}
        pairs = {entry.cc14: self.faults.line(("midi", i)) for i, entry in enumerate(file.midi) if entry.cc14}
        found: list[Binding] = []
        for i, entry in enumerate(file.midi):
            keys: Keys = ("midi", i)
            line = self.faults.line(keys)
            self._patched(keys, entry, file)
            self._halved(keys, entry, pairs)
            if entry.name is not None:
                if named.setdefault(entry.name, entry.event) != entry.event:
                    self.faults.add((*keys, "name"), f"the name `{entry.name}` stands for {named[entry.name]} already")
                found.append(Binding(entry.event, Follow(f"midi.{entry.name}"), line))
            if isinstance(entry, schema.FollowMidi) and entry.drive in driven:
                self.faults.add(
                    (*keys, "drive"), f"`{entry.drive}` is driven by the rule in line {driven[entry.drive]}"
                )
            if not isinstance(entry, schema.NamedMidi):
                light = (entry.light if isinstance(entry, schema.Button) else None) or ""
                binding = Binding(entry.event, self.action(keys, entry, None), line, light)
                self._once(keys, binding, done)
                found.append(binding)
        for key, pressed in file.keys.items():
            at: Keys = ("keys", key)
            found.append(Binding(f"key.{key}", self.action(at, pressed, None), self.faults.line(at)))
        return tuple(found)

    def _once(self, keys: Keys, binding: Binding, done: dict[tuple[str, str], Keys]) -> None:
        """A message may move two controls, but not one twice; and go to one place."""
        aim = _aim(binding.action)
        first = done.setdefault((binding.event, aim), keys)
        if first != keys:
            self.faults.add(keys, f"{binding.event} {aim} already, in line {self.faults.line(first)}")

    def _halved(self, keys: Keys, entry: schema.Midi, pairs: Mapping[str, int]) -> None:
        """The low half of a pair moves whenever the pair does."""
        channel, _, number = (entry.cc or "").partition("/")
        pair = f"{channel}/{int(number or 0) - LOW_HALF}"
        if pair in pairs:
            text = f"found {entry.cc}, the low half of `cc14: {pair}` in line {pairs[pair]}, expected one of them"
            self.faults.add((*keys, "cc"), text)

    def _patched(self, keys: Keys, entry: schema.Midi, file: schema.ShowFile) -> None:
        """What comes over the network can come only where the show listens to it; a fixture has the show's scenes."""
        if entry.osc is not None and file.osc is None:
            self.faults.add((*keys, "osc"), f"found `{entry.osc}`, expected `osc: {{port: 7000}}` in the show as well")
        if isinstance(entry, schema.Button) and entry.light is not None and not file.feedback:
            text = f"found `{entry.light}`, expected `feedback: {{port: APC, palette: apc-mini}}` in the show as well"
            self.faults.add((*keys, "light"), text)
        if entry.dmx is None:
            return
        if file.dmx is None:
            text = (
                f"found `{entry.dmx}`, expected `dmx: {{sacn: {{universe: 1}}}}` in the show, which is no fixture yet"
            )
            self.faults.add((*keys, "dmx"), text)
        _, dot, number = entry.dmx.partition("scene.")
        if dot and int(number) > len(file.scenes):
            self.faults.add((*keys, "dmx"), f"found `{entry.dmx}`, expected scene.1 to scene.{len(file.scenes)}")


def _aim(action: Action) -> str:
    """What an action does, in so far as a second one of one message would undo it."""
    match action:
        case Go() | FireCue():
            return "goes to a scene"
        case Press(command):
            return f"presses `{command}`"
        case Follow(control):
            return f"drives `{control}`"
        case Set(control):
            return f"sets `{control}`"
        case Pulse(control):
            return f"pulses `{control}`"
    raise TypeError(type(action).__name__)


def find_cycles(scenes: Mapping[str, Scene], cues: Sequence[Cue], faults: Faults) -> None:
    """Refuse scenes that send each other on as soon as they come, so that none is ever seen.

    Only an unconditional `when: scene` that goes at once and has no cooldown does that: any other
    rule waits for music, time or a hand.
    """
    by_number = {cue.number: cue.scene for cue in cues}
    onward: dict[str, tuple[str, int]] = {}
    for name, scene in scenes.items():
        for i, rule in enumerate(scene.rules):
            if isinstance(rule, When) and _fires_itself(rule) and (target := _target(rule.action, by_number)):
                onward.setdefault(name, (target, i))
    told: set[str] = set()
    for start in onward:
        loop = _loop(start, {name: target for name, (target, _) in onward.items()})
        if loop and not told & set(loop):
            told |= set(loop)
            keys = ("scenes", start, "rules", onward[start][1])
            faults.add(keys, f"scenes go round without rest: {' → '.join([*loop, loop[0]])}; expected a cooldown")


def _fires_itself(rule: When) -> bool:
    return rule.event == "scene" and rule.condition is None and rule.at == "now" and rule.cooldown.amount == 0.0


def _target(action: Action, cues: Mapping[str, str]) -> str | None:
    match action:
        case Go(scene):
            return scene
        case FireCue(number):
            return cues.get(number)
    return None


def _loop(start: str, onward: Mapping[str, str]) -> list[str]:
    """The scenes from `start` back to it, if the way leads back."""
    way = [start]
    while (following := onward.get(way[-1])) is not None and following not in way:
        way.append(following)
    return way if following == start else []
