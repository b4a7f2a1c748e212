vec4 piece(vec2 uv) { return vec4(vec3(1.0, 0.3, 0.05) * (0.5 + 0.5 * sin(u_time + uv.x * 6.0)) * warmth, 1.0); }
