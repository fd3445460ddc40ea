/*{
  "ISFVSN": "2",
  "DESCRIPTION": "What lies below on a wall of round lamps, as large as they are bright.",
  "CREDIT": "visuals, CC0",
  "CATEGORIES": ["graphic"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "amount", "LABEL": "0 the picture, 1 the lamps", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 1},
    {"NAME": "rows", "LABEL": "Lamps one above the other; no more than a quarter of the wall's pixels", "TYPE": "float", "MIN": 6, "MAX": 64, "DEFAULT": 24},
    {"NAME": "size", "LABEL": "Size of the lamps: pulse it on kicks", "TYPE": "float", "MIN": 0.2, "MAX": 2, "DEFAULT": 1},
    {"NAME": "vary", "LABEL": "0 all of one size, 1 dark ones small", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.85},
    {"NAME": "stagger", "LABEL": "Every other row half a lamp aside", "TYPE": "bool", "DEFAULT": true}
  ]
}*/

void main() {
    vec2 aspect = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    vec2 pitch = vec2(1.0, stagger ? 0.8660254 : 1.0) / rows;
    vec2 p = isf_FragNormCoord * aspect, sum = vec2(0.0);
    float row = floor(p.y / pitch.y), aside = stagger ? 0.5 * mod(row, 2.0) : 0.0;
    vec2 middle = vec2(floor(p.x / pitch.x + aside) - aside + 0.5, row + 0.5) * pitch;
    vec2 e = 0.22 * pitch;
    vec3 c = vec3(0.0);
    for (int n = 0; n < 4; n++)
        c += 0.25 * IMG_NORM_PIXEL(inputImage, (middle + e * vec2(n % 2 * 2 - 1, n / 2 * 2 - 1)) / aspect).rgb;
    float most = max(c.r, max(c.g, c.b));
    float radius = 0.46 * size * mix(1.0, sqrt(clamp(most, 0.0, 1.0)), vary) * pitch.x;
    float off = length(p - middle), soft = 0.75 / RENDERSIZE.y;
    float lamp = smoothstep(radius + soft, radius - soft, off) * smoothstep(0.0, 0.02, most);
    float dome = 1.0 - 0.45 * off * off / max(radius * radius, 1e-6);
    vec3 bright = c / max(most, 0.02) * mix(most, max(most, sqrt(most)), vary);
    vec3 lit = bright * lamp * max(dome, 0.0) * 1.15 + c * 0.12;
    vec4 source = IMG_THIS_PIXEL(inputImage);
    gl_FragColor = vec4(mix(source.rgb, min(lit, 1.0), amount), source.a);
}
