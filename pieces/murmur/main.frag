// Murmur: draws the flock that behaviour.py moves, before a sky. Lengths are in heights of the lit rectangle.

#include "noise.glsl"
#include "ease.glsl"
#include "palette.glsl"
#include "colour.glsl"

const int BIRDS = 44;
const float SPAN = 0.026;         // how far the light of a bird reaches
const float TRAIL = 1.9;          // how bright what they leave behind is

// The evening behind them: lighter towards the ground, with slow banks of cloud. p: heights.
vec3 sky_at(vec2 uv, vec2 p) {
    float cloud = fbm(vec3(p * vec2(1.1, 2.6) + vec2(0.03 * u_time, 0.0), 0.05 * u_time + 30.0 * u_seed), 2);
    float low = 1.0 - uv.y + 0.60 * (cloud - 0.5);
    if (sky == 1) return ramp4(low, vec3(0.001, 0.002, 0.010), vec3(0.003, 0.007, 0.030), vec3(0.006, 0.022, 0.060), vec3(0.010, 0.050, 0.085));
    if (sky == 2) return ramp4(low, vec3(0.012, 0.020, 0.080), vec3(0.050, 0.045, 0.120), vec3(0.180, 0.075, 0.110), vec3(0.330, 0.170, 0.080));
    return ramp4(low, vec3(0.003, 0.006, 0.036), vec3(0.018, 0.012, 0.072), vec3(0.085, 0.020, 0.066), vec3(0.190, 0.052, 0.022));
}

vec4 piece(vec2 uv) {
    vec2 p = uv * vec2(u_size_m.x / u_size_m.y, 1.0);
    vec2 led = facade_pixel_size() / u_size_m.y;
    float fine = resolvable(0.25 * u_size_m.y);

    // A bird is never smaller than an LED; where a window holds many, each is worth less.
    vec2 reach = max(vec2(max(SPAN, 0.95 * grain)), 1.05 * led);
    float worth = mix(0.22, 1.0, fine);
    vec2 shine = vec2(0.0);
    for (int i = 0; i < BIRDS; i++) {
        vec4 bird = texelFetch(birds, ivec2(i, 0), 0);
        vec2 away = (p - bird.xy) / reach;
        float near = max(1.0 - dot(away, away), 0.0);
        shine += bird.z * near * near * vec2(1.0 - bird.w, bird.w);
    }
    shine *= worth;

    vec2 past = texture(trails, uv).rg * TRAIL * fine;
    vec3 ember = glow * vec3(1.0, 0.62, 0.42);
    vec3 light = sky_at(uv, p);
    light += glow * (1.2 * shine.x + max(past.r - past.g, 0.0)) + ember * (shine.y + 0.5 * past.g);
    return vec4(soft_limit(light, 0.6), 1.0);
}
