"""What stands before and after an artist's text: the words of ISF 2, and a `main` that keeps NaN off the wall.

All that does something stands before the text, whose macros may be called anything. It is GLSL and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

from visuals.render.compose import COMPOSE

PROBE = "ISF_PROBE"
"""A fragment shader with this defined draws where its artist's colour is no number, and nothing else."""

_OLD_WORDS = """
#define texture2D texture
#define texture2DRect isf_rect
#define textureCube texture
#define texture2DProj textureProj
#define texture2DLod textureLod
#define texture2DLodEXT textureLod
#define textureCubeLod textureLod
#define textureCubeLodEXT textureLod
#define texture2DGrad textureGrad
#define texture2DGradEXT textureGrad
#define sampler2DRect sampler2D
#define vv_FragNormCoord isf_FragNormCoord
"""
"""Names of older GLSL and of ISF 1."""

_SHARED = """
uniform int FRAMEINDEX;
uniform vec2 RENDERSIZE;
uniform float TIME;
uniform float TIMEDELTA;
uniform vec4 DATE;
"""

_IMAGES = """
vec2 IMG_SIZE(sampler2D image) { return vec2(textureSize(image, 0)); }
vec4 IMG_NORM_PIXEL(sampler2D image, vec2 at) { return texture(image, at); }
vec4 IMG_PIXEL(sampler2D image, vec2 at) { return texture(image, at / IMG_SIZE(image)); }
vec4 IMG_THIS_PIXEL(sampler2D image) { return texture(image, isf_FragNormCoord); }
vec4 IMG_THIS_NORM_PIXEL(sampler2D image) { return texture(image, isf_FragNormCoord); }
vec4 isf_rect(sampler2D image, vec2 at) { return texture(image, at / IMG_SIZE(image)); }
"""

# Comparisons, not isnan(): they reject NaN and both infinities at once, and no driver folds them away.
_FRAGMENT = f"""
out vec4 isf_out;
vec4 isf_data[1] = vec4[1](vec4(0.0));
vec4 IMG_NORM_PIXEL(sampler2D image, vec2 at, float bias) {{ return texture(image, at, bias); }}
vec4 IMG_PIXEL(sampler2D image, vec2 at, float bias) {{ return texture(image, at / IMG_SIZE(image), bias); }}
{COMPOSE}
bool isf_finite(float x) {{ return x > -1.0e30 && x < 1.0e30; }}
vec4 isf_finish(vec4 c) {{
    bvec4 odd = bvec4(!isf_finite(c.r), !isf_finite(c.g), !isf_finite(c.b), !isf_finite(c.a));
#ifdef {PROBE}
    return vec4(any(odd));
#else
    return isf_compose(vec4(odd.r ? 0.0 : c.r, odd.g ? 0.0 : c.g, odd.b ? 0.0 : c.b, odd.a ? 0.0 : c.a));
#endif
}}
#define gl_FragData isf_data
#define gl_FragColor isf_data[0]
#define varying in
"""

_FRAGMENT_END = """
#undef main
void main() {
    isf_artist_main();
    isf_out = isf_finish(isf_data[0]);
}
"""

# A quad, not one large triangle: what a vertex shader clamps at the corners must be at the corners.
_VERTEX = """
out vec2 isf_place;
vec2 isf_fragCoord;
vec4 IMG_NORM_PIXEL(sampler2D image, vec2 at, float bias) { return textureLod(image, at, bias); }
vec4 IMG_PIXEL(sampler2D image, vec2 at, float bias) { return textureLod(image, at / IMG_SIZE(image), bias); }
vec4 isf_corner() { return vec4(float(gl_VertexID & 1), float(gl_VertexID >> 1), 0.0, 1.0); }
void isf_vertShaderInit() {
    gl_Position = isf_corner() * vec4(2.0, 2.0, 1.0, 1.0) - vec4(1.0, 1.0, 0.0, 0.0);
    isf_FragNormCoord = isf_corner().xy;
    isf_fragCoord = isf_FragNormCoord * RENDERSIZE;
}
#define vv_vertShaderInit isf_vertShaderInit
#define vv_fragCoord isf_fragCoord
#define varying out
#define attribute in
#define gl_Vertex (isf_corner() * vec4(RENDERSIZE, 1.0, 1.0))
#define ftransform() gl_Position
#define gl_MultiTexCoord0 isf_corner()
"""

_VERTEX_END = """
#undef main
void main() {
    isf_vertShaderInit();
    isf_artist_main();
    isf_place = isf_FragNormCoord;
}
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage's text before the artist's and after it."""

    before: str
    after: str


def _stage(coordinate: str, words: str, after: str) -> Stage:
    return Stage("\n".join((_SHARED, coordinate, _IMAGES, words, _OLD_WORDS)), after)


FRAGMENT = _stage("vec2 isf_FragNormCoord = gl_FragCoord.xy / RENDERSIZE;", _FRAGMENT, _FRAGMENT_END)
AFTER_VERTEX = _stage("in vec2 isf_place;\nvec2 isf_FragNormCoord = isf_place;", _FRAGMENT, _FRAGMENT_END)
VERTEX = _stage("vec2 isf_FragNormCoord;", _VERTEX, _VERTEX_END)
