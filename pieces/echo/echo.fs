/*{
    "ISFVSN": "2",
    "DESCRIPTION": "Light stays on the wall for a while after the picture has moved on, and drifts as it fades.",
    "CREDIT": "facade",
    "CATEGORIES": ["Feedback"],
    "INPUTS": [
        { "NAME": "inputImage", "TYPE": "image" },
        { "NAME": "half_life_s", "TYPE": "float", "LABEL": "Half life (s)", "MIN": 0.05, "MAX": 8.0, "DEFAULT": 1.2 },
        { "NAME": "drift_x_m", "TYPE": "float", "LABEL": "Drift to the right (m/s)", "MIN": -2.0, "MAX": 2.0, "DEFAULT": 0.0 },
        { "NAME": "drift_y_m", "TYPE": "float", "LABEL": "Drift upward (m/s)", "MIN": -2.0, "MAX": 2.0, "DEFAULT": 0.3 },
        { "NAME": "cooling", "TYPE": "float", "LABEL": "Cooling", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.3 },
        { "NAME": "present", "TYPE": "float", "LABEL": "Share of the present", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 1.0 }
    ],
    "PASSES": [
        { "TARGET": "memory", "PERSISTENT": true, "FLOAT": true },
        {}
    ]
}*/
#include "colour.glsl"

uniform vec2 u_size_m;  // of the lit wall; a host that has no metres leaves it 0

const float WIDTH_WITHOUT_METRES = 12.0;
const vec3 COOLS = vec3(1.6, 1.0, 0.75);  // how much sooner red fades than blue
const float LEAST = 2.0e-4;               // light that is taken away a second, so that black is reached

void main() {
    vec4 now = IMG_THIS_PIXEL(inputImage);
    vec3 light = srgb_to_linear(now.rgb) * now.a;
    if (PASSINDEX == 0) {
        vec2 size_m = u_size_m.x > 0.0 ? u_size_m : WIDTH_WITHOUT_METRES * RENDERSIZE / RENDERSIZE.x;
        vec2 came_from = isf_FragNormCoord - vec2(drift_x_m, drift_y_m) * TIMEDELTA / size_m;
        vec4 kept = IMG_NORM_PIXEL(memory, clamp(came_from, 0.0, 1.0));
        vec3 fade = exp2(-TIMEDELTA / half_life_s * mix(vec3(1.0), COOLS, cooling));
        vec3 left = max(kept.rgb * fade - LEAST * TIMEDELTA, 0.0);
        float cover = max(kept.a * exp2(-TIMEDELTA / half_life_s) - LEAST * TIMEDELTA, 0.0);
        gl_FragColor = vec4(max(left, light), max(cover, now.a));
    } else {
        vec4 kept = IMG_THIS_PIXEL(memory);
        vec3 shown = mix(kept.rgb, max(kept.rgb, light), present);
        gl_FragColor = vec4(linear_to_srgb(shown / max(kept.a, 1.0e-4)), kept.a);
    }
}
