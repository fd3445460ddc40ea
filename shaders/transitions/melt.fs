/*{
  "ISFVSN": "2",
  "DESCRIPTION": "The dark of the old picture turns into the new one first, its lights hold out to the last.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["light"],
  "INPUTS": [
    {"NAME": "startImage", "TYPE": "image"},
    {"NAME": "endImage", "TYPE": "image"},
    {"NAME": "progress", "LABEL": "0 the old picture, 1 the new", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "softness", "LABEL": "Width of the seam in steps of light", "TYPE": "float", "MIN": 0.02, "MAX": 1, "DEFAULT": 0.3},
    {"NAME": "reverse", "LABEL": "Which goes first: 0 the dark, 1 the lights", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0}
  ]
}*/

float lightness(vec4 c) { return dot(c.rgb, vec3(0.35, 0.5, 0.15)) * 0.5 + 0.5 * max(c.r, max(c.g, c.b)); }

void main() {
    vec4 a = IMG_THIS_PIXEL(startImage), b = IMG_THIS_PIXEL(endImage);
    float hold = mix(lightness(a), 1.0 - lightness(a), reverse);
    float x = smoothstep(0.0, 1.0, (progress * (1.0 + softness) - hold) / softness);
    float both = 4.0 * x * (1.0 - x);
    vec4 c = mix(a, b, x);
    gl_FragColor = vec4(mix(c.rgb, max(a.rgb, b.rgb), 0.6 * both), c.a);
}
