// Tide: sky, sun, and swells behind one another, in heights of the lit rectangle.

#include "noise.glsl"
#include "ease.glsl"

const float TIDE_PERIOD_S = 95.0;
const float TIDE_RANGE = 0.10;
const float SUN_RADIUS = 0.13;

struct Light {
    vec3 zenith;
    vec3 horizon;
    vec3 sun;
    vec3 far_water;
    vec3 near_water;
    vec3 crest;
};

Light light_of(int which) {
    if (which == 1) {
        return Light(
            vec3(0.015, 0.085, 0.300), vec3(0.140, 0.330, 0.440), vec3(1.000, 0.880, 0.600),
            vec3(0.060, 0.340, 0.400), vec3(0.000, 0.050, 0.130), vec3(0.620, 0.900, 0.800)
        );
    }
    if (which == 2) {
        return Light(
            vec3(0.002, 0.004, 0.020), vec3(0.018, 0.034, 0.085), vec3(0.640, 0.720, 0.820),
            vec3(0.016, 0.050, 0.105), vec3(0.000, 0.006, 0.022), vec3(0.260, 0.380, 0.520)
        );
    }
    return Light(
        vec3(0.022, 0.008, 0.110), vec3(0.800, 0.115, 0.040), vec3(1.000, 0.480, 0.090),
        vec3(0.085, 0.030, 0.200), vec3(0.000, 0.016, 0.075), vec3(1.000, 0.300, 0.120)
    );
}

// Height of swell i above its own rest at x, about -1..1. Three long waves that never meet in the same way again.
float swell_at(float x, int i, float time_s) {
    float k = float(i);
    float speed = 0.16 + 0.05 * k;
    float a = sin(x * (2.1 + 0.55 * k) - time_s * speed * 2.3 + k * 1.9);
    float b = sin(x * (3.7 - 0.35 * k) + time_s * speed * 1.4 + k * 4.1);
    float c = sin(x * (1.1 + 0.20 * k) - time_s * speed * 0.9 + k * 2.7);
    // Crests sharper than troughs, as water has them.
    float wave = 0.45 * a + 0.25 * b + 0.30 * c;
    return wave + 0.22 * wave * abs(wave);
}

// The great wave of a surge: a hump that crosses the wall from the left in nine seconds, rising as it comes.
float great_wave(float x, float since_s, float width) {
    float at = mix(-0.6, width + 0.6, since_s / 9.0);
    float away = (x - at) / 0.42;
    return exp(-away * away) * smoothstep(0.0, 2.0, since_s) * (1.0 - smoothstep(8.0, 11.0, since_s));
}

vec4 piece(vec2 uv) {
    float height_m = u_size_m.y;
    vec2 p = uv * u_size_m / height_m;
    float width = u_size_m.x / height_m;
    float edge = max(facade_pixel_size().y / height_m, 0.004);
    float time_s = u_time + u_seed * 400.0;
    Light light = light_of(hour);

    float tide = TIDE_RANGE * sin(6.28318530718 * time_s / TIDE_PERIOD_S);
    float water = mix(0.02, 0.86, level) + tide;

    vec2 to_sun = p - sun * u_size_m / height_m;
    float from_sun = length(to_sun);
    float haze = fbm(vec3(p * vec2(0.9, 3.2) + vec2(time_s * 0.012, 0.0), time_s * 0.02), 3);
    vec3 sky = mix(light.horizon, light.zenith, smoothstep(-0.10, 0.58, p.y - water + 0.30 * (haze - 0.5)));
    vec3 halo = light.sun * mix(vec3(1.0), light.horizon / max(max(light.horizon.r, light.horizon.g), light.horizon.b), 0.65);
    sky += halo * (0.30 * exp(-4.5 * from_sun) + 0.07 * haze * exp(-1.4 * from_sun));
    sky = mix(sky, light.sun, 1.0 - smoothstep(SUN_RADIUS - edge, SUN_RADIUS + edge, from_sun));
    vec3 color = sky;

    // Reflections and foam lines are thinner than a window; there only the colour of the water may speak.
    float fine = 0.25 + 0.75 * resolvable(0.10 * height_m);
    float great = great_wave(p.x, surge, width);
    for (int i = 0; i < 5; i++) {
        if (i >= depth) break;
        // 0 far .. 1 near. The nearer a swell, the lower it lies, the higher it runs, the darker it is.
        float nearness = depth > 1 ? float(i) / float(depth - 1) : 0.5;
        float rest = water * (1.0 - 0.82 * nearness) + 0.05 * (1.0 - nearness);
        float height = (0.03 + 0.15 * waves) * (0.55 + 0.75 * nearness);
        float top = rest + height * swell_at(p.x, i, time_s) + great * (0.34 - 0.12 * nearness);
        float below = top - p.y;
        float covered = smoothstep(-0.5 * edge, 0.5 * edge, below);

        vec3 body = mix(light.far_water, light.near_water, nearness);
        body *= 0.55 + 0.75 * exp(-5.0 * max(below, 0.0));
        // The path of the sun: broken reflections, widening towards the viewer.
        float glint = value_noise(vec3(p.x * 7.0, p.y * 26.0 - time_s * 0.25, time_s * 0.35 + float(i)));
        float path = exp(-pow(to_sun.x / (0.10 + 0.28 * nearness), 2.0));
        body += light.sun * path * smoothstep(0.45, 0.95, glint) * (0.60 - 0.30 * nearness) * fine;
        float line = exp(-max(below, 0.0) / max(0.016 + 0.02 * nearness, 0.35 * edge));
        float lit = 0.35 + 0.65 * exp(-1.6 * abs(to_sun.x));
        body += light.crest * line * lit * (0.30 + 0.22 * nearness + 0.45 * great) * fine;
        color = mix(color, body, covered);
    }
    return vec4(color, 1.0);
}
