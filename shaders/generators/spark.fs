/*{
  "ISFVSN": "2",
  "DESCRIPTION": "Points of light burst from the centre on hits and draw their trails. Pulse burst on onsets. Lay it over with add or screen.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["overlay"],
  "INPUTS": [
    {"NAME": "burst", "LABEL": "A hit: pulse it on onsets or snares", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.5},
    {"NAME": "density", "LABEL": "How many points", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.55},
    {"NAME": "speed", "LABEL": "How fast they fly", "TYPE": "float", "MIN": 0, "MAX": 3, "DEFAULT": 1},
    {"NAME": "trail", "LABEL": "How long their light stays, s", "TYPE": "float", "MIN": 0.02, "MAX": 2, "DEFAULT": 0.5},
    {"NAME": "size", "LABEL": "Size of a point", "TYPE": "float", "MIN": 0.3, "MAX": 3, "DEFAULT": 1},
    {"NAME": "hue", "LABEL": "Colour round the wheel", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.07},
    {"NAME": "spread", "LABEL": "How far single points differ in colour", "TYPE": "float", "MIN": 0, "MAX": 0.5, "DEFAULT": 0.05},
    {"NAME": "centre", "LABEL": "Where they come from", "TYPE": "point2D", "MIN": [0, 0], "MAX": [1, 1], "DEFAULT": [0.5, 0.5]}
  ],
  "PASSES": [
    {"TARGET": "light", "PERSISTENT": true, "FLOAT": true, "WIDTH": "$WIDTH / 2", "HEIGHT": "$HEIGHT / 2"},
    {}
  ]
}*/

vec3 hash3(vec2 p) {
    vec3 q = fract(p.xyx * vec3(0.1031, 0.1030, 0.0973));
    q += dot(q, q.yxz + 33.33);
    return fract((q.xxy + q.yzz) * q.zyx);
}

// Cells in angle and logarithm of the distance, running outwards; one point lives well inside each.
vec3 points(vec2 p, float spokes, float run, float seed) {
    float r = length(p) + 1e-4;
    vec2 cell = vec2((atan(p.y, p.x) / 6.28318 + 0.5) * spokes, log(r) * spokes / 6.28318 - run);
    vec2 id = floor(cell);
    id.x = mod(id.x, spokes);
    vec3 h = hash3(id + seed);
    if (h.x > density) return vec3(0.0);
    vec2 off = (fract(cell) - 0.25 - 0.5 * h.yz) * r * 6.28318 / spokes;
    float radius = size * (0.003 + 0.007 * h.y * h.y * h.y) * (0.5 + r);
    float d2 = dot(off, off) / (radius * radius);
    float glint = exp(-d2) + 0.12 / (1.0 + 0.6 * d2) * smoothstep(0.25 * r * 6.28318 / spokes, 0.0, length(off));
    vec3 pure = 0.5 + 0.5 * cos(6.28318 * (hue + spread * (h.z * 2.0 - 1.0) - vec3(0.0, 0.3333, 0.6667)));
    return (pure * pure + 0.25 * exp(-d2)) * glint * (0.2 + 0.8 * h.z * h.z) * smoothstep(0.02, 0.16, r);
}

void main() {
    if (PASSINDEX == 1) {
        vec3 c = IMG_THIS_PIXEL(light).rgb;
        float most = max(max(c.r, c.g), max(c.b, 1e-4));
        gl_FragColor = vec4(mix(c / most, vec3(1.0), 0.6 * smoothstep(0.6, 2.0, most)), 1.0 - exp(-1.6 * most));
        return;
    }
    float aspect = RENDERSIZE.x / RENDERSIZE.y;
    vec2 p = (isf_FragNormCoord - centre) * vec2(aspect, 1.0);
    float fly = TIME * speed;
    vec3 now = points(p, 17.0, fly * 2.6, 0.0) + points(p, 29.0, fly * 3.4, 57.0);
    float reach = smoothstep(1.2, 0.0, length(p) / (0.3 + 1.1 * burst));
    vec2 back = (isf_FragNormCoord - centre) * exp(-TIMEDELTA * speed * 0.12) + centre;
    vec3 before = IMG_NORM_PIXEL(light, back).rgb * exp(-TIMEDELTA / trail);
    gl_FragColor = vec4(max(before, now * burst * reach * 2.8), 1.0);
}
