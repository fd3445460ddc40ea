/*{
    "ISFVSN": "2",
    "DESCRIPTION": "Curtains of northern light: sharp rays that rise and fade from a bright wandering hem",
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

float chance(ivec2 k) { return float(scramble(uint(k.x) ^ scramble(uint(k.y) ^ scramble(uint(seed)))) >> 8u) / 16777216.0; }

float noise(vec2 x) {                                      // -1..1, one value a unit
    ivec2 k = ivec2(floor(x));
    vec2 f = smoothstep(0.0, 1.0, fract(x));
    float low = mix(chance(k), chance(k + ivec2(1, 0)), f.x), high = mix(chance(k + ivec2(0, 1)), chance(k + 1), f.x);
    return 2.0 * mix(low, high, f.y) - 1.0;
}

float rays(vec2 at) {                                      // a hash of the curtain's own level, where its hem is
    vec4 f = fine(at);
    float thin = mix(3.0, 6.0, scale);
    return 0.5 + 0.35 * noise(thin * f.xy + 50.0) + 0.25 * noise(2.3 * thin * f.yx + 90.0);
}

vec3 picture(vec2 at, vec2 p) {
    vec2 m = mirrored();
    float reach = mix(0.26, 0.36, energy), full = mix(3.2, 1.5, scale) * reach / 7.0;
    float down = mix(1.0, clamp((at.y - 0.5) / reach, -1.0, 1.0), m.y) * reach;    // rays rise away from the mirror
    vec4 here = coarse(at);
    vec2 level = vec2(0.0, 0.6), last = here.xy + level, best = vec2(0.0), rise = vec2(1.0);
    for (int i = 0; i < 7; i++) {                          // a hem is where a level is crossed, at most `reach` below
        vec2 next = coarse(at - vec2(0.0, down * float(i + 1) / 7.0)).xy + level, fall = last - next;
        vec2 part = clamp(last / (fall + 1e-5 * (1.0 - abs(sign(fall)))), 0.0, 1.0), up = (float(i) + part) / 7.0;
        vec2 hem = at.y - down * up;
        vec2 lit = step(last * next, vec2(0.0)) * smoothstep(0.05, 0.7, abs(fall) / full) * (1.0 - up);
        lit *= smoothstep(0.0, 0.08, min(hem, 1.0 - hem));
        rise = mix(rise, up, step(best + 1e-4, lit));
        best = max(best, lit);
        last = next;
    }
    float ray = rays(vec2(at.x, at.y - down * (best.x > 0.6 * best.y ? rise.x : rise.y)));
    vec2 crisp = clamp(rise / 0.025, 0.0, 1.0) * best;
    vec2 tall = exp(-rise * mix(mix(7.0, 2.5, density), mix(2.0, -0.5, density), ray));
    vec2 shine = crisp * tall * mix(1.0, 2.4 * ray * ray * ray, mix(0.35, 1.0, energy)) * vec2(1, 0.4 + 0.5 * density);
    vec2 edge = crisp * exp(-14.0 * rise);
    vec2 glow = exp(-mix(5.0, 1.6, density) * abs(here.xy + level)) * vec2(0.30, 0.18);
    float light = mix(1.1, 1.8, density) * (shine.x + shine.y) + 0.7 * (edge.x + edge.y) + glow.x + glow.y;
    float height = dot(shine, rise) / max(shine.x + shine.y, 1e-3);
    return finish(light, 2.2 * height - 0.15 + 0.25 * here.w, 0.35 * ray * (edge.x + edge.y));
}

void main() {
    if (PASSINDEX == 0) { gl_FragColor = lattice_pass(); return; }
    if (PASSINDEX == 1) { gl_FragColor = field_pass(); return; }
    vec2 at = isf_FragNormCoord;
    vec2 p = (at - 0.5) * vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    gl_FragColor = vec4(picture(at, mix(p, abs(p), mirrored())), 1.0);
}
