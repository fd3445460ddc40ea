/*{
  "ISFVSN": "2",
  "DESCRIPTION": "Wet paint: what was there is dragged along by its own light and runs before the new picture dries it.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["feedback", "warp"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "amount", "LABEL": "0 the picture, 1 the paint", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 1},
    {"NAME": "memory", "LABEL": "How long the paint stays wet, s", "TYPE": "float", "MIN": 0.02, "MAX": 4, "DEFAULT": 0.7},
    {"NAME": "flow", "LABEL": "How fast its light drags it: bass", "TYPE": "float", "MIN": -1, "MAX": 1, "DEFAULT": 0.4},
    {"NAME": "swirl", "LABEL": "0 away from the light, 1 around it", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.75},
    {"NAME": "drip", "LABEL": "How fast it runs down, picture heights a second", "TYPE": "float", "MIN": -1, "MAX": 1, "DEFAULT": 0.12}
  ],
  "PASSES": [
    {"TARGET": "soft", "WIDTH": "$WIDTH / 16", "HEIGHT": "$HEIGHT / 16", "FLOAT": true},
    {"TARGET": "way", "WIDTH": "$WIDTH / 16", "HEIGHT": "$HEIGHT / 16", "FLOAT": true},
    {"TARGET": "paint", "PERSISTENT": true, "FLOAT": true, "WIDTH": "$WIDTH / 2", "HEIGHT": "$HEIGHT / 2"},
    {}
  ]
}*/

float lightness(vec2 at) { return dot(IMG_NORM_PIXEL(paint, at).rgb, vec3(0.3, 0.55, 0.15)); }

float soft_pass() {
    vec2 q = 0.25 / RENDERSIZE, at = isf_FragNormCoord;
    return 0.25 * (lightness(at + q) + lightness(at - q) + lightness(at + vec2(q.x, -q.y)) + lightness(at + vec2(-q.x, q.y)));
}

// Where the paint runs, in picture widths and heights a second.
vec2 way_pass() {
    vec2 e = 1.2 / RENDERSIZE, at = isf_FragNormCoord;
    vec2 slope = vec2(IMG_NORM_PIXEL(soft, at + vec2(e.x, 0.0)).r - IMG_NORM_PIXEL(soft, at - vec2(e.x, 0.0)).r,
                      IMG_NORM_PIXEL(soft, at + vec2(0.0, e.y)).r - IMG_NORM_PIXEL(soft, at - vec2(0.0, e.y)).r);
    slope /= 0.25 + length(slope);
    vec2 speed = mix(-slope, vec2(-slope.y, slope.x), swirl) * flow * 0.5 + vec2(0.0, -drip);
    return speed * vec2(RENDERSIZE.y / RENDERSIZE.x, 1.0);
}

void main() {
    vec2 at = isf_FragNormCoord;
    if (PASSINDEX == 0) {
        gl_FragColor = vec4(soft_pass());
        return;
    }
    if (PASSINDEX == 1) {
        gl_FragColor = vec4(way_pass(), 0.0, 1.0);
        return;
    }
    vec4 c = IMG_THIS_PIXEL(inputImage);
    if (PASSINDEX == 2) {
        vec3 before = IMG_NORM_PIXEL(paint, at - IMG_THIS_PIXEL(way).xy * TIMEDELTA).rgb;
        float dry = FRAMEINDEX == 0 ? 1.0 : 1.0 - exp(-TIMEDELTA / memory);
        gl_FragColor = vec4(mix(before, c.rgb, dry), 1.0);
        return;
    }
    gl_FragColor = vec4(mix(c.rgb, max(min(IMG_THIS_PIXEL(paint).rgb * 1.2, 1.0), 0.65 * c.rgb * c.rgb), amount), c.a);
}
