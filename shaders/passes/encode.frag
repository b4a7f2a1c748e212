// A layer's picture -> what an ISF filter reads: screen colours (sRGB), straight alpha, every number finite.
// Of the same size, texel by texel. Light above 1 stays above 1.
#version 330 core

uniform sampler2D facade_canvas;
uniform int facade_srgb;    // the picture is encoded already
uniform int facade_screen;  // a screen's picture: it ends at 1 and has no opacity
out vec4 facade_light;

vec3 encode(vec3 c) {
    vec3 light = max(c, 0.0);
    return mix(1.055 * pow(light, vec3(1.0 / 2.4)) - 0.055, light * 12.92, lessThanEqual(light, vec3(0.0031308)));
}

void main() {
    vec4 texel = texelFetch(facade_canvas, ivec2(gl_FragCoord.xy), 0);
    // One NaN in a filter that remembers or blurs would spread to all of its picture and never heal.
    bool sick = any(isnan(texel)) || any(isinf(texel));
    vec3 seen = mix(clamp(texel.rgb, 0.0, 1.0), vec3(0.0), isnan(texel.rgb));
    texel = sick ? vec4(0.0) : texel;
    vec3 color = facade_screen != 0 ? seen : texel.rgb;
    float alpha = facade_screen != 0 ? 1.0 : clamp(texel.a, 0.0, 1.0);
    facade_light = vec4(facade_srgb != 0 ? color : encode(color), alpha);
}
