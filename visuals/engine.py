"""Engine: the only place where all stages meet.

`Engine.step(now)` takes its time from the caller, so the same code plays live, renders a file, makes
the failover loop and runs in the tests. It does not know where its frames go, nor whether anybody
hears, plays or dreams: a stage that fails is logged once, counted, and leaves its last good value.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from visuals.render.compositor import Compositor
from visuals.render.materials import Materials
from visuals.show.bindings import Bindings
from visuals.show.director import Director
from visuals.telemetry import Log, Meter
from visuals.types import (
    Controls,
    Event,
    Features,
    Fired,
    Frame,
    Generator,
    Listening,
    Look,
    Pixels,
    Press,
    Scene,
    Show,
    Signals,
    Source,
    Tempo,
    every,
)
from visuals.vocabulary import MODEL_CONTROLS

T = TypeVar("T")

logger = logging.getLogger(__name__)

TEMPO_COMMANDS = frozenset({"tap", "resync", "double", "halve", "later", "earlier"})


class NoDream:
    """The generator of a show without a model."""

    def generate(self, controls: Controls, time: float, source: Pixels | None = None) -> Frame | None:
        return None


@dataclass(frozen=True, slots=True)
class Followed:
    """What other clocks brought: frames that passed as events, signals, words for the ears."""

    events: Sequence[Event] = ()
    signals: Signals = field(default_factory=dict)
    tempo: Sequence[Tempo] = ()


class Clocks(Protocol):
    """The other clocks that a show follows; an edited show may follow others."""

    def step(self, now: float) -> Followed: ...

    def take(self, show: Show) -> None: ...


class NoClocks:
    """A show that goes by its own clock alone."""

    def step(self, now: float) -> Followed:
        return Followed()

    def take(self, show: Show) -> None:
        """Nothing to follow."""


class Engine:
    """One show, wired: ears and hands in, frames out.

    `tempo` is given what the operator, a saved show and other clocks say of the tempo, for the ears.
    """

    def __init__(
        self,
        show: Show,
        *,
        ears: Source[Features],
        hands: Source[Event],
        director: Director,
        generator: Generator,
        compositor: Compositor,
        log: Log,
        meter: Meter,
        tempo: Callable[[Sequence[Event | Listening | Tempo]], None] = lambda orders: None,
        clocks: Clocks | None = None,
    ) -> None:
        self._show, self._bindings = show, Bindings(show.bindings)
        self._clocks = clocks or NoClocks()
        self._ears, self._hands, self._tempo = ears, hands, tempo
        self._director, self._generator, self._compositor = director, generator, compositor
        self._log, self._meter = log, meter
        self._features: Features | None = None
        self._look = Look(0.0, ())
        self._dream: Frame | None = None
        self._dream_controls: Controls = {}
        self._failing: set[str] = set()

    def step(self, now: float) -> Frame | None:
        """Advance the show to `now` (s, never backwards) and give the oldest frame that is finished.

        Frames leave the graphics processor a step or two after they were drawn; each carries the
        time it depicts.
        """
        heard: Sequence[Features] = self._guard("ears", self._ears.drain, [])
        done: Sequence[Event] = self._guard("hands", self._hands.drain, [])
        passed: Sequence[Event] = self._guard("clocks", lambda: self._follow(now), [])
        done = [*done, *passed]
        if heard:
            self._features = heard[-1]
        self._look = self._guard("show", lambda: self._director.step(heard, done, now), replace(self._look, fired=()))
        self._tell(done)
        self._dream_controls = dream_controls(self._show, self._look) or self._dream_controls
        self._dream = self._guard("generator", lambda: self._ask(now), self._dream)
        return self._guard("render", lambda: self._compositor.render(self._look, self._dream, self._features), None)

    @property
    def scene(self) -> str:
        """The scene that is on, or coming."""
        return self._look.parts[-1].scene if self._look.parts else ""

    @property
    def features(self) -> Features | None:
        """What the ears heard last; None where nothing yet."""
        return self._features

    @property
    def shown(self) -> Look:
        """What the show wants to be seen, as of the last step."""
        return self._look

    @property
    def look(self) -> str:
        """The scenes on the air and whether their time stands: whatever else moves, moves by itself."""
        scenes = " ".join(part.scene for part in self._look.parts)
        return scenes if self._look.speed else f"{scenes}, standing"

    def flush(self) -> list[Frame]:
        """The frames still on their way, for the end of a file."""
        return self._compositor.flush()

    def taking(self, materials: Materials) -> Iterator[None]:
        """Let an edited show take over, made ready step by step between frames: it is on with the last step.

        Raises ShaderError, MediaError and changes nothing when one of its layers cannot be drawn.
        """
        yield from self._compositor.taking(materials)
        show = materials.show
        self._director.take(show)
        self._clocks.take(show)
        if show.listening != self._show.listening:
            self._tempo([show.listening])
        self._show, self._bindings = show, Bindings(show.bindings)

    def _guard(self, stage: str, act: Callable[[], T], last_good: T) -> T:
        try:
            with self._meter.stage(stage):
                result = act()
        except Exception as error:  # whatever a stage does, the wall goes on
            self._meter.count(f"{stage}_failures")
            if stage not in self._failing:
                self._failing.add(stage)
                logger.error("%s failed, its last good value stays: %s: %s", stage, type(error).__name__, error)
            return last_good
        self._failing.discard(stage)
        return result

    def _follow(self, now: float) -> Sequence[Event]:
        """Let rules and ears know what other clocks say; give the frames that passed."""
        followed = self._clocks.step(now)
        self._director.publish(followed.signals)
        if followed.tempo:
            self._tempo(followed.tempo)
        return followed.events

    def _ask(self, now: float) -> Frame | None:
        return self._generator.generate(self._dream_controls, now, self._compositor.seen)

    def _tell(self, done: Sequence[Event]) -> None:
        """Log what was heard, played and fired, and pass on what is for the beat clock."""
        for event in (*self._director.heard, *done):
            self._log.write("event", at=round(event.time, 4), name=event.name, value=round(event.value, 3))
        for fired in self._look.fired:
            self._log.write(_line_type(fired), line=fired.line, why=fired.why, what=fired.what)
        if told := list(tempo_events(self._bindings, done)):
            self._tempo(told)


def _line_type(fired: Fired) -> str:
    kind = fired.what.split(" ", 1)[0]
    return kind if kind in {"scene", "cue"} else "rule"


def tempo_events(bindings: Bindings, events: Sequence[Event]) -> Iterator[Event]:
    """The operator's events that are about the tempo, each under its command's name."""
    for event in events:
        pressed = (b.action.command for b in bindings.of(event.name) if isinstance(b.action, Press))
        command = next(pressed, event.name)
        if command in TEMPO_COMMANDS and event.value > 0.0:
            yield Event(event.time, command, event.value, event.source)


def dream_controls(show: Show, look: Look) -> dict[str, float]:
    """What the one model is asked for: the parts' model layers, mixed by their weights.

    Scenes share the model as an instrument, so a crossfade of two dreams is a walk between their
    controls, not two pictures laid over each other. Empty when no scene on air has a model layer.
    """
    asked = [
        (part.weight, _layer_controls(name, part.controls))
        for part in look.parts
        if (scene := show.scenes.get(part.scene)) and (name := _dreamer(scene))
    ]
    total = sum(weight for weight, _ in asked)
    if total <= 0.0:
        return {}
    names = sorted({name for _, controls in asked for name in controls})
    return {name: _mixed(name, [(w / total, controls.get(name, 0.0)) for w, controls in asked]) for name in names}


def _mixed(name: str, asked: Sequence[tuple[float, float]]) -> float:
    """The mean of what is asked, by weights that add to 1; between two hues by the shorter way round."""
    if name not in MODEL_CONTROLS or MODEL_CONTROLS[name].unit != "turn":
        return sum(weight * value for weight, value in asked)
    start = asked[0][1]
    return (start + sum(weight * ((value - start + 0.5) % 1.0 - 0.5) for weight, value in asked)) % 1.0


def _dreamer(scene: Scene) -> str:
    """The scene's lowest model layer, "" for none."""
    return next((layer.name for layer in every(scene.layers) if layer.kind == "model"), "")


def _layer_controls(layer: str, controls: Controls) -> dict[str, float]:
    """A layer's controls, without its name in front."""
    prefix = layer + "."
    return {name.removeprefix(prefix): value for name, value in controls.items() if name.startswith(prefix)}
