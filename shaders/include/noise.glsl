// noise.glsl: chance that is the same on every machine (integer hashing, no sin of large numbers).
// Costs are for one call on a software rasteriser at one LED; "cell" is one integer hash, about ten instructions.

// 32 bits in, 32 bits out, every bit depending on every bit (a PCG step with a xor-shift finish).
uint scramble(uint x) {
    x = x * 747796405u + 2891336453u;
    x = ((x >> ((x >> 28) + 4u)) ^ x) * 277803737u;
    return (x >> 22) ^ x;
}

// The same for two and three whole numbers. Returns 32 bits. Cost: two and three cells.
uint scramble(ivec2 p) { return scramble(uint(p.x) * 1664525u + scramble(uint(p.y))); }
uint scramble(ivec3 p) { return scramble(uint(p.x) * 1664525u + scramble(p.yz)); }

// 0..1 from whole numbers; the same number gives the same chance. Cost: one to three cells.
float random(int n) { return float(scramble(uint(n)) >> 8) / 16777216.0; }
float random(ivec2 p) { return float(scramble(p) >> 8) / 16777216.0; }
float random(ivec3 p) { return float(scramble(p) >> 8) / 16777216.0; }

// Two independent chances 0..1. Cost: two cells and a bit.
vec2 random2(ivec2 p) {
    uint h = scramble(p);
    return vec2(h & 0xffffu, h >> 16) / 65535.0;
}

// Smooth noise, one bump a unit. Returns 0..1, mean 0.5. Cost: 4 cells.
float value_noise(vec2 p) {
    ivec2 i = ivec2(floor(p));
    vec2 f = p - floor(p);
    f = f * f * (3.0 - 2.0 * f);
    float low = mix(random(i), random(i + ivec2(1, 0)), f.x);
    float high = mix(random(i + ivec2(0, 1)), random(i + ivec2(1, 1)), f.x);
    return mix(low, high, f.y);
}

// The same with a third axis, which is usually time. Returns 0..1. Cost: 8 cells.
float value_noise(vec3 p) {
    ivec3 i = ivec3(floor(p));
    vec3 f = p - floor(p);
    f = f * f * (3.0 - 2.0 * f);
    vec4 near = vec4(random(i), random(i + ivec3(1, 0, 0)), random(i + ivec3(0, 1, 0)), random(i + ivec3(1, 1, 0)));
    vec4 far = vec4(
        random(i + ivec3(0, 0, 1)), random(i + ivec3(1, 0, 1)), random(i + ivec3(0, 1, 1)), random(i + ivec3(1, 1, 1))
    );
    vec4 between = mix(near, far, f.z);
    vec2 rows = mix(between.xz, between.yw, f.x);
    return mix(rows.x, rows.y, f.y);
}

// Noise on one axis. Returns 0..1. Cost: 2 cells.
float value_noise(float x) {
    int i = int(floor(x));
    float f = x - floor(x);
    return mix(random(i), random(i + 1), f * f * (3.0 - 2.0 * f));
}

// Clouds: noise at several sizes, each half as large and half as strong. Returns 0..1, mean 0.5.
// octaves: 1..6, clamped. Cost: 4 cells an octave.
float fbm(vec2 p, int octaves) {
    float sum = 0.0;
    float total = 0.0;
    float strength = 0.5;
    int count = clamp(octaves, 1, 6);
    for (int i = 0; i < count; i++) {
        sum += strength * value_noise(p);
        total += strength;
        strength *= 0.5;
        // Turned by about 37 degrees, so that the lattices do not show through one another.
        p = mat2(1.6, 1.2, -1.2, 1.6) * p + vec2(17.3, 9.1);
    }
    return sum / total;
}

// Clouds that change: z is usually time. Returns 0..1. Cost: 8 cells an octave.
float fbm(vec3 p, int octaves) {
    float sum = 0.0;
    float total = 0.0;
    float strength = 0.5;
    int count = clamp(octaves, 1, 6);
    for (int i = 0; i < count; i++) {
        sum += strength * value_noise(p);
        total += strength;
        strength *= 0.5;
        p = vec3(mat2(1.6, 1.2, -1.2, 1.6) * p.xy + vec2(17.3, 9.1), p.z * 1.7 + 5.7);
    }
    return sum / total;
}

// A flow without sources or sinks: what is carried by it never piles up. Returns a velocity of about -1..1 a component,
// the curl of value noise. z is usually time. Cost: 24 cells.
vec2 curl(vec3 p) {
    const float STEP = 0.15;
    float here = value_noise(p);
    float right = value_noise(p + vec3(STEP, 0.0, 0.0));
    float above = value_noise(p + vec3(0.0, STEP, 0.0));
    return vec2(above - here, here - right) / STEP;
}

// How much of a pattern this LED can show: 0 where the pattern repeats within two LEDs, 1 from four LEDs on.
// wavelength_m: metres. Multiply fine detail by it, and the piece stays calm on a few large windows. Cost: five instructions.
float resolvable(float wavelength_m) {
    vec2 pixel = facade_pixel_size();
    return smoothstep(2.0, 4.0, wavelength_m / max(max(pixel.x, pixel.y), 1.0e-4));
}
