// Canopy: every gap between leaves throws a round picture of the sun. Lengths in heights of the lit rectangle.
// u_time begins again after 16,384 s; every movement here goes round a whole number of times in it, so nobody sees that.

#include "colour.glsl"
#include "ease.glsl"
#include "noise.glsl"

const float ROUND_S = 16384.0;

// Whole rounds in ROUND_S: a wave of about period_s that is never cut. phase: turns. Returns -1..1.
float lasting_wave(float period_s, float phase) {
    float rounds = max(1.0, floor(ROUND_S / period_s + 0.5));
    return soft_wave(fract(u_time / ROUND_S * rounds) + phase);
}

// Four seasons in a circle. at: 0..1, from spring. Returns the mix of four colours.
vec3 through_the_year(float at, vec3 spring, vec3 summer, vec3 autumn, vec3 winter) {
    float x = fract(at) * 4.0;
    float t = ease_in_out((fract(x) - 0.2) / 0.8);
    int s = int(x);
    vec3 from = s == 0 ? spring : s == 1 ? summer : s == 2 ? autumn : winter;
    vec3 to = s == 0 ? summer : s == 1 ? autumn : s == 2 ? winter : spring;
    return mix(from, to, t);
}

// Suns thrown by the gaps of one branch: x the light, y how much of it came through leaves.
// cell: heights between gaps. radius: of a sun. bend: how far the wind has carried the branch.
vec2 suns(vec2 p, float cell, float radius, vec2 bend, float open, float led, int branch) {
    vec2 q = (p + bend) / cell;
    ivec2 here = ivec2(floor(q));
    vec2 sum = vec2(0.0);
    for (int y = -1; y <= 1; y++) {
        for (int x = -1; x <= 1; x++) {
            ivec2 at = here + ivec2(x, y);
            vec2 chance = random2(at + 37 * branch);
            vec2 more = random2(at.yx + 91 * branch + 7);
            float size = radius * (0.65 + 0.7 * more.y) / cell;
            float soft = 0.55 * size + 0.5 * led / cell;
            vec2 from = q - vec2(at) - 0.25 - 0.5 * chance;
            float reach = size + soft + 0.03 + 0.10 * wind;
            if (dot(from, from) > reach * reach) continue;
            // Each gap opens and closes in its own minutes, and trembles in its own seconds.
            float opens = smoothstep(-0.25, 0.75, lasting_wave(70.0 + 130.0 * more.x, more.y) + 1.5 * open - 0.85);
            vec2 tremble = vec2(lasting_wave(5.0 + 4.0 * chance.x, chance.y), lasting_wave(6.0 + 5.0 * chance.y, more.x));
            float away = length(from - (0.02 + 0.07 * wind) * tremble);
            float disc_light = opens * (1.0 - smoothstep(size - soft, size + soft, away));
            float strength = 0.25 + 0.95 * chance.x * chance.x + 0.3 * more.y;
            sum += strength * disc_light * vec2(1.0, step(0.45, more.x));
        }
    }
    return sum;
}

vec4 piece(vec2 uv) {
    vec2 p = uv * u_size_m / u_size_m.y;
    float led = max(facade_pixel_size().x, facade_pixel_size().y) / u_size_m.y;
    float windows = smoothstep(0.08, 0.20, led);

    float years = year == 0 ? 8.0 : year == 1 ? 4.0 : year == 2 ? 2.0 : 1.0;
    float at = fract(u_time / ROUND_S * years + season);
    // How many leaves there are: few in winter, most in summer.
    float foliage = 0.5 - 0.5 * soft_wave(at - 0.25 - 0.5);
    float open = clamp(0.85 - 0.55 * leaves - 0.20 * foliage, 0.0, 1.0);

    // The wind comes in waves that travel across the wall; a gust is one more.
    float travel = 0.35 * p.x - 0.12 * p.y;
    float breeze = lasting_wave(23.0, -travel) + 0.6 * lasting_wave(13.0, -1.7 * travel + 0.3) + 0.5 * lasting_wave(71.0, 0.2);
    float blown = pulse(gust - 0.7 * p.x, 2.6, 4.0);
    vec2 bend = (0.035 * wind * breeze + 0.16 * blown) * vec2(1.0, 0.28);
    vec2 drift = 0.5 * vec2(lasting_wave(910.0, u_seed), lasting_wave(1170.0, u_seed + 0.4));

    float grown = mix(1.0, 1.7, windows);
    vec2 far = suns(p + drift + 10.0 * u_seed, 0.33 * grown, 0.15 * grown, 0.7 * bend, open, led, 1);
    vec2 near = suns(p - 0.6 * drift + 3.0, 0.21 * grown, 0.085 * grown, 1.3 * bend, open - 0.12, led, 2);
    vec2 lit = far + 0.75 * near;

    vec3 sunlight = through_the_year(at, vec3(1.00, 0.72, 0.34), vec3(1.00, 0.80, 0.44), vec3(1.00, 0.50, 0.15), vec3(1.00, 0.66, 0.36));
    vec3 leaf = through_the_year(at, vec3(0.30, 0.80, 0.06), vec3(0.03, 0.50, 0.09), vec3(1.00, 0.13, 0.01), vec3(0.05, 0.13, 0.46));
    vec3 shade = through_the_year(at, vec3(0.006, 0.024, 0.010), vec3(0.002, 0.020, 0.014), vec3(0.020, 0.007, 0.006), vec3(0.005, 0.009, 0.028));

    // Clouds pass before the sun; never all of it, never quickly.
    float cloud = 0.72 + 0.20 * lasting_wave(190.0, -0.10 * p.x) + 0.08 * lasting_wave(67.0, 0.5 - 0.2 * p.x);
    float green = fbm(p * 2.3 + drift + bend, 3);
    vec3 light = shade * (0.3 + 0.9 * green);
    light += leaf * (0.008 + 0.055 * green * green * (0.4 + 0.6 * foliage)) * (0.4 + 0.6 * sun);
    // Where two suns overlap it is whiter; what came through a leaf has its colour.
    float shone = mix(lit.x, 1.5 * lit.x * lit.x, windows);
    float through = lit.y / max(lit.x, 1.0e-4);
    vec3 tone = mix(sunlight, leaf * 1.15 + 0.06 * sunlight, 0.85 * through * min(1.0, 0.12 + 1.1 * foliage));
    light += tone * (1.0 - exp(-1.0 * shone)) * sun * cloud * 1.25;
    return vec4(soft_limit(light, 0.62), 1.0);
}
