// Pressure: one round of Jacobi's method for what keeps the flow free of sources. Warm from the frame before.

#include "water.glsl"

const ivec2 RIGHT = ivec2(1, 0);
const ivec2 UP = ivec2(0, 1);

vec4 piece(vec2 uv) {
    ivec2 at = here(uv);
    float around = texel(pressure, at - RIGHT).r + texel(pressure, at + RIGHT).r
        + texel(pressure, at - UP).r + texel(pressure, at + UP).r;
    // The flow does not change between the rounds, so what gathers here is kept from the first of them.
    float gathers = texel(flow, at).z;
    return vec4(0.25 * (around - 0.5 * gathers), 0.0, 0.0, 1.0);
}
