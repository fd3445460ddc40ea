/*{
  "ISFVSN": "2",
  "DESCRIPTION": "The old picture folds into a kaleidoscope, and the new one unfolds from it.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["geometry"],
  "INPUTS": [
    {"NAME": "startImage", "TYPE": "image"},
    {"NAME": "endImage", "TYPE": "image"},
    {"NAME": "progress", "LABEL": "0 the old picture, 1 the new", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "sectors", "LABEL": "Mirrored sectors", "TYPE": "long", "VALUES": [3, 4, 5, 6, 8, 12], "DEFAULT": 6},
    {"NAME": "turn", "LABEL": "How far it turns on the way", "TYPE": "float", "MIN": -1, "MAX": 1, "DEFAULT": 0.25}
  ]
}*/

void main() {
    vec2 aspect = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0), p = (isf_FragNormCoord - 0.5) * aspect;
    float fold = smoothstep(0.0, 0.45, progress) * smoothstep(1.0, 0.55, progress), x = smoothstep(0.35, 0.65, progress);
    float sector = 6.28318 / float(sectors), r = length(p), way = 6.28318 * turn * progress;
    float angle = abs(mod(atan(p.y, p.x) + way, sector) - 0.5 * sector) + way + 0.6;
    vec2 q = r * (1.0 - 0.25 * fold) * vec2(cos(angle), sin(angle)) / aspect + 0.5;
    q = 1.0 - abs(mod(q, 2.0) - 1.0);
    float seen = smoothstep(0.0, 1.0, clamp(fold * 2.2 - 1.2 * r, 0.0, 1.0));
    vec2 at = isf_FragNormCoord;
    vec4 flat_ = progress < 0.5 ? IMG_NORM_PIXEL(startImage, at) : IMG_NORM_PIXEL(endImage, at);
    vec4 mirror = mix(IMG_NORM_PIXEL(startImage, q), IMG_NORM_PIXEL(endImage, q), x);
    gl_FragColor = mix(flat_, mirror, seen);
}
