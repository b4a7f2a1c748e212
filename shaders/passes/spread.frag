// The light of all LEDs -> a picture of the wall: every texel has the light of the LED that is nearest.
// Screen colours (sRGB), opaque, finite: what an ISF transition reads. Light above 1 ends there.
#version 330 core

uniform sampler2D facade_mix;
uniform sampler2D facade_nearest;  // column and row in the mix of the LED nearest to each texel
out vec4 facade_light;

vec3 encode(vec3 light) {
    return mix(1.055 * pow(light, vec3(1.0 / 2.4)) - 0.055, light * 12.92, lessThanEqual(light, vec3(0.0031308)));
}

void main() {
    ivec2 led = ivec2(texelFetch(facade_nearest, ivec2(gl_FragCoord.xy), 0).rg);
    vec3 light = texelFetch(facade_mix, led, 0).rgb;
    light = any(isnan(light)) ? vec3(0.0) : clamp(light, 0.0, 1.0);
    facade_light = vec4(encode(light), 1.0);
}
