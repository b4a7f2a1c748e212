// @TITLE@: change anything; saved edits show at once while `facade play @SLUG@` runs.
// uv runs 0..1 from the bottom left, seen from the street. The result is linear light and opacity.

#include "noise.glsl"
#include "ease.glsl"
#include "colour.glsl"

const int RIBBONS = 5;

vec4 piece(vec2 uv) {
    // Heights of the building: a ribbon is as wide on eighteen windows as on thirty thousand LEDs.
    vec2 p = uv * u_size_m / u_size_m.y;
    vec2 gathering = place * u_size_m / u_size_m.y;
    float time_s = u_time * (0.05 + 0.5 * speed) + 300.0 * u_seed;
    float called = pulse(call, 1.5, 4.0);

    vec3 light = vec3(0.0);
    for (int i = 0; i < RIBBONS; i++) {
        float n = (float(i) + 0.5) / float(RIBBONS);
        float bend = value_noise(vec3(0.9 * p.x, 7.0 * n, time_s)) - 0.5;
        float near = exp(-1.5 * abs(p.x - gathering.x)) * (0.35 + 0.6 * called);
        float height = mix(n + 0.75 * bend, gathering.y + 0.1 * (n - 0.5), near);
        float away = (p.y - height) / (width * (0.5 + value_noise(vec3(1.3 * p.x + 9.0, 5.0 * n, 0.7 * time_s))));
        float shine = 0.35 + 0.65 * value_noise(vec2(2.1 * p.x - 1.7 * time_s, 3.0 * n));
        light += mix_oklab(low, high, n) * shine * exp(-away * away);
    }
    return vec4(soft_limit(light * (1.0 + 0.4 * called), 0.8), 1.0);
}
