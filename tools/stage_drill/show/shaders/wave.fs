/*{
    "ISFVSN": "2",
    "DESCRIPTION": "A red wave that always moves, the same in every row; green tells what is heard (left) and touched (right)",
    "CATEGORIES": ["Generator"],
    "INPUTS": [
        {"NAME": "ear", "TYPE": "float", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.0},
        {"NAME": "hand", "TYPE": "float", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.0}
    ]
}*/

void main() {
    float x = isf_FragNormCoord.x;
    float red = 0.5 + 0.35 * sin(6.2831853 * (x - 0.5 * TIME));
    gl_FragColor = vec4(red, 0.9 * (x < 0.5 ? ear : hand), 0.0, 1.0);
}
