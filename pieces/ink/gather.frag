// What would pile up: the velocity once more, and in blue how much more flows in here than out.

#include "water.glsl"

const ivec2 RIGHT = ivec2(1, 0);
const ivec2 UP = ivec2(0, 1);

vec4 piece(vec2 uv) {
    ivec2 at = here(uv);
    float gathers = texel(flow, at + RIGHT).x - texel(flow, at - RIGHT).x
        + texel(flow, at + UP).y - texel(flow, at - UP).y;
    return vec4(texel(flow, at).xy, gathers, 1.0);
}
