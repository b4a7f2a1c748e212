// One cue over another: their crossfade, and as much of the transition's own light as it is trusted with.
#version 330 core

uniform sampler2D facade_below;
uniform sampler2D facade_above;
uniform sampler2D facade_between;
uniform float facade_rise;   // 0..1, how far the cue above has come
uniform float facade_trust;  // 0..1, share of the transition
out vec4 facade_light;

void main() {
    ivec2 here = ivec2(gl_FragCoord.xy);
    vec3 plain = texelFetch(facade_above, here, 0).rgb * facade_rise;
    if (facade_rise < 1.0) plain += texelFetch(facade_below, here, 0).rgb * (1.0 - facade_rise);
    vec3 between = texelFetch(facade_between, here, 0).rgb;
    // A transition that fails at an LED leaves it to the crossfade.
    float trust = any(isnan(between)) || any(isinf(between)) ? 0.0 : facade_trust;
    facade_light = vec4(trust > 0.0 ? mix(plain, between, trust) : plain, 1.0);
}
