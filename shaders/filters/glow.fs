/*{
  "ISFVSN": "2",
  "DESCRIPTION": "The bright parts of what lies below shine over their edges.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["light"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "amount", "LABEL": "How much light spills over", "TYPE": "float", "MIN": 0, "MAX": 2, "DEFAULT": 0.8},
    {"NAME": "threshold", "LABEL": "From which brightness on", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.45},
    {"NAME": "size", "LABEL": "How far it reaches", "TYPE": "float", "MIN": 0.2, "MAX": 3, "DEFAULT": 1}
  ],
  "PASSES": [
    {"TARGET": "small", "WIDTH": "$WIDTH / 4", "HEIGHT": "$HEIGHT / 4", "FLOAT": true},
    {"TARGET": "across", "WIDTH": "$WIDTH / 4", "HEIGHT": "$HEIGHT / 4", "FLOAT": true},
    {"TARGET": "soft", "WIDTH": "$WIDTH / 4", "HEIGHT": "$HEIGHT / 4", "FLOAT": true},
    {}
  ]
}*/

vec3 bright(vec2 at) {
    vec3 c = IMG_NORM_PIXEL(inputImage, at).rgb;
    float most = max(c.r, max(c.g, c.b));
    return c * smoothstep(threshold - 0.15, threshold + 0.25, most);
}

vec3 blurred(sampler2D image, vec2 reach) {
    vec3 sum = IMG_THIS_PIXEL(image).rgb * 0.16;
    for (int n = 1; n <= 5; n++) {
        float x = float(n) / 5.0;
        vec2 off = reach * x;
        sum += (IMG_NORM_PIXEL(image, isf_FragNormCoord + off).rgb + IMG_NORM_PIXEL(image, isf_FragNormCoord - off).rgb)
            * 0.145 * exp(-2.2 * x * x);
    }
    return sum;
}

void main() {
    vec2 texel = 1.0 / RENDERSIZE;
    if (PASSINDEX == 0) {
        vec2 q = texel * 0.25;
        vec2 at = isf_FragNormCoord;
        vec3 sum = bright(at + q) + bright(at - q) + bright(at + vec2(q.x, -q.y)) + bright(at + vec2(-q.x, q.y));
        gl_FragColor = vec4(sum * 0.25, 1.0);
    } else if (PASSINDEX == 1) {
        gl_FragColor = vec4(blurred(small, vec2(texel.x * 9.0 * size, 0.0)), 1.0);
    } else if (PASSINDEX == 2) {
        gl_FragColor = vec4(blurred(across, vec2(0.0, texel.y * 9.0 * size)), 1.0);
    } else {
        vec4 c = IMG_THIS_PIXEL(inputImage);
        vec3 light = IMG_THIS_PIXEL(soft).rgb * amount;
        gl_FragColor = vec4(1.0 - (1.0 - c.rgb) * exp(-1.3 * light), c.a);
    }
}
