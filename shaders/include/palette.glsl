// palette.glsl: ramps of linear light. t is clamped to 0..1 unless said otherwise; all return 0..1 a channel.

// Cosine palette: middle + amplitude * cos(turns). t: any. Returns middle -/+ amplitude. Cost: three cos.
vec3 cosine_palette(float t, vec3 middle, vec3 amplitude, vec3 frequency, vec3 phase) {
    return middle + amplitude * cos(6.28318530718 * (frequency * t + phase));
}

// Four colours at 0, 1/3, 2/3, 1 with smooth joints. Cost: about 15 instructions.
vec3 ramp4(float t, vec3 a, vec3 b, vec3 c, vec3 d) {
    float x = clamp(t, 0.0, 1.0) * 3.0;
    vec3 low = mix(a, b, smoothstep(0.0, 1.0, x));
    vec3 high = mix(c, d, smoothstep(2.0, 3.0, x));
    return mix(low, high, smoothstep(1.0, 2.0, x));
}

// Black, dark red, orange, pale yellow: a body getting hot. Cost: five instructions.
vec3 heat(float t) {
    t = clamp(t, 0.0, 1.0);
    float hot = t * t;
    return vec3(min(1.0, t * (0.25 + 1.15 * t)), 0.62 * hot * (0.15 + 0.85 * t), 0.28 * hot * hot * hot);
}

// Midnight blue, violet, rose, amber. Cost: ramp4.
vec3 dusk(float t) {
    return ramp4(t, vec3(0.004, 0.010, 0.050), vec3(0.085, 0.020, 0.160), vec3(0.620, 0.090, 0.140), vec3(1.000, 0.430, 0.100));
}

// Abyss, deep teal, sea green, foam. Cost: ramp4.
vec3 sea(float t) {
    return ramp4(t, vec3(0.001, 0.006, 0.030), vec3(0.002, 0.060, 0.120), vec3(0.020, 0.300, 0.320), vec3(0.600, 0.900, 0.820));
}

// Night green, emerald, cyan, magenta: what oxygen and nitrogen do above the poles. Cost: ramp4.
vec3 polar(float t) {
    return ramp4(t, vec3(0.000, 0.060, 0.020), vec3(0.040, 0.750, 0.220), vec3(0.030, 0.300, 0.600), vec3(0.420, 0.030, 0.420));
}
