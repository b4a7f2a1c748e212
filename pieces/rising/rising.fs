/*{
    "ISFVSN": "2",
    "DESCRIPTION": "The new light rises like water: uneven at its edge, darker just below it, still at the end.",
    "CREDIT": "facade",
    "CATEGORIES": ["Wipe"],
    "INPUTS": [
        { "NAME": "startImage", "TYPE": "image" },
        { "NAME": "endImage", "TYPE": "image" },
        { "NAME": "progress", "TYPE": "float", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5 },
        { "NAME": "swell_m", "TYPE": "float", "LABEL": "Swell (m)", "MIN": 0.0, "MAX": 5.0, "DEFAULT": 0.8 },
        { "NAME": "softness_m", "TYPE": "float", "LABEL": "Softness (m)", "MIN": 0.05, "MAX": 10.0, "DEFAULT": 1.5 },
        { "NAME": "refraction_m", "TYPE": "float", "LABEL": "Refraction (m)", "MIN": 0.0, "MAX": 2.0, "DEFAULT": 0.3 }
    ]
}*/
#include "colour.glsl"

uniform vec2 u_size_m;  // of the lit wall; a host that has no metres leaves it 0

const float WIDTH_WITHOUT_METRES = 12.0;
const float WAVE_M = 7.0;    // length of the long wave; the short one does not divide it
const float RIPPLE_M = 2.6;
const float TAU = 6.2831853;

void main() {
    vec2 size_m = u_size_m.x > 0.0 ? u_size_m : WIDTH_WITHOUT_METRES * RENDERSIZE / RENDERSIZE.x;
    vec2 at_m = isf_FragNormCoord * size_m;
    float wave = 0.65 * sin(TAU * (at_m.x / WAVE_M - 0.11 * TIME)) + 0.35 * sin(TAU * (at_m.x / RIPPLE_M + 0.17 * TIME));
    float edge_m = swell_m + softness_m;
    float level_m = mix(-edge_m, size_m.y + edge_m, progress) + swell_m * wave;
    float come = smoothstep(-0.5, 0.5, (level_m - at_m.y) / softness_m);
    // What stands under water is bent near the surface, and only there.
    float near = come * (1.0 - smoothstep(0.0, 3.0 * edge_m, level_m - at_m.y));
    float calm = 1.0 - smoothstep(0.8, 1.0, progress);
    vec2 bent = vec2(refraction_m * near * calm * wave, 0.0) / size_m;
    vec3 above = srgb_to_linear(IMG_THIS_PIXEL(startImage).rgb);
    vec3 below = srgb_to_linear(IMG_NORM_PIXEL(endImage, clamp(isf_FragNormCoord + bent, 0.0, 1.0)).rgb);
    gl_FragColor = vec4(linear_to_srgb(mix(above, below, come)), 1.0);
}
