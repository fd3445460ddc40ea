/*{
  "ISFVSN": "2",
  "DESCRIPTION": "The edges of what lies below as neon tubes in the dark.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["light", "graphic"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "amount", "LABEL": "How bright the tubes are: pulse it on snares", "TYPE": "float", "MIN": 0, "MAX": 2, "DEFAULT": 1},
    {"NAME": "threshold", "LABEL": "From how strong an edge on", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.15},
    {"NAME": "width", "LABEL": "Width of a tube", "TYPE": "float", "MIN": 0.5, "MAX": 4, "DEFAULT": 1.4},
    {"NAME": "keep", "LABEL": "How much of the picture shows between them", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.08},
    {"NAME": "colour", "LABEL": "0 the picture's colours, 1 one colour", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "hue", "LABEL": "That one colour", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.88}
  ],
  "PASSES": [
    {"TARGET": "rough", "WIDTH": "$WIDTH / 2", "HEIGHT": "$HEIGHT / 2"},
    {"TARGET": "small", "WIDTH": "$WIDTH / 4", "HEIGHT": "$HEIGHT / 4"},
    {"TARGET": "halo", "WIDTH": "$WIDTH / 4", "HEIGHT": "$HEIGHT / 4"},
    {}
  ]
}*/

vec3 near(vec2 off) { return IMG_NORM_PIXEL(inputImage, isf_FragNormCoord + off).rgb; }

vec4 tubes() {
    vec2 e = width * 0.0028 * vec2(RENDERSIZE.y / RENDERSIZE.x, 1.0);
    vec3 a = near(e), b = near(-e), c = near(vec2(e.x, -e.y)), d = near(vec2(-e.x, e.y));
    vec3 slope = max(abs(a - b), abs(c - d));
    float edge = max(slope.r, max(slope.g, slope.b)) / (0.6 + 0.4 * width);
    float line = smoothstep(0.5 * threshold, 0.5 * threshold + 0.3, edge);
    vec3 own = max(max(a, b), max(c, d));
    own = own / max(max(own.r, max(own.g, own.b)), 0.05);
    vec3 one = clamp(abs(fract(hue + vec3(0.0, 0.6667, 0.3333)) * 6.0 - 3.0) - 1.0, 0.0, 1.0);
    return vec4(mix(own * own, one, colour) * line, line);
}

vec4 around(sampler2D image, vec2 step) {
    vec4 sum = vec4(0.0);
    for (int n = 0; n < 9; n++) sum += IMG_NORM_PIXEL(image, isf_FragNormCoord + step * vec2(n % 3 - 1, n / 3 - 1));
    return sum / 9.0;
}

void main() {
    if (PASSINDEX == 0) {
        gl_FragColor = tubes();
        return;
    }
    if (PASSINDEX == 1) {
        gl_FragColor = around(rough, 1.0 / RENDERSIZE);
        return;
    }
    if (PASSINDEX == 2) {
        gl_FragColor = around(small, 1.6 / RENDERSIZE);
        return;
    }
    vec4 glow = IMG_THIS_PIXEL(halo), line = tubes(), c = IMG_THIS_PIXEL(inputImage);
    vec3 light = amount * (1.1 * line.rgb + 0.45 * line.a * line.a * line.a + 1.1 * glow.rgb);
    gl_FragColor = vec4(1.0 - (1.0 - keep * c.rgb) * exp(-1.4 * light), c.a);
}
