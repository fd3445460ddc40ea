"""One wall's way out, fenced in: what fails here stops nothing else.

Opening, closing and reopening happen in a thread of their own; the tick only sends. A
device that is not there is tried again and again, ever more patiently.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from visuals.errors import VisualsError
from visuals.telemetry import Meter
from visuals.types import Flag, Frame, Output, Pixels

logger = logging.getLogger(__name__)

BACKOFF_S = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Wait before the n-th try to open again; the last one for ever after."""

HEALTHY_S = 10.0
"""An output that ran for this long starts over with the shortest wait."""


class Outlet:
    """Sends a wall's pixels to the output that `opener` makes."""

    def __init__(self, name: str, opener: Callable[[], Output], meter: Meter, now: float = 0.0) -> None:
        self.name = name
        self.failures = 0
        self._opener, self._meter = opener, meter
        self._output: Output | None = None
        self._failed_at, self._retry_at = now, now
        self._tries = 0
        self._told: set[str] = set()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._start(self._open)

    @property
    def is_open(self) -> bool:
        return self._output is not None

    @property
    def progress(self) -> Mapping[str, Any]:
        """How far a recording is; empty for all that record nothing."""
        return getattr(self._output, "progress", {})

    def send(self, pixels: Pixels, index: int, time: float, flags: Flag) -> None:
        """Send `pixels` at show time `time` (s); while there is no output, see that there will be."""
        output = self._output
        if output is None:
            self._try_again(time)
            return
        try:
            with self._meter.stage("send"):
                output.send(Frame(index, time, pixels, flags))
        except Exception as error:  # whatever an output does, the others go on
            self._fail(error, time)
            self._output = None
            self._start(lambda: _close(self.name, output))

    def pressed(self) -> list[str]:
        """Names of the keys pressed in this outlet's window since the last call."""
        take = getattr(self._output, "keys", None)
        return take() if take is not None else []

    def close(self) -> None:
        """End the output; its failures at the end are logged."""
        self._closing = True
        if self._thread is not None:
            self._thread.join(1.0)
        output, self._output = self._output, None
        _close(self.name, output)

    def _try_again(self, time: float) -> None:
        if self._thread is not None and self._thread.is_alive():
            self._retry_at = time + BACKOFF_S[min(self._tries, len(BACKOFF_S) - 1)]
        elif time >= self._retry_at:
            self._tries += 1
            self._start(self._open)

    def _start(self, act: Callable[[], None]) -> None:
        self._thread = threading.Thread(target=act, name=f"outlet {self.name}", daemon=True)
        self._thread.start()

    def _open(self) -> None:
        try:
            output = self._opener().__enter__()
        except Exception as error:  # an output that does not open is tried again later
            self._tell(error)
            return
        if self._closing:
            _close(self.name, output)
        else:
            self._output = output

    def _fail(self, error: Exception, time: float) -> None:
        self.failures += 1
        self._tell(error)
        if time - self._failed_at > HEALTHY_S:
            self._tries = 0
        self._failed_at = time
        self._retry_at = time + BACKOFF_S[min(self._tries, len(BACKOFF_S) - 1)]

    def _tell(self, error: Exception) -> None:
        """Log each fault once: a wall that is away for an hour is one line."""
        text = str(error) if isinstance(error, VisualsError) else f"{type(error).__name__}: {error}"
        if text not in self._told and len(self._told) < 100:
            self._told.add(text)
            logger.error("wall %s: %s", self.name, text)


def _close(name: str, output: Output | None) -> None:
    if output is None:
        return
    try:
        output.__exit__(None, None, None)
    except Exception as error:  # it is being left anyway
        logger.warning("wall %s: closed with %s: %s", name, type(error).__name__, error)
