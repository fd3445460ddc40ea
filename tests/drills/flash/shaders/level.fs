/*{
    "ISFVSN": "2",
    "DESCRIPTION": "One grey over the whole canvas, with a slow ramp so that no two frames are alike",
    "CATEGORIES": ["Generator"],
    "INPUTS": [
        {"NAME": "level", "TYPE": "float", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.0}
    ]
}*/

void main() {
    float moving = 0.05 * fract(isf_FragNormCoord.x + TIME);
    gl_FragColor = vec4(vec3(0.1 + moving + 0.8 * level), 1.0);
}
