/*{
  "ISFVSN": "2",
  "DESCRIPTION": "A black sun whose corona is the spectrum: bass below, highs above, both sides alike. Silence leaves a thin ring.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["audio", "graphic"],
  "INPUTS": [
    {"NAME": "sound", "LABEL": "The spectrum, given by the host", "TYPE": "audioFFT"},
    {"NAME": "level", "LABEL": "Brightness: loudness or energy", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.75},
    {"NAME": "flash", "LABEL": "The ring burns hot: pulse it on kicks", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "reach", "LABEL": "How far the sound throws the corona", "TYPE": "float", "MIN": 0, "MAX": 2, "DEFAULT": 1},
    {"NAME": "rays", "LABEL": "0 an even glow, 1 single rays", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.7},
    {"NAME": "radius", "LABEL": "Size of the sun: bass makes it breathe", "TYPE": "float", "MIN": 0.05, "MAX": 0.6, "DEFAULT": 0.24},
    {"NAME": "hue", "LABEL": "Colour of the corona", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.06},
    {"NAME": "hue2", "LABEL": "Colour of its tips", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.92},
    {"NAME": "spin", "LABEL": "Speed at which the rays wander", "TYPE": "float", "MIN": -2, "MAX": 2, "DEFAULT": 0.5},
    {"NAME": "release", "LABEL": "How slowly the corona falls back, s", "TYPE": "float", "MIN": 0.02, "MAX": 2, "DEFAULT": 0.18},
    {"NAME": "centre", "LABEL": "Where it stands", "TYPE": "point2D", "MIN": [0, 0], "MAX": [1, 1], "DEFAULT": [0.5, 0.5]}
  ],
  "PASSES": [
    {"TARGET": "heard", "PERSISTENT": true, "FLOAT": true, "WIDTH": "96", "HEIGHT": "1"},
    {}
  ]
}*/

const float OCTAVES = 7.0;

// Up at once, down slowly; equal steps in pitch, the quiet half of the scale cut off.
vec4 heard_pass() {
    float place = (exp2(OCTAVES * isf_FragNormCoord.x) - 1.0) / (exp2(OCTAVES) - 1.0) * 0.62;
    float wide = 0.004 + 0.03 * place, sum = 0.0;
    for (int n = -2; n <= 2; n++) sum += IMG_NORM_PIXEL(sound, vec2(place + wide * float(n) * 0.5 + 0.002, 0.5)).r;
    float now = smoothstep(0.25, 1.05, sum * 0.2 * (0.92 + 0.45 * isf_FragNormCoord.x));
    return vec4(max(now, IMG_THIS_PIXEL(heard).r * exp(-TIMEDELTA / release)));
}

vec3 pure(float turn) {
    vec3 c = 0.5 + 0.5 * cos(6.28318 * (turn - vec3(0.0, 0.3333, 0.6667)));
    return c * (0.15 + 0.95 * c);
}

void main() {
    if (PASSINDEX == 0) {
        gl_FragColor = heard_pass();
        return;
    }
    vec2 p = (isf_FragNormCoord - centre) * vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    float r = length(p), angle = atan(abs(p.x), -p.y) / 3.14159;
    float bass = IMG_NORM_PIXEL(heard, vec2(0.06, 0.5)).r;
    float voice = IMG_NORM_PIXEL(heard, vec2(angle, 0.5)).r;
    float sun = radius * (1.0 + 0.10 * reach * bass * bass), off = r - sun, t = TIME * spin;
    float fine = sin(angle * 41.0 + 2.1 * sin(t * 0.43 + angle * 7.0)) * sin(angle * 67.0 - t * 0.9 + 1.7 * sin(angle * 11.0));
    float comb = mix(1.0, 0.35 + 1.1 * fine * fine + 0.4 * fine, rays);
    float far = 0.016 + 0.42 * reach * voice * voice * max(comb, 0.15);
    float outside = max(off, 0.0);
    float corona = exp(-outside / far) * (0.25 + 0.9 * voice) + 0.22 * bass * exp(-outside * 3.2);
    float ring = exp(-off * off / 0.00004) + 0.5 * exp(-abs(off) / (0.008 + 0.03 * flash));
    float body = smoothstep(-0.004, 0.002, off);
    float light = (corona * body + ring * (0.55 + 1.6 * flash)) * (0.25 + 1.35 * level);
    vec3 tint = mix(pure(hue), pure(hue2), smoothstep(0.0, 0.3, outside));
    vec3 c = tint * light + (0.5 * tint + 0.5) * (0.45 * ring + 0.35 * corona * corona * body) * light;
    gl_FragColor = vec4(1.0 - exp(-1.5 * c), 1.0);
}
