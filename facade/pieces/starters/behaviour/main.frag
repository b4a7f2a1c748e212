// @TITLE@: draws what behaviour.py tells. Saved edits of either show at once while `facade play @SLUG@` runs.
// uv runs 0..1 from the bottom left, seen from the street. The result is linear light and opacity.

#include "noise.glsl"
#include "colour.glsl"

const int FLIES = 16;

vec4 piece(vec2 uv) {
    // Heights of the building, and never smaller than what one LED can show.
    vec2 p = uv * u_size_m / u_size_m.y;
    vec2 led = facade_pixel_size() / u_size_m.y;
    float reach = max(0.045, 0.7 * max(led.x, led.y));

    vec3 light = vec3(0.002, 0.006, 0.012) * (0.5 + value_noise(vec3(2.0 * p, 0.2 * u_time)));
    for (int i = 0; i < FLIES; i++) {
        vec4 fly = texelFetch(flies, ivec2(i, 0), 0);
        vec2 away = (p - fly.xy) / reach;
        light += tint * fly.z * exp(-dot(away, away));
    }
    return vec4(soft_limit(light, 0.7), 1.0);
}
