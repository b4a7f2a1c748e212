// What bright lights do in an eye or a lens: a soft glow at four widths, made at a quarter of the picture's size.

uniform sampler2D u_picture;   // with mip levels

in vec2 v_uv;
layout(location = 0) out vec4 o_color;

vec3 smooth_read(vec2 uv, float level) {
    vec2 reach = 0.5 * exp2(level) / vec2(textureSize(u_picture, 0));
    return 0.25 * (textureLod(u_picture, uv + reach, level).rgb + textureLod(u_picture, uv - reach, level).rgb
                 + textureLod(u_picture, uv + vec2(reach.x, -reach.y), level).rgb
                 + textureLod(u_picture, uv + vec2(-reach.x, reach.y), level).rgb);
}

void main() {
    // Widths follow the picture's height, so that a bigger window shows the same glow.
    float base = log2(max(float(textureSize(u_picture, 0).y) / 270.0, 1.0));
    vec3 glow = 0.36 * smooth_read(v_uv, base + 1.0) + 0.28 * smooth_read(v_uv, base + 2.2)
              + 0.21 * smooth_read(v_uv, base + 3.4) + 0.15 * smooth_read(v_uv, base + 4.6);
    o_color = vec4(glow, 1.0);
}
