// One quad a pixel, drawn twice: into the light map, and into the picture. The colour comes from a small texture.

uniform sampler2D u_light;     // colours, row after row, u_light_width a row
uniform int u_light_width;
uniform int u_encoded;         // 1: the colours are sRGB-encoded, 0: linear

layout(location = 0) in vec2 a_corner;   // -1..1
layout(location = 1) in vec3 a_place;    // centre
layout(location = 2) in vec3 a_shape;    // width, height, yaw

flat out float v_dense;        // 1: a mesh or panel carries the LEDs, 0: they hang alone
out vec2 v_local;              // metres from the centre, along the quad
flat out vec2 v_half;
flat out vec2 v_soft;          // metres over which an edge is spread
flat out vec3 v_color;
flat out int v_id;

vec3 decode(vec3 c) { return mix(c / 12.92, pow((c + 0.055) / 1.055, vec3(2.4)), step(0.04045, c)); }

void main() {
    vec3 c = texelFetch(u_light, ivec2(gl_InstanceID % u_light_width, gl_InstanceID / u_light_width), 0).rgb;
    v_color = u_encoded == 1 ? decode(c) : c;
    v_id = gl_InstanceID;
    v_half = a_shape.xy * 0.5;
    float rim = u_pixel == 0 ? 0.16 : 0.0;      // a window's frame lies around its glass
    // Where pixels lie closer than the picture can show, each spreads over its share of the wall: no moiré.
    v_soft = mix(u_px, max(u_pitch, u_px), smoothstep(4.2, 2.4, u_pitch / u_px));
    v_dense = u_pixel == 1 ? smoothstep(0.06, 0.2, a_shape.x * a_shape.y / (u_pitch.x * u_pitch.y)) : 0.0;
    v_local = a_corner * (max(v_half + rim, v_dense * 0.5 * u_pitch) + v_soft);
    vec3 place = a_place + vec3(v_local.x * cos(a_shape.z), v_local.y, -v_local.x * sin(a_shape.z));
    vec2 p = u_eye.xy + (place.xy - u_eye.xy) * (u_eye.z / max(u_eye.z - place.z, 0.1));
    gl_Position = vec4((p - u_frame.xy) / (u_frame.zw - u_frame.xy) * 2.0 - 1.0, 0.0, 1.0);
}
