/*{
    "ISFVSN": "2",
    "DESCRIPTION": "@TITLE@: folds of silk, moved by a slow wind.",
    "CREDIT": "",
    "LICENSE": "CC-BY-4.0",
    "CATEGORIES": ["Generator"],
    "INPUTS": [
        {"NAME": "wind", "LABEL": "Wind", "TYPE": "float", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.3},
        {"NAME": "folds", "LABEL": "Folds", "TYPE": "float", "MIN": 1.0, "MAX": 10.0, "DEFAULT": 5.0},
        {"NAME": "warm", "LABEL": "Light", "TYPE": "color", "DEFAULT": [1.0, 0.62, 0.35, 1.0]},
        {"NAME": "cool", "LABEL": "Shadow", "TYPE": "color", "DEFAULT": [0.10, 0.08, 0.36, 1.0]}
    ]
}*/

// Screen colours, as ISF has them. No neighbours are asked, so facade draws it once per LED, at its true place.

float fold(vec2 p, float turn) {
    return sin(p.x * cos(turn) + p.y * sin(turn));
}

void main() {
    vec2 p = isf_FragNormCoord * vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0) * folds;
    float time = TIME * (0.1 + 0.9 * wind);
    // Each fold bends the ground of the next: that is what makes it cloth and not stripes.
    for (int i = 0; i < 4; i++) {
        float n = float(i);
        p += 0.55 * vec2(fold(p.yx, 0.7 * n + 0.31 * time), fold(p, 1.9 - 0.6 * n - 0.23 * time));
    }
    float sheen = 0.5 + 0.5 * fold(p * 1.4, 0.5 + 0.1 * time);
    float edge = pow(0.5 + 0.5 * fold(p * 2.0, 2.2), 6.0);
    vec3 color = mix(cool.rgb, warm.rgb, sheen * sheen) + 0.35 * edge * warm.rgb;
    gl_FragColor = vec4(color * (0.45 + 0.55 * sheen), 1.0);
}
