// A picture in a box of the window. u_box: left, bottom, width, height, -1..1. Cost: four corners.
uniform vec4 u_box;
uniform bool u_top_down; // the picture's first row is its top one
out vec2 v_uv;

void main() {
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    v_uv = u_top_down ? vec2(corner.x, 1.0 - corner.y) : corner;
    gl_Position = vec4(u_box.xy + corner * u_box.zw, 0.0, 1.0);
}
