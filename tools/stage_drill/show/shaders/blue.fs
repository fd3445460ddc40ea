/*{
    "ISFVSN": "2",
    "DESCRIPTION": "Whatever lies below, as a faint blue",
    "CATEGORIES": ["Filter"],
    "INPUTS": [{"NAME": "inputImage", "TYPE": "image"}]
}*/

void main() {
    vec4 c = IMG_THIS_NORM_PIXEL(inputImage);
    gl_FragColor = vec4(0.0, 0.0, 0.3 * max(c.r, max(c.g, c.b)), c.a);
}
