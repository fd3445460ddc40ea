/*{
  "ISFVSN": "2",
  "DESCRIPTION": "An oscilloscope: the wave of the sound as a line or a ring of light that glows on as it fades into the depth.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["audio", "graphic"],
  "INPUTS": [
    {"NAME": "sound", "LABEL": "The waveform, given by the host", "TYPE": "audio"},
    {"NAME": "level", "LABEL": "Brightness of the line", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.8},
    {"NAME": "gain", "LABEL": "How far the wave swings", "TYPE": "float", "MIN": 0, "MAX": 5, "DEFAULT": 2.2},
    {"NAME": "shape", "LABEL": "Line or ring", "TYPE": "long", "VALUES": [0, 1], "LABELS": ["line", "ring"], "DEFAULT": 0},
    {"NAME": "width", "LABEL": "Width of the line: pulse it on kicks", "TYPE": "float", "MIN": 0.3, "MAX": 4, "DEFAULT": 1},
    {"NAME": "memory", "LABEL": "How long a line glows on, s", "TYPE": "float", "MIN": 0.02, "MAX": 3, "DEFAULT": 0.5},
    {"NAME": "zoom", "LABEL": "Growth of what glows on, a second", "TYPE": "float", "MIN": -2, "MAX": 2, "DEFAULT": 0.7},
    {"NAME": "hue", "LABEL": "Colour of the line", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.46},
    {"NAME": "hue2", "LABEL": "Colour it fades to", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.72}
  ],
  "PASSES": [
    {"TARGET": "start", "FLOAT": true, "WIDTH": "1", "HEIGHT": "1"},
    {"TARGET": "wave", "FLOAT": true, "WIDTH": "128", "HEIGHT": "1"},
    {"TARGET": "glow", "PERSISTENT": true, "FLOAT": true, "WIDTH": "$WIDTH / 2", "HEIGHT": "$HEIGHT / 2"},
    {}
  ]
}*/

const float SHOWN = 0.62;                  // share of the samples that the picture is wide

float sample_at(float at) { return IMG_NORM_PIXEL(sound, vec2(at, 0.5)).r - 0.5; }

float smoothed(float at) {
    float sum = 0.0;
    for (int n = -4; n <= 4; n++) sum += sample_at(at + float(n) * 0.004);
    return sum / 9.0;
}

// The trigger: where the wave first rises through its middle, so that the picture stands still.
float rises() {
    float before = smoothed(0.02);
    for (int n = 1; n < 44; n++) {
        float at = 0.02 + 0.008 * float(n), now = smoothed(at);
        if (before < 0.0 && now >= 0.0) return at;
        before = now;
    }
    return 0.02;
}

// Where the line begins in the samples, and the mean of those it shows, which it hangs about.
vec2 trigger() {
    float first = rises(), sum = 0.0;
    for (int n = 0; n < 32; n++) sum += sample_at(first + SHOWN * (float(n) + 0.5) / 32.0);
    return vec2(first, sum / 32.0);
}

// Where the line runs, so that no pixel has to work it out: 128 points.
vec2 wave_pass() {
    float wide = IMG_SIZE(glow).x / IMG_SIZE(glow).y * 1.01;
    vec2 told = IMG_NORM_PIXEL(start, vec2(0.5)).rg;
    float x = isf_FragNormCoord.x, sum = -7.0 * told.y;
    for (int n = -3; n <= 3; n++) sum += sample_at(told.x + SHOWN * x + float(n) * 0.0022);
    float swing = 2.0 * gain * sum / 7.0, e = abs(2.0 * x - 1.0), a = 6.28318 * (x - 0.5);
    float w = 0.42 * swing / sqrt(1.0 + swing * swing) * (shape == 1 ? smoothstep(1.0, 0.76, e) : 1.0 - e * e * e * e);
    return shape == 1 ? (0.26 + 0.55 * w) * vec2(sin(a), cos(a)) : vec2((x - 0.5) * wide, w);
}

vec2 place(float n) {
    float x = (n + 0.5) / 128.0;
    return IMG_NORM_PIXEL(wave, vec2(shape == 1 ? fract(x) : x, 0.5)).xy;
}

float distance_to_wave(vec2 p, vec2 at) {
    float along = shape == 1 ? atan(p.x, p.y) / 6.28318 + 0.5 : at.x;
    float first = floor(along * 128.0 - 0.5) - 2.0, near = 9.0;
    vec2 a = place(first);
    for (int n = 1; n <= 5; n++) {
        vec2 b = place(first + float(n)), side = b - a, q = p - a;
        vec2 off = q - side * clamp(dot(q, side) / max(dot(side, side), 1e-6), 0.0, 1.0);
        near = min(near, dot(off, off));
        a = b;
    }
    return sqrt(near);
}

vec3 pure(float turn) {
    vec3 c = 0.5 + 0.5 * cos(6.28318 * (turn - vec3(0.0, 0.3333, 0.6667)));
    return c * (0.15 + 0.95 * c);
}

void main() {
    if (PASSINDEX == 0) {
        gl_FragColor = vec4(trigger(), 0.0, 1.0);
        return;
    }
    if (PASSINDEX == 1) {
        gl_FragColor = vec4(wave_pass(), 0.0, 1.0);
        return;
    }
    vec2 p = (isf_FragNormCoord - 0.5) * vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    float off = distance_to_wave(p, isf_FragNormCoord), thin = 0.006 * width;
    float core = exp(-off * off / (thin * thin)), halo = exp(-off / (0.018 * width));
    if (PASSINDEX == 2) {                  // r: the light of before, g: how old it is
        vec2 back = (isf_FragNormCoord - 0.5) * exp(-zoom * TIMEDELTA) + 0.5;
        vec2 before = IMG_NORM_PIXEL(glow, back).rg * exp(-TIMEDELTA / vec2(memory, 2.5 * memory));
        float now = level * (core + 0.15 * halo);
        gl_FragColor = vec4(max(now, before.r), max(now, before.g), 0.0, 1.0);
        return;
    }
    vec2 past = IMG_THIS_PIXEL(glow).rg;
    float young = clamp(past.r / max(past.g, 1e-3), 0.0, 1.0);
    vec3 line = mix(pure(hue), vec3(1.0), 0.75 * core) * level * (1.4 * core + 0.5 * halo);
    vec3 c = line + mix(pure(hue2), pure(hue), young * young) * past.r * 0.75;
    gl_FragColor = vec4(1.0 - exp(-1.5 * c), 1.0);
}
