// shape.glsl: distances to shapes, and turning a distance into light. Distances are in the unit of the point given,
// negative inside. None of these uses derivatives, so they suit both domains.

// Distance to a disc around the origin. Cost: one sqrt.
float disc(vec2 p, float radius) { return length(p) - radius; }

// Distance to a circle's line of no width. Cost: one sqrt.
float ring(vec2 p, float radius) { return abs(length(p) - radius); }

// Distance to a box around the origin. half_size: from centre to sides. Cost: one sqrt.
float box(vec2 p, vec2 half_size) {
    vec2 q = abs(p) - half_size;
    return length(max(q, 0.0)) + min(max(q.x, q.y), 0.0);
}

// The same with rounded corners. radius: at most the smaller half size. Cost: one sqrt.
float rounded_box(vec2 p, vec2 half_size, float radius) { return box(p, half_size - radius) - radius; }

// Distance to the line from a to b. Cost: one division, one sqrt.
float segment(vec2 p, vec2 a, vec2 b) {
    vec2 along = b - a;
    float t = clamp(dot(p - a, along) / max(dot(along, along), 1.0e-9), 0.0, 1.0);
    return length(p - a - along * t);
}

// Signed distance to the half plane below a line through the origin; angle in radians, 0 is below the x axis. Cost: sin, cos.
float half_plane(vec2 p, float angle) { return dot(p, vec2(-sin(angle), cos(angle))); }

// Turn a point about the origin. angle: radians, counter-clockwise. Cost: sin, cos.
vec2 turn(vec2 p, float angle) {
    float c = cos(angle);
    float s = sin(angle);
    return vec2(c * p.x + s * p.y, c * p.y - s * p.x);
}

// Coverage 0..1 of a shape: 1 inside, 0 outside, an edge of the given width between. Cost: one smoothstep.
// edge: > 0, the size of one LED in the unit of the distance gives edges that neither alias nor blur.
float fill(float distance, float edge) { return 1.0 - smoothstep(-0.5 * edge, 0.5 * edge, distance); }

// Coverage 0..1 of a line of the given width around distance 0. Cost: one smoothstep.
float stroke(float distance, float width, float edge) { return fill(abs(distance) - 0.5 * width, edge); }

// A soft glow around distance 0: 1 on it, about a third at reach, falling off like a lamp in mist. Cost: one exp.
float glow(float distance, float reach) { return exp(-max(distance, 0.0) / max(reach, 1.0e-5)); }

// Size of one LED in metres, its longer side: the edge to give fill and stroke for distances in metres. Cost: one lookup.
float pixel_edge_m() {
    vec2 pixel = facade_pixel_size();
    return max(pixel.x, pixel.y);
}
