"""How a layer's colour meets what lies below it: the blend modes, as tables.

W3C Compositing and Blending Level 1, sections 9.1 and 10.1, by whose names they go. `add` is its `lighter`
(Porter and Duff's plus); `subtract`, which it lacks, is what its name says. It does not know layers.
"""

from __future__ import annotations

from collections.abc import Mapping

DIRECT: Mapping[str, str] = {"normal": "over", "add": "add", "screen": "screen", "multiply": "multiply"}
"""What a draw's own blending does, by its word in `gpu.BLEND_FACTORS`: no picture of the layer is needed first."""

DIRECT_CLEAR: Mapping[str, str] = {"normal": "over clear", "add": "add clear", "screen": "screen clear"}
"""The same over a target that is not opaque."""

FORMULAS: Mapping[str, str] = {
    "normal": "s",
    "multiply": "b * s",
    "screen": "b + s - b * s",
    "overlay": "b <= 0.5 ? 2.0 * b * s : 1.0 - 2.0 * (1.0 - b) * (1.0 - s)",
    "soft-light": "s <= 0.5 ? b - (1.0 - 2.0 * s) * b * (1.0 - b) : b + (2.0 * s - 1.0) * (soft(b) - b)",
    "hard-light": "s <= 0.5 ? 2.0 * b * s : 1.0 - 2.0 * (1.0 - b) * (1.0 - s)",
    "difference": "abs(b - s)",
    "exclusion": "b + s - 2.0 * b * s",
    "lighten": "max(b, s)",
    "darken": "min(b, s)",
    "color-dodge": "b <= 0.0 ? 0.0 : s >= 1.0 ? 1.0 : min(1.0, b / (1.0 - s))",
    "color-burn": "b >= 1.0 ? 1.0 : s <= 0.0 ? 0.0 : 1.0 - min(1.0, (1.0 - b) / s)",
    "subtract": "max(b - s, 0.0)",
}
"""B(b, s): what comes of a backdrop's level `b` and a layer's `s`, neither premultiplied, 0..1."""

SOFT = "float soft(float b) { return b <= 0.25 ? ((16.0 * b - 12.0) * b + 4.0) * b : sqrt(b); }"

# Section 10: the layer where the backdrop is clear, B where both are, the backdrop where the layer is.
MEET = """
float meet(float b, float s) {{ return {formula}; }}
vec4 blended(vec4 b, vec4 s) {{
    vec3 under = b.a > 0.0 ? b.rgb / b.a : vec3(0.0);
    vec3 met = vec3(meet(under.r, s.r), meet(under.g, s.g), meet(under.b, s.b));
    return vec4(s.a * mix(s.rgb, met, b.a) + (1.0 - s.a) * b.rgb, s.a + b.a - s.a * b.a);
}}
"""
PLUS = "vec4 blended(vec4 b, vec4 s) { return min(b + vec4(s.rgb * s.a, s.a), 1.0); }"


def law(blend: str) -> str:
    """GLSL of `blended(backdrop, layer)`: the backdrop and what is given premultiplied, the layer straight."""
    return PLUS if blend == "add" else SOFT + MEET.format(formula=FORMULAS[blend])
