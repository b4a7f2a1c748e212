// How one pixel of the facade looks: a lit room behind a window, a LED, or a panel. Premultiplied; alpha hides the wall.

uniform int u_making;          // 0 the picture, 1 the light map: only light, 2 the mask: only what carries the LEDs

in vec2 v_local;
flat in vec2 v_half;
flat in vec2 v_soft;
flat in float v_dense;
flat in vec3 v_color;
flat in int v_id;

layout(location = 0) out vec4 o_color;

vec3 window_light(vec2 q, vec2 px) {
    // The spot stands on the sill behind a blind: brightest low down, soft towards the lintel, never quite even.
    float lean = hash1(v_id * 7 + 1) - 0.5;
    vec2 source = vec2(0.35 * lean, -0.75);
    vec2 d = (q - source) * vec2(0.8, 0.55);
    float pool = 1.0 / (1.0 + 1.9 * dot(d, d));
    float fold = 0.5 + 0.5 * sin(q.x * (9.0 + 5.0 * lean) + lean * 20.0 + 0.6 * sin(q.y * 2.0 + lean * 9.0));
    float folds = mix(1.0, 0.86 + 0.2 * fold, smoothstep(0.12, 0.04, px.x / v_half.x));
    float edge = 0.80 + 0.20 * smoothstep(1.0, 0.72, max(abs(q.x), abs(q.y)));
    return v_color * (0.42 + 0.85 * pool) * folds * edge;
}

vec4 window_pixel() {
    vec2 q = v_local / v_half;
    float glass = covered(v_local.x, v_half.x, u_px.x) * covered(v_local.y, v_half.y, u_px.y);
    float detail = smoothstep(6.0, 16.0, 2.0 * v_half.x / u_px.x);
    vec3 light = mix(v_color * 0.92, window_light(q, u_px), detail) * u_gain;
    if (u_making == 1) { return vec4(light * glass, glass); }

    // Panes: one upright in the middle, one transom a third down; wood, lit from behind along its edges.
    float bar = 0.035;
    float bars = max(covered(v_local.x, bar, u_px.x), covered(v_local.y - v_half.y * 0.36, bar, u_px.y));
    bars = max(bars, 1.0 - covered(v_local.x, v_half.x - 0.05, u_px.x) * covered(v_local.y, v_half.y - 0.05, u_px.y));
    bars *= glass * smoothstep(5.0, 14.0, 2.0 * v_half.x / u_px.x);
    float frame = covered(v_local.x, v_half.x + 0.10, u_px.x) * covered(v_local.y, v_half.y + 0.10, u_px.y);
    float sill = covered(v_local.x, v_half.x + 0.16, u_px.x) * covered(v_local.y + v_half.y + 0.06, 0.06, u_px.y);
    // Glass that gives no light still holds a little of the night sky.
    vec3 night = vec3(0.010, 0.014, 0.022) * (0.5 + 0.7 * saturate(q.y * 0.5 + 0.5 + 0.25 * (q.x - hash1(v_id))));
    vec3 wood = vec3(0.011, 0.010, 0.009) + light * 0.07;
    vec3 stone = vec3(0.016, 0.016, 0.018) + v_color * u_gain * (0.10 + 0.16 * smoothstep(-0.3, -1.05, q.y));
    vec3 reveal = vec3(0.006) + v_color * u_gain * 0.17 * smoothstep(0.10, 0.0, max(abs(v_local.x) - v_half.x, abs(v_local.y) - v_half.y));
    vec3 color = mix(light + night, wood, bars) * glass;
    color += reveal * max(frame - glass, 0.0);
    float alpha = max(frame, sill);
    color = mix(color, stone, sill * (1.0 - glass));
    return vec4(color, alpha);
}

vec4 led_pixel() {
    float box = covered(v_local.x, v_half.x, v_soft.x) * covered(v_local.y, v_half.y, v_soft.y);
    float r = length(v_local / v_half);
    float lens = 2.4 * exp(-4.0 * r * r) + 0.28 * smoothstep(1.05, 0.8, r);
    float detail = u_making > 0 ? 0.0 : smoothstep(2.2, 4.5, 2.0 * v_half.x / u_px.x);
    float rim = u_px.x / v_half.x;
    float body = mix(box, smoothstep(1.0 + rim, 1.0 - rim, r), detail);
    vec3 light = v_color * u_gain * mix(box, lens, detail);
    if (u_making == 1) { return vec4(light, 0.0); }
    if (u_making == 2) {
        vec2 cell = 0.5 * u_pitch;
        return vec4(v_dense * covered(v_local.x, cell.x, v_soft.x) * covered(v_local.y, cell.y, v_soft.y));
    }
    // Only a LED big enough to be seen hides the wall; smaller ones overlap, and would hide each other's light.
    return vec4(light + detail * body * vec3(0.005, 0.0055, 0.006), 0.75 * body * detail);
}

vec4 panel_pixel() {
    vec2 seam = v_half * 0.96;
    float box = covered(v_local.x, seam.x, v_soft.x) * covered(v_local.y, seam.y, v_soft.y);
    vec2 q = abs(v_local / v_half);
    float even = 1.06 - 0.18 * max(q.x * q.x, q.y * q.y);
    return vec4(v_color * u_gain * even * box + box * vec3(0.005, 0.006, 0.008), box);
}

void main() {
    if (u_making == 2 && u_pixel != 1) { o_color = vec4(0.0); }
    else if (u_pixel == 0) { o_color = window_pixel(); }
    else if (u_pixel == 1) { o_color = led_pixel(); }
    else { o_color = panel_pixel(); }
}
