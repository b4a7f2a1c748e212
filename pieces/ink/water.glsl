// water.glsl: what the passes of Ink agree on. Lengths are in heights of the lit rectangle, velocities in heights a second.

vec2 wall_size() { return vec2(u_size_m.x / u_size_m.y, 1.0); }

// Where what is here now was one frame ago, in uv.
vec2 upstream(vec2 uv, vec2 velocity) { return uv - velocity * u_delta / wall_size(); }

// 0 at the walls of the tank, 1 a little inside.
float inside(vec2 uv) {
    vec2 from_wall = min(uv, 1.0 - uv) * wall_size();
    return smoothstep(0.0, 0.03, min(from_wall.x, from_wall.y));
}

// Texels without filtering, which is what costs most on a machine without a graphics card.
vec4 texel(sampler2D picture, ivec2 at) {
    return texelFetch(picture, clamp(at, ivec2(0), textureSize(picture, 0) - 1), 0);
}

// The texel of a target that is as large as the one being drawn.
ivec2 here(vec2 uv) { return ivec2(uv * u_resolution); }
