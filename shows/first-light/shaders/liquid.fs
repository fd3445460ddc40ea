/*{
  "ISFVSN": "2",
  "DESCRIPTION": "Makes a liquid of what lies below: its light becomes height; slopes shine, veins of light run along them.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["light"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "gain", "LABEL": "How bright the picture is", "TYPE": "float", "MIN": 0, "MAX": 6, "DEFAULT": 1},
    {"NAME": "ground", "LABEL": "Its own light where nothing lies below", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.16},
    {"NAME": "zoom", "LABEL": "Size of the picture: pulse it on kicks", "TYPE": "float", "MIN": 0.8, "MAX": 2, "DEFAULT": 1.06},
    {"NAME": "depth", "LABEL": "How steep the slopes are", "TYPE": "float", "MIN": 0, "MAX": 2, "DEFAULT": 0.8},
    {"NAME": "veins", "LABEL": "How bright the veins are", "TYPE": "float", "MIN": 0, "MAX": 2, "DEFAULT": 0.7},
    {"NAME": "count", "LABEL": "How many veins from dark to light", "TYPE": "float", "MIN": 0, "MAX": 16, "DEFAULT": 5},
    {"NAME": "flow", "LABEL": "Where the veins are on their way: a phase", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "fold", "LABEL": "How far the veins wind by themselves", "TYPE": "float", "MIN": 0, "MAX": 3, "DEFAULT": 1},
    {"NAME": "layers", "LABEL": "How far the picture breaks into sheets, one above the other at each vein", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.5},
    {"NAME": "light", "LABEL": "Where the light stands: a turn of the clock", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.12},
    {"NAME": "palette", "LABEL": "How far the colours below give way to the two hues", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.5},
    {"NAME": "hue", "LABEL": "Colour of the light parts", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.5},
    {"NAME": "hue2", "LABEL": "Colour of the dark parts", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.65}
  ],
  "PASSES": [
    {"TARGET": "broad", "FLOAT": true, "WIDTH": "$WIDTH / 4", "HEIGHT": "$HEIGHT / 4"},
    {"TARGET": "relief", "FLOAT": true, "WIDTH": "$WIDTH / 2", "HEIGHT": "$HEIGHT / 2"},
    {}
  ]
}*/

vec3 colour_of(float turn) {
    vec3 c = clamp(abs(fract(turn + vec3(0.0, 0.6667, 0.3333)) * 6.0 - 3.0) - 1.0, 0.0, 1.0);
    return c * (0.25 + 0.75 * c);
}

float shade_of(float sheet) {
    return mix(1.0, 0.35 + 1.1 * sheet * sheet * (3.0 - 2.0 * sheet), layers);
}

vec2 below(vec2 at) {
    return (at - 0.5) / zoom + 0.5;
}

vec3 soft(vec2 at, vec2 by) {
    return 0.5 * gain * (IMG_NORM_PIXEL(inputImage, at + by).rgb + IMG_NORM_PIXEL(inputImage, at - by).rgb);
}

float tall(vec3 c) {
    return sqrt(dot(c, vec3(0.4, 0.4, 0.3)));
}

// The lit colour, and the place on the way of the veins. Half the size is all a dream has to give.
// Veins follow the broad height only: along a sharp edge they would crowd and break.
vec4 relief_of(vec2 at) {
    vec2 from = below(at), p = (from - 0.5) * vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    vec3 c = soft(from, 0.5 / RENDERSIZE);
    float h = tall(c), far = IMG_NORM_PIXEL(broad, at).r;
    vec2 q = p + 0.22 * vec2(sin(p.y * 4.7 + TIME * 0.21 + 2.0 * far), sin(p.x * 3.9 - TIME * 0.17 - 3.0 * far));
    float wind = sin(q.x * 3.3 + TIME * 0.13) + sin(q.y * 4.1 - TIME * 0.19 + q.x * 1.7) + 0.6 * sin(dot(q, vec2(5.3, -3.1)) + TIME * 0.23);
    h = max(h, sqrt(ground * max(0.5 + 0.22 * wind, 0.1)));
    float way = far * count + fold * wind - flow;

    vec2 slope = vec2(dFdx(h), dFdy(h));
    vec3 normal = normalize(vec3(-28.0 * depth * slope, 1.0));
    vec2 sun = 0.74 * vec2(sin(6.28318 * light), cos(6.28318 * light));
    float g = max(dot(normal, vec3(0.548 * sun, 0.914)), 0.0);
    float g4 = g * g * g * g, g16 = g4 * g4 * g4 * g4;
    float lit = clamp(dot(normal.xy, sun) * 1.49 + normal.z, 0.2, 1.8) + 1.5 * g16 * g16 * smoothstep(0.01, 0.045, length(slope));

    vec3 two = mix(colour_of(hue2), colour_of(hue), smoothstep(0.2, 0.8, h * shade_of(mix(0.5, fract(way), 0.8))));
    return vec4(mix(c, two * h * h * 1.9, palette) * mix(1.0, lit, min(depth, 1.0)), way);
}

void main() {
    if (PASSINDEX == 0) {
        // As much blur as it takes: 8 bits of light are steps, and a vein would follow each of them.
        vec2 at = below(isf_FragNormCoord), px = 1.2 / RENDERSIZE;
        gl_FragColor = vec4(tall(0.25 * (soft(at, px) + soft(at, px * vec2(1.0, -1.0)) + soft(at, px * vec2(2.2, 0.0)) + soft(at, px * vec2(0.0, 2.2)))));
        return;
    }
    if (PASSINDEX == 1) {
        gl_FragColor = relief_of(isf_FragNormCoord);
        return;
    }
    vec4 here = IMG_NORM_PIXEL(relief, isf_FragNormCoord);
    // Distance to the edge of a sheet in pixels: a vein is as thin wherever it runs, and none where they crowd.
    float sheet = fract(here.a);
    float rate = max(abs(dFdx(here.a)) + abs(dFdy(here.a)), 0.005);
    float away = min(sheet, 1.0 - sheet) / rate;
    float room = 1.0 / (1.0 + 60.0 * rate * rate);
    float near = room / (1.0 + 0.6 * away * away);
    // The upper sheet casts its shadow on the one below.
    float shade = shade_of(mix(0.5, sheet, room * min(0.7 * away, 1.0)));
    vec3 c = here.rgb * (shade + 2.2 * veins * near) * 1.2;
    c += 0.05 * veins * near * near;
    gl_FragColor = vec4(1.0 - 1.0 / (1.0 + c * (1.0 + c * (0.5 + 0.2 * c))), 1.0);
}
