// Generated pictures to try filters and transitions with. They move, have edges, all hues, black and white.
#version 330 core

const int GRADIENT = 0;
const int BARS = 1;
const float TAU = 6.2831853;
const float NOISE_CELLS = 12.0;
const float GRAIN_CELLS = 48.0;
const float DISC_RADIUS = 0.18;

uniform int facade_kind;
uniform bool facade_linear;
uniform float u_time;
uniform vec2 facade_size_px;
out vec4 facade_light;

float scramble(vec3 p) {
    p = fract(p * vec3(0.1031, 0.1030, 0.0973));
    p += dot(p, p.yzx + 33.33);
    return fract((p.x + p.y) * p.z);
}

float smooth_noise(vec2 at, float seed) {
    vec2 cell = floor(at), within = fract(at);
    vec2 ease = within * within * (3.0 - 2.0 * within);
    float low = mix(scramble(vec3(cell, seed)), scramble(vec3(cell + vec2(1.0, 0.0), seed)), ease.x);
    float high = mix(scramble(vec3(cell + vec2(0.0, 1.0), seed)), scramble(vec3(cell + 1.0, seed)), ease.x);
    return mix(low, high, ease.y);
}

vec3 gradient(vec2 uv, float aspect) {
    vec3 sky = 0.5 + 0.5 * cos(TAU * (vec3(0.0, 0.33, 0.67) + uv.x + 0.1 * u_time)) * (0.3 + 0.7 * uv.y);
    vec2 centre = vec2(0.5) + 0.25 * vec2(cos(u_time), sin(1.3 * u_time));
    vec2 from = (uv - centre) * vec2(aspect, 1.0);
    return mix(sky, 1.0 - sky, step(length(from), DISC_RADIUS));
}

vec3 bars(vec2 uv) {
    int bar = 7 - int(fract(uv.x + 0.02 * u_time) * 8.0);
    vec3 color = vec3((bar >> 1) & 1, (bar >> 2) & 1, bar & 1);
    return uv.y < 0.25 ? vec3(uv.x) : color;
}

vec3 grain(vec2 uv, float aspect) {
    vec2 at = uv * vec2(aspect, 1.0) + 0.05 * u_time;
    vec3 coarse = vec3(smooth_noise(at * NOISE_CELLS, 1.0), smooth_noise(at * NOISE_CELLS, 2.0),
                       smooth_noise(at * NOISE_CELLS, 3.0));
    return mix(coarse, vec3(smooth_noise(at * GRAIN_CELLS, 4.0)), 0.3);
}

void main() {
    vec2 uv = gl_FragCoord.xy / facade_size_px;
    float aspect = facade_size_px.x / facade_size_px.y;
    vec3 color = facade_kind == GRADIENT ? gradient(uv, aspect) : facade_kind == BARS ? bars(uv) : grain(uv, aspect);
    color = clamp(color, 0.0, 1.0);
    // Whoever reads linear light gets it; whoever reads pictures gets what a picture file would hold.
    vec3 light = mix(pow((color + 0.055) / 1.055, vec3(2.4)), color / 12.92, lessThanEqual(color, vec3(0.04045)));
    if (facade_linear) color = light;
    facade_light = vec4(color, 1.0);
}
