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
        { "TARGET": "light", "FLOAT": true },
        { "TARGET": "across", "FLOAT": true },
        {}
    ]
}*/
#include "colour.glsl"

uniform vec2 u_size_m;  // of the lit wall; a host that has no metres leaves it 0

const float WIDTH_WITHOUT_METRES = 12.0;
const float MOST_TAPS = 12.0;  // on each side; a narrower fog needs one a texel

// Mean of the light along one direction, weighted like a bell that ends at reach_uv. reach_px: the same in texels.
vec4 spread(sampler2D image, vec2 at, vec2 reach_uv, float reach_px) {
    int taps = int(clamp(ceil(reach_px), 1.0, MOST_TAPS));
    float tap = 1.0 / float(taps + 1);
    vec4 sum = vec4(0.0);
    float total = 0.0;
    for (int i = -taps; i <= taps; i++) {
        float along = float(i) * tap;
        float weight = (1.0 - along * along) * (1.0 - along * along);
        sum += weight * IMG_NORM_PIXEL(image, clamp(at + reach_uv * along, 0.0, 1.0));
        total += weight;
    }
    return sum / total;
}

void main() {
    vec2 size_m = u_size_m.x > 0.0 ? u_size_m : WIDTH_WITHOUT_METRES * RENDERSIZE / RENDERSIZE.x;
    vec2 reach_uv = radius_m / size_m;
    vec2 reach_px = reach_uv * RENDERSIZE;
    vec2 at = isf_FragNormCoord;
    if (PASSINDEX == 0) {
        // Alpha weighs the colour, so that what is transparent lends none.
        vec4 seen = IMG_THIS_PIXEL(inputImage);
        gl_FragColor = vec4(srgb_to_linear(seen.rgb) * seen.a, seen.a);
    } else if (PASSINDEX == 1) {
        gl_FragColor = spread(light, at, vec2(reach_uv.x, 0.0), reach_px.x);
    } else {
        vec4 fog = spread(across, at, vec2(0.0, reach_uv.y), reach_px.y);
        vec4 sharp = IMG_THIS_PIXEL(light);
        vec4 seen = mix(fog, max(fog, sharp), halo);
        gl_FragColor = vec4(linear_to_srgb(seen.rgb / max(seen.a, 1.0e-4)), seen.a);
    }
}
