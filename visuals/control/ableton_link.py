"""The beat of an Ableton Link session on the network: the only door to LinkPython-extern, whose module is `link`.

Link needs no setting up: peers of one network find each other. Link is by Ableton, GPL-2.0 or later,
which is why its wrapper is an extra. Does not know whether the show wants to follow.
"""

from __future__ import annotations

from types import ModuleType, TracebackType
from typing import Any, Self

from visuals.control.midi_clock import Beat
from visuals.errors import DeviceError

INSTALL = "Ableton Link needs its library: pip install 'visuals[link]'"


class AbletonLink:
    """A peer that listens, for as long as it is entered; it changes nobody's tempo.

    `quantum` is the number of beats that the peers agree upon where they begin: a bar. Entering raises
    DeviceError when the library is missing or does not run here.
    """

    def __init__(self, bpm: float = 120.0, quantum: float = 4.0) -> None:
        self._bpm, self._quantum = bpm, quantum
        self._link: Any = None

    def __enter__(self) -> Self:
        self._link = library().Link(self._bpm)
        self._link.enabled = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._link.enabled = False
        self._link = None

    def beat(self) -> Beat:
        """The session's beat at this very moment, by Link's own clock; neither sure nor running without a peer.

        The position is counted from our joining, shifted so that bars begin where the others' do.
        """
        session, now = self._link.captureSessionState(), self._link.clock().micros()
        heard = self._link.numPeers() > 0
        return Beat(session.tempo(), session.beatAtTime(now, self._quantum), float(heard), heard, heard)


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
