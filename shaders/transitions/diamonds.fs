/*{
  "ISFVSN": "2",
  "DESCRIPTION": "Diamonds of the new picture grow in a wave that runs across the wall.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["geometry", "graphic"],
  "INPUTS": [
    {"NAME": "startImage", "TYPE": "image"},
    {"NAME": "endImage", "TYPE": "image"},
    {"NAME": "progress", "LABEL": "0 the old picture, 1 the new", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0},
    {"NAME": "rows", "LABEL": "Diamonds one above the other", "TYPE": "float", "MIN": 1, "MAX": 16, "DEFAULT": 5},
    {"NAME": "angle", "LABEL": "Direction in which the wave runs, in turns", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.06},
    {"NAME": "stagger", "LABEL": "How long the wave is: 0 all at once", "TYPE": "float", "MIN": 0, "MAX": 0.9, "DEFAULT": 0.6},
    {"NAME": "edge", "LABEL": "Light on the edges", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.6},
    {"NAME": "hue", "LABEL": "Colour of the edges", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.52}
  ]
}*/

void main() {
    vec2 aspect = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0), p = (isf_FragNormCoord - 0.5) * aspect;
    vec2 q = p * rows, off = abs(fract(q + 0.5) - 0.5);
    vec2 middle = (q - (fract(q + 0.5) - 0.5)) / rows, way = vec2(cos(6.28318 * angle), sin(6.28318 * angle));
    float order = clamp(0.5 + dot(middle, way) / dot(abs(way), aspect + 1.0 / rows), 0.0, 1.0);
    float grown = clamp((progress - order * stagger) / (1.0 - stagger), 0.0, 1.0), soft = 1.5 * rows / RENDERSIZE.y;
    float size = smoothstep(0.0, 1.0, grown) * (1.0 + 2.0 * soft) - soft, near = off.x + off.y - size;
    vec4 c = mix(IMG_THIS_PIXEL(startImage), IMG_THIS_PIXEL(endImage), smoothstep(soft, -soft, near));
    float within = smoothstep(0.0, 0.2, grown) * smoothstep(1.0, 0.7, grown);
    float rim = exp(-abs(near) / (0.9 * soft)), halo = exp(-abs(near) * 9.0);
    vec3 pure = 0.5 + 0.5 * cos(6.28318 * (hue - vec3(0.0, 0.3333, 0.6667)));
    vec3 light = edge * within * (pure * (0.2 + 0.9 * pure) * (0.5 * halo + rim) + 0.4 * rim * rim);
    gl_FragColor = vec4(1.0 - (1.0 - c.rgb) * exp(-1.6 * light), c.a);
}
