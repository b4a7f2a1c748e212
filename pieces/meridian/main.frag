// Meridian: what time it is in another city. Three rows of six lights count it on any wall: two hours a light above, ten
// minutes a light in the middle, ten seconds a light below. Where letters can be read, figures stand over small rows.

#include "noise.glsl"
#include "ease.glsl"
#include "shape.glsl"
#include "colour.glsl"

const float HOURS = 0.0;
const float MINUTES = 1.0;
const int AUTO = 0;
const int FIGURES = 1;

const vec3 SKIES[9] = vec3[9](
    vec3(0.004, 0.006, 0.040),   // midnight
    vec3(0.010, 0.008, 0.060),   // three
    vec3(0.260, 0.070, 0.120),   // six: rose
    vec3(0.130, 0.240, 0.420),   // nine
    vec3(0.090, 0.330, 0.600),   // noon
    vec3(0.160, 0.290, 0.440),   // three
    vec3(0.480, 0.150, 0.060),   // six: gold
    vec3(0.150, 0.030, 0.170),   // nine: violet
    vec3(0.004, 0.006, 0.040)    // midnight
);

// The colour of the sky at an hour 0..24, linear light.
vec3 sky_at(float hour) {
    float at = clamp(hour / 3.0, 0.0, 7.999);
    int i = int(at);
    return mix(SKIES[i], SKIES[i + 1], ease_in_out(at - float(i)));
}

// One light of a row. row: HOURS, MINUTES or seconds. column: 0..5. Lights that are full go out together, and slowly.
vec3 light_of(float row, float column) {
    const vec3 DARK = vec3(0.0);
    vec3 noon = vec3(1.0, 0.92, 0.80);
    if (row == HOURS) {
        bool late = here.x >= 12.0;
        float filled = clamp(mod(here.x, 12.0) / 2.0 - column, 0.0, 1.0);
        vec3 before = late ? morning : mix(evening, DARK, ease_in_out(here.x * 3600.0 / 30.0));
        return mix(before, late ? evening : morning, filled);
    }
    float turn = row == MINUTES ? here.y : here.z;
    float filled = clamp(turn / 10.0 - column, 0.0, 1.0);
    float since_s = row == MINUTES ? here.y * 60.0 : here.z;
    float going = 1.0 - ease_in_out(since_s / (row == MINUTES ? 12.0 : 5.0));
    vec3 tone = row == MINUTES ? noon : 0.42 * mix(noon, mix(morning, evening, step(12.0, here.x)), 0.45);
    return tone * max(filled, going);
}

// Ink 0..1 of a drawn text whose middle is at centre and whose line is height high; in metres. Four looks an LED.
float ink(sampler2D text, vec2 p, vec2 centre, float height) {
    vec2 size = vec2(textureSize(text, 0));
    vec2 scale = vec2(height * size.x / size.y, height);
    if (any(greaterThan(abs(p - centre), 0.5 * scale + facade_pixel_size()))) return 0.0;
    vec2 step_m = 0.25 * facade_pixel_size();
    float sum = 0.0;
    for (int i = 0; i < 4; i++) {
        vec2 off = step_m * vec2(float(i & 1) * 2.0 - 1.0, float(i >> 1) * 2.0 - 1.0);
        vec2 at = (p + off - centre) / scale + 0.5;
        if (all(greaterThan(at, vec2(0.0))) && all(lessThan(at, vec2(1.0)))) sum += texture(text, at).r;
    }
    return 0.25 * sum;
}

// Height of a line that is at most so high and so wide.
float line_height(sampler2D text, float height, float width) {
    vec2 size = vec2(textureSize(text, 0));
    return min(height, width * size.y / size.x);
}

// The rows are the wall: a window, or what comes nearest to one, is a light.
vec3 on_windows(vec2 uv, vec3 light) {
    vec2 at = clamp(uv * vec2(6.0, 3.0), vec2(0.0), vec2(5.999, 2.999));
    vec2 within = fract(at) - 0.5;
    float body = mix(1.0, 0.55 + 0.45 * exp(-4.0 * dot(within, within)), resolvable(u_size_m.x / 12.0));
    return 0.45 * light + rows * body * light_of(2.0 - floor(at.y), floor(at.x));
}

// Figures, words, and the same rows small below them. large: height of the figures' line in metres.
vec3 in_figures(vec2 p, vec2 wall, float large, vec3 light, bool is_day) {
    float edge = pixel_edge_m();
    // The figures change while they are gone.
    float swap = smoothstep(0.0, 1.2, here.z) * smoothstep(0.0, 1.2, 60.0 - here.z);
    float big = ink(figures, p, wall * vec2(0.5, 0.545), large) * swap;
    float under = ink(words, p, wall * vec2(0.5, 0.255), line_height(words, 0.135 * wall.y, 0.80 * wall.x));
    vec3 white = is_day ? vec3(1.0, 0.93, 0.83) : vec3(0.88, 0.90, 0.94);
    vec3 shown = light * (1.0 - 0.85 * max(big, under)) + white * (0.95 * big + 0.60 * under);

    vec2 all_rows = wall * vec2(0.66, 0.128);
    vec2 at = (p - wall * vec2(0.17, 0.045)) / all_rows * vec2(6.0, 3.0);
    if (at.x <= 0.0 || at.x >= 6.0 || at.y <= 0.0 || at.y >= 3.0) return shown;
    vec2 size_m = all_rows / vec2(6.0, 3.0);
    float gap = 0.8 * max(edge, 0.01 * wall.y);
    float shape = fill(box((fract(at) - 0.5) * size_m, 0.5 * size_m - gap), edge);
    vec3 lamp = light_of(2.0 - floor(at.y), floor(at.x));
    return mix(shown, shown * 0.35 + 0.02 + 0.85 * rows * lamp, shape);
}

vec4 piece(vec2 uv) {
    vec2 wall = u_size_m;
    vec2 p = uv * wall;
    // A figure's stroke is about a tenth of its height; letters want strokes of two LEDs.
    float large = line_height(figures, 0.56 * wall.y, 0.86 * wall.x);
    float fine = form == AUTO ? resolvable(0.26 * large) : form == FIGURES ? 1.0 : 0.0;

    // The sky: brighter towards the horizon, with slow clouds and the sun or moon behind the figures.
    float drift = fbm(vec3(p / wall.y * vec2(1.3, 2.6) + vec2(u_time * 0.012, u_seed * 40.0), u_time * 0.03), 3);
    float height = clamp(uv.y * 1.15, 0.0, 1.0);
    // Higher air is the air of a later hour: every dusk is a gradient.
    vec3 low = sky_at(here.x);
    vec3 high = sky_at(mod(here.x + 1.6, 24.0)) * vec3(0.55, 0.62, 0.80);
    vec3 air = mix(low, high, height) * mix(0.75, 0.22, height) * (0.55 + 0.9 * drift);
    bool is_day = here.x >= 6.0 && here.x < 18.0;
    // Both rise on the left and set on the right, the moon when the sun has gone.
    float arc = 3.14159265 * mod(here.x - (is_day ? 6.0 : 18.0), 24.0) / 12.0;
    vec2 orb = wall * vec2(0.5 - 0.40 * cos(arc), 0.16 + 0.56 * sin(arc));
    vec3 shine = is_day ? vec3(1.0, 0.74, 0.36) : vec3(0.40, 0.50, 0.85);
    float away = length(p - orb) / wall.y;
    vec3 halo = shine * (0.50 * exp(-pow(away / 0.11, 2.0)) + 0.22 * exp(-away / 0.20)) * (is_day ? 1.0 : 0.5);
    vec3 light = sky * (air + fine * halo);

    vec3 coarse = fine < 1.0 ? on_windows(uv, light) : light;
    vec3 exact = fine > 0.0 ? in_figures(p, wall, large, light, is_day) : light;
    return vec4(soft_limit(mix(coarse, exact, fine), 0.75), 1.0);
}
