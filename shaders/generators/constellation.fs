/*{
    "ISFVSN": "2",
    "DESCRIPTION": "Constellation: stars of different sizes with fine lines between neighbours, before a faint nebula",
    "CREDIT": "visuals",
    "CATEGORIES": ["Generator", "Style"],
    "INPUTS": [
        {"NAME": "hue", "LABEL": "Hue", "TYPE": "float", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.55},
        {"NAME": "hue2", "LABEL": "Second hue", "TYPE": "float", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.83},
        {"NAME": "saturation", "LABEL": "Saturation", "TYPE": "float", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.9},
        {"NAME": "brightness", "LABEL": "Brightness", "TYPE": "float", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.55},
        {"NAME": "density", "LABEL": "Density", "TYPE": "float", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5},
        {"NAME": "scale", "LABEL": "Scale", "TYPE": "float", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5},
        {"NAME": "symmetry", "LABEL": "Symmetry", "TYPE": "float", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.0},
        {"NAME": "energy", "LABEL": "Energy", "TYPE": "float", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5},
        {"NAME": "contrast", "LABEL": "Contrast", "TYPE": "float", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5},
        {"NAME": "seed", "LABEL": "Seed", "TYPE": "float", "MIN": 0.0, "MAX": 65535.0, "DEFAULT": 7.0}
    ],
    "PASSES": [
        {"TARGET": "lattice", "WIDTH": "32", "HEIGHT": "32", "FLOAT": true},
        {"TARGET": "field", "WIDTH": "$WIDTH / 4", "HEIGHT": "$HEIGHT / 2", "FLOAT": true},
        {"TARGET": "stars", "WIDTH": "128", "HEIGHT": "16", "FLOAT": true},
        {}
    ]
}*/

// The field: eight Gaussian channels, four coarse and four fine, that change slowly and never repeat.
// Everything in the picture is a function of the field near a point, so it can be learned as one.

uint scramble(uint v) {                                    // PCG, RXS-M-XS 32
    uint s = v * 747796405u + 2891336453u;
    uint w = ((s >> ((s >> 28u) + 4u)) ^ s) * 277803737u;
    return (w >> 22u) ^ w;
}

float gauss(uint key) {                                    // the sum of a hash's four bytes is nearly normal
    uint h = scramble(key);
    return (float((h & 255u) + (h >> 8u & 255u) + (h >> 16u & 255u) + (h >> 24u)) - 510.0) / 147.8;
}

vec4 gauss4(uint key) { return vec4(gauss(key), gauss(key + 1u), gauss(key + 2u), gauss(key + 3u)); }

vec4 knot(ivec2 at) {
    uint key = scramble(uint(seed)) + 16u * uint(at.x + 32 * at.y);
    float turn = TIME * (0.15 + 0.25 * float(scramble(key + 8u) & 255u) / 255.0);
    return cos(turn) * gauss4(key) + sin(turn) * gauss4(key + 4u);
}

vec2 mirrored() { return vec2(smoothstep(0.0, 0.6, symmetry), smoothstep(0.4, 1.0, symmetry)); }

vec4 lattice_pass() {                                      // rows 0..15 coarse, 16..31 fine
    ivec2 at = ivec2(gl_FragCoord.xy);
    int base = at.y < 16 ? 15 : 47;
    ivec2 across = ivec2(31 - at.x, at.y), up = ivec2(at.x, base - at.y);
    vec2 m = mirrored();
    vec4 near = knot(at) + m.x * knot(across);
    vec4 far = knot(up) + m.x * knot(ivec2(across.x, up.y));
    return (near + m.y * far) * inversesqrt((1.0 + m.x * m.x) * (1.0 + m.y * m.y));
}

vec4 spline(float f) {                                     // uniform cubic B-spline
    float g = 1.0 - f;
    return vec4(g * g * g, 3.0 * f * f * f - 6.0 * f * f + 4.0, 3.0 * g * g * g - 6.0 * g * g + 4.0, f * f * f) / 6.0;
}

vec4 field_pass() {                                        // lower half coarse, upper half fine
    vec2 size = RENDERSIZE * vec2(1.0, 0.5);
    bool fine = gl_FragCoord.y > size.y;
    vec2 at = (gl_FragCoord.xy - (fine ? vec2(0.0, size.y) : vec2(0.0))) / size - 0.5;
    vec2 x = at * vec2(size.x / size.y, 1.0) * mix(3.2, 1.5, scale) * (fine ? 2.0 : 1.0) + vec2(15.5, 7.5);
    ivec2 cell = ivec2(floor(x));
    vec4 wx = spline(fract(x.x)), wy = spline(fract(x.y)), sum = vec4(0.0);
    for (int j = 0; j < 4; j++)
        for (int i = 0; i < 4; i++) {
            ivec2 k = clamp(cell + ivec2(i, j) - 1, ivec2(0), ivec2(31, 15)) + (fine ? ivec2(0, 16) : ivec2(0));
            sum += wx[i] * wy[j] * IMG_PIXEL(lattice, vec2(k) + 0.5);
        }
    return sum * inversesqrt(dot(wx, wx) * dot(wy, wy));   // unit variance everywhere
}

vec4 coarse(vec2 at) { return IMG_NORM_PIXEL(field, vec2(at.x, clamp(at.y, 0.008, 0.992) * 0.5)); }
vec4 fine(vec2 at) { return IMG_NORM_PIXEL(field, vec2(at.x, clamp(at.y, 0.008, 0.992) * 0.5 + 0.5)); }

vec3 pure(float turn) {
    vec3 c = clamp(abs(fract(turn + vec3(0.0, 2.0, 1.0) / 3.0) * 6.0 - 3.0) - 1.0, 0.0, 1.0);
    return c * c * (1.6 - 0.6 * c);
}

vec3 finish(float light, float second, float spark) {      // light and spark >= 0, second 0..1
    vec3 tint = mix(pure(hue), pure(hue2), clamp(second, 0.0, 1.0));
    float shaped = pow(max(light, 0.0), mix(0.7, 2.4, contrast));
    vec3 colour = tint * shaped + (0.35 * tint + 0.65) * spark * mix(0.35, 1.0, contrast);
    colour = mix(vec3(dot(colour, vec3(0.3, 0.5, 0.2))), colour, mix(0.0, 1.1, saturation));
    return 1.0 - exp(-max(colour, 0.0) * mix(0.45, 4.6, brightness * brightness));
}

float cell() { return mix(0.105, 0.225, scale); }

vec2 wide() {                                              // the output's, also while the cells are drawn
    vec2 size = PASSINDEX == 3 ? RENDERSIZE : IMG_SIZE(field) * vec2(4.0, 2.0);
    return vec2(size.x / size.y, 1.0);
}

const vec2 MIDDLE = vec2(64.0, 8.0);                       // where the texel of cell 0, 0 is

vec3 lean(vec2 k, float turn) {                            // off the cell's middle, and a size
    uint h = scramble(uint(int(k.x)) ^ scramble(uint(int(k.y)) ^ scramble(uint(seed))));
    turn = 2.4 * turn + 6.2831853 * float(h & 255u) / 255.0;
    return vec3((0.15 + 0.30 * float(h >> 8u & 255u) / 255.0) * vec2(cos(turn), sin(turn)), float(h >> 16u & 255u) / 255.0);
}

vec3 wander(vec2 k, float turn) {                          // towards the mirror image's place as the symmetry grows
    vec2 m = mirrored() * (1.0 - step(0.0, k));
    vec3 own = lean(k, turn);
    if (mirrored().x == 0.0) return own;
    vec2 twin = -1.0 - k;
    vec3 near = mix(own, lean(vec2(twin.x, k.y), turn) * vec3(-1.0, 1.0, 1.0), m.x);
    vec3 far = mix(lean(vec2(k.x, twin.y), turn), lean(twin, turn) * vec3(-1.0, 1.0, 1.0), m.x);
    return mix(near, far * vec3(1.0, -1.0, 1.0), m.y);
}

vec4 star(vec2 k) {                                        // off the cell's middle, brightness, colour
    vec4 d = fine((k + 0.5) * cell() / wide() + 0.5);
    vec3 off = wander(k, d.x);
    float lit = smoothstep(mix(1.1, -2.3, density), mix(2.3, 0.3, density), d.z + 1.8 * (off.z - 0.5));
    return vec4(off.xy, lit, d.w);
}

vec4 star_pass() { return star(floor(gl_FragCoord.xy) - MIDDLE); }     // so that no pixel works it out nine times

float line(vec2 x, vec4 a, vec4 b) {
    vec2 side = b.xy - a.xy;
    float far = length(side), along = clamp(dot(x - a.xy, side) / (far * far + 1e-4), 0.0, 1.0);
    float off = length(x - a.xy - along * side) * cell() * 256.0;
    float near = smoothstep(mix(1.05, 1.70, energy), mix(0.6, 1.1, energy), far);
    float core = 1.0 / (1.0 + 0.8 * off * off);
    return near * a.z * b.z * (core * core + 0.10 / (1.0 + off));
}

vec3 picture(vec2 at, vec2 p) {
    vec4 c = coarse(at);
    vec4 d = fine(at);
    vec2 x = (at - 0.5) * wide() / cell(), k = floor(x);
    vec4 s[9];
    float light = 0.0, second = 0.0, spark = 0.0;
    for (int i = 0; i < 9; i++) {
        vec2 its = k + vec2(i % 3, i / 3) - 0.5;
        s[i] = IMG_PIXEL(stars, its + MIDDLE) + vec4(its, 0.0, 0.0);
        vec2 off = (x - s[i].xy) * cell() * 256.0;
        float size = s[i].z * (1.5 + 4.5 * s[i].z * s[i].z), far = length(off);
        float inside = smoothstep(0.95, 0.3, far / (cell() * 256.0));
        float glow = s[i].z * size / (1.0 + far * far / (0.8 * size * size + 0.2)) * inside;
        vec2 ray = 1.0 / ((1.0 + off.yx * off.yx) * (1.0 + off * off / (7.0 * size * size + 1.0)));
        float flare = s[i].z * s[i].z * (ray.x + ray.y) * mix(0.3, 1.1, energy) * inside;
        light += 0.25 * glow + 0.5 * flare;
        second += (0.25 * glow + 0.5 * flare) * smoothstep(-0.8, 0.8, s[i].w);
        spark += s[i].z * smoothstep(0.9 * size + 1.2, 0.0, far) + 0.35 * flare;
    }
    float web = line(x, s[1], s[3]) + line(x, s[1], s[5]) + line(x, s[7], s[3]) + line(x, s[7], s[5]);
    for (int i = 0; i < 9; i++) web += i == 4 ? 0.0 : line(x, s[4], s[i]);
    float cloud = smoothstep(mix(0.1, -1.9, density), 2.2, c.x + mix(0.2, 0.6, energy) * (d.x - 0.8 * abs(d.y)));
    float veil = cloud * (0.12 + 0.45 * cloud);
    light += 0.7 * web + veil;
    second += (0.7 * web + veil) * smoothstep(-0.9, 0.9, c.w);
    return finish(light, second / max(light, 0.02), 0.55 * spark + 0.15 * web);
}

void main() {
    if (PASSINDEX == 0) { gl_FragColor = lattice_pass(); return; }
    if (PASSINDEX == 1) { gl_FragColor = field_pass(); return; }
    if (PASSINDEX == 2) { gl_FragColor = star_pass(); return; }
    vec2 at = isf_FragNormCoord;
    vec2 p = (at - 0.5) * vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    gl_FragColor = vec4(picture(at, mix(p, abs(p), mirrored())), 1.0);
}
