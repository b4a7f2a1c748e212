// Volley: draws the game that behaviour.py plays. Lengths are in heights of the lit rectangle.

#include "noise.glsl"
#include "ease.glsl"
#include "colour.glsl"

const int TRAIL = 10;
const float CORE = 0.055;         // radius of the ball
const float THICK = 0.030;        // half the thickness of a player
const float FEAST_S = 7.0;        // how long a won game is celebrated

// 1 in the middle, soft, 0 from about two reaches on. away: in reaches.
float lamp(vec2 away) { return exp(-dot(away, away)); }

// A standing bar with round ends whose edges are as wide as an LED. Returns 0..1.
float bar(vec2 away, vec2 half_size, vec2 led) {
    vec2 beyond = max(abs(away) - half_size, 0.0) / max(led * 0.75, vec2(0.022));
    return exp(-dot(beyond, beyond));
}

vec4 piece(vec2 uv) {
    float width = u_size_m.x / u_size_m.y;
    vec2 wall = vec2(width, court);
    vec2 p = uv * vec2(width, 1.0);
    vec2 led = facade_pixel_size() / u_size_m.y;

    // What each has won: two dim grounds that breathe, and a seam between them.
    float seam = max(0.035, 0.5 * led.x / width);
    float cloud = fbm(vec3(1.7 * p, 0.11 * u_time + 40.0 * u_seed), 2);
    float side = smoothstep(-seam, seam, uv.x - border + 0.035 * (cloud - 0.5));
    vec3 own = mix(left_tint, right_tint, side);
    float swell = soft_wave(0.06 * u_time + 0.35 * uv.x + 0.2 * uv.y);
    vec3 light = own * (0.030 + 0.085 * cloud * cloud + 0.012 * swell);
    // Only fine walls have room for silk that blows towards the other side, and for the line itself.
    float fine = resolvable(0.25 * u_size_m.y);
    if (fine > 0.0) {
        float away = abs(uv.x - border) * width;
        float fold = value_noise(vec3(2.2 * away - 0.25 * u_time, 3.0 * p.y, 7.0 * side));
        float silk = soft_wave(5.0 * p.y + 1.4 * fold + 0.35 * away);
        light *= 1.0 + fine * (0.75 * silk * smoothstep(0.0, 0.5, away) + 0.9 * exp(-3.0 * away));
    }
    float line = exp(-abs(uv.x - border) * width / 0.012) * (0.75 + 0.25 * soft_wave(3.0 * uv.y - 0.3 * u_time));
    light += fine * line * 0.10 * mix(left_tint, right_tint, 0.5);

    // The last return runs over the ground as a ring in the colour of whoever struck.
    vec3 striker = mix(left_tint, right_tint, struck.w);
    float ring_at = 0.85 * struck.z;
    float ring_wide = max(0.07, 0.9 * max(led.x, led.y)) * (1.0 + 1.5 * struck.z);
    float ring_off = (length(p - struck.xy * wall) - ring_at) / ring_wide;
    light += striker * 0.20 * exp(-ring_off * ring_off) * exp(-1.1 * struck.z) * ease_in_out(struck.z / 0.25);

    // The players: a bar each, brighter for a moment when they have struck.
    vec2 half_size = vec2(max(THICK, 0.8 * grain), max(reach * court - 0.04, 0.03));
    float at_left = bar(p - vec2(0.055 * width, players.x * court), half_size, led);
    float at_right = bar(p - vec2(0.945 * width, players.y * court), half_size, led);
    float glow = 0.25 * pulse(struck.z, 0.30, 0.8);
    vec2 pushed = 0.18 * vec2(pulse(left_push, 0.8, 1.0), pulse(right_push, 0.8, 1.0));
    light = mix(light, left_tint * (0.55 + glow * (1.0 - struck.w) + pushed.x), at_left);
    light = mix(light, right_tint * (0.55 + glow * struck.w + pushed.y), at_right);

    // The ball and where it has been; warm white, tinted by whoever struck it last.
    vec2 size = max(vec2(max(CORE, 1.15 * grain)), 0.95 * led);
    vec3 white = mix(vec3(1.0, 0.90, 0.72), striker, 0.22);
    float path = 0.0;
    for (int i = 0; i < TRAIL; i++) {
        vec3 past = texelFetch(trail, ivec2(i, 0), 0).xyz;
        float left = 1.0 - (float(i) + 0.5) / float(TRAIL);
        path = max(path, past.z * left * left * lamp((p - past.xy * wall) / (size * (0.45 + 0.45 * left))));
    }
    light = mix(light, white * 0.75, 0.55 * path * fine);
    light = mix(light, white, ball.z * lamp((p - ball.xy * wall) / size));

    // A game is won: rings of the winner's colour from their side over the whole wall, and out.
    float feast = ease_in_out(won.y / 1.2) * (1.0 - ease_in_out((won.y - FEAST_S + 2.0) / 2.0));
    if (feast > 0.0) {
        vec3 winner = mix(left_tint, right_tint, won.x);
        vec2 from = vec2(won.x * width, 0.5 * court);
        float away = length(p - from);
        float wave = 0.5 + 0.5 * soft_wave(0.55 * away / max(1.0, 0.5 * width) - 0.22 * won.y);
        float spark = fine * smoothstep(0.72, 0.95, value_noise(vec3(14.0 * p, 0.8 * won.y)));
        vec3 feast_light = winner * (0.16 + 0.50 * wave) + vec3(1.0, 0.85, 0.6) * 0.5 * spark * wave;
        light = mix(light, feast_light, feast * smoothstep(0.0, 0.5, won.y * 0.9 - away));
    }
    return vec4(soft_limit(light, 0.8), 1.0);
}
