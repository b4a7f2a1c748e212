// The inks: red holds the first, green the second. Carried by the flow, fading, and added to by drops.

#include "noise.glsl"
#include "ease.glsl"
#include "water.glsl"

const float FADE_FLOOR = 0.004;   // ink a second that is lost however long it lasts, so that clear water is reached
const float SELDOM_S = 18.0;      // half of it is gone after this long, where drops are rare
const float OFTEN_S = 5.0;        // and where they are many
const float SEEP = 0.35;          // halvings a second, at the very floor
const float FLOW_IN = 1.9;        // ink a second in the middle of a drop
const float DROP_S = 2.6;         // how long a drop flows in
const float SIZE = 0.10;
const int DROPS = 3;              // that may fall at one time

// How much flows in here from a drop of this size, 0..1, with an uneven rim.
float drop_at(vec2 p, vec2 centre, float size, float rim) {
    vec2 away = (p - centre) / size;
    return exp(-dot(away, away) * rim);
}

vec4 piece(vec2 uv) {
    vec2 wall = wall_size();
    vec2 p = uv * wall;
    vec2 both = texture(ink, upstream(uv, texture(flow, uv).xy)).rg;
    // What has come to rest on the floor, or under the ceiling, seeps away.
    float memory_s = mix(SELDOM_S, OFTEN_S, rain);
    float rest = weight >= 0.0 ? uv.y : 1.0 - uv.y;
    float seeping = SEEP * (1.0 - smoothstep(0.0, 0.22, rest));
    both = max(both * exp2(-u_delta * (1.0 / memory_s + seeping)) - FADE_FLOOR * u_delta, 0.0);

    // A drop is never smaller than what one window shows.
    vec2 led = facade_pixel_size() / u_size_m.y;
    float size = max(SIZE, 0.62 * max(led.x, led.y));

    // Rain: clocks a part of a period apart, each letting one drop in a period.
    vec2 add = vec2(0.0);
    float rim = 0.7 + 0.6 * value_noise(9.0 * p);
    float period_s = mix(16.0, 4.5, rain);
    for (int i = 0; i < DROPS; i++) {
        float clock = u_time / period_s + float(i) / float(DROPS) + 1.0;
        int number = DROPS * int(floor(clock)) + i;
        vec2 chance = random2(ivec2(number, int(u_seed * 65536.0)));
        float age_s = (clock - floor(clock)) * period_s;
        float open = ease_in_out(age_s / 0.9) * (1.0 - ease_in_out((age_s - DROP_S + 0.9) / 0.9));
        float high = weight >= 0.0 ? mix(0.50, 0.82, chance.y) : mix(0.10, 0.45, chance.y);
        vec2 centre = vec2(mix(0.08, 0.92, chance.x), high) * wall;
        float falls = open * step(0.001, rain) * drop_at(p, centre, size * (0.75 + 0.5 * chance.y), rim);
        add += falls * (number % 2 == 0 ? vec2(1.0, 0.0) : vec2(0.0, 1.0));
    }
    add.r += 1.3 * pulse(drop, 1.2, 1.0) * drop_at(p, place * wall, 1.5 * size, rim);
    float curtain = exp(-pow(max(wall.y - p.y, 0.0) / (1.1 * size), 2.0));
    add.g += 0.75 * pulse(pour, 1.5, 1.6) * curtain * smoothstep(0.25, 0.75, value_noise(3.5 * p.x + 0.4 * u_time));

    both += FLOW_IN * u_delta * add * (1.0 - both / (both + 1.6));
    return vec4(both, 0.0, 1.0);
}
