// Ember: coals seen through the wall. Lengths are in heights of the lit rectangle, so the fire is as large as the house.

#include "noise.glsl"
#include "ease.glsl"

const float COAL = 0.135;         // size of a coal
const float WARM_PATCH = 0.38;    // size of the patches that glow together
const float RISE = 0.035;         // heights a second the warmth climbs
const float SPARK_LANE = 0.07;    // width of the lane a spark rises in

// Black, the tint's own deep shadow, the tint, and its palest heat.
vec3 burn(float t) {
    vec3 deep = tint * tint * vec3(0.60, 0.18, 0.10);
    vec3 pale = mix(tint * 1.1, vec3(1.0, 0.74, 0.30), 0.7);
    vec3 low = deep * smoothstep(0.02, 0.45, t);
    vec3 high = mix(tint * vec3(0.85, 0.80, 0.75), pale, smoothstep(0.72, 1.05, t));
    return mix(low, high, smoothstep(0.30, 0.85, t));
}

// x: 0 in the middle of a coal, 1 in the gaps between coals. y: a number 0..1 that is this coal's own. 18 hashes.
vec2 coals(vec2 p) {
    ivec2 cell = ivec2(floor(p));
    vec2 within = p - floor(p);
    float nearest = 8.0;
    float second = 8.0;
    float own = 0.0;
    for (int y = -1; y <= 1; y++) {
        for (int x = -1; x <= 1; x++) {
            vec2 chance = random2(cell + ivec2(x, y));
            float away = length(vec2(x, y) + 0.15 + 0.7 * chance - within);
            second = min(second, max(away, nearest));
            own = away < nearest ? chance.x : own;
            nearest = min(nearest, away);
        }
    }
    float gap = second - nearest;
    return vec2(0.72 * exp(-14.0 * gap) + 0.36 * exp(-3.5 * gap), own);
}

// Brightness of the spark in this lane, 0..1. Each lane sends one, pauses, and sends another elsewhere.
float spark(vec2 p, float time_s) {
    int lane = int(floor(p.x / SPARK_LANE));
    float clock = time_s * 0.12 + random(ivec2(lane, 7)) * 9.0;
    int number = int(floor(clock));
    float life = clock - floor(clock);
    float chosen = step(random(ivec2(lane, number)), 0.35);
    float sway = 0.22 * sin(life * 9.0 + float(lane));
    float top = 0.35 + 0.6 * random(ivec2(number, lane));
    vec2 away = (p - vec2((float(lane) + 0.5 + sway) * SPARK_LANE, top * life)) / vec2(0.005, 0.008);
    return chosen * exp(-dot(away, away)) * (1.0 - life) * smoothstep(0.0, 0.1, life);
}

vec4 piece(vec2 uv) {
    float height_m = u_size_m.y;
    vec2 p = uv * u_size_m / height_m;
    float time_s = u_time * (0.3 + 1.6 * pace) + u_seed * 500.0;

    vec2 climbing = vec2(p.x, p.y - RISE * time_s) / WARM_PATCH;
    float drift = value_noise(vec3(climbing * 0.5, time_s * 0.06));
    float patches = fbm(vec3(climbing + 1.2 * drift, time_s * 0.12), 2);

    // Coals are for walls that can show them; on large windows each window is one coal of its own.
    float fine = resolvable(2.0 * COAL * height_m);
    vec2 grain = vec2(value_noise(p * 17.0), value_noise(p.yx * 17.0 + 40.0)) - 0.5;
    vec2 coal = coals(p / COAL + 0.55 * grain + 0.3 * drift);
    float own = mix(0.5, coal.y, fine);
    float beat = 0.5 + 0.5 * sin(time_s * (0.35 + 0.5 * own) + 40.0 * own + 9.0 * p.x);

    vec2 away = (p - hearth * u_size_m / height_m) * vec2(0.55, 1.05);
    float near = exp(-1.7 * length(away));
    float gust = pulse(stoke - 0.9 * length(away), 1.6, 3.5);

    float heat = (0.30 + 0.70 * warmth) * (0.22 + 1.15 * near) * (0.10 + 0.90 * smoothstep(0.16, 0.86, patches)) * (0.78 + 0.44 * beat);
    heat *= 1.45 * (1.0 + 0.5 * gust);
    float crust = 0.36 + 0.34 * own;
    heat *= mix(1.0, crust + 0.95 * coal.x, fine);

    vec3 light = burn(heat);
    if (sparks) light += fine * vec3(1.0, 0.5, 0.15) * spark(p, u_time) * (0.4 + 0.6 * warmth);
    return vec4(light, 1.0);
}
