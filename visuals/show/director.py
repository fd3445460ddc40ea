"""Plays a show: what was heard and done goes in, what is to be seen comes out.

It owns the board of signals, the scenes' rules, the playback and the operator's switches. It does
not know how anything is drawn, and leaves what hands say of the tempo to the ears.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from visuals.show.beats import CLOCKED
from visuals.show.bindings import CALLS, FADERS, Bindings, is_press, threshold
from visuals.show.cues import Playback
from visuals.show.knobs import RELATIVE, Endless, Pickup
from visuals.show.rules import Due, Glide, SceneRules
from visuals.show.signals import Board
from visuals.show.switches import ON, Switches
from visuals.types import (
    SWITCHED,
    SWITCHES,
    Action,
    At,
    Cue,
    Duration,
    Event,
    Features,
    FireCue,
    Fired,
    Flag,
    Follow,
    Go,
    Look,
    Part,
    Press,
    Pulse,
    Set,
    Show,
    Signals,
    StandBy,
    Through,
)
from visuals.vocabulary import COMMANDS, MASTER_CONTROLS

DARK_MASTER = 0.04
"""A master below this makes everything black, sRGB white too where eight bits are cut to five."""
KEPT = SWITCHED | Flag.LIVE
"""What a restarted engine still has from the operator."""
MAX_PASSED = 8
"""Cues of a step that are passed on; more in a frame are nobody's."""
MAX_FIRED = 64
"""Lines of a step; a storm of events must not become a storm of log lines."""


@dataclass(frozen=True, slots=True)
class Departure:
    """A scene change that is asked for, and what for; `at` says what it waits for, `cue` whom others follow then."""

    scene: str
    fade: Duration | None
    through: Through | None
    at: At
    line: int
    why: str
    by_hand: bool
    cue: str = ""


class Director:
    """A show being played. `step` moves it on to a time, never backwards.

    `lead`: how far (s) beats run ahead of what is heard; see `Board`.
    """

    def __init__(self, show: Show, lead: float = 0.0) -> None:
        self._now: float | None = None
        self._board = Board(lead=lead)
        self._switches = Switches()
        self._desk = {name: term.rest for name, term in MASTER_CONTROLS.items()}
        self._glides: dict[str, Glide] = {}
        self._hands: dict[str, float] = {}
        self._faders: dict[str, float] = {}
        self._knobs: dict[tuple[str, str, Follow], Endless | Pickup] = {}
        self._down: dict[str, str] = {}
        self._lent: set[str] = set()
        self._called = self._called_before = ""
        self.heard: Sequence[Event] = ()
        self.passed_on: list[str] = []
        """The cues that came in the last step and that others may follow: not those that show control asked for."""
        self._asked_by_msc = False
        self._fired: list[Fired] = []
        self._arrived = "start"
        self._restored = False
        self._waiting: Departure | None = None
        self._use(show)
        self._playback = Playback(show)

    def _use(self, show: Show) -> None:
        self._show = show
        self._rules = {name: SceneRules(scene, show.filters) for name, scene in show.scenes.items()}
        self._bindings = Bindings(show.bindings)
        follows = [b.action for b in show.bindings if isinstance(b.action, Follow)]
        self._board.name([follow.control for follow in follows if follow.control.startswith("midi.")])
        self._knobs = {key: knob for key, knob in self._knobs.items() if key[2] in follows}

    @property
    def cue(self) -> str | None:
        """The cue that was fired last."""
        return self._playback.cue

    def publish(self, signals: Mapping[str, float]) -> None:
        """Let rules read these values of other clocks from the next step on."""
        for name, value in signals.items():
            self._board.set(name, value)

    def step(self, features: Sequence[Features], events: Sequence[Event], now: float) -> Look:
        """What is to be seen at `now` (s), after what was heard and done since the last step."""
        if self._now is None and not self._restored:
            self._playback.since = now
        dt = max(0.0, now - self._now) if self._now is not None else 0.0
        self._now = now
        self._fired, self.passed_on = [], []
        signals = self._board.step(features, now)
        self.heard = [*(e for f in features for e in f.events if e.name not in CLOCKED), *self._board.events]
        pressed = list(self._pressed(events))
        self._obey(pressed, now)
        self._run_rules([*self.heard, *pressed, *self._arrival(now)], signals, now)
        self._depart(now)
        return self._look(signals, now, dt)

    # ---- hands

    def _pressed(self, events: Iterable[Event]) -> Iterator[Event]:
        """Pass on what counts as a press, and let faders move what follows them."""
        for event in events:
            if event.name == "midi.lost":
                self._forget(event.source)
            if not math.isfinite(event.value) or self._is_old_call(event.name):
                continue
            if event.name in SWITCHES and event.value == 0.0:
                self._put(event.name, False, 0, f"{event.name} by {event.source}")
                continue
            self._move_followers(event, is_press(event))
            if event.name.startswith(FADERS):
                before = self._faders.get(event.name, 0.0)
                self._faders[event.name] = event.value
                if before < threshold(event.name) <= event.value:
                    yield event
            elif is_press(event):
                yield event
            if event.name == "dmx.release":
                self._release()

    def _is_old_call(self, name: str) -> bool:
        """Whether a lighting desk says at its first packet what it said already before the engine was started again."""
        if not name.startswith("dmx.scene."):
            return False
        before, self._called_before, self._called = self._called_before, "", name
        return before == name

    def _move_followers(self, event: Event, is_down: bool) -> None:
        value = min(max(event.value, 0.0), 1.0)
        for binding in self._bindings.of(event.name):
            match binding.action:
                case Follow(control) as follow if control in SWITCHES:
                    self._follow_switch(event, follow, value, binding.line)
                case Follow() as follow:
                    self._follow(event, follow, value)
                case Press(command, "momentary"):
                    self._down[event.name] = event.source if is_down else ""
                    if not is_down and self._is_on(command):
                        self._put(command, False, binding.line, _why(event))

    def _forget(self, port: str) -> None:
        """A port is gone: what was held down there is let go, and nobody knows where its faders will stand."""
        for name in [name for name, source in self._down.items() if source == port]:
            self._move_followers(Event(self._now or 0.0, name, 0.0), False)
        self._knobs = {key: knob for key, knob in self._knobs.items() if key[0] != port}

    def _follow(self, event: Event, follow: Follow, value: float) -> None:
        share = self._turned(event, follow, value) if follow.relative or follow.pickup else value
        if share is None:
            return
        at = follow.low + (follow.high - follow.low) * share
        if follow.control.startswith("midi."):
            self._board.set(follow.control, at)
            return
        self._take_hold(follow.control, at, event.fade)
        (self._lent.add if event.name.startswith("dmx.") else self._lent.discard)(follow.control)

    def _follow_switch(self, event: Event, follow: Follow, value: float, line: int) -> None:
        """A level that is also a switch: it is told, and who pulls it down takes away whatever holds it."""
        was = self._is_on(follow.control)
        self._follow(event, follow, value)
        on = self._desk[follow.control] > ON
        if not on:
            self._switches.put(follow.control, False)
        if on != was:
            self._tell(line, _why(event), _switched(follow.control, on))

    def _turned(self, event: Event, follow: Follow, value: float) -> float | None:
        """Where a knob without a place, or a fader that must come for its value, puts what it moves, 0..1.

        Of two controllers that say the same each has faders of its own; of senders on a network anybody may be one.
        """
        kind = next((kind for kind in RELATIVE if kind == follow.relative), None)
        key = (event.source if event.name.startswith("midi.") else "", event.name, follow)
        knob = self._knobs.get(key)
        if knob is None:
            knob = self._knobs[key] = Pickup(self._share(follow)) if kind is None else Endless(kind)
        knob.put(self._share(follow))
        return knob.turn(value) if isinstance(knob, Endless) else knob.move(value)

    def _share(self, follow: Follow) -> float:
        """Where a control stands in the range that a fader has of it."""
        span = follow.high - follow.low
        return min(max((self.stands(follow.control) - follow.low) / span, 0.0), 1.0) if span else 0.0

    def stands(self, control: str) -> float:
        """Where hands, or else the show, put a control, without what rules add to it."""
        now, current = self._now or 0.0, self._rules[self._playback.current]
        if control in self._desk:
            return self._desk_at(control, now)
        if current.knows(control):  # before the hands: what sets it since has moved it on
            return current.stands(control, now)
        if control in self._hands:
            return self._hands[control]
        elsewhere = (rules.stands(control, now) for rules in self._rules.values() if rules.knows(control))
        return next(elsewhere, self._board.values.get(control, 0.0))

    def _take_hold(self, control: str, value: float, fade: float | None = None) -> None:
        """Put a control where a hand wants it, in `fade` s; it stays there in every scene to come."""
        now = self._now or 0.0
        if control in self._desk:
            start = self._desk_at(control, now)
            self._glides.pop(control, None)
            if fade:
                self._glides[control] = Glide(start, value, now, fade)
            self._desk[control] = value
            return
        self._hands[control] = value
        for rules in self._rules.values():
            if fade and rules.knows(control):
                rules.glide(Set(control, value, Duration(fade)), now, self._board.bpm)
            else:
                rules.hold(control, value)

    def _release(self) -> None:
        """Give back what a lighting desk's levels held: there is none any more."""
        for control in self._lent:
            if control in self._desk:
                self._take_hold(control, MASTER_CONTROLS[control].rest)
            elif self._hands.pop(control, None) is not None:
                for rules in self._rules.values():
                    rules.release(control)
        self._lent.clear()

    def _hold_all(self, rules: SceneRules) -> None:
        for control, value in self._hands.items():
            rules.hold(control, value)

    def _obey(self, pressed: Iterable[Event], now: float) -> None:
        for event in pressed:
            why = _why(event)
            fade = None if event.fade is None else Duration(event.fade)
            self._asked_by_msc = event.name.startswith("msc.")
            if event.name in COMMANDS:
                self._act(Press(event.name), event.name, 0, why, now)
            bindings = self._bindings.of(event.name)
            for binding in bindings:
                if not isinstance(binding.action, Follow):
                    self._act(binding.action, (event.name, binding.line), binding.line, why, now, fade=fade)
            if not bindings and event.name.startswith(CALLS):
                self._tell(0, why, "no such cue")
        self._asked_by_msc = False

    # ---- rules

    def _arrival(self, now: float) -> Iterator[Event]:
        """The event of a scene that has come, one step after it came."""
        if not self._arrived:
            return
        if self._arrived == "start":
            self._tell(0, "start", f"scene {self._playback.current}")
        self._arrived = ""
        yield Event(now, "scene", 1.0, "show")

    def _run_rules(self, events: Sequence[Event], signals: Signals, now: float) -> None:
        """Fire what is due. A scene that is going still moves, but sends nowhere any more."""
        current = self._playback.current
        for scene, _ in self._playback.weights(now):
            self._board.values["scene.time"] = self._scene_time(scene, now)
            heard = events if scene == current else [e for e in events if e.name != "scene"]
            due = list(self._rules[scene].fire(heard, signals, now, self._board.beat, self._board.bar))
            for d in due:
                self._act_in(scene, d, now, leads=scene == current)

    def _act_in(self, scene: str, due: Due, now: float, leads: bool) -> None:
        action, rules = due.rule.action, self._rules[scene]
        match action:
            case Pulse() if rules.knows(action.control):
                rules.pulse(action, due.index, now, self._board.bpm)
                self._tell(due.rule.line, due.why, _what(action))
            case Set() if rules.knows(action.control):
                rules.glide(action, now, self._board.bpm)
                self._tell(due.rule.line, due.why, _what(action))
            case Go() | FireCue() if not leads:
                return
            case _:
                self._act(action, (scene, due.index), due.rule.line, due.why, now, by_hand=False)

    # ---- actions

    def _act(
        self,
        action: Action,
        key: object,
        line: int,
        why: str,
        now: float,
        by_hand: bool = True,
        fade: Duration | None = None,
    ) -> None:
        """Carry out what is not one scene's own affair. `key` tells one source of pulses from another; a `fade` that a
        desk asks for takes the place of the show's."""
        if not (isinstance(action, Press) and action.command in SWITCHES):
            self._tell(line, why, _what(action))
        match action:
            case Go(scene, own, through, at):
                self._go(Departure(scene, fade or own, through, at, line, why, by_hand), now)
            case StandBy(number):
                self._playback.stands_by = number
            case FireCue(number):
                self._go_cue(self._playback.fire(number), line, now, by_hand, fade)
            case Press():
                self._press(action, line, why, now, fade)
            case Pulse(control):
                for rules in self._on_air(control, now):
                    rules.pulse(action, key, now, self._board.bpm)
            case Set(control, value, own) if control in self._desk:
                if by_hand and control in SWITCHES and value <= ON:
                    self._switches.put(control, False)
                start = self._desk_at(control, now)
                self._glides[control] = Glide(start, value, now, (fade or own).seconds(self._board.bpm))
                self._desk[control] = value
            case Set(control, value, own):
                for rules in self._on_air(control, now):
                    rules.glide(Set(control, value, fade or own), now, self._board.bpm)

    def _press(self, press: Press, line: int, why: str, now: float, fade: Duration | None = None) -> None:
        command = press.command
        if command in SWITCHES:
            on = press.mode != "off" if press.mode != "toggle" else not self._is_on(command)
            self._put(command, on, line, why)
        elif command == "live":
            for name in ("freeze", "loop", "safe"):
                self._take_hold(name, MASTER_CONTROLS[name].rest)
            self._switches.give_back()
        elif command == "go" and (cue := self._playback.next()) is not None:
            self._tell(line, "go", f"cue {cue.number}")
            self._go_cue(cue, line, now, True, fade)

    def _is_on(self, name: str) -> bool:
        return self._switches.is_on(name, self._desk[name])

    def _put(self, name: str, on: bool, line: int, why: str) -> None:
        """Put a switch over the show, or take it away whoever put it there."""
        self._switches.put(name, on)
        if not on:
            self._take_hold(name, MASTER_CONTROLS[name].rest)
        self._tell(line, why, _switched(name, on))

    @property
    def forced(self) -> Flag:
        """What somebody put over the show past the engine, and no hand has taken away since."""
        return self._switches.forced

    def force(self, flags: Flag) -> None:
        """Let what somebody put over the show past the engine count, as of now."""
        self._switches.forced = flags

    def _go_cue(self, cue: Cue, line: int, now: float, by_hand: bool, fade: Duration | None = None) -> None:
        why = f"cue {cue.number}"
        told = "" if self._asked_by_msc else cue.number
        self._go(Departure(cue.scene, fade or cue.fade, cue.through, cue.at, line, why, by_hand, told), now)

    def _go(self, asked: Departure, now: float) -> None:
        """Change scenes now, or when the beat or the bar comes.

        Of two that wait the last one counts; but what a hand asked for, no rule takes away.
        """
        waiting = self._waiting
        if waiting is not None and waiting.by_hand and not asked.by_hand:
            self._tell(asked.line, asked.why, f"scene {asked.scene} gives way to scene {waiting.scene}, which waits")
            return
        if waiting is not None:
            self._tell(asked.line, asked.why, f"scene {waiting.scene} waits no more")
        self._waiting = asked if asked.at != "now" else None
        if self._waiting is None:
            self._change(asked, now)
        elif not self._reached(asked.at):
            self._tell(asked.line, asked.why, f"scene {asked.scene} waits for the {asked.at}")

    def _depart(self, now: float) -> None:
        if self._waiting is not None and self._reached(self._waiting.at):
            asked, self._waiting = self._waiting, None
            if asked.scene in self._rules:
                self._change(asked, now)

    def _reached(self, at: At) -> bool:
        return at == "now" or (self._board.bar if at == "bar" else self._board.beat)

    def _change(self, asked: Departure, now: float) -> None:
        if asked.cue and len(self.passed_on) < MAX_PASSED:
            self.passed_on.append(asked.cue)
        on_air = {name for name, _ in self._playback.weights(now)}
        seconds = asked.fade.seconds(self._board.bpm) if asked.fade else 0.0
        if not self._playback.go(asked.scene, seconds, now, asked.through):
            return
        if asked.scene not in on_air:
            self._rules[asked.scene].enter()
            self._hold_all(self._rules[asked.scene])
        self._arrived = asked.scene
        self._tell(asked.line, asked.why, f"scene {asked.scene}")

    def _on_air(self, control: str, now: float) -> list[SceneRules]:
        shown = [self._rules[name] for name, _ in self._playback.weights(now)]
        return [rules for rules in shown if control in self._desk or rules.knows(control)]

    # ---- what is to be seen

    def _look(self, signals: Signals, now: float, dt: float) -> Look:
        desk = {name: self._desk_at(name, now) for name in self._desk}
        shown = dict.fromkeys(desk, 0.0)
        parts = []
        for scene, weight in self._playback.weights(now):
            self._board.values["scene.time"] = self._scene_time(scene, now)
            values = dict(self._rules[scene].controls(signals, desk, now, dt))
            for name in desk:
                shown[name] += weight * values.pop(name)
            parts.append(Part(scene, weight, values))
        flags = self._switches.flags
        for name, flag in SWITCHES.items():
            flags |= flag if shown[name] > ON else Flag.NONE
        if shown["master"] < DARK_MASTER or any(self._is_dark(part) for part in parts):
            flags |= Flag.DARK
        change = self._playback.change(now)
        return Look(now, tuple(parts), shown["master"], shown["speed"], flags, tuple(self._fired), change)

    def _is_dark(self, part: Part) -> bool:
        """Whether a scene may be black: it says so, or a hand or a rule has taken all of its layers out."""
        scene = self._show.scenes[part.scene]
        shown = (part.controls.get(f"{layer.name}.opacity", layer.opacity) for layer in scene.layers)
        return scene.dark or all(opacity < DARK_MASTER for opacity in shown)

    def _scene_time(self, scene: str, now: float) -> float:
        playback = self._playback
        return max(0.0, now - (playback.since if scene == playback.current else playback.left_since))

    def _desk_at(self, control: str, now: float) -> float:
        glide = self._glides.get(control)
        return glide.at(now) if glide else self._desk[control]

    def _tell(self, line: int, why: str, what: str) -> None:
        if len(self._fired) < MAX_FIRED:
            self._fired.append(Fired(self._now or 0.0, line, why, what))

    # ---- reload and restart

    def take(self, show: Show) -> None:
        """Let an edited show take over between two steps, without a jump of any control.

        Where the current scene is gone the first one comes, with a cut: the old one's layers are gone too.
        """
        former_rules, former = self._rules, self._playback
        now = self._now or 0.0
        self._use(show)
        for name, rules in self._rules.items():
            self._hold_all(rules)
            if name in former_rules:
                rules.succeed(former_rules[name])
        self._playback = Playback(show, now)
        self._playback.succeed(former, now)
        current = self._playback.current
        if current != former.current:
            self._rules[current].enter()
            self._hold_all(self._rules[current])
            self._arrived = "start"

    def memo(self) -> dict[str, Any]:
        """What a restarted engine needs to go on in the same place: small, and plain JSON."""
        playback = self._playback
        return {
            "scene": playback.current,
            "cue": playback.cue,
            "stands_by": playback.stands_by,
            "since": playback.since,
            "flags": int(self._switches.flags),
            "called": self._called,
            "lent": sorted(self._lent),
            "desk": _short(self._desk),
            "hands": _short(self._hands),
            "signals": _short({n: v for n, v in self._board.values.items() if n.startswith("midi.")}),
        }

    def restore(self, memo: Mapping[str, Any]) -> None:
        """Go on from a memo, as far as the show still has what it names. Call before the first step."""
        playback, self._restored = self._playback, True
        if memo.get("scene") in self._show.scenes:
            playback.current, playback.since = str(memo["scene"]), float(memo.get("since", 0.0))
        if any(cue.number == memo.get("cue") for cue in self._show.cues):
            playback.cue = memo["cue"]
        if any(cue.number == memo.get("stands_by") for cue in self._show.cues):
            playback.stands_by = memo["stands_by"]
        self._switches.flags = Flag(int(memo.get("flags", 0)) & KEPT)
        self._called = self._called_before = str(memo.get("called", ""))
        for control, value in {**memo.get("desk", {}), **memo.get("hands", {})}.items():
            self._take_hold(str(control), float(value))
        self._lent = {str(control) for control in memo.get("lent", ())}
        for name, value in memo.get("signals", {}).items():
            if name in self._board.values:
                self._board.set(name, float(value))


def _short(values: Mapping[str, float]) -> dict[str, float]:
    """Values as exact as anybody sees: tablets move hundreds of them, and a memo has little room."""
    return {name: round(value, 6) for name, value in values.items()}


def _why(event: Event) -> str:
    return event.name if event.source == "timecode" else f"{event.name} {event.value:.2f}"


def _switched(name: str, on: bool) -> str:
    """As the log tells it, for people and for who keeps the keyboard's switches."""
    return f"{name} {'on' if on else 'off'}"


def _what(action: Action) -> str:
    """An action in a few words, as the log tells it."""
    match action:
        case Pulse(control, amount):
            return f"{control} {amount:+g}"
        case Set(control, value):
            return f"{control} = {value:g}"
        case Go(scene):
            return f"go {scene}"
        case FireCue(number):
            return f"cue {number}"
        case StandBy(number):
            return f"stands by for cue {number}"
        case Press(command, mode):
            return command if mode == "toggle" else f"{command} {mode}"
        case Follow(control):
            return control
