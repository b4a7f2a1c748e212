/*{
    "ISFVSN": "2",
    "DESCRIPTION": "The new light crosses the wall behind a soft front, at any angle.",
    "CREDIT": "facade",
    "CATEGORIES": ["Wipe"],
    "INPUTS": [
        { "NAME": "startImage", "TYPE": "image" },
        { "NAME": "endImage", "TYPE": "image" },
        { "NAME": "progress", "TYPE": "float", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5 },
        { "NAME": "angle_deg", "TYPE": "float", "LABEL": "Direction (degrees, 0 is to the right)", "MIN": -180.0, "MAX": 180.0, "DEFAULT": 0.0 },
        { "NAME": "softness_m", "TYPE": "float", "LABEL": "Softness (m)", "MIN": 0.05, "MAX": 20.0, "DEFAULT": 3.0 }
    ]
}*/
#include "colour.glsl"

uniform vec2 u_size_m;  // of the lit wall; a host that has no metres leaves it 0

const float WIDTH_WITHOUT_METRES = 12.0;

void main() {
    vec2 size_m = u_size_m.x > 0.0 ? u_size_m : WIDTH_WITHOUT_METRES * RENDERSIZE / RENDERSIZE.x;
    vec2 along = vec2(cos(radians(angle_deg)), sin(radians(angle_deg)));
    float reach_m = dot(abs(along), size_m);
    float place_m = dot((isf_FragNormCoord - 0.5) * size_m, along) + 0.5 * reach_m;
    // The front starts and ends wholly outside, so that both ends are pure.
    float front_m = progress * (reach_m + softness_m);
    float come = smoothstep(0.0, 1.0, (front_m - place_m) / softness_m);
    vec3 light = mix(srgb_to_linear(IMG_THIS_PIXEL(startImage).rgb), srgb_to_linear(IMG_THIS_PIXEL(endImage).rgb), come);
    gl_FragColor = vec4(linear_to_srgb(light), 1.0);
}
