"""How a layer's colour meets what lies below it: the fourteen blend modes, and one shader that does them all.

W3C Compositing and Blending Level 1, sections 9.1 and 10.1; `add` and `subtract`, which it lacks as modes, are
what their names say. It does not know layers or where pictures come from.
"""

from __future__ import annotations

from collections.abc import Mapping

FORMULAS: Mapping[str, str] = {
    "normal": "s",
    "add": "min(b + s, 1.0)",
    "screen": "b + s - b * s",
    "multiply": "b * s",
    "overlay": "b <= 0.5 ? 2.0 * b * s : 1.0 - 2.0 * (1.0 - b) * (1.0 - s)",
    "soft light": "s <= 0.5 ? b - (1.0 - 2.0 * s) * b * (1.0 - b) : b + (2.0 * s - 1.0) * (isf_soft(b) - b)",
    "hard light": "s <= 0.5 ? 2.0 * b * s : 1.0 - 2.0 * (1.0 - b) * (1.0 - s)",
    "difference": "abs(b - s)",
    "exclusion": "b + s - 2.0 * b * s",
    "lighten": "max(b, s)",
    "darken": "min(b, s)",
    "dodge": "b <= 0.0 ? 0.0 : s >= 1.0 ? 1.0 : min(1.0, b / (1.0 - s))",
    "burn": "b >= 1.0 ? 1.0 : s <= 0.0 ? 0.0 : 1.0 - min(1.0, (1.0 - b) / s)",
    "subtract": "max(b - s, 0.0)",
}
"""B(b, s): what comes of a backdrop's level `b` and a layer's `s`, neither premultiplied, 0..1."""

SOFT = "float isf_soft(float b) { return b <= 0.25 ? ((16.0 * b - 12.0) * b + 4.0) * b : sqrt(b); }"
