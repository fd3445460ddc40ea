/*{
  "ISFVSN": "2",
  "DESCRIPTION": "Slats of shadow sweep over the picture: the beat of a strobe, but never the whole wall at once. Drive phase with beat.phase.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["rhythm", "graphic"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "amount", "LABEL": "How dark the slats are", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.9},
    {"NAME": "phase", "LABEL": "Where the slats are, 1 one slat on: beat.phase", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "speed", "LABEL": "Own slats a second", "TYPE": "float", "MIN": -2, "MAX": 2, "DEFAULT": 0.25},
    {"NAME": "slats", "LABEL": "How many across the picture", "TYPE": "float", "MIN": 2, "MAX": 16, "DEFAULT": 5},
    {"NAME": "open", "LABEL": "Share that stays open: energy", "TYPE": "float", "MIN": 0.4, "MAX": 1, "DEFAULT": 0.55},
    {"NAME": "angle", "LABEL": "Direction of the slats, in turns", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.06},
    {"NAME": "edge", "LABEL": "Light on the leading edge", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.5}
  ]
}*/

void main() {
    vec2 aspect = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    float a = 6.28318 * angle;
    vec2 p = (isf_FragNormCoord - 0.5) * aspect;
    float across = dot(p, vec2(cos(a), sin(a))) * slats / aspect.x - phase - TIME * speed;
    float x = fract(across), soft = 0.12 * min(open, 1.0 - open) + 1e-3;
    float lit = smoothstep(0.0, soft, x) * smoothstep(open + soft, open, x);
    lit = open > 0.995 ? 1.0 : lit;
    float rim = exp(-abs(x - open) * 26.0) * lit;
    vec4 c = IMG_THIS_PIXEL(inputImage);
    gl_FragColor = vec4(clamp(c.rgb * (1.0 - amount * (1.0 - lit)) * (1.0 + 1.3 * edge * amount * rim), 0.0, 1.0), c.a);
}
