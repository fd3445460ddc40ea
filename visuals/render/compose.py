"""How a picture's colour meets what is there: GLSL that every draw onto a layer's target ends with.

It does not know what drew the picture.
"""

from __future__ import annotations

# What a layer's colour is to the blend factors of the draw: straight, premultiplied, or a factor.
# The dither is half a step of an 8-bit target either way, so values that fit the target stay exact.
COMPOSE = """
uniform int isf_blend;
uniform float isf_opacity;
uniform float isf_step;
uniform bool isf_opaque;
vec4 isf_compose(vec4 c) {
    if (isf_opaque) c.a = 1.0;
    float a = clamp(c.a, 0.0, 1.0) * isf_opacity;
    vec4 result = isf_blend == 0 ? c : isf_blend == 1 ? vec4(clamp(c.rgb, 0.0, 1.0) * a, a)
        : vec4(mix(vec3(1.0), clamp(c.rgb, 0.0, 1.0), a), 1.0);
    float grain = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
    return result + (grain - 0.5) * isf_step;
}
"""
MULTIPLY = 2


def kind(blend: str) -> int:
    """What a draw's colour is to its blend factors, as `COMPOSE` counts: straight, premultiplied, or a factor."""
    return 0 if blend.startswith("replace") else MULTIPLY if blend == "multiply" else 1


# Decoding and encoding: IEC 61966-2-1.
SRGB = """
vec3 linear(vec3 c) { return mix(c / 12.92, pow((c + 0.055) / 1.055, vec3(2.4)), step(0.04045, c)); }
vec3 encoded(vec3 c) {
    return mix(c * 12.92, 1.055 * pow(max(c, vec3(0.0)), vec3(1.0 / 2.4)) - 0.055, step(0.0031308, c));
}
"""
