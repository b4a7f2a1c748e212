/*{
    "ISFVSN": "2",
    "DESCRIPTION": "Pane by pane the new light comes, each at a moment of its own, as rooms are lit in the evening.",
    "CREDIT": "facade",
    "CATEGORIES": ["Dissolve"],
    "INPUTS": [
        { "NAME": "startImage", "TYPE": "image" },
        { "NAME": "endImage", "TYPE": "image" },
        { "NAME": "progress", "TYPE": "float", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5 },
        { "NAME": "pane_width_m", "TYPE": "float", "LABEL": "Width of a pane (m)", "MIN": 0.1, "MAX": 8.0, "DEFAULT": 2.0 },
        { "NAME": "pane_height_m", "TYPE": "float", "LABEL": "Height of a pane (m)", "MIN": 0.1, "MAX": 8.0, "DEFAULT": 2.0 },
        { "NAME": "overlap", "TYPE": "float", "LABEL": "How gently", "MIN": 0.1, "MAX": 1.0, "DEFAULT": 0.4 },
        { "NAME": "drift", "TYPE": "float", "LABEL": "From the left first", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.0 }
    ]
}*/
#include "colour.glsl"

uniform vec2 u_size_m;  // of the lit wall; a host that has no metres leaves it 0

const float WIDTH_WITHOUT_METRES = 12.0;

// 0..1 from the number of a pane, the same on every machine (a PCG step, twice).
float chance(ivec2 pane) {
    uint x = uint(pane.x) * 747796405u + 2891336453u;
    x = (((x >> ((x >> 28) + 4u)) ^ x) * 277803737u + uint(pane.y)) * 747796405u + 2891336453u;
    x = ((x >> ((x >> 28) + 4u)) ^ x) * 277803737u;
    return float((x >> 22) ^ x) / 4294967295.0;
}

void main() {
    vec2 size_m = u_size_m.x > 0.0 ? u_size_m : WIDTH_WITHOUT_METRES * RENDERSIZE / RENDERSIZE.x;
    ivec2 pane = ivec2(floor(isf_FragNormCoord * size_m / vec2(pane_width_m, pane_height_m)));
    float moment = mix(chance(pane), isf_FragNormCoord.x, 0.8 * drift);
    // Each pane takes the part "overlap" of the whole time; the last one ends with it.
    float come = smoothstep(0.0, 1.0, (progress - moment * (1.0 - overlap)) / overlap);
    vec3 light = mix(srgb_to_linear(IMG_THIS_PIXEL(startImage).rgb), srgb_to_linear(IMG_THIS_PIXEL(endImage).rgb), come);
    gl_FragColor = vec4(linear_to_srgb(light), 1.0);
}
