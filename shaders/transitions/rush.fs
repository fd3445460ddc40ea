/*{
  "ISFVSN": "2",
  "DESCRIPTION": "A rush forwards: the old picture streaks past, the new one arrives.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["motion"],
  "INPUTS": [
    {"NAME": "startImage", "TYPE": "image"},
    {"NAME": "endImage", "TYPE": "image"},
    {"NAME": "progress", "LABEL": "0 the old picture, 1 the new", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "reach", "LABEL": "How far the rush goes", "TYPE": "float", "MIN": 0.1, "MAX": 1, "DEFAULT": 0.6},
    {"NAME": "blur", "LABEL": "How long the streaks are", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.6},
    {"NAME": "centre", "LABEL": "Where it begins", "TYPE": "point2D", "MIN": [0, 0], "MAX": [1, 1], "DEFAULT": [0.5, 0.5]}
  ],
  "PASSES": [
    {"TARGET": "streaks", "WIDTH": "$WIDTH / 3", "HEIGHT": "$HEIGHT / 3"},
    {}
  ]
}*/

// Both pictures nearer by their own zoom (x the old one's, y the new one's), `share` of the new one.
vec4 seen(vec2 zoom, float share) {
    vec2 p = isf_FragNormCoord - centre;
    vec4 old = IMG_NORM_PIXEL(startImage, centre + p * zoom.x);
    return mix(old, IMG_NORM_PIXEL(endImage, 1.0 - abs(1.0 - abs(centre + p * zoom.y))), share);
}

void main() {
    float ease = progress * progress * (3.0 - 2.0 * progress), speed = 4.0 * ease * (1.0 - ease), share = smoothstep(0.35, 0.65, progress);
    vec2 zoom = vec2(1.0 - 0.85 * reach * smoothstep(0.0, 0.75, progress), 1.0 + 1.2 * reach * smoothstep(1.0, 0.25, progress));
    if (PASSINDEX == 0) {
        vec4 sum = vec4(0.0);
        for (int n = 0; n < 8; n++) sum += seen(zoom * (1.0 + 0.075 * blur * speed * (float(n) - 3.5)), share);
        gl_FragColor = sum / 8.0;
        return;
    }
    vec4 rushed = IMG_THIS_PIXEL(streaks), c = mix(seen(zoom, share), rushed, smoothstep(0.0, 0.15, blur * speed));
    gl_FragColor = vec4(min(c.rgb * (1.0 + 0.4 * speed), 1.0), c.a);
}
