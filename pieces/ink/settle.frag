// The velocity without what pressure takes out of it.

#include "water.glsl"

const ivec2 RIGHT = ivec2(1, 0);
const ivec2 UP = ivec2(0, 1);

vec4 piece(vec2 uv) {
    ivec2 at = here(uv);
    vec2 slope = vec2(
        texel(pressure, at + RIGHT).r - texel(pressure, at - RIGHT).r,
        texel(pressure, at + UP).r - texel(pressure, at - UP).r
    );
    return vec4((texel(flow, at).xy - 0.5 * slope) * inside(uv), 0.0, 1.0);
}
