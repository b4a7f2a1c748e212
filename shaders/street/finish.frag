// The last pass: people and the lamp post in front of everything, glow, tone, sRGB.

uniform sampler2D u_picture;
uniform sampler2D u_bloom;
uniform int u_top_down;        // 1: the first row written is the top of the picture

in vec2 v_uv;
layout(location = 0) out vec4 o_color;

// Distance to something that stands at x, z: brought from the wall plane to its own plane, feet at the origin.
vec2 standing(vec2 p, float x, float z) {
    float s = (u_eye.z - z) / u_eye.z;
    return u_eye.xy + (p - u_eye.xy) * s - vec2(x, 0.0);
}

float shown(float d, float z) {
    float px = u_px.y * (u_eye.z - z) / u_eye.z;
    return saturate(0.5 - d / px);
}

vec3 tone(vec3 c) {
    // Strong light leaks into the other channels, as on film: a hot red turns towards orange, not into a flat patch.
    float peak = max(max(c.r, max(c.g, c.b)), 1e-6);
    float grey = dot(c, vec3(0.2126, 0.7152, 0.0722));
    c = mix(c, vec3(mix(grey, peak, 0.5)), 0.34 * smoothstep(0.8, 6.0, peak));
    vec3 film = 1.0 - exp(-1.95 * c);
    vec3 kept = c * ((1.0 - exp(-1.95 * peak)) / peak);
    return mix(film, kept, 0.55);
}

void main() {
    vec2 uv = u_top_down == 1 ? vec2(v_uv.x, 1.0 - v_uv.y) : v_uv;
    vec2 p = mix(u_frame.xy, u_frame.zw, uv);
    vec3 color = texture(u_picture, uv).rgb;
    vec2 reach = 0.5 / vec2(textureSize(u_bloom, 0));
    vec3 glow = 0.25 * (texture(u_bloom, uv + reach).rgb + texture(u_bloom, uv - reach).rgb
              + texture(u_bloom, uv + vec2(reach.x, -reach.y)).rgb + texture(u_bloom, uv + vec2(-reach.x, reach.y)).rgb);

    if (p.y > -4.0 && p.y < POST_M * 1.4) {
        float z = walk_z();
        float span = (u_building.z - u_building.x) * 1.3 + 14.0;
        for (int i = 0; i < 2; i++) {
            float heading = i == 0 ? 1.0 : -1.0;
            float away = mod(u_time * (1.05 + 0.12 * float(i)) + (i == 0 ? 0.36 : 0.24) * span, span);
            float x = 0.5 * (u_building.x + u_building.z) + heading * (away - 0.5 * span);
            vec2 q = standing(p, x, z + 0.35 * float(i));
            if (abs(q.x) < 1.0 && q.y < 2.0) {
                float d = walker(vec2(q.x * heading, q.y), u_time * (4.4 + 0.4 * float(i)) + float(i));
                float body = shown(d, z);
                // The facade is behind them: a thin rim of its light along the outline, the rest nearly black.
                vec3 rim = glow * 0.22 * smoothstep(-0.09, 0.0, d);
                vec2 to = vec2(post_x() - 0.85 - x, POST_M - q.y);
                vec3 coat = vec3(0.0035, 0.0035, 0.0042) + 0.055 * vec3(1.0, 0.56, 0.22) / (1.5 + dot(to, to));
                color = mix(color, coat + rim, body);
            }
        }
        vec2 q = standing(p, post_x(), post_z());
        if (abs(q.x) < 8.0) {
            color = mix(color, vec3(0.004, 0.004, 0.0045) + glow * 0.06, shown(post(q), post_z()));
            vec2 head = (q - vec2(-0.85, POST_M + 0.03)) / vec2(0.17, 0.055);
            vec3 lit = vec3(1.0, 0.62, 0.28);
            color += lit * 2.6 * exp(-dot(head, head));
            float halo = length(q - vec2(-0.85, POST_M));
            color += lit * (0.05 / (1.0 + 5.0 * halo * halo) * exp(-0.5 * halo));
        }
    }
    color += 0.30 * glow;
    vec2 corner = (uv - 0.5) * vec2(0.9, 0.75);
    color *= 1.0 - 0.55 * dot(corner, corner);
    color = tone(color);
    color = mix(color * 12.92, 1.055 * pow(max(color, vec3(1e-6)), vec3(1.0 / 2.4)) - 0.055, step(0.0031308, color));
    // Half a step of fixed noise: night skies band otherwise.
    color += (hash2(ivec2(gl_FragCoord.xy)) - 0.5) / 255.0;
    o_color = vec4(color, 1.0);
}
