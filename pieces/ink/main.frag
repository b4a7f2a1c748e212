// What is seen: two inks that shine where they are thick, over water that is almost black.

#include "colour.glsl"
#include "water.glsl"

const float RELIEF = 0.9;         // how much the edges of plumes stand out

// Deep in its own colour where thin, paler where thick. amount: of ink, 0 and up.
vec3 shine(vec3 tint, float amount) {
    float body = 1.0 - exp(-1.5 * amount);
    vec3 thin = tint * tint * 0.55;
    vec3 thick = mix(tint, vec3(1.0, 0.95, 0.88), 0.16);
    return mix(thin, thick, body * body) * body;
}

vec4 piece(vec2 uv) {
    vec2 both = texture(ink, uv).rg;
    // Light from above: the upper rim of a plume is brighter, its lower side darker.
    vec2 texel = 1.0 / vec2(textureSize(ink, 0));
    vec2 above = texture(ink, uv + vec2(0.5, 1.5) * texel).rg;
    vec2 below = texture(ink, uv - vec2(0.5, 1.5) * texel).rg;
    vec2 lit = clamp(1.0 - RELIEF * (above - below) / (0.25 + both), 0.45, 1.7);

    vec3 light = shine(first, both.r) * lit.r + shine(second, both.g) * lit.g;
    vec3 water = mix(first, second, 0.35) * vec3(0.020, 0.024, 0.036) * (0.6 + 0.9 * uv.y);
    return vec4(soft_limit(0.92 * light + water, 0.7), 1.0);
}
