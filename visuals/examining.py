"""Examines what is saved while a show plays: whether it can take over, or what is wrong with it, told at once.

It waits with a judge at hand, because the start of one takes longer than everything else.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from visuals.errand import Errand
from visuals.errors import DeviceError, VisualsError
from visuals.keeping import Keeper
from visuals.library import Library, open_show
from visuals.proof import prove_successor
from visuals.render.judging.judge import Judge
from visuals.render.materials import media_files
from visuals.saving import SaveWatch
from visuals.session import Accepted, Session
from visuals.types import Show

READY_AFTER_S = 5.0
"""The judge starts when the show's own processes have."""


class Examiner(Errand[Show | VisualsError]):
    """Looks at the show whenever `save` tells; use as a context manager, call `turn` often."""

    def __init__(self, session: Session, accepted: Accepted, save: SaveWatch, keeper: Keeper, now: float) -> None:
        super().__init__(self._examine)
        self._session, self._accepted, self._save, self._keeper = session, accepted, save, keeper
        self._judge, self._one_at_a_time = Judge(session.show.canvas), threading.Lock()
        self._opening, self._due = Errand(self._open), now + READY_AFTER_S

    def turn(self, now: float) -> Show | VisualsError | None:
        """What the last save came to, once: a show that is good, or what is wrong."""
        if now >= self._due:
            self._due = float("inf")
            self._opening.start()
        if self._save.saved():
            self.start()
        return self.result()

    def _open(self) -> None:
        with self._one_at_a_time, suppress(DeviceError):
            self._judge.ready()

    def _examine(self) -> Show | VisualsError:
        """The show as it is saved now, proven, or what is wrong with it. Runs in a thread of its own.

        Its model is not gone through: it cannot change while it plays, and that takes seconds.
        """
        path, library = self._session.path, Library(self._session.path.parent)
        try:
            try:
                show, _ = open_show(path, self._session.seed, library=library)
            finally:
                files = library.files() | {path}
                self._save.follow(files)
            self._save.follow(files | media_files(show))
            with self._one_at_a_time:
                prove_successor(path, show, self._accepted.show, self._judge)
            self._keeper.keep(path.parent, files)
        except VisualsError as error:
            return error
        return show

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._judge.__exit__(kind, error, trace)
