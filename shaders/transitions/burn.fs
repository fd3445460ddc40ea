/*{
  "ISFVSN": "2",
  "DESCRIPTION": "The lights of the old picture burn over into a glow, and the new one comes out of it.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["light"],
  "INPUTS": [
    {"NAME": "startImage", "TYPE": "image"},
    {"NAME": "endImage", "TYPE": "image"},
    {"NAME": "progress", "LABEL": "0 the old picture, 1 the new", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "amount", "LABEL": "How far the lights burn", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.7},
    {"NAME": "size", "LABEL": "How far the glow reaches", "TYPE": "float", "MIN": 0.2, "MAX": 3, "DEFAULT": 1}
  ],
  "PASSES": [
    {"TARGET": "small", "WIDTH": "$WIDTH / 4", "HEIGHT": "$HEIGHT / 4", "FLOAT": true},
    {"TARGET": "across", "WIDTH": "$WIDTH / 4", "HEIGHT": "$HEIGHT / 4", "FLOAT": true},
    {"TARGET": "glow", "WIDTH": "$WIDTH / 4", "HEIGHT": "$HEIGHT / 4", "FLOAT": true},
    {}
  ]
}*/

vec3 swept(sampler2D image, vec2 reach) {
    vec3 sum = IMG_THIS_PIXEL(image).rgb;
    float weight = 1.0;
    for (int n = 1; n <= 6; n++) {
        float x = float(n) / 6.0, w = exp(-2.6 * x * x);
        sum += w * (IMG_NORM_PIXEL(image, isf_FragNormCoord + reach * x).rgb + IMG_NORM_PIXEL(image, isf_FragNormCoord - reach * x).rgb);
        weight += 2.0 * w;
    }
    return sum / weight;
}

void main() {
    float x = smoothstep(0.3, 0.7, progress), heat = smoothstep(0.0, 0.5, progress) * smoothstep(1.0, 0.5, progress);
    float reach = 0.16 * size * heat;
    if (PASSINDEX == 0) {
        vec3 c = mix(IMG_THIS_PIXEL(startImage).rgb, IMG_THIS_PIXEL(endImage).rgb, x);
        float most = max(c.r, max(c.g, c.b));
        gl_FragColor = vec4(c * smoothstep(0.05, 0.6, most), 1.0);
    } else if (PASSINDEX == 1) {
        gl_FragColor = vec4(swept(small, vec2(reach * RENDERSIZE.y / RENDERSIZE.x, 0.0)), 1.0);
    } else if (PASSINDEX == 2) {
        gl_FragColor = vec4(swept(across, vec2(0.0, reach)), 1.0);
    } else {
        vec4 c = mix(IMG_THIS_PIXEL(startImage), IMG_THIS_PIXEL(endImage), x);
        vec3 light = IMG_THIS_PIXEL(glow).rgb * heat * amount;
        vec3 burnt = c.rgb * mix(vec3(1.0), c.rgb, 0.55 * heat);
        gl_FragColor = vec4(1.0 - (1.0 - burnt) * exp(-4.0 * light), c.a);
    }
}
