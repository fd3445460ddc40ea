from __future__ import annotations

import importlib.util
import subprocess
import sys
from types import ModuleType

import pytest

from visuals.clock import monotonic, sleep
from visuals.control.ableton_link import AbletonLink, library
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
from visuals.clock import monotonic, sleep
from visuals.control.ableton_link import AbletonLink
with AbletonLink(float(sys.argv[1])) as peer:
    print("ready", flush=True)
    for _ in sys.stdin:
        beat = peer.beat()
        print(monotonic(), beat.bpm, beat.position, int(beat.running), flush=True)
"""


class Peer:
    """Another program on the network, with a tempo of its own until it meets somebody."""

    def __init__(self, bpm: float) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PEER, f"{bpm}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def beat(self) -> tuple[float, float, float, bool]:
        """Time on the machine's clock, tempo, position, whether it has a peer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        time, bpm, position, running = self._process.stdout.readline().split()
        return float(time), float(bpm), float(position), running == "1"

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.mark.skipif(not HERE, reason="needs LinkPython-extern: pip install 'visuals[link]'")
def test_a_peer_in_another_process_is_met_followed_and_missed() -> None:
    with AbletonLink(97.0) as ours:
        assert not ours.beat().running
        peer = Peer(133.0)
        try:
            deadline = monotonic() + 10.0
            while not (ours.beat().running and peer.beat()[3]) and monotonic() < deadline:
                sleep(0.1)
            sleep(0.5)
            for _ in range(20):
                began, beat, (time, bpm, position, _) = monotonic(), ours.beat(), peer.beat()
                assert beat.running
                assert beat.bpm == pytest.approx(bpm)
                passed = (time - began) * bpm / 60
                assert (position - beat.position - passed + 2.0) % 4.0 - 2.0 == pytest.approx(0.0, abs=0.02)
                sleep(0.05)
        finally:
            peer.close()
        deadline = monotonic() + 15.0
        while ours.beat().running and monotonic() < deadline:
            sleep(0.1)
        beat = ours.beat()
    assert (beat.running, beat.confidence) == (False, 0.0)
