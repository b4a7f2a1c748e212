// @TITLE@: a night sea under a low moon. Paste it into the site as it is, or take something from there and put it here.
// Screen colours. BufferA.glsl … BufferD.glsl and Common.glsl may stand beside this file, as the site's tabs do.

const int WAVES = 6;

float swell(vec2 p, float time) {
    float height = 0.0;
    float size = 1.0;
    vec2 way = vec2(1.0, 0.25);
    for (int i = 0; i < WAVES; i++) {
        height += size * sin(dot(p, way) + time * (1.0 + 0.3 * float(i)));
        way = mat2(0.8, -0.6, 0.6, 0.8) * way * 1.6;
        size *= 0.58;
    }
    return height;
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = fragCoord / iResolution.xy;
    vec2 p = uv * vec2(iResolution.x / iResolution.y, 1.0);
    float aspect = iResolution.x / iResolution.y;

    // The water: rows close to the horizon are far away, so they are small and slow.
    float horizon = 0.62;
    float depth = max(horizon - uv.y, 0.0);
    float far = 0.9 / (depth + 0.12);
    float height = swell(vec2((p.x - 0.5 * aspect) * far, 4.0 * far), 0.7 * iTime);

    vec2 moon = p - vec2(0.68 * aspect, 0.80);
    float halo = exp(-7.0 * length(moon));
    float disc = smoothstep(0.085, 0.06, length(moon));
    float path = exp(-pow((p.x - 0.68 * aspect) / (0.10 + 0.35 * depth), 2.0)) * smoothstep(0.1, 1.5, height);

    vec3 sky = mix(vec3(0.16, 0.10, 0.34), vec3(0.02, 0.04, 0.16), smoothstep(horizon, 1.0, uv.y)) + halo * vec3(0.5, 0.36, 0.2);
    vec3 sea = mix(vec3(0.02, 0.10, 0.20), vec3(0.10, 0.42, 0.48), 0.5 + 0.25 * height) * (0.45 + 0.5 * depth);
    vec3 color = mix(sea + path * vec3(1.0, 0.78, 0.48), sky, smoothstep(-0.01, 0.01, uv.y - horizon));
    fragColor = vec4(color + disc * vec3(1.0, 0.88, 0.66), 1.0);
}
