/*{
  "ISFVSN": "2",
  "DESCRIPTION": "A torn signal: blocks of the picture jump aside and lose their colours, then hold until the next tear.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["digital"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "amount", "LABEL": "How much is torn: pulse it on snares", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.5},
    {"NAME": "reach", "LABEL": "How far blocks jump", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.4},
    {"NAME": "rate", "LABEL": "Tears a second", "TYPE": "float", "MIN": 0, "MAX": 12, "DEFAULT": 4},
    {"NAME": "rows", "LABEL": "Fineness of the blocks", "TYPE": "float", "MIN": 2, "MAX": 32, "DEFAULT": 12},
    {"NAME": "colour", "LABEL": "How far a torn block's colours part", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.5}
  ]
}*/

float chance(vec2 cell, float turn) {
    uvec2 q = uvec2(ivec2(cell) + 64) * uvec2(2654435769u, 2246822519u);
    uint h = (q.x ^ (q.y >> 7u)) + q.y + uint(int(turn)) * 3266489917u;
    h = (h ^ (h >> 15u)) * 2869860233u;
    return float((h ^ (h >> 13u)) >> 8u) / 16777216.0;
}

void main() {
    vec2 at = isf_FragNormCoord;
    float turn = floor(TIME * rate);
    float band = floor(at.y * rows * 0.35), tall = floor(2.0 + 3.0 * chance(vec2(band, 1.0), turn));
    vec2 cell = floor(at * rows * vec2(0.45 / tall, 1.0 / 1.5) + vec2(7.0 * chance(vec2(band, 2.0), turn), 0.0));
    float torn = step(1.0 - 0.75 * amount, chance(cell + 20.0, turn));
    float wide = step(1.0 - 0.5 * amount, chance(vec2(band, 3.0), turn));
    vec2 jump = (vec2(chance(cell, turn + 3.0), chance(cell, turn + 5.0)) - 0.5) * vec2(0.55, 0.18) * torn;
    jump.x += (chance(vec2(band, 4.0), turn) - 0.5) * 0.35 * wide;
    vec2 from = at + jump * reach;
    from = 1.0 - abs(1.0 - abs(from));
    float part = 0.035 * colour * max(torn, wide) * (chance(cell, turn + 9.0) * 2.0 - 1.0);
    vec4 c = IMG_NORM_PIXEL(inputImage, from);
    c.r = IMG_NORM_PIXEL(inputImage, from + vec2(part, 0.0)).r;
    c.b = IMG_NORM_PIXEL(inputImage, from - vec2(part, 0.0)).b;
    float odd = step(1.0 - 0.22 * amount, chance(cell, turn + 11.0)) * torn;
    c.rgb = mix(c.rgb, c.gbr, odd * colour);
    gl_FragColor = c;
}
