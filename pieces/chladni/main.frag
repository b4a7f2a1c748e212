// Chladni: standing waves of a plate, as Ernst Chladni drew them in sand in 1787. Lengths in heights of the lit rectangle.
// Brightness follows the slow levels only; what is fast in the sound moves the sand a little, and time itself.

#include "colour.glsl"
#include "ease.glsl"
#include "noise.glsl"
#include "sound.glsl"

const float PI = 3.14159265359;
// Figures a second in silence, and more for each second at full level: so that whole rounds of eight figures fit into the
// 16,384 s after which time begins again, at three quarters and five quarters of the pace too.
const float OWN_PACE = 160.0 / 16384.0;
const float BOWED_PACE = 1216.0 / 16384.0;
const float LINE = 0.085; // width of the sand, in swings

// Figure k as two wave numbers; neighbours differ by little, so that one flows into the next.
vec2 waves_of(float k) {
    int i = int(mod(k, 8.0));
    if (i == 0) return vec2(1.0, 2.0);
    if (i == 1) return vec2(1.0, 3.0);
    if (i == 2) return vec2(2.0, 3.0);
    if (i == 3) return vec2(1.0, 4.0);
    if (i == 4) return vec2(2.0, 4.0);
    if (i == 5) return vec2(3.0, 2.0);
    if (i == 6) return vec2(2.0, 1.0);
    return vec2(3.0, 1.0);
}

// Swing of a mode at p, -2..2, and its slope: x, y. turned: +1 or -1, which of the two figures of a pair it is.
vec3 mode(vec2 p, vec2 n, float turned) {
    vec4 turns = PI * vec4(n.x * p, n.y * p);
    vec4 c = cos(turns);
    vec4 s = sin(turns);
    float swing = c.x * c.w + turned * c.z * c.y;
    vec2 slope = vec2(-n.x * s.x * c.w - turned * n.y * s.z * c.y, -n.y * c.x * s.w - turned * n.x * c.z * s.y);
    return vec3(swing, PI * slope);
}

// One figure on its way to the next, as a tone that glides.
vec3 figure_at(vec2 p, float step_at, float size, float turned) {
    float whole = floor(step_at);
    float along = ease_in_out((step_at - whole - 0.15) / 0.85);
    return mode(p, size * mix(waves_of(whole), waves_of(whole + 1.0), along), turned);
}

vec4 piece(vec2 uv) {
    float height_m = u_size_m.y;
    vec2 p = (uv - 0.5) * u_size_m / height_m;
    float led = max(facade_pixel_size().x, facade_pixel_size().y) / height_m;

    float blow = pulse(strike, 2.0, 3.0);
    float loud = answer * max(slow_level(sound), 0.0);
    float bass = answer * slow_bass(sound);
    float mid = answer * slow_mid(sound);
    float high = answer * slow_treble(sound);
    float shiver = answer * (sound_level(sound) - slow_level(sound));

    // A few large windows are no place for lines: there the halves of the plate are colours, and sand is a window at rest.
    float windows = smoothstep(0.08, 0.20, led);

    float now = 3.0 + u_seed * 8.0 + u_time * OWN_PACE + answer * sound_drive(sound) * BOWED_PACE;
    float size = mix(0.75 + 0.9 * figure, 0.55 + 0.25 * figure, windows);

    // The ground figure belongs to the bass, the second to the middle, the lace to the treble; each waits for a wall that shows it.
    vec3 field = (0.55 + 0.45 * bass) * figure_at(p, now, size, -1.0);
    float second = resolvable(height_m / (3.5 * size));
    if (second > 0.0) field += second * (0.16 + 0.60 * mid) * figure_at(p.yx + 0.13 * bass, now * 1.25 + 2.0, 1.5 * size, 1.0);
    float lace = resolvable(height_m / (9.0 * size)) * (0.02 + 0.40 * high);
    if (lace > 0.0) field += lace * figure_at(p, now * 0.75 + 5.0, 3.4 * size, 1.0);

    float swing = field.x;
    float steep = length(field.yz);
    // Sand lies where it does not swing. A line is never thinner than an LED; what that adds in width it loses in light.
    float line = LINE * (1.0 + 0.2 * shiver);
    float width = mix(sqrt(line * line + 0.30 * steep * steep * led * led), 0.17, windows);
    float grains = mix(1.0, 0.55 + 0.9 * value_noise(uv * u_size_m / (0.012 * height_m)), resolvable(0.05 * height_m) * 0.8);
    float lying = exp(-swing * swing / (width * width)) * mix(line / width, 1.0, windows) * grains;

    float breathing = 0.5 + 0.5 * soft_wave(u_time / 16.0);
    float life = 0.16 + 0.06 * breathing + 0.62 * loud + 0.22 * blow;
    float full = mix(1.5, 0.8, windows);
    float up = smoothstep(0.0, full, swing);
    float down = smoothstep(0.0, full, -swing);
    vec3 light = (rising * up * up + falling * down * down) * life * (1.0 + 0.8 * windows);
    light += vec3(0.0020, 0.0030, 0.0080);
    light += sand * lying * (0.20 + 0.05 * breathing + 0.75 * loud + 0.22 * blow);
    return vec4(soft_limit(light, 0.6), 1.0);
}
