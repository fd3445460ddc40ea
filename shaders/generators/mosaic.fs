/*{
  "ISFVSN": "2",
  "DESCRIPTION": "Bands of bright lines bend from tile to tile; on every step some tiles turn and join them anew.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["graphic", "geometry"],
  "INPUTS": [
    {"NAME": "level", "LABEL": "Brightness: loudness or energy", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.75},
    {"NAME": "step", "LABEL": "Turns the tiles as it runs from 0 to 1: bar.phase or phrase.phase", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "speed", "LABEL": "Own steps a second", "TYPE": "float", "MIN": 0, "MAX": 4, "DEFAULT": 0.5},
    {"NAME": "density", "LABEL": "How much of the picture is lit", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.6},
    {"NAME": "flash", "LABEL": "A light runs along the lines: pulse it on snares", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "rows", "LABEL": "Tiles one above the other", "TYPE": "float", "MIN": 2, "MAX": 8, "DEFAULT": 3},
    {"NAME": "lines", "LABEL": "Lines in a band", "TYPE": "long", "VALUES": [1, 2, 3, 4], "DEFAULT": 3},
    {"NAME": "width", "LABEL": "Width of a line", "TYPE": "float", "MIN": 0.1, "MAX": 0.9, "DEFAULT": 0.4},
    {"NAME": "hue", "LABEL": "Colour", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.02},
    {"NAME": "hue2", "LABEL": "Second colour", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.6}
  ]
}*/

float chance(vec2 cell, float turn) {
    uvec2 q = uvec2(ivec2(cell) + 64) * uvec2(2654435769u, 2246822519u);
    uint h = (q.x ^ (q.y >> 7u)) + q.y + uint(int(turn)) * 3266489917u;
    h = (h ^ (h >> 15u)) * 2869860233u;
    return float((h ^ (h >> 13u)) >> 8u) / 16777216.0;
}

vec3 pure(float turn) {
    vec3 c = 0.5 + 0.5 * cos(6.28318 * (turn - vec3(0.0, 0.3333, 0.6667)));
    return c * (0.15 + 0.95 * c);
}

void main() {
    vec2 p = (isf_FragNormCoord - 0.5) * vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0) * rows + vec2(0.0, 0.5 * rows);
    vec2 cell = floor(p), x = p - cell - 0.5;
    float count = 4.0 * step + TIME * speed + chance(cell, 7.0), turn = floor(count);
    float from = floor(2.0 * chance(cell, turn)), to = floor(2.0 * chance(cell, turn + 1.0));
    float ease = smoothstep(0.7, 1.0, count - turn), a = 1.570796 * mix(from, to, ease);
    float frame = 1.0 - smoothstep(0.40, 0.5, max(abs(x.x), abs(x.y))) * 4.0 * ease * (1.0 - ease) * abs(to - from);
    x = mat2(cos(a), sin(a), -sin(a), cos(a)) * x;
    vec2 q = x.x + x.y > 0.0 ? 0.5 - x : 0.5 + x;
    float r = length(q), many = float(lines), band = (r - 0.5) / 0.62 + 0.5;
    float pixel = rows * many / (0.62 * RENDERSIZE.y);
    float off = abs(fract(band * many) - 0.5) * 2.0;
    float line = smoothstep(width + 1.6 * pixel, width - 1.6 * pixel, off) * smoothstep(0.0, pixel / many, band) * smoothstep(1.0, 1.0 - pixel / many, band);
    float inner = clamp(1.0 - off / max(width, 0.05), 0.0, 1.0);
    vec2 s = p * 0.55 / rows * 3.0;
    float tide = sin(s.x * 1.3 + TIME * 0.37) + sin(s.y * 1.9 - TIME * 0.29 + 1.6 * sin(s.x * 0.8 - TIME * 0.21)) + 0.5 * sin(s.x * 2.7 - s.y + TIME * 0.5);
    float lit = smoothstep(0.0, 1.3, 0.5 * tide + mix(-1.0, 1.6, density));
    float run = fract(0.45 * s.x + 0.3 * s.y - TIME * 0.6);
    float spark = flash * smoothstep(0.5, 0.9, run) * smoothstep(1.0, 0.9, run);
    vec3 tint = mix(pure(hue), pure(hue2), smoothstep(-0.7, 0.9, tide - 1.2 * (floor(band * many) / many - 0.4)));
    float light = line * frame * (0.5 + 0.5 * inner) * (lit * (0.15 + 1.6 * level) + 1.4 * spark);
    vec3 c = tint * light + (0.4 * tint + 0.6) * line * frame * inner * (0.25 * lit * lit * level + spark);
    gl_FragColor = vec4(1.0 - exp(-1.5 * c), 1.0);
}
