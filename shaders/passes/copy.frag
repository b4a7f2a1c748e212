// Canvas -> a cell, premultiplied linear light; nearest texel where the sizes differ.
#version 330 core

uniform sampler2D facade_canvas;
uniform ivec2 facade_corner;
uniform vec2 facade_size_px;
uniform int facade_srgb;
uniform int facade_screen;
out vec4 facade_light;

vec3 decode(vec3 c) {
    vec3 light = mix(pow((max(c, 0.0) + 0.055) / 1.055, vec3(2.4)), c / 12.92, lessThanEqual(c, vec3(0.04045)));
    return mix(light, c, isnan(c));  // max() would hide it
}

void main() {
    vec2 uv = (gl_FragCoord.xy - vec2(facade_corner)) / facade_size_px;
    vec4 texel = texelFetch(facade_canvas, ivec2(uv * vec2(textureSize(facade_canvas, 0))), 0);
    float alpha = facade_screen != 0 ? 1.0 : clamp(texel.a, 0.0, 1.0);
    vec3 none = facade_screen == 2 ? texel.rgb : vec3(0.0);  // 2 is a screen whose NaN must still be told apart
    if (facade_screen != 0) texel.rgb = mix(clamp(texel.rgb, 0.0, 1.0), none, isnan(texel.rgb));
    facade_light = vec4((facade_srgb != 0 ? decode(texel.rgb) : texel.rgb) * alpha, alpha);
}
