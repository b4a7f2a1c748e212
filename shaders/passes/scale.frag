// A picture -> a target of another size, filtered.
#version 330 core

uniform sampler2D facade_canvas;
uniform vec2 facade_size_px;
out vec4 facade_light;

void main() {
    facade_light = texture(facade_canvas, gl_FragCoord.xy / facade_size_px);
}
