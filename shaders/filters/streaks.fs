/*{
  "ISFVSN": "2",
  "DESCRIPTION": "The brightest points of what lies below draw long thin streaks of light, as in a film camera's lens.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["light", "lens"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "amount", "LABEL": "How bright the streaks are: pulse it on kicks", "TYPE": "float", "MIN": 0, "MAX": 2, "DEFAULT": 0.9},
    {"NAME": "threshold", "LABEL": "From which brightness on", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.65},
    {"NAME": "size", "LABEL": "How long they are", "TYPE": "float", "MIN": 0.1, "MAX": 2, "DEFAULT": 1},
    {"NAME": "angle", "LABEL": "Their direction, in turns", "TYPE": "float", "MIN": 0, "MAX": 0.5, "DEFAULT": 0},
    {"NAME": "tint", "LABEL": "Colour of the streaks; its alpha says how much", "TYPE": "color", "DEFAULT": [0.2, 0.5, 1.0, 0.6]}
  ],
  "PASSES": [
    {"TARGET": "bright", "WIDTH": "$WIDTH / 3", "HEIGHT": "$HEIGHT / 3"},
    {"TARGET": "near", "WIDTH": "$WIDTH / 3", "HEIGHT": "$HEIGHT / 3"},
    {"TARGET": "far", "WIDTH": "$WIDTH / 3", "HEIGHT": "$HEIGHT / 3"},
    {}
  ]
}*/

vec2 way() { return vec2(cos(6.28318 * angle) * RENDERSIZE.y / RENDERSIZE.x, sin(6.28318 * angle)) * 0.75 * size; }

// First a tent as wide as the steps of the sweep that follows, so that no steps are seen.
vec3 swept(sampler2D image, vec2 reach, bool tent) {
    vec3 sum = IMG_THIS_PIXEL(image).rgb;
    float weight = 1.0;
    for (int n = 1; n <= 6; n++) {
        float x = float(n) / 6.0, w = tent ? 1.0 - x : exp(-2.6 * x);
        sum += w * (IMG_NORM_PIXEL(image, isf_FragNormCoord + reach * x).rgb + IMG_NORM_PIXEL(image, isf_FragNormCoord - reach * x).rgb);
        weight += w;
    }
    return sum / weight;
}

void main() {
    if (PASSINDEX == 0) {
        vec3 c = IMG_THIS_PIXEL(inputImage).rgb;
        float most = max(c.r, max(c.g, c.b));
        gl_FragColor = vec4(c * smoothstep(threshold, threshold + 0.35, most), 1.0);
    } else if (PASSINDEX == 1) {
        gl_FragColor = vec4(swept(bright, way() / 6.0, true), 1.0);
    } else if (PASSINDEX == 2) {
        gl_FragColor = vec4(swept(near, way(), false), 1.0);
    } else {
        vec4 c = IMG_THIS_PIXEL(inputImage);
        vec3 light = IMG_THIS_PIXEL(far).rgb;
        float most = max(light.r, max(light.g, light.b));
        light = mix(light, most * tint.rgb, tint.a) * amount * 1.2;
        gl_FragColor = vec4(1.0 - (1.0 - c.rgb) * exp(-1.4 * light), c.a);
    }
}
