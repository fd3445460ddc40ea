/*{
  "ISFVSN": "2",
  "DESCRIPTION": "Out of focus: evenly, or around a place that stays sharp.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["lens"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "amount", "LABEL": "How far out of focus: silence or an LFO", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.5},
    {"NAME": "focus", "LABEL": "Size of the place that stays sharp, 0 none", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "stretch", "LABEL": "-1 only across, 1 only upright", "TYPE": "float", "MIN": -1, "MAX": 1, "DEFAULT": 0},
    {"NAME": "centre", "LABEL": "Where it stays sharp", "TYPE": "point2D", "MIN": [0, 0], "MAX": [1, 1], "DEFAULT": [0.5, 0.5]}
  ],
  "PASSES": [
    {"TARGET": "small", "WIDTH": "$WIDTH / 4", "HEIGHT": "$HEIGHT / 4"},
    {"TARGET": "across", "WIDTH": "$WIDTH / 4", "HEIGHT": "$HEIGHT / 4"},
    {"TARGET": "soft", "WIDTH": "$WIDTH / 4", "HEIGHT": "$HEIGHT / 4"},
    {}
  ]
}*/

// Sixteen weighted taps a side; the reach is a share of the picture's height.
vec4 swept(sampler2D image, vec2 reach) {
    vec4 sum = IMG_THIS_PIXEL(image);
    float weight = 1.0;
    for (int n = 1; n <= 8; n++) {
        float x = float(n) / 8.0, w = exp(-3.0 * x * x);
        sum += w * (IMG_NORM_PIXEL(image, isf_FragNormCoord + reach * x) + IMG_NORM_PIXEL(image, isf_FragNormCoord - reach * x));
        weight += 2.0 * w;
    }
    return sum / weight;
}

void main() {
    vec2 at = isf_FragNormCoord, aspect = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    float reach = 0.22 * amount * amount + 0.02 * amount;
    if (PASSINDEX == 0) {
        vec2 q = 0.25 / RENDERSIZE;
        gl_FragColor = 0.25 * (IMG_NORM_PIXEL(inputImage, at + q) + IMG_NORM_PIXEL(inputImage, at - q)
            + IMG_NORM_PIXEL(inputImage, at + vec2(q.x, -q.y)) + IMG_NORM_PIXEL(inputImage, at + vec2(-q.x, q.y)));
    } else if (PASSINDEX == 1) {
        gl_FragColor = swept(small, vec2(reach * (1.0 - max(stretch, 0.0)) / aspect.x, 0.0));
    } else if (PASSINDEX == 2) {
        gl_FragColor = swept(across, vec2(0.0, reach * (1.0 + min(stretch, 0.0))));
    } else {
        vec2 p = (at - centre) * aspect;
        float away = focus > 0.0 ? smoothstep(0.6 * focus, 1.3 * focus, length(p)) : 1.0;
        gl_FragColor = mix(IMG_THIS_PIXEL(inputImage), IMG_THIS_PIXEL(soft), away * smoothstep(0.0, 0.12, amount));
    }
}
