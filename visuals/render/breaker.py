"""Circuit breakers: what raises while it is drawn is passed over, told, and tried again later and later.

It does not know what is drawn.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager

logger = logging.getLogger(__name__)

FIRST_S, LONGEST_S = 0.25, 4.0
"""From a failure to the next attempt: twice as long each time."""
SOUND_S = 5.0
"""What was drawn for so long counts as whole again, and its next failure as the first."""
TOLD_S = 1.0


class Broken(Exception):
    """Nothing of a picture can be drawn."""


class Breaker:
    """Opens when what it guards raises. All times are the show's, s."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._wait = 0.0
        self._due, self._told = -math.inf, -math.inf

    def closed(self, now: float) -> bool:
        """Whether to draw it now; after an attempt, whether that went well."""
        return now >= self._due

    @contextmanager
    def guarded(self, now: float) -> Iterator[None]:
        """What raises within opens it and goes no further."""
        try:
            yield
        except Exception as error:  # whatever a layer does, the frame goes on
            self._open(now, error)

    def _open(self, now: float, error: Exception) -> None:
        again = now - self._due < SOUND_S
        self._wait = min(2.0 * self._wait, LONGEST_S) if again else FIRST_S
        self._due = now + self._wait
        if now - self._told >= TOLD_S:
            self._told = now
            logger.error("%s is bypassed: %s: %s", self._what, type(error).__name__, error)
