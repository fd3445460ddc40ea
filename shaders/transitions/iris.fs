/*{
  "ISFVSN": "2",
  "DESCRIPTION": "The new picture opens as an iris with a rim of light.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["geometry", "light"],
  "INPUTS": [
    {"NAME": "startImage", "TYPE": "image"},
    {"NAME": "endImage", "TYPE": "image"},
    {"NAME": "progress", "LABEL": "0 the old picture, 1 the new", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "softness", "LABEL": "Width of the seam", "TYPE": "float", "MIN": 0.005, "MAX": 0.6, "DEFAULT": 0.03},
    {"NAME": "edge", "LABEL": "Light on the rim", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.8},
    {"NAME": "hue", "LABEL": "Colour of the rim", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.09},
    {"NAME": "sides", "LABEL": "Blades of the iris; 0 a circle", "TYPE": "float", "MIN": 0, "MAX": 8, "DEFAULT": 0},
    {"NAME": "centre", "LABEL": "Where it begins", "TYPE": "point2D", "MIN": [0, 0], "MAX": [1, 1], "DEFAULT": [0.5, 0.5]}
  ]
}*/

void main() {
    vec2 aspect = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    vec2 p = (isf_FragNormCoord - centre) * aspect, away = max(centre, 1.0 - centre) * aspect;
    float r = length(p), many = floor(sides + 0.5), farthest = length(away);
    if (many > 2.5) {
        float sector = 6.28318 / many, a = mod(atan(p.y, p.x) + 1.570796 + progress * 1.2, sector) - 0.5 * sector;
        r *= cos(a) / cos(0.5 * sector);
        farthest /= cos(0.5 * sector);
    }
    float off = r - (progress * (farthest + 2.0 * softness) - softness);
    float x = smoothstep(softness, -softness, off);
    vec4 c = mix(IMG_THIS_PIXEL(startImage), IMG_THIS_PIXEL(endImage), x);
    float within = smoothstep(0.0, 0.06, progress) * smoothstep(1.0, 0.9, progress);
    float rim = exp(-abs(off) / 0.006), halo = exp(-abs(off) / 0.04);
    vec3 pure = 0.5 + 0.5 * cos(6.28318 * (hue - vec3(0.0, 0.3333, 0.6667)));
    vec3 light = edge * within * (pure * (0.2 + 0.9 * pure) * (0.55 * halo + rim) + 0.6 * rim * rim);
    gl_FragColor = vec4(1.0 - (1.0 - c.rgb) * exp(-1.6 * light), c.a);
}
