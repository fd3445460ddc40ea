/*{
  "ISFVSN": "2",
  "DESCRIPTION": "Drifting haze with shafts of light falling through it. Lay it over a picture with screen or add; transparent where there is none.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["overlay"],
  "INPUTS": [
    {"NAME": "density", "LABEL": "How much haze: bass, energy", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.6},
    {"NAME": "flash", "LABEL": "Light thrown into the haze: pulse it on kicks", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "hue", "LABEL": "Colour round the wheel", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.63},
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
    uvec2 q = uvec2(ivec2(p)) * uvec2(2654435769u, 2246822519u);
    uint h = (q.x ^ (q.y >> 7u)) + q.y;
    h = (h ^ (h >> 15u)) * 2869860233u;
    return float((h ^ (h >> 13u)) >> 8u) / 16777216.0;
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
    float t = TIME * drift * 0.09;
    vec2 sway = vec2(noise(p * 1.4 + vec2(t, 9.0)), noise(p * 1.4 + vec2(23.0, -t))) - 0.5;
    float body = cloud(p * vec2(1.3, 1.9) + sway * 1.3 + vec2(t * 1.5, -t * 0.6));

    vec2 away = p - source * vec2(aspect, 1.0);
    float angle = atan(away.x, max(-away.y, 0.02));
    float ray = noise(vec2(angle * 4.0 + t * 1.1, t * 1.5)) * 0.6 + noise(vec2(angle * 11.0 - t * 1.7, 40.0 - t)) * 0.4;
    float near = exp(-0.85 * length(away));
    gl_FragColor = vec4(body, smoothstep(0.3, 0.8, ray), near, 1.0);
}

void main() {
    if (PASSINDEX == 0) {
        air_pass();
        return;
    }
    vec3 a = IMG_THIS_PIXEL(air).rgb;
    float body = smoothstep(0.6 - 0.45 * density, 0.95 - 0.15 * density, a.r);
    float light = a.b * mix(1.0, 0.25 + 1.9 * a.g * a.g, shafts);
    float thick = density * light * (0.45 + 3.4 * body) + flash * (0.1 + 1.4 * body) * (0.15 + 1.5 * light);
    float shade = hue + 0.1 * (body - 0.4);
    vec3 pure = 0.5 + 0.5 * cos(6.28318 * (shade - vec3(0.0, 0.3333, 0.6667)));
    float hot = smoothstep(0.5, 2.2, thick);
    vec3 tint = mix(mix(vec3(0.9), pure * (0.4 + 0.8 * pure), saturation), vec3(1.0), 0.75 * hot);
    gl_FragColor = vec4(tint, 1.0 - exp(-1.1 * thick));
}
