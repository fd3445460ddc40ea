/*{
  "ISFVSN": "2",
  "DESCRIPTION": "What lies below, seen through a slow oily surface that catches the light on its slopes.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["warp"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "amount", "LABEL": "How far it bends the picture: bass", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.45},
    {"NAME": "shine", "LABEL": "Light on the slopes: high or energy", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.4},
    {"NAME": "scale", "LABEL": "Size of the swell", "TYPE": "float", "MIN": 0.5, "MAX": 3, "DEFAULT": 1},
    {"NAME": "speed", "LABEL": "Speed of the swell", "TYPE": "float", "MIN": 0, "MAX": 4, "DEFAULT": 1}
  ],
  "PASSES": [
    {"TARGET": "surface", "FLOAT": true, "WIDTH": "$WIDTH / 4", "HEIGHT": "$HEIGHT / 4"},
    {}
  ]
}*/

// Waves that bend each other; z is the height, xy its slope.
vec3 swell(vec2 p) {
    vec3 sum = vec3(0.0);
    float t = TIME * speed * 0.5, size = 1.0;
    for (int n = 0; n < 5; n++) {
        float a = 2.4 * float(n) + 0.5;
        vec2 way = vec2(cos(a), sin(a)) * (1.7 + 0.9 * float(n)) / scale;
        float x = dot(way, p) + t * (1.0 + 0.23 * float(n)) + 3.1 * float(n);
        sum += size * vec3(way * cos(x), sin(x));
        p += 0.22 * scale * size * way.yx * vec2(cos(x), -cos(x));
        size *= 0.72;
    }
    return sum;
}

void main() {
    vec2 aspect = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    if (PASSINDEX == 0) {
        gl_FragColor = vec4(swell((isf_FragNormCoord - 0.5) * aspect * 2.2), 1.0);
        return;
    }
    vec3 s = IMG_THIS_PIXEL(surface).xyz;
    vec2 at = isf_FragNormCoord + 0.028 * amount * scale * scale * s.xy / aspect;
    vec4 c = IMG_NORM_PIXEL(inputImage, 1.0 - abs(1.0 - abs(at)));
    vec3 normal = normalize(vec3(-0.35 * s.xy * scale, 1.6));
    float glint = pow(max(dot(normal, vec3(0.42, 0.53, 0.737)), 0.0), 24.0) * amount;
    float wet = 1.0 + 0.35 * shine * amount * (normal.x + normal.y) * 2.0;
    float most = max(c.r, max(c.g, c.b));
    vec3 lit = c.rgb * wet + shine * glint * (c.rgb * 2.2 + 0.10 * most);
    gl_FragColor = vec4(clamp(lit, 0.0, 1.0), c.a);
}
