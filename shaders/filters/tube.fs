/*{
  "ISFVSN": "2",
  "DESCRIPTION": "The picture on the inside of a tube that one flies through, dark at its far end.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["geometry", "depth"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "amount", "LABEL": "0 the picture, 1 the tube", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 1},
    {"NAME": "travel", "LABEL": "How far one has come, 1 a whole picture: bar.phase or phrase.phase", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "speed", "LABEL": "Own pictures a second", "TYPE": "float", "MIN": -2, "MAX": 2, "DEFAULT": 0.2},
    {"NAME": "turn", "LABEL": "Rotation, in turns: a phase", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "twist", "LABEL": "How far it winds in the depth", "TYPE": "float", "MIN": -1, "MAX": 1, "DEFAULT": 0.2},
    {"NAME": "sides", "LABEL": "How often the picture goes round", "TYPE": "long", "VALUES": [2, 4, 6, 8], "DEFAULT": 4},
    {"NAME": "round", "LABEL": "0 a square shaft, 1 a round tube", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 1},
    {"NAME": "glow", "LABEL": "Light at the far end: pulse it on kicks", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "centre", "LABEL": "Where the far end is", "TYPE": "point2D", "MIN": [0, 0], "MAX": [1, 1], "DEFAULT": [0.5, 0.5]}
  ]
}*/

vec2 folded(vec2 x) { return 1.0 - abs(mod(x, 2.0) - 1.0); }

void main() {
    vec2 p = (isf_FragNormCoord - centre) * vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    float square = max(abs(p.x), abs(p.y)), r = max(mix(square, length(p), round), 1e-3);
    float depth = 0.30 / r, far = TIME * speed + 2.0 * travel;
    float around = atan(p.y, p.x) / 6.28318 + turn + 0.12 * twist * depth;
    vec4 c = IMG_NORM_PIXEL(inputImage, mix(isf_FragNormCoord, folded(vec2(around * float(sides), depth + far)), amount));
    float dark = mix(1.0, smoothstep(0.05, 0.34, r), amount);
    vec3 end = c.rgb * (0.3 + 1.5 * glow) * exp(-r * 14.0) + glow * exp(-r * r * 160.0) * (0.3 + c.rgb);
    gl_FragColor = vec4(min(c.rgb * dark + end * glow, 1.0), c.a);
}
