/*{
    "ISFVSN": "2",
    "DESCRIPTION": "A breath of blue over the wave: the layer that the drill breaks",
    "CATEGORIES": ["Generator"]
}*/

void main() {
    gl_FragColor = vec4(0.0, 0.0, 0.05 + 0.02 * sin(TIME), 1.0);
}
