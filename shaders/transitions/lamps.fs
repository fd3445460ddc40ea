/*{
  "ISFVSN": "2",
  "DESCRIPTION": "Both pictures break into ever larger lamps until the new one comes into focus.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["graphic", "digital"],
  "INPUTS": [
    {"NAME": "startImage", "TYPE": "image"},
    {"NAME": "endImage", "TYPE": "image"},
    {"NAME": "progress", "LABEL": "0 the old picture, 1 the new", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "rows", "LABEL": "Lamps one above the other in the middle of the way", "TYPE": "float", "MIN": 3, "MAX": 32, "DEFAULT": 9},
    {"NAME": "round", "LABEL": "Shape of the lamps: 0 squares, 1 discs", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 1}
  ]
}*/

void main() {
    vec2 aspect = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    float deep = 1.0 - abs(2.0 * progress - 1.0), step_ = floor(deep * 4.999), x = smoothstep(0.38, 0.62, progress);
    float many = rows * exp2(max(3.0 - step_, 0.0));
    vec2 cell = floor(isf_FragNormCoord * aspect * many) + 0.5, off = isf_FragNormCoord * aspect * many - cell;
    vec2 at = step_ < 0.5 ? isf_FragNormCoord : min(cell / many / aspect, 1.0);
    vec4 c = mix(IMG_NORM_PIXEL(startImage, at), IMG_NORM_PIXEL(endImage, at), x);
    float pixel = many / RENDERSIZE.y, edge = mix(max(abs(off.x), abs(off.y)), length(off), round);
    float lamp = smoothstep(0.47 + pixel, 0.47 - pixel, edge) * (1.12 - 0.5 * edge * edge);
    gl_FragColor = vec4(c.rgb * (step_ < 0.5 ? 1.0 : min(mix(1.0, lamp, smoothstep(0.2, 0.45, deep)), 1.0)), c.a);
}
