/*{
  "ISFVSN": "2",
  "DESCRIPTION": "Folds what lies below into mirrored sectors.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["geometry"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "amount", "LABEL": "0 the picture, 1 the kaleidoscope", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 1},
    {"NAME": "sectors", "LABEL": "How many mirrored sectors", "TYPE": "long", "VALUES": [2, 3, 4, 5, 6, 8, 12], "DEFAULT": 6},
    {"NAME": "turn", "LABEL": "Rotation of the mirrors: a phase", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "look", "LABEL": "Which part of the picture they see", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.1},
    {"NAME": "zoom", "LABEL": "Size", "TYPE": "float", "MIN": 0.3, "MAX": 3, "DEFAULT": 1},
    {"NAME": "spin", "LABEL": "Own slow rotation", "TYPE": "float", "MIN": -1, "MAX": 1, "DEFAULT": 0.1},
    {"NAME": "centre", "LABEL": "Where the mirrors meet", "TYPE": "point2D", "MIN": [0, 0], "MAX": [1, 1], "DEFAULT": [0.5, 0.5]}
  ]
}*/

void main() {
    vec2 aspect = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    vec2 p = (isf_FragNormCoord - centre) * aspect / zoom;
    float sector = 6.28318 / float(sectors);
    float angle = atan(p.y, p.x) + 6.28318 * (turn + TIME * spin * 0.05);
    angle = abs(mod(angle, sector) - 0.5 * sector) + 6.28318 * look;
    vec2 folded = length(p) * vec2(cos(angle), sin(angle)) / aspect + centre;
    folded = 1.0 - abs(mod(folded, 2.0) - 1.0);
    gl_FragColor = IMG_NORM_PIXEL(inputImage, mix(isf_FragNormCoord, folded, amount));
}
