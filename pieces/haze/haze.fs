/*{
    "ISFVSN": "2",
    "DESCRIPTION": "Softens a picture as fog does: light spreads over metres, and bright places keep a halo.",
    "CREDIT": "facade",
    "CATEGORIES": ["Blur"],
    "INPUTS": [
        { "NAME": "inputImage", "TYPE": "image" },
        { "NAME": "radius_m", "TYPE": "float", "LABEL": "Radius (m)", "MIN": 0.0, "MAX": 6.0, "DEFAULT": 1.0 },
        { "NAME": "halo", "TYPE": "float", "LABEL": "Halo", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.35 }
    ],
    "PASSES": [
        { "TARGET": "across", "FLOAT": true },
        {}
    ]
}*/
#include "colour.glsl"

uniform vec2 u_size_m;  // of the lit wall; a host that has no metres leaves it 0

const float WIDTH_WITHOUT_METRES = 12.0;
const int TAPS = 12;  // on each side

// Mean of the light along one direction, weighted like a bell that ends at radius_m. step_uv: one tap.
vec4 spread(sampler2D image, vec2 at, vec2 step_uv, bool coded) {
    vec4 sum = vec4(0.0);
    float total = 0.0;
    for (int i = -TAPS; i <= TAPS; i++) {
        float along = float(i) / float(TAPS + 1);
        float weight = (1.0 - along * along) * (1.0 - along * along);
        vec4 seen = IMG_NORM_PIXEL(image, clamp(at + step_uv * float(i), 0.0, 1.0));
        // Alpha weighs the colour, so that what is transparent lends none.
        vec3 light = coded ? srgb_to_linear(seen.rgb) * seen.a : seen.rgb;
        sum += weight * vec4(light, seen.a);
        total += weight;
    }
    return sum / total;
}

void main() {
    vec2 size_m = u_size_m.x > 0.0 ? u_size_m : WIDTH_WITHOUT_METRES * RENDERSIZE / RENDERSIZE.x;
    vec2 tap_uv = radius_m / size_m / float(TAPS + 1);
    vec2 at = isf_FragNormCoord;
    if (PASSINDEX == 0) {
        gl_FragColor = spread(inputImage, at, vec2(tap_uv.x, 0.0), true);
    } else {
        vec4 fog = spread(across, at, vec2(0.0, tap_uv.y), false);
        vec4 here = IMG_THIS_PIXEL(inputImage);
        vec3 sharp = srgb_to_linear(here.rgb) * here.a;
        vec3 light = mix(fog.rgb, max(fog.rgb, sharp), halo);
        float alpha = mix(fog.a, max(fog.a, here.a), halo);
        gl_FragColor = vec4(linear_to_srgb(light / max(alpha, 1.0e-4)), alpha);
    }
}
