/*{
  "ISFVSN": "2",
  "DESCRIPTION": "A row of moving lights fans its beams over the picture. Lay it over with add or screen; transparent between the beams.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["overlay"],
  "INPUTS": [
    {"NAME": "level", "LABEL": "Brightness of the beams", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.8},
    {"NAME": "flash", "LABEL": "Extra light: pulse it on snares", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "hue", "LABEL": "Colour round the wheel", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.62},
    {"NAME": "spread", "LABEL": "Difference of colour from the outer to the inner lights", "TYPE": "float", "MIN": 0, "MAX": 0.5, "DEFAULT": 0.22},
    {"NAME": "fan", "LABEL": "How far the beams open", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.55},
    {"NAME": "sweep", "LABEL": "Where they point in their swing: a phase or an LFO", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.25},
    {"NAME": "motion", "LABEL": "Speed of their own slow swing", "TYPE": "float", "MIN": 0, "MAX": 4, "DEFAULT": 1},
    {"NAME": "width", "LABEL": "Width of a beam", "TYPE": "float", "MIN": 0.2, "MAX": 3, "DEFAULT": 1},
    {"NAME": "above", "LABEL": "Hang the lights above instead of below", "TYPE": "bool", "DEFAULT": true}
  ],
  "PASSES": [
    {"TARGET": "shine", "FLOAT": true, "WIDTH": "$WIDTH / 2", "HEIGHT": "$HEIGHT / 2"},
    {}
  ]
}*/

const int LIGHTS = 6;

float grain(vec2 p) {
    return 0.5 + 0.25 * (sin(p.x * 3.1 + 1.7 * sin(p.y * 2.3)) + sin(p.y * 4.3 + 1.9 * sin(p.x * 1.7 + 1.0)));
}

void main() {
    if (PASSINDEX == 1) {
        vec4 c = IMG_THIS_PIXEL(shine);
        float most = max(max(c.r, c.g), max(c.b, 1e-4));
        float lit = 1.0 - exp(-most);
        gl_FragColor = vec4(mix(c.rgb / most, vec3(1.0), 0.5 * smoothstep(0.7, 2.6, most)), lit);
        return;
    }
    float aspect = RENDERSIZE.x / RENDERSIZE.y;
    vec2 p = vec2((isf_FragNormCoord.x - 0.5) * aspect, isf_FragNormCoord.y);
    if (above) p.y = 1.0 - p.y;
    float swing = sin(6.28318 * sweep) * 0.5;
    float dust = 0.55 + 0.6 * grain(p * 2.4 + vec2(TIME * 0.11, -TIME * 0.17));
    vec3 sum = vec3(0.0);
    for (int n = 0; n < LIGHTS; n++) {
        float side = (float(n) + 0.5) / float(LIGHTS) * 2.0 - 1.0;
        float own = sin(TIME * motion * 0.43 + float(n) * 1.9) * 0.13 + sin(TIME * motion * 0.29 - float(n)) * 0.1;
        float lean = side * fan * 0.9 + swing * (1.0 - 0.5 * abs(side)) + own;
        vec2 q = p - vec2(side * 0.42 * aspect, -0.06);
        vec2 along = normalize(vec2(lean, 1.0));
        float far = dot(q, along);
        float off = (q.x * along.y - q.y * along.x) / (width * (0.012 + 0.055 * max(far, 0.0)));
        float soft = exp(-off * off), s4 = soft * soft * soft * soft;
        float core = soft + 0.45 * s4 * s4 * s4;
        float fall = smoothstep(0.0, 0.05, far) * exp(-1.15 * far) / (0.25 + far);
        vec3 pure = 0.5 + 0.5 * cos(6.28318 * (hue + spread * abs(side) - vec3(0.0, 0.3333, 0.6667)));
        sum += (pure * (0.2 + 0.9 * pure) + 0.05 * core) * core * fall;
    }
    gl_FragColor = vec4(sum * dust * (level * 0.8 + flash * 1.8), 1.0);
}
