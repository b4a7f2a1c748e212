// Blackens the LEDs of a cell that a layer may not reach; the others keep their light, bit for bit.
// Written over and not multiplied, so that a NaN is gone too. Drawn for layers with a mask only.
#version 330 core

uniform sampler2D facade_mask;  // 1 where the layer is shown
uniform ivec2 facade_corner;
out vec4 facade_light;

void main() {
    if (texelFetch(facade_mask, ivec2(gl_FragCoord.xy) - facade_corner, 0).r > 0.5) discard;
    facade_light = vec4(0.0);
}
