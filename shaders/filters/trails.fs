/*{
  "ISFVSN": "2",
  "DESCRIPTION": "What lies below leaves trails that grow, turn and change colour as they fade.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["feedback"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "memory", "LABEL": "How long light stays, s", "TYPE": "float", "MIN": 0.02, "MAX": 4, "DEFAULT": 0.7},
    {"NAME": "amount", "LABEL": "How bright the trails are", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.85},
    {"NAME": "zoom", "LABEL": "Growth of the trails a second", "TYPE": "float", "MIN": -1, "MAX": 1, "DEFAULT": 0.25},
    {"NAME": "rotate", "LABEL": "Turns of the trails a second", "TYPE": "float", "MIN": -0.5, "MAX": 0.5, "DEFAULT": 0.02},
    {"NAME": "shift", "LABEL": "Drift of the trails a second, in picture widths", "TYPE": "point2D", "MIN": [-1, -1], "MAX": [1, 1], "DEFAULT": [0, 0]},
    {"NAME": "hue", "LABEL": "Turns of the colour wheel a second", "TYPE": "float", "MIN": -1, "MAX": 1, "DEFAULT": 0.12}
  ],
  "PASSES": [
    {"TARGET": "trail", "PERSISTENT": true, "FLOAT": true, "WIDTH": "$WIDTH / 2", "HEIGHT": "$HEIGHT / 2"},
    {}
  ]
}*/

vec3 turned(vec3 c, float turns) {
    float a = 6.28318 * turns;
    vec3 axis = vec3(0.57735);
    return max(c * cos(a) + cross(axis, c) * sin(a) + axis * dot(axis, c) * (1.0 - cos(a)), 0.0);
}

void main() {
    if (PASSINDEX == 0) {
        float dt = TIMEDELTA, a = 6.28318 * rotate * dt;
        vec2 aspect = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
        vec2 p = (isf_FragNormCoord - 0.5 - shift * dt) * aspect * exp(-zoom * dt);
        p = mat2(cos(a), -sin(a), sin(a), cos(a)) * p;
        vec3 before = IMG_NORM_PIXEL(trail, p / aspect + 0.5).rgb;
        vec3 faded = turned(before, hue * dt) * exp(-dt / memory);
        gl_FragColor = vec4(max(IMG_THIS_PIXEL(inputImage).rgb, faded), 1.0);
    } else {
        vec4 c = IMG_THIS_PIXEL(inputImage);
        vec3 t = IMG_THIS_PIXEL(trail).rgb * amount;
        gl_FragColor = vec4(max(c.rgb, t), c.a);
    }
}
