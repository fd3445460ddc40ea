/*{
  "ISFVSN": "2",
  "DESCRIPTION": "Colour and light of what lies below: contrast, saturation, hue, warmth, vignette.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["colour"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "exposure", "LABEL": "Stops of light", "TYPE": "float", "MIN": -3, "MAX": 3, "DEFAULT": 0},
    {"NAME": "contrast", "LABEL": "0 flat, 1 as it is", "TYPE": "float", "MIN": 0, "MAX": 2, "DEFAULT": 1.1},
    {"NAME": "saturation", "LABEL": "0 grey, 1 as it is", "TYPE": "float", "MIN": 0, "MAX": 2, "DEFAULT": 1.1},
    {"NAME": "hue", "LABEL": "Turn of the colour wheel", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "warmth", "LABEL": "-1 cold, 1 warm", "TYPE": "float", "MIN": -1, "MAX": 1, "DEFAULT": 0},
    {"NAME": "tint", "LABEL": "Colour of the shadows; its alpha says how much", "TYPE": "color", "DEFAULT": [0.05, 0.02, 0.2, 0.25]},
    {"NAME": "vignette", "LABEL": "How dark the corners are", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.35},
    {"NAME": "invert", "LABEL": "Negative", "TYPE": "bool", "DEFAULT": false}
  ]
}*/

void main() {
    vec4 source = IMG_THIS_PIXEL(inputImage);
    vec3 c = source.rgb * exp2(exposure);
    if (invert) c = 1.0 - min(c, 1.0);
    float a = 6.28318 * hue;
    vec3 axis = vec3(0.57735);
    c = c * cos(a) + cross(axis, c) * sin(a) + axis * dot(axis, c) * (1.0 - cos(a));
    float luma = dot(c, vec3(0.2126, 0.7152, 0.0722));
    c = mix(vec3(luma), c, saturation) * vec3(1.0 + 0.18 * warmth, 1.0, 1.0 - 0.18 * warmth);
    c = (c - 0.35) * contrast + 0.35;
    float shadow = 1.0 - smoothstep(0.0, 0.6, luma);
    c += tint.rgb * tint.a * shadow * shadow;
    vec2 p = isf_FragNormCoord - 0.5;
    c *= 1.0 - vignette * smoothstep(0.12, 0.62, dot(p, p) * 1.6);
    gl_FragColor = vec4(clamp(c, 0.0, 1.0), source.a);
}
