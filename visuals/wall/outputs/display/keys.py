"""Names of keys, as show files write them."""

from __future__ import annotations

from typing import Any

import glfw as _glfw

glfw: Any = _glfw

SPECIAL_KEYS: dict[int, str] = {
    glfw.KEY_SPACE: "space",
    glfw.KEY_ESCAPE: "escape",
    glfw.KEY_ENTER: "enter",
    glfw.KEY_TAB: "tab",
    glfw.KEY_BACKSPACE: "backspace",
    glfw.KEY_LEFT: "left",
    glfw.KEY_RIGHT: "right",
    glfw.KEY_UP: "up",
    glfw.KEY_DOWN: "down",
    **{glfw.KEY_F1 + i: f"f{i + 1}" for i in range(12)},
}


def key_name(key: int, scancode: int) -> str:
    """`b`, `space`, `1`, `f5`; "" for a key without a name."""
    return SPECIAL_KEYS.get(key) or glfw.get_key_name(key, scancode) or ""
