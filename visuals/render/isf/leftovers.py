"""Words of other hosts left in ISF files: Shadertoy's channels, which importers lost, and MadMapper's surfaces.

What such a word means here stands before the text that uses it and does not declare it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

WORDS: Mapping[str, str] = {
    **{f"iChannel{n}": f"uniform sampler2D iChannel{n};" for n in range(4)},
    "MM_SHADER_NORM_PIXEL": "#define MM_SHADER_NORM_PIXEL(at) IMG_NORM_PIXEL(inputImage, at)",
    "MM_SHADER_THIS_NORM_PIXEL": "#define MM_SHADER_THIS_NORM_PIXEL() IMG_THIS_PIXEL(inputImage)",
    "modulationColor": "const vec4 modulationColor = vec4(1.0);",
    "rgb2hsv": """vec3 rgb2hsv(vec3 c) {
    float top = max(c.r, max(c.g, c.b)), range = top - min(c.r, min(c.g, c.b));
    float sixth = top == c.r ? c.g - c.b : top == c.g ? c.b - c.r + 2.0 * range : c.r - c.g + 4.0 * range;
    return range > 0.0 ? vec3(fract(sixth / range / 6.0), range / top, top) : vec3(0.0, 0.0, top);
}""",
    "hsv2rgb": """vec3 hsv2rgb(vec3 c) {
    vec3 part = abs(fract(c.x + vec3(0.0, 2.0, 1.0) / 3.0) * 6.0 - 3.0) - 1.0;
    return c.z * mix(vec3(1.0), clamp(part, 0.0, 1.0), c.y);
}""",
    "rgb2hue": "#define rgb2hue(c) rgb2hsv(c).x",
}
NEEDS: Mapping[str, str] = {
    "rgb2hue": "rgb2hsv",
    "MM_SHADER_NORM_PIXEL": "inputImage",
    "MM_SHADER_THIS_NORM_PIXEL": "inputImage",
}
"""Words that others are made of; `inputImage` is declared where the file has no such input."""
HOST = re.compile(
    r"^[ \t]*uniform[ \t]+vec4[ \t]+modulationColor[ \t]*;|^[ \t]*#[ \t]*include[ \t]+\"MadCommon.glsl\"", re.M
)
"""Lines for MadMapper itself."""


def lines(bare: str, declared: Collection[str]) -> Iterator[str]:
    """What has to stand before a text without comments, `declared` being there already."""
    used = set(re.findall(r"[A-Za-z_]\w*", bare))
    used |= {NEEDS[word] for word in used & NEEDS.keys()}
    own = {found[1] for found in re.finditer(r"(?:#[ \t]*define|\b(?:vec3|float|sampler2D))[ \t]+(\w+)", bare)}
    if "inputImage" in used and "inputImage" not in declared:
        yield "uniform sampler2D inputImage;"
    for word, meaning in WORDS.items():
        if word in used and word not in own | set(declared):
            yield meaning
