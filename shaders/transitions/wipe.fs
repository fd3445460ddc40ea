/*{
  "ISFVSN": "2",
  "DESCRIPTION": "A bar of light sweeps across and leaves the new picture behind it.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["geometry", "light"],
  "INPUTS": [
    {"NAME": "startImage", "TYPE": "image"},
    {"NAME": "endImage", "TYPE": "image"},
    {"NAME": "progress", "LABEL": "0 the old picture, 1 the new", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "angle", "LABEL": "Direction, in turns", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "softness", "LABEL": "Width of the seam", "TYPE": "float", "MIN": 0.005, "MAX": 0.6, "DEFAULT": 0.06},
    {"NAME": "edge", "LABEL": "Light of the bar", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.8},
    {"NAME": "hue", "LABEL": "Colour of the bar", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.58}
  ]
}*/

void main() {
    vec2 aspect = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    vec2 way = vec2(cos(6.28318 * angle), sin(6.28318 * angle));
    float reach = 0.5 * dot(abs(way), aspect) + softness + 0.14;
    float off = dot((isf_FragNormCoord - 0.5) * aspect, way) - mix(-reach, reach, progress);
    float x = smoothstep(softness, -softness, off);
    vec4 c = mix(IMG_THIS_PIXEL(startImage), IMG_THIS_PIXEL(endImage), x);
    vec3 pure = 0.5 + 0.5 * cos(6.28318 * (hue - vec3(0.0, 0.3333, 0.6667)));
    float bar = exp(-abs(off) / 0.005), halo = exp(-abs(off) / 0.045) * smoothstep(0.14, 0.05, abs(off));
    vec3 light = edge * (pure * (0.2 + 0.9 * pure) * (0.8 * halo + bar) + 0.8 * bar * bar) * smoothstep(0.14, 0.11, abs(off));
    gl_FragColor = vec4(1.0 - (1.0 - c.rgb) * exp(-1.6 * light), c.a);
}
