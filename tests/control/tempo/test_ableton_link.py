from __future__ import annotations

import importlib.util
import subprocess
import sys
from types import ModuleType

import pytest

from visuals.clock import monotonic, sleep
from visuals.control.tempo.ableton_link import AbletonLink, library
from visuals.errors import DeviceError

HERE = importlib.util.find_spec("link") is not None


def test_without_the_library_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "link", None)
    with pytest.raises(DeviceError, match=r"pip install 'visuals\[link\]'"), AbletonLink():
        pass


def test_another_module_of_that_name_is_told_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "link", ModuleType("link"))
    with pytest.raises(DeviceError, match="another module"):
        library()


_PEER = """
import sys
import link
from visuals.clock import monotonic
peer = link.Link(float(sys.argv[1]))
peer.enabled = True
print("ready", flush=True)
for _ in sys.stdin:
    state = peer.captureSessionState()
    beat = state.beatAtTime(peer.clock().micros(), 4.0)
    print(monotonic(), state.tempo(), beat, peer.numPeers(), flush=True)
peer.enabled = False
"""


class Peer:
    """A musician's program, with a tempo of its own."""

    def __init__(self, bpm: float) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PEER, f"{bpm}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def beat(self) -> tuple[float, float, float, int]:
        """Time on the machine's clock, tempo, position, how many others there are."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        time, bpm, position, others = self._process.stdout.readline().split()
        return float(time), float(bpm), float(position), int(others)

    def close(self) -> None:
        """Go, and say so."""
        self._process.communicate(timeout=5.0)


def until(seconds: float, link: AbletonLink, running: bool) -> None:
    """Frames of a show, for so long at most."""
    deadline = monotonic() + seconds
    while link.beat().running != running and monotonic() < deadline:
        sleep(0.02)
    assert link.beat().running == running


@pytest.mark.skipif(not HERE, reason="needs LinkPython-extern: pip install 'visuals[link]'")
def test_whoever_comes_to_a_waiting_show_keeps_the_tempo_and_leads_the_beat() -> None:
    """One after the other, long after the show was begun. A session of the show's own would lead them."""
    with AbletonLink() as ours:
        for _ in range(60):
            assert not ours.beat().running
            sleep(0.02)
        for bpm in (133.0, 97.0):
            peer = Peer(bpm)
            try:
                until(8.0, ours, True)
                sleep(0.5)
                for _ in range(20):
                    began, beat, (time, theirs, position, others) = monotonic(), ours.beat(), peer.beat()
                    assert theirs == pytest.approx(bpm, rel=1e-5)
                    assert beat.bpm == pytest.approx(bpm, rel=1e-5)
                    assert (beat.running, others) == (True, 1)
                    passed = (time - began) * bpm / 60
                    assert (position - beat.position - passed + 2.0) % 4.0 - 2.0 == pytest.approx(0.0, abs=0.02)
                    sleep(0.05)
            finally:
                peer.close()
            until(8.0, ours, False)
