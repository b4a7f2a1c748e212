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
    for (int y = 0; y < count.y; y += stride.y) {
        float weight_y = min(float(first.y + y + 1), high.y) - max(float(first.y + y), low.y);
        for (int x = 0; x < count.x; x += stride.x) {
            float weight = weight_y * (min(float(first.x + x + 1), high.x) - max(float(first.x + x), low.x));
            if (weight >= MIN_WEIGHT) {
                vec4 texel = texelFetch(facade_canvas, min(first + ivec2(x, y), size - 1), 0);
                float alpha = facade_screen != 0 ? 1.0 : clamp(texel.a, 0.0, 1.0);
                // 2 is a screen whose NaN must still be told apart.
                vec3 none = facade_screen == 2 ? texel.rgb : vec3(0.0);
                if (facade_screen != 0) texel.rgb = mix(clamp(texel.rgb, 0.0, 1.0), none, isnan(texel.rgb));
                vec3 light = facade_srgb != 0 ? decode(texel.rgb) : texel.rgb;
                sum += weight * vec4(light * alpha, alpha);
                total += weight;
            }
        }
    }
    facade_light = total > 0.0 ? sum / total : vec4(0.0);
}
