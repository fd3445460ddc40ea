/*{
  "ISFVSN": "2",
  "DESCRIPTION": "Red, green and blue part, as through a cheap lens: outwards from the middle and along one direction.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["colour", "lens"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "amount", "LABEL": "How far they part at the edge: pulse it on kicks", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.35},
    {"NAME": "shift", "LABEL": "How far they part along the direction", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.1},
    {"NAME": "angle", "LABEL": "That direction, in turns", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "soft", "LABEL": "0 three sharp pictures, 1 a smear of colour", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.7},
    {"NAME": "centre", "LABEL": "Where the picture stays whole", "TYPE": "point2D", "MIN": [0, 0], "MAX": [1, 1], "DEFAULT": [0.5, 0.5]}
  ]
}*/

void main() {
    vec2 at = isf_FragNormCoord, p = at - centre;
    vec2 way = p * dot(p, p) * 0.45 * amount + 0.06 * shift * vec2(cos(6.28318 * angle), sin(6.28318 * angle)) * vec2(RENDERSIZE.y / RENDERSIZE.x, 1.0);
    vec3 sum = vec3(0.0), weight = vec3(0.0);
    float alpha = 1.0;
    for (int n = 0; n < 5; n++) {          // from red at one end to blue at the other
        float x = 0.4 * float(n) - 0.8;
        vec3 share = max(1.0 - abs(x - vec3(0.8, 0.0, -0.8)) / mix(0.3, 1.0, soft), 0.0);
        vec4 c = IMG_NORM_PIXEL(inputImage, at - way * x);
        if (n == 2) alpha = c.a;
        sum += share * c.rgb;
        weight += share;
    }
    gl_FragColor = vec4(sum / max(weight, 1e-3), alpha);
}
