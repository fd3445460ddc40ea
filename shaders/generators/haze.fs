/*{
  "ISFVSN": "2",
  "DESCRIPTION": "Drifting haze with shafts of light falling through it. Lay it over a picture with screen or add; transparent where there is none.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["overlay"],
  "INPUTS": [
    {"NAME": "density", "LABEL": "How much haze: bass, energy", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.5},
    {"NAME": "flash", "LABEL": "Light thrown into the haze: pulse it on kicks", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "hue", "LABEL": "Colour round the wheel", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.58},
    {"NAME": "saturation", "LABEL": "0 white smoke, 1 full colour", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.7},
    {"NAME": "shafts", "LABEL": "How far the light breaks into shafts", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.6},
    {"NAME": "drift", "LABEL": "Speed of the air", "TYPE": "float", "MIN": 0, "MAX": 4, "DEFAULT": 1},
    {"NAME": "source", "LABEL": "Where the light hangs, in picture widths and heights", "TYPE": "point2D", "MIN": [-0.5, 0], "MAX": [1.5, 1.5], "DEFAULT": [0.36, 1.25]}
  ],
  "PASSES": [
    {"TARGET": "air", "FLOAT": true, "WIDTH": "$WIDTH / 4", "HEIGHT": "$HEIGHT / 4"},
    {}
  ]
}*/

float hash(vec2 p) {
    p = fract(p * vec2(0.1031, 0.1030));
    p += dot(p, p.yx + 33.33);
    return fract((p.x + p.y) * p.x);
}

float noise(vec2 p) {
    vec2 i = floor(p), f = fract(p);
    f = f * f * f * (f * (f * 6.0 - 15.0) + 10.0);
    return mix(mix(hash(i), hash(i + vec2(1, 0)), f.x), mix(hash(i + vec2(0, 1)), hash(i + vec2(1, 1)), f.x), f.y);
}

float cloud(vec2 p) {
    float sum = 0.0, weight = 0.5;
    for (int n = 0; n < 4; n++) {
        sum += weight * noise(p);
        p = mat2(1.6, 1.2, -1.2, 1.6) * p + 7.3;
        weight *= 0.5;
    }
    return sum;
}

void air_pass() {
    float aspect = RENDERSIZE.x / RENDERSIZE.y;
    vec2 p = vec2(isf_FragNormCoord.x * aspect, isf_FragNormCoord.y);
    float t = TIME * drift * 0.07;
    vec2 sway = vec2(noise(p * 1.3 + vec2(t, 9.0)), noise(p * 1.3 + vec2(3.0, -t))) - 0.5;
    float body = cloud(p * vec2(1.5, 2.4) + sway * 1.5 + vec2(t * 1.6, -t * 0.5));

    vec2 away = p - source * vec2(aspect, 1.0);
    float angle = away.x / max(-away.y, 0.05);
    float ray = noise(vec2(angle * 3.2 + t * 1.2, t * 1.7)) * 0.65 + noise(vec2(angle * 9.0 - t * 1.9, 4.0 - t)) * 0.35;
    ray = smoothstep(0.38, 0.85, ray);
    float near = exp(-0.9 * dot(away, away));
    gl_FragColor = vec4(body, ray, near, 1.0);
}

void main() {
    if (PASSINDEX == 0) {
        air_pass();
        return;
    }
    vec3 a = IMG_THIS_PIXEL(air).rgb;
    float body = smoothstep(0.62 - 0.5 * density, 1.0 - 0.2 * density, a.r);
    float light = mix(0.65, 0.12 + 1.9 * a.g, shafts) * (0.35 + 1.4 * a.b);
    float thick = body * density * light * 1.5 + flash * (0.18 + body) * (0.25 + 1.3 * a.b + shafts * a.g);
    vec3 pure = 0.5 + 0.5 * cos(6.28318 * (hue + 0.08 * a.g - 0.05 * body - vec3(0.0, 0.3333, 0.6667)));
    vec3 tint = mix(vec3(1.0), pure * pure * 1.15, saturation);
    gl_FragColor = vec4(mix(tint, vec3(1.0), min(0.55 * thick * thick, 0.6)), 1.0 - exp(-thick));
}
