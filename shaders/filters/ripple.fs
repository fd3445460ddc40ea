/*{
  "ISFVSN": "2",
  "DESCRIPTION": "A ring runs outwards through what lies below and lifts it as it passes. Drive phase with beat.phase.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["warp"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "phase", "LABEL": "Where the ring is, 0 the middle, 1 outside: beat.phase", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.4},
    {"NAME": "amount", "LABEL": "How far it bends the picture: bass", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.6},
    {"NAME": "light", "LABEL": "How bright its crest makes the picture", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.5},
    {"NAME": "width", "LABEL": "Width of the ring", "TYPE": "float", "MIN": 0.1, "MAX": 2, "DEFAULT": 0.7},
    {"NAME": "waves", "LABEL": "Waves that follow it", "TYPE": "float", "MIN": 0, "MAX": 4, "DEFAULT": 1.5},
    {"NAME": "centre", "LABEL": "Where it comes from", "TYPE": "point2D", "MIN": [0, 0], "MAX": [1, 1], "DEFAULT": [0.5, 0.5]}
  ]
}*/

void main() {
    vec2 aspect = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    vec2 p = (isf_FragNormCoord - centre) * aspect;
    float r = length(p), wide = 0.16 * width, front = phase * (0.5 * length(aspect) + 3.0 * wide);
    float off = (r - front) / wide;
    float body = off > 0.0 ? exp(-off * off * 2.0) : exp(off * 1.1 / (0.35 + waves));
    float wave = cos(off * 2.4) * body * smoothstep(0.0, 0.12, phase) * (1.0 - phase * phase);
    float slope = -sin(off * 2.4) * body * smoothstep(0.0, 0.12, phase) * (1.0 - phase * phase);
    vec2 way = p / max(r, 1e-3) * smoothstep(0.0, 0.1, r);
    vec2 at = isf_FragNormCoord - way * 0.15 * amount * slope / aspect;
    vec4 c = IMG_NORM_PIXEL(inputImage, 1.0 - abs(1.0 - abs(at)));
    gl_FragColor = vec4(clamp(c.rgb * (1.0 + light * (1.5 * max(wave, 0.0) - 0.7 * max(-wave, 0.0))), 0.0, 1.0), c.a);
}
