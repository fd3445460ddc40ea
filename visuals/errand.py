"""Work that nobody waits for: done in a thread, once more if asked for meanwhile, the last result told once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Errand(Generic[Result]):
    """One job, which may be asked for at any time and by itself raises nothing."""

    def __init__(self, job: Callable[[], Result]) -> None:
        self._job = job
        self._asked = threading.Event()
        self._thread: threading.Thread | None = None
        self._result: Result | None = None

    def start(self) -> None:
        """Ask for the job. What is under way then does not count any more."""
        self._asked.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()

    def result(self) -> Result | None:
        """What the last job came to, once; None while there is nothing new. Never waits."""
        if self._asked.is_set():
            return None
        result, self._result = self._result, None
        return result

    def _run(self) -> None:
        while self._asked.wait():
            self._asked.clear()
            self._result = None
            result = self._job()
            if not self._asked.is_set():
                self._result = result
