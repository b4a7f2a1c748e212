// Lantern: warm lights that climb a night sky, in heights of the lit rectangle.

#include "noise.glsl"
#include "ease.glsl"

const int LANTERNS = 32;
const float CLIMB_S = 34.0;        // from below the wall to above it, at rise 0.5
const float WISH_S = 24.0;         // of the one that was let go by hand
const float RADIUS = 0.078;        // of the paper, heights
const float LEAST_LEDS = 0.55;     // of an LED: a lantern is never smaller, or windows would lose it

// How a lantern lights a place that lies d away from its middle: the paper, brighter below where the flame is, and a
// glow around it. Returns light of the paper (x) and of the air (y).
vec2 lantern_at(vec2 d, float radius) {
    // A little taller than wide, narrower below.
    vec2 q = d / vec2(0.86 + 0.10 * clamp(d.y / radius, -1.0, 1.0), 1.12) / radius;
    float r2 = dot(q, q);
    float paper = exp(-1.5 * r2 * r2);
    float flame = 0.62 + 0.38 * exp(-2.5 * (q.y + 0.55) * (q.y + 0.55));
    return vec2(paper * flame, 0.30 * exp(-1.1 * sqrt(r2)));
}

vec4 piece(vec2 uv) {
    vec2 p = uv * u_size_m / u_size_m.y;
    float width = u_size_m.x / u_size_m.y;
    vec2 led = facade_pixel_size() / u_size_m.y;
    float radius = max(RADIUS * size, LEAST_LEDS * max(led.x, led.y));
    float time_s = u_time + u_seed * 900.0;

    // A sky that breathes: darker above, a trace of the town's light below, clouds nobody could swear to.
    float cloud = fbm(vec3(p * vec2(0.8, 1.6) + vec2(wind * time_s * 0.004, 0.0), time_s * 0.012), 3);
    vec3 sky = night * (0.30 + 0.75 * cloud) * mix(1.15, 0.45, clamp(p.y, 0.0, 1.0));
    sky += vec3(0.050, 0.021, 0.008) * exp(-4.5 * p.y);
    vec3 color = sky;

    float pace = mix(0.25, 1.75, rise) / CLIMB_S;
    vec3 ember_tone = paper * vec3(1.0, 0.50, 0.28);
    for (int i = 0; i < LANTERNS; i++) {
        float k = float(i);
        float own = random(ivec2(i, 7));
        // Far ones are smaller, dimmer, slower: drawn first.
        float near = (k + 0.5) / float(LANTERNS);
        float turn = time_s * pace * (0.55 + 0.45 * near) * (0.85 + 0.30 * own) + random(ivec2(i, 3));
        float journey = floor(turn);
        float along = turn - journey;
        vec2 luck = random2(ivec2(i * 31 + 5, int(journey)));
        // Each journey has its own start; who stays on the ground this time is drawn by lot.
        float flies = smoothstep(0.0, 0.12, crowd * 1.12 - luck.y);
        float reach = radius * mix(0.55, 1.15, near);
        float drift = wind * (0.30 + 0.55 * along) * along + 0.035 * sin(time_s * (0.22 + 0.2 * own) + k * 2.4);
        vec2 at = vec2(luck.x * (width + 0.6) - 0.3 + drift, mix(-2.0 * reach, 1.0 + 2.5 * reach, along));
        float flicker = 0.90 + 0.10 * value_noise(time_s * 1.3 + k * 17.0);
        // They go out one by one above two thirds of the wall.
        float burning = 1.0 - smoothstep(0.70 + 0.25 * own, 1.0, along);
        vec2 light = lantern_at(p - at, reach) * flies * flicker * mix(0.45, 1.0, near) * (0.15 + 0.85 * burning);
        color = mix(color, paper * light.x, clamp(light.x * 1.4, 0.0, 0.92));
        color += ember_tone * light.y * 0.55;
    }

    float along = wish / WISH_S;
    float reach = radius * 2.1;
    float shown = ease_in_out(wish / 3.0) * (1.0 - ease_in_out((along - 0.72) / 0.28));
    vec2 at = vec2(0.5 * width + wind * 0.4 * along * along, mix(-1.2 * reach, 1.0 + 1.6 * reach, clamp(along, 0.0, 1.0)));
    vec2 light = lantern_at(p - at, reach) * shown;
    color = mix(color, paper * light.x, clamp(light.x * 1.4, 0.0, 0.95)) + ember_tone * light.y * 0.6;
    return vec4(color, 1.0);
}
