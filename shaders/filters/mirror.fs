/*{
  "ISFVSN": "2",
  "DESCRIPTION": "Folds what lies below along its middle, and repeats it in mirrored tiles that slide.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["geometry"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "columns", "LABEL": "Mirrored tiles side by side", "TYPE": "float", "MIN": 1, "MAX": 8, "DEFAULT": 2},
    {"NAME": "rows", "LABEL": "Mirrored tiles one above the other", "TYPE": "float", "MIN": 1, "MAX": 8, "DEFAULT": 1},
    {"NAME": "slide", "LABEL": "Where in the picture the tiles look: bar.phase or an LFO", "TYPE": "point2D", "MIN": [-1, -1], "MAX": [1, 1], "DEFAULT": [0, 0]},
    {"NAME": "turn", "LABEL": "Rotation of the picture behind the mirrors, in turns", "TYPE": "float", "MIN": -0.5, "MAX": 0.5, "DEFAULT": 0},
    {"NAME": "seam", "LABEL": "How dark the seams are", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0}
  ]
}*/

vec2 folded(vec2 x) { return 1.0 - abs(mod(x, 2.0) - 1.0); }

void main() {
    vec2 aspect = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0), many = vec2(columns, rows);
    vec2 tile = folded((isf_FragNormCoord - 0.5) * many + 0.5 * step(1.5, many) + 0.5 * step(many, vec2(1.5)));
    float a = 6.28318 * turn;
    vec2 p = mat2(cos(a), sin(a), -sin(a), cos(a)) * ((tile - 0.5) * min(columns, rows) / many * aspect);
    vec4 c = IMG_NORM_PIXEL(inputImage, folded(p / aspect + 0.5 + slide));
    vec2 edge = min(tile, 1.0 - tile) / many * aspect;
    float dark = 1.0 - seam * exp(-min(edge.x, edge.y) * 22.0);
    gl_FragColor = vec4(c.rgb * dark, c.a);
}
