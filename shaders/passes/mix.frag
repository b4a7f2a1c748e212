// All layers of all cues -> the light. Everything is linear and premultiplied; the backdrop of each cue is black.
//
// Blend modes follow W3C Compositing and Blending Level 1 (sections 9.1 and 5.1), written for premultiplied light S with
// alpha a over a backdrop B, as one formula without branches or divisions (a software rasteriser runs every branch):
//
//     B (1 - k.x a)  +  k.y S  +  k.z B S  +  k.w |B a - S|  +  o min(B, 1 - B) (2 S - a)
//
//     normal 1 1 0 0    add 0 1 0 0    multiply 1 0 1 0    screen 0 1 -1 0    lighten .5 .5 0 .5    darken .5 .5 0 -.5
//     difference 1 0 0 1    overlay 0 0 0 0 with o = 1: its two halves, 2 b s and 1 - 2 (1 - b) (1 - s), both are
//     b + min(b, 1 - b) (2 s - 1)
//
// Light above 1 stays, so that a bright layer at half opacity may still fill the LED; only screen and overlay see the
// backdrop as at most 1, because beyond it would darken.
#version 330 core

const int MAX_TERMS = 64;

uniform sampler2D facade_layers;
uniform int facade_count;
uniform ivec4 facade_cells[MAX_TERMS];  // corner of the cell; z: 1 if the next term belongs to the same layer
uniform vec4 facade_terms[MAX_TERMS];   // strength of this cell, weight of the cue where it ends, 1 where it ends, o
uniform vec4 facade_blends[MAX_TERMS];  // k; all 0 where the layer goes on
out vec4 facade_light;

void main() {
    ivec2 here = ivec2(gl_FragCoord.xy);
    vec3 light = vec3(0.0);
    vec3 cue = vec3(0.0);
    vec4 held = vec4(0.0);
    for (int i = 0; i < facade_count; i++) {
        ivec4 cell = facade_cells[i];
        vec4 terms = facade_terms[i];
        vec4 k = facade_blends[i];
        vec4 layer = held + terms.x * texelFetch(facade_layers, cell.xy + here, 0);
        vec3 within = min(cue, vec3(1.0));
        vec3 met = k.z < 0.0 ? within : cue;
        vec3 lean = terms.w * min(within, 1.0 - within) * (2.0 * layer.rgb - layer.a);
        cue = cue * (1.0 - k.x * layer.a) + k.y * layer.rgb + k.z * met * layer.rgb + k.w * abs(cue * layer.a - layer.rgb) + lean;
        held = cell.z > 0 ? layer : vec4(0.0);
        light += terms.y * cue;
        cue = terms.z > 0.5 ? vec3(0.0) : cue;
    }
    facade_light = vec4(light, 1.0);
}
