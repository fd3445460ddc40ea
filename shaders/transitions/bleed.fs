/*{
  "ISFVSN": "2",
  "DESCRIPTION": "Drops of the new picture bleed into the old one like ink into paper, with a glowing edge.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["organic", "light"],
  "INPUTS": [
    {"NAME": "startImage", "TYPE": "image"},
    {"NAME": "endImage", "TYPE": "image"},
    {"NAME": "progress", "LABEL": "0 the old picture, 1 the new", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "scale", "LABEL": "Size of the stains", "TYPE": "float", "MIN": 0.3, "MAX": 3, "DEFAULT": 1},
    {"NAME": "edge", "LABEL": "Light on their edge", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.8},
    {"NAME": "hue", "LABEL": "Colour of the edge", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.05},
    {"NAME": "seed", "LABEL": "Other stains", "TYPE": "float", "MIN": 0, "MAX": 100, "DEFAULT": 0}
  ]
}*/

float chance(vec2 cell) {
    uvec2 q = uvec2(ivec2(cell) + 64) * uvec2(2654435769u, 2246822519u);
    uint h = (q.x ^ (q.y >> 7u)) + q.y;
    h = (h ^ (h >> 15u)) * 2869860233u;
    return float((h ^ (h >> 13u)) >> 8u) / 16777216.0;
}

float noise(vec2 p) {
    vec2 i = floor(p), f = fract(p);
    f = f * f * (3.0 - 2.0 * f);
    return mix(mix(chance(i), chance(i + vec2(1, 0)), f.x), mix(chance(i + vec2(0, 1)), chance(i + vec2(1, 1)), f.x), f.y);
}

void main() {
    vec2 p = isf_FragNormCoord * vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0) / scale + 17.0 * floor(seed);
    float wide = noise(p * 2.6), fine = noise(p * 7.0 + 3.0 * wide), grain = noise(p * 19.0 + 5.0);
    float hold = clamp(0.62 * wide + 0.27 * fine + 0.11 * grain, 0.0, 1.0);
    hold = smoothstep(0.12, 0.88, hold);
    float off = hold - (progress * 1.24 - 0.12), x = smoothstep(0.012, -0.012, off);
    vec4 c = mix(IMG_THIS_PIXEL(startImage), IMG_THIS_PIXEL(endImage), x);
    float near = smoothstep(0.12, 0.0, abs(off)), hot = near * near * near * near;
    vec3 pure = 0.5 + 0.5 * cos(6.28318 * (hue - vec3(0.0, 0.3333, 0.6667)));
    vec3 light = edge * (pure * (0.1 + pure) * (0.35 * near * near + 0.9 * hot) + 0.6 * hot * hot);
    float within = smoothstep(0.0, 0.08, progress) * smoothstep(1.0, 0.92, progress);
    float wet = 1.0 - 0.55 * near * step(0.0, off) * within;
    gl_FragColor = vec4(1.0 - (1.0 - c.rgb * wet) * exp(-1.5 * light * within), c.a);
}
