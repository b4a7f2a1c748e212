// Canvas -> one LED: the mean light of what lies behind its lit area.
// Exact area weights by texelFetch, not filtered lookups: a NaN texel then darkens only the LEDs that really see it.
#version 330 core

const float MIN_WEIGHT = 1.0e-3;  // of a texel; less is rounding, not light
const int MAX_TAPS = 16;          // along each side; larger areas are sampled with a stride

uniform sampler2D facade_canvas;
uniform sampler2D facade_places;
uniform sampler2D facade_extents;
uniform vec2 u_size_m;
uniform ivec2 facade_corner;
uniform int facade_srgb;
uniform int facade_screen;  // a screen's picture: it ends at 1 and has no opacity
out vec4 facade_light;

vec3 decode(vec3 c) {
    vec3 light = mix(pow((max(c, 0.0) + 0.055) / 1.055, vec3(2.4)), c / 12.92, lessThanEqual(c, vec3(0.04045)));
    return mix(light, c, isnan(c));  // max() would hide it
}

// What one texel gives an LED, by its weight; one of next to none gives nothing, whatever is in it.
vec4 tap(ivec2 at, float weight) {
    vec4 texel = texelFetch(facade_canvas, at, 0);
    float alpha = facade_screen != 0 ? 1.0 : clamp(texel.a, 0.0, 1.0);
    // 2 is a screen whose NaN must still be told apart.
    vec3 none = facade_screen == 2 ? texel.rgb : vec3(0.0);
    if (facade_screen != 0) texel.rgb = mix(clamp(texel.rgb, 0.0, 1.0), none, isnan(texel.rgb));
    vec3 light = facade_srgb != 0 ? decode(texel.rgb) : texel.rgb;
    return weight < MIN_WEIGHT ? vec4(0.0) : weight * vec4(light * alpha, alpha);
}

void main() {
    ivec2 cell = ivec2(gl_FragCoord.xy) - facade_corner;
    ivec2 size = textureSize(facade_canvas, 0);
    vec2 centre = texelFetch(facade_places, cell, 0).xy * vec2(size);
    vec2 extent = texelFetch(facade_extents, cell, 0).yz / u_size_m * vec2(size);
    vec2 half_window = 0.5 * max(extent, vec2(1.0));
    vec2 low = clamp(centre - half_window, vec2(0.0), vec2(size) - 1.0);
    vec2 high = clamp(centre + half_window, low + 1.0e-3, vec2(size));
    ivec2 first = ivec2(floor(low));
    ivec2 count = ivec2(ceil(high)) - first;
    ivec2 stride = max(ivec2(1), (count + MAX_TAPS - 1) / MAX_TAPS);

    vec4 sum = vec4(0.0);
    float total = 0.0;
    if (all(lessThanEqual(count, ivec2(2)))) {
        // Most LEDs are no larger than a texel. Four taps in a row take half the time of the loops below.
        vec2 middle = vec2(first + 1);
        vec2 near = min(middle, high) - low;
        vec2 far = max(high - middle, 0.0);
        ivec2 last = min(first + 1, size - 1);
        vec4 weights = vec4(near.y * near.x, near.y * far.x, far.y * near.x, far.y * far.x);
        weights = mix(weights, vec4(0.0), lessThan(weights, vec4(MIN_WEIGHT)));
        sum = tap(first, weights.x);
        sum += tap(ivec2(last.x, first.y), weights.y);
        sum += tap(ivec2(first.x, last.y), weights.z);
        sum += tap(last, weights.w);
        total = weights.x + weights.y + weights.z + weights.w;
        facade_light = total > 0.0 ? sum / total : vec4(0.0);
        return;
    }
    for (int y = 0; y < count.y; y += stride.y) {
        float weight_y = min(float(first.y + y + 1), high.y) - max(float(first.y + y), low.y);
        for (int x = 0; x < count.x; x += stride.x) {
            float weight = weight_y * (min(float(first.x + x + 1), high.x) - max(float(first.x + x), low.x));
            if (weight >= MIN_WEIGHT) {
                sum += tap(min(first + ivec2(x, y), size - 1), weight);
                total += weight;
            }
        }
    }
    facade_light = total > 0.0 ? sum / total : vec4(0.0);
}
