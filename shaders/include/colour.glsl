// colour.glsl: colour arithmetic. Pieces work in linear light on the sRGB primaries; parameters of type color arrive so.

// Relative luminance of linear light (ITU-R BT.709). Returns 0..1 for light 0..1. Cost: one dot product.
float luminance(vec3 light) { return dot(light, vec3(0.2126, 0.7152, 0.0722)); }

// sRGB 0..1 -> linear 0..1 (IEC 61966-2-1). Cost: three pow.
vec3 srgb_to_linear(vec3 c) {
    return mix(pow((max(c, 0.0) + 0.055) / 1.055, vec3(2.4)), c / 12.92, lessThanEqual(c, vec3(0.04045)));
}

// Linear 0..1 -> sRGB 0..1 (IEC 61966-2-1). Cost: three pow.
vec3 linear_to_srgb(vec3 c) {
    return mix(1.055 * pow(max(c, 0.0), vec3(1.0 / 2.4)) - 0.055, c * 12.92, lessThanEqual(c, vec3(0.0031308)));
}

// Grey 0 .. unchanged 1 .. stronger above 1. Returns light >= 0. Cost: a dot product and a mix.
vec3 saturation(vec3 light, float amount) { return max(mix(vec3(luminance(light)), light, amount), 0.0); }

// Hue 0..1 (turns), chroma and value 0..1 -> linear light 0..1. Cost: about 15 instructions and three pow.
vec3 hsv(float hue, float chroma, float value) {
    vec3 wheel = clamp(abs(fract(hue + vec3(0.0, 2.0 / 3.0, 1.0 / 3.0)) * 6.0 - 3.0) - 1.0, 0.0, 1.0);
    return srgb_to_linear(value * mix(vec3(1.0), wheel, clamp(chroma, 0.0, 1.0)));
}

// From colour a to b as an eye expects, without the grey of a straight line (Ottosson's Oklab, 2020).
// a, b: linear light. t: 0..1, clamped. Returns linear light >= 0. Cost: about 60 instructions and six pow; palettes
// need it, per-LED loops do not.
vec3 mix_oklab(vec3 a, vec3 b, float t) {
    const mat3 TO_CONE = mat3(
        0.4122214708, 0.2119034982, 0.0883024619,
        0.5363325363, 0.6806995451, 0.2817188376,
        0.0514459929, 0.1073969566, 0.6299787005
    );
    const mat3 TO_LIGHT = mat3(
        4.0767416621, -1.2684380046, -0.0041960863,
        -3.3077115913, 2.6097574011, -0.7034186147,
        0.2309699292, -0.3413193965, 1.7076147010
    );
    // Oklab is linear in the cube roots of the cone responses, so mixing those is mixing Oklab.
    vec3 from = pow(max(TO_CONE * max(a, 0.0), 0.0), vec3(1.0 / 3.0));
    vec3 to = pow(max(TO_CONE * max(b, 0.0), 0.0), vec3(1.0 / 3.0));
    vec3 root = mix(from, to, clamp(t, 0.0, 1.0));
    return max(TO_LIGHT * (root * root * root), 0.0);
}

// Bring light above 1 back under 1 while keeping its hue; below knee (0..1) nothing changes. Cost: about ten instructions.
vec3 soft_limit(vec3 light, float knee) {
    float peak = max(light.r, max(light.g, light.b));
    float over = max(peak - knee, 0.0);
    float room = max(1.0 - knee, 1.0e-3);
    float limited = min(peak, knee) + room * over / (over + room);
    return light * (limited / max(peak, 1.0e-6));
}
