// One quad a pixel, six vertices each, drawn twice: into the light map, and into the picture. No vertex buffers and no
// instances: rasterisers in software draw instances one by one, which made 27,000 pixels twenty times slower.

uniform sampler2D u_quads;     // two texels a pixel, u_row / 2 pixels a row: x y z width, height yaw - -
uniform sampler2D u_light;     // its colour, u_row pixels a row
uniform int u_row;
uniform int u_encoded;         // 1: the colours are sRGB-encoded, 0: linear

out vec2 v_local;              // metres from the centre, along the quad
flat out vec2 v_half;
flat out vec2 v_soft;          // metres over which an edge is spread
flat out float v_dense;        // 1: a mesh or panel carries the LEDs, 0: they hang alone
flat out vec3 v_color;
flat out int v_id;

vec3 decode(vec3 c) { return mix(c / 12.92, pow((c + 0.055) / 1.055, vec3(2.4)), step(0.04045, c)); }

void main() {
    int id = gl_VertexID / 6;
    int k = gl_VertexID - id * 6;
    // Two triangles: 0 1 2, 2 1 3.
    vec2 corner = vec2(k == 1 || k == 4 || k == 5 ? 1.0 : -1.0, k == 2 || k == 3 || k == 5 ? 1.0 : -1.0);
    ivec2 at = ivec2((id % (u_row / 2)) * 2, id / (u_row / 2));
    vec4 a = texelFetch(u_quads, at, 0);
    vec2 b = texelFetch(u_quads, at + ivec2(1, 0), 0).xy;
    vec3 c = texelFetch(u_light, ivec2(id % u_row, id / u_row), 0).rgb;
    v_color = u_encoded == 1 ? decode(c) : c;
    v_id = id;
    v_half = vec2(a.w, b.x) * 0.5;
    float rim = u_pixel == 0 ? 0.16 : 0.0;      // a window's frame lies around its glass
    // Where pixels lie closer than the picture can show, each spreads over whole pitches: they add up evenly, no moiré.
    v_soft = mix(u_px, u_pitch * ceil(u_px / u_pitch - 0.01), smoothstep(4.2, 2.4, u_pitch / u_px));
    v_dense = u_pixel == 1 ? smoothstep(0.06, 0.2, 4.0 * v_half.x * v_half.y / (u_pitch.x * u_pitch.y)) : 0.0;
    v_local = corner * (max(v_half + rim, v_dense * 0.5 * u_pitch) + v_soft);
    vec3 place = a.xyz + vec3(v_local.x * cos(b.y), v_local.y, -v_local.x * sin(b.y));
    vec2 p = u_eye.xy + (place.xy - u_eye.xy) * (u_eye.z / max(u_eye.z - place.z, 0.1));
    gl_Position = vec4((p - u_frame.xy) / (u_frame.zw - u_frame.xy) * 2.0 - 1.0, 0.0, 1.0);
}
