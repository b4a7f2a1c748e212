// Shared by every pass of the street view. Hosts put their own first lines (version, precision) before this text.
// Space: metres on the wall plane z = 0, seen from u_eye; x right, y up, z towards the viewer.

const float PI = 3.14159265;

uniform vec4 u_frame;      // x0 y0 x1 y1: what the target shows of the wall plane
uniform vec2 u_px;         // metres on the wall plane per target pixel
uniform vec3 u_eye;
uniform vec4 u_building;   // x0 y0 x1 y1
uniform vec4 u_lit;        // x0 y0 x1 y1 of the lit part
uniform vec4 u_map;        // x0 y0 x1 y1 of the light map
uniform float u_gain;
uniform vec2 u_pitch;      // distance between neighbouring pixels
uniform float u_time;      // seconds
uniform float u_water;     // height of the canal, below 0
uniform float u_quay;      // where its pavement ends, z
uniform int u_look;        // 0 brick 1 concrete 2 metal 3 glass
uniform int u_pixel;       // 0 window 1 led 2 panel
uniform int u_ground;      // 0 street 1 canal 2 square

float saturate(float x) { return clamp(x, 0.0, 1.0); }

// Integer hash (PCG, Jarzynski and Olano 2020): the same on every GPU, unlike sin(). Range 0..1.
uint scramble(uint x) {
    uint state = x * 747796405u + 2891336453u;
    uint word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
    return (word >> 22u) ^ word;
}
float hash1(int a) { return float(scramble(uint(a)) >> 8u) / 16777216.0; }
float hash2(ivec2 p) { return float(scramble((uint(p.x) * 1597334677u) ^ (uint(p.y) * 3812015801u)) >> 8u) / 16777216.0; }

// Value noise, 0..1, four hashes.
float noise2(vec2 p) {
    ivec2 i = ivec2(floor(p));
    vec2 f = fract(p);
    f = f * f * (3.0 - 2.0 * f);
    return mix(mix(hash2(i), hash2(i + ivec2(1, 0)), f.x),
               mix(hash2(i + ivec2(0, 1)), hash2(i + ivec2(1, 1)), f.x), f.y);
}

// Two octaves, 0..1.
float rough2(vec2 p) { return 0.65 * noise2(p) + 0.35 * noise2(p * 2.7 + 17.3); }

// Share of a pixel of size px around x that lies in a line of this width repeated every period: a line that never
// flickers, because it turns into its own average where it is thinner than a pixel.
float ruled(float x, float period, float width, float px) {
    float reach = max(width, px) * 0.5;
    float d = abs(fract(x / period + 0.5) - 0.5) * period;
    float line = saturate((reach - d) / max(min(width, px), 1e-5) + 0.5) * min(width / max(px, 1e-5), 1.0);
    return mix(line, width / period, smoothstep(0.35, 0.9, px / period));
}

// Coverage, 0..1, of a pixel of size px by a box of half size h, x away from its centre. Exact, so neighbours add up.
float covered(float x, float h, float px) {
    return max(min(x + 0.5 * px, h) - max(x - 0.5 * px, -h), 0.0) / max(px, 1e-6);
}

float capsule(vec2 p, vec2 a, vec2 b, float ra, float rb) {
    vec2 ab = b - a;
    float t = saturate(dot(p - a, ab) / max(dot(ab, ab), 1e-6));
    return length(p - a - ab * t) - mix(ra, rb, t);
}

// Someone walking past, 1.74 m tall, feet at the origin, facing +x. stride: phase of the step. Signed distance, metres.
float walker(vec2 p, float stride) {
    float s = sin(stride);
    float bob = 0.02 * cos(2.0 * stride);
    p.y -= bob;
    float d = capsule(p, vec2(0.02, 1.62), vec2(0.03, 1.60), 0.105, 0.095);
    d = min(d, capsule(p, vec2(0.0, 1.38), vec2(-0.01, 0.98), 0.150, 0.165));
    d = min(d, capsule(p, vec2(-0.01, 1.0), vec2(-0.03 - 0.05 * s, 0.66), 0.165, 0.15));
    vec2 knee_a = vec2(0.14 * s + 0.02, 0.48);
    vec2 knee_b = vec2(-0.14 * s + 0.02, 0.48);
    d = min(d, capsule(p, vec2(0.0, 0.86), knee_a, 0.09, 0.07));
    d = min(d, capsule(p, knee_a, vec2(0.30 * s - 0.05, 0.06), 0.065, 0.045));
    d = min(d, capsule(p, vec2(0.0, 0.86), knee_b, 0.09, 0.07));
    d = min(d, capsule(p, knee_b, vec2(-0.30 * s - 0.05, 0.06), 0.065, 0.045));
    d = min(d, capsule(p, vec2(0.0, 1.34), vec2(0.16 * -s, 0.92), 0.06, 0.05));
    return d;
}

// A lamp post on the pavement: pole, arm and head, foot at the origin. Signed distance, metres.
const float POST_M = 5.2;
float post(vec2 p) {
    float d = capsule(p, vec2(0.0, 0.0), vec2(0.0, POST_M), 0.075, 0.05);
    d = min(d, capsule(p, vec2(0.0, 0.0), vec2(0.0, 0.7), 0.11, 0.10));
    d = min(d, capsule(p, vec2(0.0, POST_M), vec2(-0.75, POST_M + 0.12), 0.045, 0.04));
    return min(d, capsule(p, vec2(-0.55, POST_M + 0.09), vec2(-0.95, POST_M + 0.12), 0.06, 0.09));
}

float post_z() { return u_ground == 1 ? u_quay - 0.8 : 2.6; }
float post_x() { return u_building.z + 1.2 + 0.05 * (u_building.z - u_building.x); }
float walk_z() { return u_ground == 1 ? u_quay - 1.9 : 1.7; }
