/*{
  "ISFVSN": "2",
  "DESCRIPTION": "What lies below in three inks: one for the shadows, one for the middle, one for the lights; smooth or in steps.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["colour", "graphic"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "amount", "LABEL": "0 the picture's colours, 1 the inks", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 1},
    {"NAME": "steps", "LABEL": "Steps of light", "TYPE": "float", "MIN": 2, "MAX": 12, "DEFAULT": 5},
    {"NAME": "hard", "LABEL": "0 smooth, 1 in steps", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.8},
    {"NAME": "gain", "LABEL": "Light before the inks: loudness", "TYPE": "float", "MIN": 0.2, "MAX": 3, "DEFAULT": 1.2},
    {"NAME": "shadow", "LABEL": "Ink of the shadows", "TYPE": "color", "DEFAULT": [0.0, 0.0, 0.03, 1.0]},
    {"NAME": "middle", "LABEL": "Ink of the middle", "TYPE": "color", "DEFAULT": [0.85, 0.04, 0.3, 1.0]},
    {"NAME": "light", "LABEL": "Ink of the lights", "TYPE": "color", "DEFAULT": [1.0, 0.86, 0.45, 1.0]}
  ]
}*/

void main() {
    vec4 c = IMG_THIS_PIXEL(inputImage);
    float most = max(c.r, max(c.g, c.b));
    float x = clamp((0.55 * most + 0.45 * dot(c.rgb, vec3(0.3, 0.55, 0.15))) * gain, 0.0, 1.0);
    float many = floor(steps + 0.5) - 1.0, at = x * many, low = floor(at);
    float stair = (low + smoothstep(0.35, 0.65, at - low)) / many;
    x = mix(x, stair, hard);
    vec3 ink = x < 0.5 ? mix(shadow.rgb, middle.rgb, 2.0 * x) : mix(middle.rgb, light.rgb, 2.0 * x - 1.0);
    gl_FragColor = vec4(mix(c.rgb, ink, amount), c.a);
}
