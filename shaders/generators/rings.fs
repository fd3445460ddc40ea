/*{
  "ISFVSN": "2",
  "DESCRIPTION": "Rings of light run outwards, one to a beat. Drive phase with beat.phase. Lay it over with add or screen.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["overlay"],
  "INPUTS": [
    {"NAME": "phase", "LABEL": "Where the newest ring is: beat.phase", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.35},
    {"NAME": "level", "LABEL": "Brightness: bass or loudness", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.7},
    {"NAME": "flash", "LABEL": "Light in the middle: pulse it on kicks", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "hue", "LABEL": "Colour of the inner rings", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.93},
    {"NAME": "hue2", "LABEL": "Colour of the outer rings", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.63},
    {"NAME": "width", "LABEL": "Width of a ring", "TYPE": "float", "MIN": 0.1, "MAX": 3, "DEFAULT": 1.5},
    {"NAME": "gap", "LABEL": "Distance of the rings", "TYPE": "float", "MIN": 0.15, "MAX": 1, "DEFAULT": 0.42},
    {"NAME": "waver", "LABEL": "How far the rings leave the circle", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.35},
    {"NAME": "centre", "LABEL": "Where they come from", "TYPE": "point2D", "MIN": [0, 0], "MAX": [1, 1], "DEFAULT": [0.5, 0.5]}
  ],
  "PASSES": [
    {"TARGET": "field", "FLOAT": true, "WIDTH": "$WIDTH / 2", "HEIGHT": "$HEIGHT / 2"},
    {}
  ]
}*/

void main() {
    if (PASSINDEX == 0) {
        float aspect = RENDERSIZE.x / RENDERSIZE.y;
        vec2 p = (isf_FragNormCoord - centre) * vec2(aspect, 1.0);
        vec2 w = vec2(sin(p.y * 5.0 + TIME * 0.6) + sin(p.x * 3.1 - TIME * 0.37), sin(p.x * 4.3 + TIME * 0.5) + sin(p.y * 3.7 - TIME * 0.41));
        p += w * 0.045 * waver;
        float r = length(p);
        float x = r / gap - phase;
        float k = max(ceil(x - 0.5), 0.0);
        float off = (x - k) * gap;
        vec2 n = p / max(r, 1e-3);
        float arc = 0.5 + 0.5 * sin(2.0 * n.x + 3.0 * n.y * n.x + TIME * 0.31 + k * 2.4 + 2.0 * sin(1.5 * n.y - TIME * 0.23 + k));
        arc = mix(1.0, 0.08 + 1.25 * arc * arc, min(waver * 1.6, 1.0));
        float thin = 0.008 * width * (1.0 + 2.2 * r);
        float edge = exp(-off * off / (thin * thin));
        float wake = off < 0.0 ? exp(off / (0.075 * width * (0.5 + r))) : exp(-off / (0.02 * width));
        float born = smoothstep(0.0, 0.14, phase + k);
        float light = (edge + 0.3 * wake) * arc * exp(-1.1 * r) * born * level;
        float heart = flash * (0.7 * exp(-r * r * 22.0) + 0.5 * exp(-4.5 * r));
        gl_FragColor = vec4(light, heart, r, edge);
        return;
    }
    vec4 f = IMG_THIS_PIXEL(field);
    float shade = mix(hue, hue2, smoothstep(0.05, 0.95, f.b));
    vec3 pure = 0.5 + 0.5 * cos(6.28318 * (shade - vec3(0.0, 0.3333, 0.6667)));
    float most = f.r * 1.5 + f.g;
    vec3 tint = mix(pure * (0.25 + 0.85 * pure), vec3(1.0), clamp(0.55 * f.r * f.a + 0.5 * f.g * f.g, 0.0, 0.85));
    gl_FragColor = vec4(tint, 1.0 - exp(-1.4 * most));
}
