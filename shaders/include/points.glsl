// points.glsl: what a parameter of type points holds: fingers, markers or people that a tracker sees.

// How many there are. Returns 0 or more, at most the parameter's max. Bound loops by a constant and break. Cost: one texel.
int point_count(sampler2D points) { return int(texelFetch(points, ivec2(0, 0), 0).x); }

// Where one is, 0..1 from the bottom left like uv. i: 0 for the one that came first. Cost: one texel.
vec2 point_at(sampler2D points, int i) { return texelFetch(points, ivec2(i + 1, 0), 0).yz; }

// Its number, the same as long as it is there. Returns 1 or more. Cost: one texel.
float point_id(sampler2D points, int i) { return texelFetch(points, ivec2(i + 1, 0), 0).x; }

// Seconds since it came. Let it appear slowly: smoothstep(0.0, 1.0, point_age(people, i)). Cost: one texel.
float point_age(sampler2D points, int i) { return texelFetch(points, ivec2(i + 1, 0), 0).w; }
