/*{
    "ISFVSN": "2",
    "DESCRIPTION": "The new light opens from one place on the wall, round and soft, like a lamp being lit there.",
    "CREDIT": "facade",
    "CATEGORIES": ["Wipe"],
    "INPUTS": [
        { "NAME": "startImage", "TYPE": "image" },
        { "NAME": "endImage", "TYPE": "image" },
        { "NAME": "progress", "TYPE": "float", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5 },
        { "NAME": "centre", "TYPE": "point2D", "LABEL": "Where", "MIN": [0.0, 0.0], "MAX": [1.0, 1.0], "DEFAULT": [0.5, 0.4] },
        { "NAME": "softness_m", "TYPE": "float", "LABEL": "Softness (m)", "MIN": 0.05, "MAX": 20.0, "DEFAULT": 3.0 },
        { "NAME": "closing", "TYPE": "bool", "LABEL": "Close instead", "DEFAULT": false }
    ]
}*/
#include "colour.glsl"

uniform vec2 u_size_m;  // of the lit wall; a host that has no metres leaves it 0

const float WIDTH_WITHOUT_METRES = 12.0;

void main() {
    vec2 size_m = u_size_m.x > 0.0 ? u_size_m : WIDTH_WITHOUT_METRES * RENDERSIZE / RENDERSIZE.x;
    float away_m = length((isf_FragNormCoord - centre) * size_m);
    float reach_m = length(max(centre, 1.0 - centre) * size_m);
    float open = closing ? 1.0 - progress : progress;
    float inside = smoothstep(0.0, 1.0, (open * (reach_m + softness_m) - away_m) / softness_m);
    float come = closing ? 1.0 - inside : inside;
    vec3 light = mix(srgb_to_linear(IMG_THIS_PIXEL(startImage).rgb), srgb_to_linear(IMG_THIS_PIXEL(endImage).rgb), come);
    gl_FragColor = vec4(linear_to_srgb(light), 1.0);
}
