/*{
  "ISFVSN": "2",
  "DESCRIPTION": "Both pictures wind into a whirl, and the new one unwinds from it.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["motion", "warp"],
  "INPUTS": [
    {"NAME": "startImage", "TYPE": "image"},
    {"NAME": "endImage", "TYPE": "image"},
    {"NAME": "progress", "LABEL": "0 the old picture, 1 the new", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "turns", "LABEL": "How far they wind, in turns", "TYPE": "float", "MIN": 0, "MAX": 2, "DEFAULT": 1.2},
    {"NAME": "size", "LABEL": "Size of the whirl", "TYPE": "float", "MIN": 0.2, "MAX": 2, "DEFAULT": 1.3},
    {"NAME": "centre", "LABEL": "Where it begins", "TYPE": "point2D", "MIN": [0, 0], "MAX": [1, 1], "DEFAULT": [0.5, 0.5]}
  ]
}*/

vec2 wound(vec2 at, float how) {
    vec2 aspect = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0), p = (at - centre) * aspect;
    float near = exp(-dot(p, p) * 3.0 / (size * size)), a = 6.28318 * turns * how * near;
    p = mat2(cos(a), sin(a), -sin(a), cos(a)) * p * (1.0 - 0.35 * abs(how) * near);
    return 1.0 - abs(1.0 - abs(p / aspect + centre));
}

void main() {
    float r = length((isf_FragNormCoord - centre) * vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0));
    float ease = smoothstep(0.0, 1.0, progress), x = smoothstep(0.0, 1.0, clamp((progress - 0.42) * 6.0 + 0.5 - 0.6 * r, 0.0, 1.0));
    x = mix(x, step(0.5, progress), step(0.36, abs(progress - 0.5)));
    vec4 a = IMG_NORM_PIXEL(startImage, wound(isf_FragNormCoord, ease));
    gl_FragColor = mix(a, IMG_NORM_PIXEL(endImage, wound(isf_FragNormCoord, ease - 1.0)), x);
}
