// Wake: what was light a moment ago is carried by the current and fades. Lengths in heights of the lit rectangle.

#include "noise.glsl"
#include "ease.glsl"

const float CORE = 0.050;       // radius of a lantern
const float SPEED = 0.16;       // heights a second, at full current
const float FADE_FLOOR = 0.003; // light a second that is lost whatever the memory, so that black is reached

// A current without sources: the curl of three crossing waves. About -1..1 a component.
vec2 current_at(vec2 p, float time_s) {
    float a = p.x * 3.1 + p.y * 1.7 + time_s * 0.23;
    float b = p.x * -2.3 + p.y * 3.7 - time_s * 0.17;
    float c = p.x * 6.3 - p.y * 5.1 + time_s * 0.31;
    vec3 slope = vec3(cos(a), cos(b), cos(c)) * vec3(0.20, 0.16, 0.06);
    return vec2(1.7 * slope.x + 3.7 * slope.y - 5.1 * slope.z, -3.1 * slope.x + 2.3 * slope.y - 6.3 * slope.z);
}

vec3 lantern_color(int i) {
    int which = i & 3;
    if (mood == 1) {
        if (which == 0) return vec3(1.00, 0.05, 0.02);
        if (which == 1) return vec3(1.00, 0.48, 0.03);
        if (which == 2) return vec3(0.80, 0.02, 0.36);
        return vec3(1.00, 0.20, 0.01);
    }
    if (mood == 2) {
        if (which == 0) return vec3(0.30, 0.68, 1.00);
        if (which == 1) return vec3(0.80, 0.90, 1.00);
        if (which == 2) return vec3(0.05, 0.18, 0.95);
        return vec3(0.42, 0.32, 1.00);
    }
    if (which == 0) return vec3(0.02, 0.80, 0.62);
    if (which == 1) return vec3(0.03, 0.26, 0.95);
    if (which == 2) return vec3(1.00, 0.28, 0.06);
    return vec3(0.04, 0.62, 0.16);
}

// Where lantern i is: two slow rounds of its own about the shore, drawn together by gathering 0..1.
// Every LED works this out anew, so it does without sin and cos.
vec2 lantern_at(int i, float time_s, float width, float gathering) {
    float k = float(i);
    float a = time_s * (0.0175 + 0.0037 * k) + k * 0.382 + u_seed * 6.0;
    float b = time_s * (0.0302 - 0.0027 * k) + k * 0.207;
    vec2 orbit = vec2(0.36 * width * soft_wave(a) + 0.10 * width * soft_wave(b), 0.42 * soft_wave(a * 1.31 + 0.25 + k));
    float round_turns = k * 0.125 + 0.08 * time_s;
    vec2 ring = 0.14 * vec2(soft_wave(round_turns), soft_wave(round_turns - 0.25));
    return shore * vec2(width, 1.0) + mix(orbit, ring, gathering);
}

vec4 piece(vec2 uv) {
    float height_m = u_size_m.y;
    float width = u_size_m.x / height_m;
    vec2 p = vec2(uv.x * width, uv.y);

    vec2 moved = current_at(p, u_time) * SPEED * current * u_delta;
    vec3 before = texture(u_previous, uv - moved / vec2(width, 1.0)).rgb;
    vec3 light = max(before * exp2(-u_delta / memory) - FADE_FLOOR * u_delta, 0.0);

    // A lantern is never smaller than what one LED can show.
    vec2 led = facade_pixel_size() / height_m;
    float radius = max(CORE, 0.62 * max(led.x, led.y));
    float gathering = pulse(gather, 3.0, 4.0);
    for (int i = 0; i < 8; i++) {
        if (i >= lanterns) break;
        vec2 away = (p - lantern_at(i, u_time, width, gathering)) / radius;
        float glow = exp(-dot(away, away));
        float flicker = 0.86 + 0.14 * soft_wave(u_time * (0.17 + 0.027 * float(i)) + 0.8 * float(i));
        light = max(light, lantern_color(i) * glow * flicker);
    }
    vec3 water = vec3(0.0005, 0.0035, 0.0120) * (0.6 + 0.8 * uv.y);
    return vec4(max(light, water), 1.0);
}
