// Aurora: curtains seen from below. Each is a folded line; what you see at a place is how much cloth lies behind it.

#include "noise.glsl"
#include "ease.glsl"
#include "colour.glsl"

// Where the curtain's lower edge hangs at x: 0..1 of the wall's height.
float hem_at(float x, float k, float time_s) {
    float slow = value_noise(vec2(x * 0.55 + 11.0 * k, time_s * 0.050 + k));
    float fold = value_noise(vec2(x * 1.55 - 5.0 * k, time_s * 0.085 + 3.0 * k));
    return -0.08 + 0.17 * k + 0.44 * slow + 0.20 * fold;
}

// How many folds of cloth lie behind x, as a brightness of about 0..1: pleats that travel and open. Rays within pleats.
float pleats(float x, float k, float time_s, float fine) {
    float bend = 1.4 * value_noise(vec2(x * 0.9 + 3.0 * k, time_s * 0.07));
    float wide = value_noise(vec2(x * 1.7 + bend + 7.0 * k, time_s * 0.10));
    float narrow = value_noise(vec2(x * 6.3 + 2.0 * bend, time_s * 0.23 + 5.0 * k));
    float ray = value_noise(vec2(x * 21.0 + 3.0 * bend, time_s * 0.45 + 9.0 * k));
    float cloth = smoothstep(0.18, 0.88, wide) * (0.45 + 0.85 * narrow);
    return mix(cloth, cloth * (0.45 + 1.1 * ray), fine);
}

float star(vec2 p, float time_s) {
    ivec2 cell = ivec2(floor(p * 26.0));
    vec2 chance = random2(cell);
    if (random(cell.yx) > 0.09) return 0.0;
    vec2 away = (p * 26.0 - vec2(cell) - 0.2 - 0.6 * chance) / 0.12;
    float twinkle = 0.65 + 0.35 * sin(time_s * (0.4 + chance.x) + 40.0 * chance.y);
    return exp(-dot(away, away)) * twinkle * (0.25 + 0.75 * chance.y);
}

vec4 piece(vec2 uv) {
    float height_m = u_size_m.y;
    vec2 p = uv * u_size_m / height_m;
    float time_s = u_time + u_seed * 300.0;
    float moved = time_s * drift * 0.11;
    float edge = max(facade_pixel_size().y / height_m, 0.012);
    float fine = resolvable(0.09 * height_m);

    vec3 night = mix(vec3(0.000, 0.010, 0.022), vec3(0.004, 0.004, 0.020), uv.y);
    vec3 light = night * (0.6 + 0.8 * activity);

    for (int i = 0; i < 4; i++) {
        if (i >= curtains) break;
        float k = float(i) / 3.0;
        // Farther curtains move less and are seen smaller.
        float x = p.x * (1.0 + 0.5 * k) + moved * (1.0 - 0.45 * k) + 13.0 * k;
        float hem_y = hem_at(x, k, time_s);
        float above = p.y - hem_y;
        float cloth = pleats(x, k, time_s, fine);
        float tall = (0.16 + 0.34 * activity) * (0.65 + 0.7 * cloth);
        float rise = smoothstep(-0.6 * edge - 0.02, 0.4 * edge + 0.015, above);
        float body = rise * exp(-max(above, 0.0) / tall);
        // The wave of a flare runs along the curtain; nearer ones first.
        float wave = pulse(flare - 1.1 * p.x - 0.8 * k, 1.5, 2.5);
        float strength = cloth * (0.25 + 1.05 * activity) * (1.0 - 0.30 * k) * (1.0 + 0.9 * wave);
        vec3 tone = mix(hem, crown, smoothstep(0.02, 0.62, above / (0.35 + tall)));
        // A thin rim of the crown's colour below the hem, as strong displays have it.
        float rim = exp(-pow((above + 0.012) / (0.018 + 0.25 * edge), 2.0)) * fine;
        light += strength * (tone * body + 0.30 * crown * rim * activity);
    }
    if (stars) light += fine * vec3(0.55, 0.65, 0.80) * star(p, time_s) * exp(-9.0 * luminance(light));
    return vec4(soft_limit(light, 0.65), 1.0);
}
