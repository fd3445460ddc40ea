"""One wall's way out, fenced in: what fails or hangs here stops nothing else.

The tick leaves a copy of the picture and sees whether the output lives; a device that is not there is
tried again and again, ever more patiently.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from visuals.errors import DeviceError, VisualsError
from visuals.telemetry import Meter
from visuals.types import Flag, Output, Pixels
from visuals.wall.feeder import Feeder

logger = logging.getLogger(__name__)

BACKOFF_S = (0.05, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Wait before the n-th try to open again; the last one for ever after. What was only a hiccup is back
within a tenth of a second."""

HEALTHY_S = 10.0
"""An output that ran for this long starts over with the shortest wait."""

HANGS_S, OPENING_HANGS_S = 1.0, 15.0
"""How long an output may take over a picture, and over opening, where a name may have to be looked up."""

MOST_ABANDONED = 2
"""Threads that hang for ever are never got rid of: with so many, the output waits for one to come back."""

CLOSE_S = 1.8
"""Ctrl-C must end a show within two seconds."""

LONGEST_STEP_S = 0.1
"""What a tick counts at most when it waits for an output: a machine that stood still did not hang it."""


class Outlet:
    """Sends a wall's pixels to the output that `opener` makes. `failures` counts what ended it, hangs too."""

    def __init__(self, name: str, opener: Callable[[], Output], meter: Meter, now: float = 0.0) -> None:
        self.name = name
        self.failures = 0
        self._opener, self._meter = opener, meter
        self._feeder: Feeder | None = Feeder(name, opener)
        self._abandoned: list[Feeder] = []
        self._failed_at = self._retry_at = self._time = now
        self._tries = 0
        self._told: set[str] = set()
        self._missed_at: float | None = None
        self._steps, self._stuck = 0, 0.0

    @property
    def is_open(self) -> bool:
        return self._feeder is not None and self._feeder.output is not None

    @property
    def progress(self) -> Mapping[str, Any]:
        """How far a recording is; empty for all that record nothing."""
        return getattr(self._feeder.output, "progress", {}) if self._feeder is not None else {}

    def send(self, pixels: Pixels, index: int, time: float, flags: Flag) -> None:
        """Send `pixels` at show time `time` (s); while there is no output, see that there will be."""
        self._watch(time)
        if self._feeder is not None:
            with self._meter.stage("send"):
                sent = self._feeder.post(pixels, index, time, flags)
            if not sent and self.is_open:
                self._meter.count("skipped_sends")

    def pressed(self) -> list[str]:
        """Names of the keys pressed in this outlet's window since the last call."""
        take = getattr(self._output, "keys", None)
        return take() if take is not None else []

    def end(self) -> None:
        """Let the output end after the last picture; `close` then waits for it. Nothing is sent any more."""
        if self._feeder is not None:
            self._feeder.end()

    def close(self) -> None:
        """End the output; its failures at the end are logged."""
        self.end()
        feeder, self._feeder = self._feeder, None
        if feeder is None:
            return
        if not feeder.is_over_within(CLOSE_S):
            logger.warning("wall %s: did not close within %g s", self.name, CLOSE_S)
        elif feeder.error is not None:
            logger.warning("wall %s: closed with %s", self.name, _words(feeder.error))

    @property
    def _output(self) -> Output | None:
        return self._feeder.output if self._feeder is not None else None

    def _watch(self, time: float) -> None:
        """See how the output is since the last tick."""
        feeder, passed = self._feeder, min(time - self._time, LONGEST_STEP_S)
        self._time = time
        if feeder is None:
            self._try_again(time)
        elif feeder.is_over:
            self._fail(feeder.error or DeviceError("ended by itself"), time)
        elif feeder.steps != self._steps or not feeder.busy:
            self._steps, self._stuck = feeder.steps, 0.0
            if feeder.output is not None:
                self._welcome(time)
        else:
            self._stuck += passed
            limit = HANGS_S if feeder.output is not None else OPENING_HANGS_S
            if self._stuck > limit:
                self._give_up(feeder, limit, time)

    def _give_up(self, feeder: Feeder, limit: float, time: float) -> None:
        """The output hangs: leave its thread behind and take another."""
        what = "take a picture" if feeder.output is not None else "open"
        feeder.abandon()
        self._abandoned = [f for f in self._abandoned if not f.is_over] + [feeder]
        self._meter.count("hung_outputs")
        self._fail(DeviceError(f"the output hangs: it did not {what} within {limit:g} s"), time)

    def _try_again(self, time: float) -> None:
        hung = sum(not feeder.is_over for feeder in self._abandoned)
        if time >= self._retry_at and hung < MOST_ABANDONED:
            self._tries += 1
            self._steps, self._stuck = 0, 0.0
            try:
                self._feeder = Feeder(self.name, self._opener)
            except RuntimeError as error:  # the system gives no more threads now
                self._fail(error, time)

    def _fail(self, error: Exception, time: float) -> None:
        self.failures += 1
        self._feeder = None
        self._tell(error, time)
        if time - self._failed_at > HEALTHY_S:
            self._tries = 0
        self._failed_at = time
        self._retry_at = time + BACKOFF_S[min(self._tries, len(BACKOFF_S) - 1)]

    def _tell(self, error: Exception, time: float) -> None:
        """Log each fault once: a wall that is away for an hour is one line."""
        text = _words(error)
        if text not in self._told and len(self._told) < 100:
            self._told.add(text)
            logger.error("wall %s: %s", self.name, text)
            if self._missed_at is None:
                self._missed_at = time

    def _welcome(self, time: float) -> None:
        """A fault that was told is told to be over."""
        if self._missed_at is not None:
            logger.warning("wall %s: is back after %.1f s", self.name, time - self._missed_at)
            self._missed_at = None


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, VisualsError) else f"{type(error).__name__}: {error}"
