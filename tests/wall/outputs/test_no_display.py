"""What a window does without a display."""

from __future__ import annotations

import pytest

from visuals.errors import DeviceError
from visuals.wall.outputs.settings import WindowSettings
from visuals.wall.outputs.window import Window


def test_no_display_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(DeviceError, match=r"^no display"):
        Window((8, 8), WindowSettings(), "main").__enter__()
    monkeypatch.setenv("DISPLAY", ":987")
    with pytest.raises(DeviceError, match=r"^no display at `:987`"):
        Window((8, 8), WindowSettings(), "main").__enter__()
