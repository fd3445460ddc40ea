"""The beat of an Ableton Link session on the network: the only door to LinkPython-extern, whose module is `link`.

Link needs no setting up: peers of one network find each other. Link is by Ableton, GPL-2.0 or later,
which is why its wrapper is an extra. Does not know whether the show wants to follow.
"""

from __future__ import annotations

from types import ModuleType, TracebackType
from typing import Any, Self

from visuals.clock import monotonic
from visuals.control.tempo.link_peers import LinkPeers
from visuals.control.tempo.midi_clock import Beat
from visuals.errors import DeviceError

INSTALL = "Ableton Link needs its library: pip install 'visuals[link]'"


MEET_S = 5.0
"""A session that was entered and where nobody was met for so long is left."""


class AbletonLink:
    """A peer that listens, for as long as it is entered; it changes nobody's tempo.

    Link's oldest session leads whoever comes: to be there before the musicians would be to lead them. So no
    session is entered until another peer was heard, nor kept when the last has gone.

    `quantum` is the number of beats that the peers agree upon where they begin: a bar. Entering raises
    DeviceError when the library is missing or does not run here.
    """

    def __init__(self, quantum: float = 4.0) -> None:
        self._quantum = quantum
        self._peers: LinkPeers | None = None
        self._link: Any = None
        self._entered, self._met = 0.0, False

    def __enter__(self) -> Self:
        library()
        self._peers = LinkPeers()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()
        if self._peers is not None:
            self._peers.close()

    def beat(self) -> Beat:
        """The session's beat at this very moment, by Link's own clock; neither sure nor running without a peer.

        The position is counted from our joining, shifted so that bars begin where the others' do.
        """
        now = monotonic()
        if self._link is None:
            self._look(now)
        if self._link is None:
            return Beat()
        heard = self._link.numPeers() > 0
        if not heard and (self._met or now - self._entered > MEET_S):
            self._leave()
            return Beat()
        self._met = heard
        session, micros = self._link.captureSessionState(), self._link.clock().micros()
        return Beat(session.tempo(), session.beatAtTime(micros, self._quantum), float(heard), heard, heard)

    def _look(self, now: float) -> None:
        """Enter the session of those who are there, at their tempo."""
        bpm = self._peers.tempo(now) if self._peers is not None else None
        if bpm is not None:
            self._link, self._entered, self._met = library().Link(bpm), now, False
            self._link.enabled = True

    def _leave(self) -> None:
        if self._link is not None:
            self._link.enabled = False
            self._link = None
        if self._peers is not None:
            self._peers.forget()  # our own announcements among them


def library() -> ModuleType:
    """The wrapper's module. Raises DeviceError with the line that installs it."""
    try:
        import link
    except ImportError as error:
        raise DeviceError(f"{INSTALL} ({error})") from error
    if not hasattr(link, "Link"):
        raise DeviceError(f"{INSTALL} (another module of the name `link` is in its place)")
    module: ModuleType = link
    return module
