/*{
  "ISFVSN": "2",
  "DESCRIPTION": "A broken signal: the pictures tear into blocks that fall for the new one, then it holds.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["digital"],
  "INPUTS": [
    {"NAME": "startImage", "TYPE": "image"},
    {"NAME": "endImage", "TYPE": "image"},
    {"NAME": "progress", "LABEL": "0 the old picture, 1 the new", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "rows", "LABEL": "Fineness of the blocks", "TYPE": "float", "MIN": 3, "MAX": 32, "DEFAULT": 10},
    {"NAME": "reach", "LABEL": "How far blocks jump", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.5},
    {"NAME": "steps", "LABEL": "Tears on the way", "TYPE": "float", "MIN": 3, "MAX": 24, "DEFAULT": 9},
    {"NAME": "colour", "LABEL": "How far a torn block's colours part", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.6}
  ]
}*/

float chance(vec2 cell, float turn) {
    uvec2 q = uvec2(ivec2(cell) + 64) * uvec2(2654435769u, 2246822519u);
    uint h = (q.x ^ (q.y >> 7u)) + q.y + uint(int(turn)) * 3266489917u;
    h = (h ^ (h >> 15u)) * 2869860233u;
    return float((h ^ (h >> 13u)) >> 8u) / 16777216.0;
}

void main() {
    float turn = floor(progress * floor(steps)), storm = smoothstep(0.0, 0.15, progress) * smoothstep(1.0, 0.85, progress);
    float band = floor(isf_FragNormCoord.y * rows), tall = 1.0 + floor(3.0 * chance(vec2(floor(band / 3.0), 1.0), turn));
    vec2 cell = floor(isf_FragNormCoord * rows * vec2(0.5, 1.0) / tall);
    float torn = step(1.0 - 0.7 * storm, chance(cell, turn)) * storm;
    vec2 jump = (vec2(chance(cell, turn + 31.0), chance(cell, turn + 57.0)) - 0.5) * vec2(0.8, 0.25) * torn * reach;
    jump.x += (chance(vec2(band, 3.0), turn) - 0.5) * 0.3 * reach * step(0.6, chance(vec2(band, 4.0), turn)) * storm;
    vec2 from = 1.0 - abs(1.0 - abs(isf_FragNormCoord + jump)), part = vec2(0.014 * colour * torn, 0.0);
    float x = step(1.0, progress) + step(0.001, progress) * step(chance(cell, 5.0) * 0.6 + 0.2, progress);
    vec4 c;
    if (x > 0.5) {
        c = IMG_NORM_PIXEL(endImage, from);
        if (torn > 0.0) c.rb = vec2(IMG_NORM_PIXEL(endImage, from + part).r, IMG_NORM_PIXEL(endImage, from - part).b);
    } else {
        c = IMG_NORM_PIXEL(startImage, from);
        if (torn > 0.0) c.rb = vec2(IMG_NORM_PIXEL(startImage, from + part).r, IMG_NORM_PIXEL(startImage, from - part).b);
    }
    gl_FragColor = c;
}
