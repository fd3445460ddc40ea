"""Controllers that show what is on: what `controller` finds due goes to the outputs of `midi`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from visuals.control.feedback.controller import MOST, Feedback
from visuals.control.feedback.palette import open_palette
from visuals.control.midi.outputs import MidiOut
from visuals.control.midi.ports import Api, matches
from visuals.types import Binding, Event, FeedbackSettings, Flag


class Lights:
    """All controllers that a show names, for as long as it is entered. Nothing here waits for any of them.

    Entering raises VisualsError where a palette cannot be read or rtmidi cannot be loaded.
    """

    def __init__(self, bindings: Sequence[Binding], asked: Sequence[FeedbackSettings], api: Api = "auto") -> None:
        self._bindings, self._asked, self._api = bindings, asked, api
        self._controllers: list[tuple[Feedback, MidiOut]] = []
        self._stack = ExitStack()

    def take(self, bindings: Sequence[Binding]) -> None:
        """Show an edited show's bindings."""
        self._bindings = bindings
        for feedback, _ in self._controllers:
            feedback.take(bindings)

    def hear(self, events: Sequence[Event]) -> None:
        """Note what hands did, so that it is not sent back to them. What came from another of these controllers is
        news: faders that stand for one control move together."""
        for (feedback, _), own in zip(self._controllers, self._asked, strict=False):
            feedback.hear([event for event in events if not self._is_anothers(event.source, own)])

    def _is_anothers(self, port: str, own: FeedbackSettings) -> bool:
        """Inputs and outputs of one controller may be called differently, so what nobody claims is everybody's."""
        return not matches(own.port, port) and any(matches(asked.port, port) for asked in self._asked)

    def step(self, scene: str, cue: str | None, flags: Flag, stands: Callable[[str], float], now: float) -> None:
        """Show what is on at `now` (s); `stands` says where a control was put."""
        for feedback, out in self._controllers:
            if out.look():
                feedback.renew()
            if not out.connected:
                continue
            levels = {control: stands(control) for control in feedback.controls}
            messages = feedback.step(scene, cue, flags, levels, now)
            if messages and not out.send(messages):
                feedback.renew()

    def __enter__(self) -> Self:
        feedbacks = [Feedback(self._bindings, open_palette(settings.palette)) for settings in self._asked]
        outs = [self._stack.enter_context(MidiOut(settings.port, self._api)) for settings in self._asked]
        self._controllers = list(zip(feedbacks, outs, strict=True))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for feedback, out in self._controllers:
            dark = feedback.farewell()
            for first in range(0, len(dark), MOST):
                out.send(dark[first : first + MOST])
        self._stack.close()
