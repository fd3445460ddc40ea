from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import pytest

from visuals.clock import sleep
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


@pytest.mark.skipif(not HERE, reason="needs LinkPython-extern: pip install 'visuals[link]'")
def test_two_peers_agree_on_the_beat() -> None:
    with AbletonLink(97.0) as one, AbletonLink(133.0) as two:
        for _ in range(100):
            if one.beat().running and two.beat().running:
                break
            sleep(0.1)
        sleep(0.5)
        a, b = one.beat(), two.beat()
    assert a.running
    assert a.bpm == pytest.approx(b.bpm)
    assert (b.position - a.position + 2.0) % 4.0 - 2.0 == pytest.approx(0.0, abs=0.01)
