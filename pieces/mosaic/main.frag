// Mosaic: square tiles of paper, each with a shape cut out of it, turning over one after the other.

#include "noise.glsl"
#include "ease.glsl"
#include "shape.glsl"

const float TURN_PART = 0.22;  // of a tile's period it spends turning; the rest it is still
const float PAPERS = 5.0;

// The papers of one palette; the fourth is always the accent. Linear light.
vec3 paper(int which, int number) {
    if (number == 3) return accent;
    if (which == 1) {
        if (number == 0) return vec3(0.004, 0.008, 0.040);
        if (number == 1) return vec3(0.016, 0.040, 0.200);
        if (number == 2) return vec3(0.020, 0.230, 0.420);
        return vec3(0.560, 0.700, 0.720);
    }
    if (which == 2) {
        if (number == 0) return vec3(0.020, 0.070, 0.050);
        if (number == 1) return vec3(0.060, 0.240, 0.160);
        if (number == 2) return vec3(0.700, 0.330, 0.090);
        return vec3(0.820, 0.620, 0.380);
    }
    if (which == 3) {
        if (number == 0) return vec3(0.003);
        if (number == 1) return vec3(0.030);
        if (number == 2) return vec3(0.160);
        return vec3(0.620, 0.600, 0.540);
    }
    if (number == 0) return vec3(0.008, 0.016, 0.070);
    if (number == 1) return vec3(0.010, 0.080, 0.380);
    if (number == 2) return vec3(0.900, 0.420, 0.020);
    return vec3(0.760, 0.640, 0.470);
}

// Distance to one of six shapes in a tile -0.5..0.5, in tiles.
float shape_of(vec2 p, float chance) {
    int kind = int(chance * 6.0);
    if (kind == 0) return disc(p, 0.36);
    if (kind == 1) return disc(p + 0.5, 1.0);
    if (kind == 2) return max(disc(p + vec2(0.0, 0.5), 0.5), -p.y - 0.5);
    if (kind == 3) return dot(p, vec2(0.7071, -0.7071));
    if (kind == 4) return abs(abs(p.y) - 0.25) - 0.10;
    return max(disc(p + 0.5, 0.80), -disc(p + 0.5, 0.42));
}

int ground_of(ivec2 tile, int number) { return int(random(ivec3(tile, number)) * PAPERS); }

vec3 ground(ivec2 tile, int number) { return paper(palette, ground_of(tile, number)); }

// One face of a tile: two papers and a shape, all by chance. edge: size of one LED in tiles.
vec3 face(vec2 p, ivec2 tile, int number, float edge) {
    int below = ground_of(tile, number);
    // The second paper is any but the first.
    int figure = (below + 1 + int(random(ivec3(tile, number) + ivec3(91, 17, 5)) * (PAPERS - 1.0))) % int(PAPERS);
    if (plain) return paper(palette, below);
    vec2 chance = random2(tile + ivec2(number * 131, 53));
    float quarter = floor(chance.y * 4.0) * 1.57079632679;
    float covered = fill(shape_of(turn(p, quarter), chance.x), max(edge, 0.012));
    return mix(paper(palette, below), paper(palette, figure), covered);
}

vec4 piece(vec2 uv) {
    float size_m = u_size_m.x / float(max(columns, 1));
    // Tiles start from the middle of the wall, so that what is cut off is the same on both sides.
    float rows = max(1.0, floor(u_size_m.y / size_m + 0.5));
    vec2 p = vec2(uv.x * u_size_m.x / size_m, (uv.y - 0.5) * rows + 0.5 * rows);
    ivec2 tile = ivec2(floor(p));
    vec2 within = p - vec2(tile) - 0.5;
    vec2 pixel = facade_pixel_size() / size_m;
    float edge = max(pixel.x, pixel.y);

    float own = random(tile + ivec2(int(u_seed * 4096.0), 311));
    float period_s = mix(26.0, 7.0, tempo) * (0.75 + 0.5 * own);
    float clock = u_time / period_s + 9.0 * own;
    int number = int(floor(clock));
    float turning = ease_in_out((clock - floor(clock) - (1.0 - TURN_PART)) / TURN_PART);

    // Turning over: the tile narrows to a line, and widens again with its other face.
    float flip = turning * 3.14159265359;
    float width = abs(cos(flip));
    vec2 seen = random(tile + 7) < 0.5 ? within.yx : within;
    float leaf = fill(abs(seen.x) - 0.5 * width, max(edge, 0.015));
    vec2 on_face = vec2(seen.x / max(width, 0.02), seen.y);
    bool turned = turning > 0.5;
    vec3 color = face(random(tile + 7) < 0.5 ? on_face.yx : on_face, tile, turned ? number + 1 : number, edge);
    float shade = mix(0.30, 1.0, width);

    // A window shows a whole tile: one paper, melting into the next.
    float coarse = smoothstep(0.35, 0.7, edge);
    vec3 melted = mix(ground(tile, number), ground(tile, number + 1), turning);
    vec3 light = mix(color * shade * leaf, melted, coarse);

    float joint = fill(0.485 - max(abs(within.x), abs(within.y)), max(edge, 0.012));
    light *= 1.0 - 0.85 * joint * (1.0 - coarse);
    // A slow light wanders over the wall, so that still tiles live too.
    float wander = value_noise(vec3(uv * u_size_m / u_size_m.y * 1.6, u_time * 0.09));
    float from_middle = length((uv - 0.5) * u_size_m / u_size_m.y);
    float lift = pulse(ripple - 1.6 * from_middle, 1.4, 1.8);
    return vec4(light * (0.42 + 0.55 * wander + 0.45 * lift), 1.0);
}
