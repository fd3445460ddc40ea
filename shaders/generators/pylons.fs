/*{
  "ISFVSN": "2",
  "DESCRIPTION": "A drive between two rows of light tubes over a wet floor; a wave of light runs ahead into the depth.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["depth", "graphic"],
  "INPUTS": [
    {"NAME": "level", "LABEL": "Brightness: loudness or energy", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.75},
    {"NAME": "flash", "LABEL": "Light at the end: pulse it on kicks", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "phase", "LABEL": "Where the wave of light is: beat.phase", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.3},
    {"NAME": "wave", "LABEL": "How much the wave shows: 0 all tubes alike", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.75},
    {"NAME": "speed", "LABEL": "Speed of the drive, tubes a second", "TYPE": "float", "MIN": -4, "MAX": 4, "DEFAULT": 0.8},
    {"NAME": "height", "LABEL": "Height of the tubes: bass", "TYPE": "float", "MIN": 0.1, "MAX": 2, "DEFAULT": 1},
    {"NAME": "lean", "LABEL": "How far the tubes lean together: 1 a row of gables", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 1},
    {"NAME": "roll", "LABEL": "The horizon tilts, in turns", "TYPE": "float", "MIN": -0.25, "MAX": 0.25, "DEFAULT": 0},
    {"NAME": "hue", "LABEL": "Colour of the near tubes", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.55},
    {"NAME": "hue2", "LABEL": "Colour of the far tubes", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.9}
  ],
  "PASSES": [
    {"TARGET": "air", "FLOAT": true, "WIDTH": "$WIDTH / 4", "HEIGHT": "$HEIGHT / 4"},
    {}
  ]
}*/

const float TUBES = 8.0;
const float FLOOR = -0.55;                 // the eye looks from this far above

vec3 pure(float turn) {
    vec3 c = 0.5 + 0.5 * cos(6.28318 * (turn - vec3(0.0, 0.3333, 0.6667)));
    return c * (0.15 + 0.95 * c);
}

float distance_to(vec2 p, vec2 foot, vec2 head) {
    vec2 side = head - foot, q = p - foot;
    return length(q - side * clamp(dot(q, side) / max(dot(side, side), 1e-6), 0.0, 1.0));
}

// Where a tube stands, in depth: the nearest just behind the eye, the farthest in the fog.
float far(float n) { return n + 1.15 - fract(TIME * speed); }

// The colour of a tube and, as alpha, how bright it is: the wave, the fog, no jumps at either end.
vec4 lamp(float n) {
    float depth = far(n) / TUBES, crest = depth - fract(phase) * 1.25 + 0.12;
    float lit = mix(0.75, 0.2 + 1.6 / (1.0 + crest * crest * 90.0), wave) / (1.0 + 0.2 * far(n) + 0.03 * far(n) * far(n));
    lit *= smoothstep(0.15, 0.8, far(n)) * smoothstep(1.0, 0.8, depth) * step(-0.5, n) * (0.25 + 2.1 * level);
    return vec4(pure(mix(hue, hue2, smoothstep(0.1, 0.8, depth))), 1.0) * lit;
}

// All tubes are one, seen smaller: the two between which a place lies are found, not looked for.
vec3 tubes(vec2 q, vec2 foot, vec2 head) {
    vec2 side = head - foot;
    float across = q.x * side.y - q.y * side.x;
    vec2 on = foot + side * clamp(-(q.x * foot.y - q.y * foot.x) / (abs(across) < 1e-4 ? 1e-4 : across), 0.0, 1.0);
    float z = 0.5 * dot(on, on) / max(dot(q, on), 1e-3), first = clamp(floor(z - far(0.0)), -1.0, TUBES);
    vec3 sum = vec3(0.0);
    for (int n = 0; n < 2; n++) {
        float size = 0.5 / far(first + float(n)), thick = 0.014 * size + 0.0016;
        float off = distance_to(q, foot * size, head * size) / thick, sharp = 1.0 / (1.0 + 0.6 * off * off);
        vec4 c = lamp(first + float(n));
        sum += (0.35 * c.rgb + 0.65 * c.a) * sharp * sharp;
    }
    return sum;
}

// What all of them shed on the air and, below, on the floor.
vec3 shed(vec2 q, vec2 foot, vec2 head) {
    vec3 sum = vec3(0.0);
    for (float n = 0.0; n < TUBES; n++) {
        float z = far(n), size = 0.5 / z, wide = 0.11 * size + 0.004;
        vec2 twin = vec2(q.x + 0.006 * sin(90.0 * q.y * z + TIME * 1.7), 2.0 * foot.y * size - q.y);
        float wet = exp(-distance_to(twin, foot * size, head * size) / wide) * step(q.y, 0.0);
        float air = exp(-distance_to(q, foot * size, head * size) / wide);
        sum += lamp(n).rgb * (0.42 * air + 0.6 * wet * max(1.0 - 0.42 * twin.y / size, 0.0));
    }
    return sum;
}

void main() {
    vec2 p = (isf_FragNormCoord - 0.5) * vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    float a = 6.28318 * roll;
    p = mat2(cos(a), sin(a), -sin(a), cos(a)) * p + vec2(0.0, -0.06);
    vec2 q = vec2(abs(p.x), p.y), foot = vec2(2.0, FLOOR), head = vec2(2.0 * (1.0 - lean), FLOOR + 1.9 * height);
    if (PASSINDEX == 0) {
        float end = exp(-length(p * vec2(0.55, 1.6)) * 9.0);
        vec3 light = pure(hue2) * end * (0.12 * level + 0.9 * flash) + end * end * flash * 0.8;
        gl_FragColor = vec4(shed(q, foot, head) + light, 1.0);
        return;
    }
    gl_FragColor = vec4(1.0 - exp(-1.3 * (tubes(q, foot, head) + IMG_THIS_PIXEL(air).rgb)), 1.0);
}
