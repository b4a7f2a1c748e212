// The night around the light: sky, building, pavement, street, square or canal. Lamps are drawn on top afterwards.
// Cost a pixel: 8 filtered reads on the wall, about 15 on wet ground and water.

uniform sampler2D u_spill;     // light on the wall plane, half float, with mip levels

uniform sampler2D u_mask;      // where a mesh or panel hides the wall, 0..1

in vec2 v_uv;
layout(location = 0) out vec4 o_color;

const vec3 CITY = vec3(0.040, 0.027, 0.020);       // the glow over the roofs
const vec3 ZENITH = vec3(0.0026, 0.0046, 0.0115);
const vec3 SODIUM = vec3(1.0, 0.56, 0.22);
const float LAMP_POWER = 1.5;

float map_texel() { return (u_map.z - u_map.x) / float(textureSize(u_spill, 0).x); }
vec2 map_uv(vec2 p) { return (p - u_map.xy) / (u_map.zw - u_map.xy); }

// Light around p at one level, filtered with a quadratic B-spline so that coarse levels show no squares. 4 reads.
vec3 light_smooth(vec2 p, float level) {
    vec2 size = max(vec2(textureSize(u_spill, 0)) / exp2(level), vec2(1.0));
    vec2 uv = map_uv(p);
    vec2 reach = 0.5 / size;
    return 0.25 * (textureLod(u_spill, uv + reach, level).rgb + textureLod(u_spill, uv - reach, level).rgb
                 + textureLod(u_spill, uv + vec2(reach.x, -reach.y), level).rgb
                 + textureLod(u_spill, uv + vec2(-reach.x, reach.y), level).rgb);
}

float level_of(float metres) { return clamp(log2(max(metres, 1e-3) / map_texel()), 0.0, 7.0); }

vec3 sky(vec2 p) {
    float up = max(p.y - u_eye.y, 0.0) / u_eye.z;
    vec3 color = mix(CITY, ZENITH, 1.0 - exp(-5.0 * up));
    vec2 drift = p / u_eye.z * vec2(2.2, 6.0) + vec2(u_time * 0.004, 0.0);
    float cloud = smoothstep(0.42, 0.85, rough2(drift));
    color *= 0.75 + 0.9 * cloud * exp(-2.0 * up);
    // A few stars where the sky is dark enough.
    vec2 cell = p / u_px / 7.0;
    vec2 off = fract(cell) - 0.5;
    float star = hash2(ivec2(floor(cell)) + 5000);
    float shine = smoothstep(0.985, 1.0, star) * exp(-dot(off, off) * 60.0) * smoothstep(0.12, 0.4, up) * (1.0 - cloud);
    return color + vec3(0.10, 0.11, 0.13) * shine;
}

// Warm light of the street lamp on a point at p, z in front of the wall, that faces n.
vec3 lamp_light(vec3 p, vec3 n) {
    vec3 to = vec3(post_x() - 0.85, POST_M, post_z()) - p;
    float d2 = dot(to, to);
    return SODIUM * LAMP_POWER * max(dot(n, to) * inversesqrt(d2), 0.0) / (d2 + 0.6);
}

// Albedo of the wall in rgb, and how much it shines along the glancing direction in a.
vec4 wall_material(vec2 p) {
    vec2 px = u_px;
    float stain = rough2(p * vec2(0.45, 0.16));
    if (u_look == 0) {
        // Real courses where a picture can show them, courses of several bricks where it cannot.
        vec2 cell = vec2(0.25, 0.082) * exp2(clamp(ceil(log2(3.0 * px.y / 0.082)), 0.0, 3.0));
        float row = floor(p.y / cell.y);
        vec2 b = vec2(p.x + mod(row, 2.0) * 0.5 * cell.x, p.y);
        float seen = smoothstep(0.9, 0.25, px.y / cell.y);
        float one = mix(0.5, hash2(ivec2(floor(b.x / cell.x), row)), seen);
        float mortar = max(ruled(b.y, cell.y, 0.15 * cell.y, px.y), ruled(b.x, cell.x, 0.05 * cell.x, px.x));
        float patch_tone = rough2(p * 0.9);
        vec3 brick = mix(vec3(0.19, 0.082, 0.056), vec3(0.36, 0.19, 0.125), 0.7 * one + 0.3 * patch_tone);
        return vec4(mix(brick, vec3(0.12, 0.105, 0.095), mortar * 0.75) * (0.72 + 0.5 * stain), 0.0);
    }
    if (u_look == 1) {
        float joint = max(ruled(p.x, 2.4, 0.03, px.x), ruled(p.y, 1.2, 0.03, px.y));
        float one = hash2(ivec2(floor(p / vec2(2.4, 1.2))));
        float streak = noise2(vec2(p.x * 3.1, p.y * 0.22));
        return vec4(vec3(0.27, 0.265, 0.25) * (0.42 + 0.22 * one + 0.45 * stain + 0.30 * streak) * (1.0 - 0.6 * joint), 0.1);
    }
    if (u_look == 2) {
        float seam = max(ruled(p.x, 0.6, 0.035, px.x), ruled(p.y, 3.0, 0.03, px.y));
        float one = hash2(ivec2(floor(p / vec2(0.6, 3.0))));
        return vec4(vec3(0.17, 0.18, 0.195) * (0.78 + 0.28 * one + 0.15 * stain) * (1.0 - 0.6 * seam), 0.6);
    }
    float bar = max(ruled(p.x, 1.5, 0.07, px.x), ruled(p.y, 3.4, 0.22, px.y));
    return vec4(mix(vec3(0.035, 0.040, 0.048), vec3(0.13, 0.135, 0.14), bar), 0.9 * (1.0 - bar));
}

vec3 wall(vec2 p) {
    vec4 material = wall_material(p);
    vec4 b = u_building;
    // Plinth, cornice and a shadow under it make a wall out of a rectangle.
    float plinth = smoothstep(0.92, 0.88, p.y - b.y);
    float crown = smoothstep(0.52, 0.48, b.w - p.y);
    float shade = 1.0 - 0.55 * smoothstep(1.3, 0.5, b.w - p.y) * (1.0 - crown);
    float stone = max(plinth, crown);
    if (stone > 0.0 && u_look != 3) {
        material.rgb = mix(material.rgb, vec3(0.15, 0.148, 0.145) * (0.8 + 0.3 * rough2(p * 1.7)), stone * 0.85);
    }
    shade *= 1.0 - 0.5 * ruled(p.y - b.y - 0.9, 1e4, 0.05, u_px.y);
    float near_corner = 0.55 + 0.45 * smoothstep(0.0, 0.18, min(p.x - b.x, b.z - p.x));

    // Light the wall's own pixels throw past themselves, close and wide.
    float wide = 0.12 * max(u_lit.z - u_lit.x, u_lit.w - u_lit.y);
    vec3 close_light = light_smooth(p, level_of(0.45));
    vec3 wide_light = light_smooth(p, level_of(clamp(wide, 1.2, 4.0)));
    vec3 spill = 0.42 * close_light + 1.1 * wide_light;
    vec3 ambient = (vec3(0.021, 0.026, 0.040) * (0.8 + 0.3 * saturate(p.y / max(b.w, 1.0))) + CITY * 0.35) * (u_look == 0 ? 1.0 : 0.6);
    vec3 color = material.rgb * shade * (ambient * near_corner * 1.4 + spill + lamp_light(vec3(p, 0.0), vec3(0.0, 0.0, 1.0)));
    if (material.a > 0.0) {
        vec3 mirrored = sky(vec2(p.x * 0.6 + 11.0, u_eye.y + 2.0 + p.y * 0.8)) * (0.5 + noise2(p * vec2(0.3, 0.5)));
        color += material.a * (0.35 * mirrored + 0.05 * close_light);
    }
    vec3 mesh = vec3(0.0050, 0.0056, 0.0066) + 0.012 * close_light;
    color = mix(color, mesh, 0.93 * saturate(textureLod(u_mask, map_uv(p), 0.0).r));

    // Where nothing glows near the street there is a door with a small lamp over it: something to judge size by.
    if (u_lit.y - b.y > 3.3 && u_look != 3) {
        vec2 d = p - vec2(mix(b.x, b.z, 0.18), b.y);
        float leaf = covered(d.x, 0.62, u_px.x) * covered(d.y - 1.15, 1.15, u_px.y);
        float glass = covered(d.x, 0.52, u_px.x) * covered(d.y - 2.62, 0.22, u_px.y);
        color = mix(color, vec3(0.004, 0.0035, 0.003), leaf);
        color = mix(color, vec3(0.26, 0.14, 0.05), glass);
        float dd = dot(d - vec2(0.0, 2.5), d - vec2(0.0, 2.5));
        color += material.rgb * SODIUM * 0.16 / (1.0 + 2.2 * dd) * (1.0 - leaf) * (1.0 - glass);
    }
    return color;
}

// The facade's light on houses beside it: one read of its widest blur, fading along the street.
vec3 light_far(vec2 p) {
    float away = max(max(u_lit.x - p.x, p.x - u_lit.z), 0.0) / (u_lit.z - u_lit.x);
    return textureLod(u_spill, vec2(p.x < u_lit.x ? 0.3 : 0.7, 0.5), 6.0).rgb * exp(-3.5 * away);
}

// Other houses of the street: black against the city's glow, a few windows still awake.
vec4 neighbour(vec2 p) {
    float side = p.x < 0.5 * (u_building.x + u_building.z) ? -1.0 : 1.0;
    float away = side < 0.0 ? u_building.x - p.x : p.x - u_building.z;
    if (away < -2.0) { return vec4(0.0); }
    away = max(away, 0.0);
    float h0 = u_building.w - min(u_building.y, 0.0);
    float scale = clamp(h0 / 12.0, 0.55, 1.6);
    float at = away / (8.5 * scale);
    int n = int(floor(at)) * 2 + (side < 0.0 ? 0 : 1) + 40;
    float tall = (5.2 + 4.6 * hash1(n)) * scale;
    float within = fract(at) * 8.5 * scale;
    float roof = hash1(n + 900) > 0.5 ? 0.9 * scale * (1.0 - abs(within / (8.5 * scale) - 0.5) * 2.0) : 0.0;
    float chimney = (abs(within - 2.0 * scale) < 0.35 * scale) ? 1.1 * scale : 0.0;
    float top = tall + max(roof, chimney);
    float body = saturate((top - p.y) / u_px.y + 0.5);
    float tone = 0.5 + hash1(n + 77);
    vec3 color = vec3(0.0050, 0.0049, 0.0056) * tone + vec3(0.005, 0.0035, 0.0022) * exp(-0.5 * p.y);
    color += 0.03 * light_far(p);
    color += vec3(0.09, 0.08, 0.07) * lamp_light(vec3(p, 0.0), vec3(0.0, 0.0, 1.0));
    vec2 pitch = vec2(1.9, 2.9) * clamp(scale, 0.8, 1.3);
    vec2 cell = floor(vec2(within, p.y - 0.6) / pitch);
    vec2 q = (fract(vec2(within, p.y - 0.6) / pitch) - 0.5) * pitch;
    bool has = p.y < tall - 0.9 && p.y > 0.6 && within > 0.7 && within < 8.5 * scale - 0.9;
    float hole = covered(q.x, 0.42 * clamp(scale, 0.8, 1.3), u_px.x) * covered(q.y, 0.72 * clamp(scale, 0.8, 1.3), u_px.y);
    float awake = hash2(ivec2(cell) + ivec2(n * 13, n * 7));
    if (has) {
        vec3 room = mix(vec3(0.34, 0.15, 0.045), vec3(0.24, 0.19, 0.12), hash2(ivec2(cell) + ivec2(n)));
        float low = saturate(0.75 - 0.45 * q.y);
        float bar = covered(q.x, 0.03, u_px.x) + covered(q.y - 0.25, 0.03, u_px.y);
        vec3 glass = awake > 0.81 ? room * low * (0.12 + 0.5 * hash1(int(awake * 9999.0))) : vec3(0.0036, 0.0042, 0.0060);
        glass *= 1.0 - 0.8 * saturate(bar);
        color = mix(color, glass, hole);
    }
    return vec4(color, body);
}

// Everything at the wall plane and behind, without the lamps themselves.
vec3 front(vec2 p) {
    float inside = covered(p.x - 0.5 * (u_building.x + u_building.z), 0.5 * (u_building.z - u_building.x), u_px.x)
                 * saturate((u_building.w - p.y) / u_px.y + 0.5);
    if (inside >= 1.0) { return wall(p); }
    vec4 house = neighbour(p);
    vec3 color = house.a < 1.0 ? mix(sky(p), house.rgb, house.a) : house.rgb;
    return inside > 0.0 ? mix(color, wall(p), inside) : color;
}

// The same seen in water or wet stone, without the lamps, over soft metres; cheaper than front().
vec3 front_mirrored(vec2 p, float soft) {
    float inside = saturate((p.x - u_building.x) / soft + 0.5) * saturate((u_building.z - p.x) / soft + 0.5)
                 * saturate((u_building.w - p.y) / soft + 0.5);
    vec3 color = vec3(0.0);
    if (inside < 1.0) {
        color = mix(CITY, ZENITH, 1.0 - exp(-5.0 * max(p.y - u_eye.y, 0.0) / u_eye.z));
        vec4 house = neighbour(p);
        color = mix(color, house.rgb, house.a);
    }
    if (inside > 0.0) {
        vec3 wide = textureLod(u_spill, map_uv(p), level_of(1.6)).rgb;
        vec3 albedo = u_look == 0 ? vec3(0.20, 0.11, 0.075) : (u_look == 1 ? vec3(0.15) : vec3(0.11));
        vec3 dark = albedo * (vec3(0.030, 0.033, 0.044) + 1.0 * wide + lamp_light(vec3(p, 0.0), vec3(0.0, 0.0, 1.0)));
        color = mix(color, dark, inside);
    }
    return color;
}

// The lamp's head as the water sees it.
vec3 lamp_mirrored(vec2 p, float z, float blur) {
    float s = u_eye.z / (u_eye.z - z);
    vec2 head = u_eye.xy + (vec2(post_x() - 0.85, POST_M) - u_eye.xy) * s;
    vec2 d = (p - head) / (0.12 + vec2(0.5, 1.0) * blur);
    return SODIUM * 2.2 * exp(-dot(d, d)) * (0.12 / (0.12 + blur));
}

// Light of the facade on level ground at g (x, z): the wall is a lambertian lamp of three storeys.
vec3 light_on_ground(vec2 g, float y) {
    vec3 sum = vec3(0.0);
    float h = u_lit.w - u_lit.y;
    for (int i = 0; i < 3; i++) {
        float up = u_lit.y + h * (0.17 + 0.33 * float(i)) - y;
        float d2 = up * up + g.y * g.y + 0.3;
        float share = up * g.y / (d2 * d2) * (h / 3.0) * 2.6 * sqrt(d2);
        sum += textureLod(u_spill, map_uv(vec2(g.x, up + y)), level_of(0.9 * sqrt(d2))).rgb * share;
    }
    return sum;
}

const vec2 WAVE[6] = vec2[6](
    vec2(-0.327, 0.913), vec2(-0.400, 0.866), vec2(0.628, 0.619),
    vec2(-0.220, 0.962), vec2(-0.034, 0.999), vec2(-0.204, 0.967));
const float WAVE_NUMBER[6] = float[6](1.100, 1.782, 2.887, 4.677, 7.576, 12.273);   // radians a metre
const float WAVE_SPEED[6] = float[6](0.999, 1.272, 1.619, 2.060, 2.622, 3.337);    // radians a second

// Six crossing waves, short ones dying out with the size of a pixel on the water before they can flicker.
vec2 ripple_slope(vec2 q, float footprint) {
    vec2 slope = vec2(0.0);
    vec2 bent = q + 0.55 * vec2(noise2(q * 0.35 + u_time * 0.05), noise2(q * 0.35 + 31.0 - u_time * 0.04));
    for (int i = 0; i < 6; i++) {
        float fade = max(1.0 - WAVE_NUMBER[i] * footprint * 0.55, 0.0);
        slope += WAVE[i] * cos(dot(WAVE[i], bent) * WAVE_NUMBER[i] - u_time * WAVE_SPEED[i] + float(i) * 1.7) * fade;
    }
    return slope * 0.5;
}

// The canal at a point on its surface.
vec3 canal(vec3 w, vec3 ray) {
    float distance_m = length(w - u_eye);
    float footprint = distance_m * u_px.y / u_eye.z / max(-ray.y, 0.02);
    float calm = 0.55 + 0.9 * noise2(w.xz * vec2(0.10, 0.22) + vec2(u_time * 0.03, 0.0));
    vec2 slope = ripple_slope(w.xz, footprint) * 0.0155 * calm;
    float level = level_of(0.05 + 0.007 * w.z);
    vec3 quay = vec3(0.006, 0.006, 0.007);
    vec3 n = normalize(vec3(slope.x, 1.0, slope.y));
    vec3 r = reflect(ray, n);
    vec2 p = w.xy + r.xy * (w.z / max(-r.z, 0.05));
    vec3 color = p.y < 0.0 ? quay : front_mirrored(p, max(0.07 + 0.012 * w.z, u_px.x)) + lamp_mirrored(p, u_quay, 0.15 + 0.02 * w.z);
    // Wavelets too small to draw smear the light upright: four reads along it.
    float smear = 0.015 * calm * w.z;
    vec3 light = vec3(0.0);
    for (int i = 0; i < 4; i++) {
        vec2 q = p + vec2(0.0, (float(i) - 1.5) * smear);
        light += textureLod(u_spill, map_uv(q), level).rgb * step(0.0, q.y);
    }
    color += 0.25 * light;
    float fresnel = 0.14 + 0.86 * pow(1.0 - saturate(-ray.y), 3.2);
    vec3 deep = vec3(0.0010, 0.0018, 0.0026);
    return deep + color * fresnel * 0.86;
}

vec3 paving(vec2 g, float px_z, out float wet) {
    float grain = rough2(g * 2.3);
    if (u_ground == 2) {
        float joint = max(ruled(g.x, 1.2, 0.02, u_px.x), ruled(g.y, 1.2, 0.02, px_z));
        float one = mix(0.5, hash2(ivec2(floor(g / 1.2))), smoothstep(0.8, 0.3, px_z / 1.2));
        wet = smoothstep(0.36, 0.70, rough2(g * vec2(0.22, 0.16) + 3.0)) * 0.75 + 0.2;
        return vec3(0.17, 0.165, 0.16) * (0.7 + 0.35 * one + 0.3 * grain) * (1.0 - 0.45 * joint);
    }
    float kerb = u_ground == 1 ? u_quay : 3.4;
    if (g.y < kerb) {
        float joint = max(ruled(g.x, 0.6, 0.02, u_px.x), ruled(g.y, 0.6, 0.02, px_z));
        wet = 0.22 + 0.2 * smoothstep(0.5, 0.8, rough2(g * 0.4));
        float edge = smoothstep(0.32, 0.26, kerb - g.y);
        return mix(vec3(0.19, 0.18, 0.17) * (0.7 + 0.5 * grain) * (1.0 - 0.4 * joint), vec3(0.26, 0.255, 0.25), edge);
    }
    wet = 0.35 + 0.6 * smoothstep(0.42, 0.72, rough2(g * vec2(0.16, 0.3) + 9.0));
    return vec3(0.075, 0.075, 0.08) * (0.65 + 0.7 * grain);
}

// Pavement, asphalt or the stones of a square, a little wet.
vec3 ground(vec3 w, vec3 ray) {
    float px_z = u_px.y * (u_eye.z - w.z) / u_eye.z * (u_eye.z - w.z) / u_eye.y;
    float wet;
    vec3 albedo = paving(w.xz, px_z, wet);
    vec3 lit = light_on_ground(w.xz, 0.0) + lamp_light(w, vec3(0.0, 1.0, 0.0)) + vec3(0.012, 0.014, 0.02) + CITY * 0.3;
    vec3 color = albedo * lit * (1.0 - 0.4 * wet);
    float rough = 0.25 + (1.0 - wet) * 1.4;
    vec2 dent = (vec2(noise2(w.xz * 3.1), noise2(w.xz * 3.1 + 40.0)) - 0.5) * 0.012 * rough;
    vec3 r = reflect(ray, normalize(vec3(dent.x, 1.0, dent.y)));
    vec2 p = w.xy + r.xy * (w.z / max(-r.z, 0.05));
    float soft = 0.10 + rough * (0.10 + 0.05 * w.z);
    vec3 mirrored = front_mirrored(p, max(soft, u_px.x)) + lamp_mirrored(p, post_z(), 0.35 * rough);
    vec3 light = vec3(0.0);
    float smear = 0.032 * rough * w.z;
    for (int i = 0; i < 3; i++) {
        light += textureLod(u_spill, map_uv(p + vec2(0.0, (float(i) - 1.0) * smear)), level_of(soft)).rgb;
    }
    mirrored += light / 3.0;
    float fresnel = 0.04 + 0.96 * pow(1.0 - saturate(-ray.y), 5.0);
    return color + mirrored * fresnel * wet * 0.9;
}

void main() {
    vec2 p = mix(u_frame.xy, u_frame.zw, v_uv);
    vec3 color;
    if (p.y >= 0.0) {
        color = front(p);
    } else {
        vec3 ray = normalize(vec3(p - u_eye.xy, -u_eye.z));
        vec3 w = u_eye + ray * (u_eye.y / -ray.y);
        if (u_ground == 1 && w.z > u_quay) {
            float along = (u_eye.z - u_quay) / -ray.z;
            vec3 face = u_eye + ray * along;
            if (face.y > u_water) {
                // The quay's wall: big stones, darker and wetter near the water.
                float stone = max(ruled(face.y, 0.42, 0.02, u_px.y), ruled(face.x + 0.45 * mod(floor(face.y / 0.42), 2.0), 0.9, 0.02, u_px.x));
                float damp = smoothstep(-0.2, u_water, face.y);
                vec3 albedo = vec3(0.15, 0.145, 0.14) * (0.6 + 0.6 * rough2(face.xy * 2.0)) * (1.0 - 0.5 * stone) * (1.0 - 0.6 * damp);
                color = albedo * (vec3(0.024, 0.027, 0.036) + CITY * 0.3 + 0.35 * light_far(face.xy) + lamp_light(face, vec3(0.0, 0.3, 0.95)));
            } else {
                color = canal(u_eye + ray * ((u_eye.y - u_water) / -ray.y), ray);
            }
        } else {
            color = ground(w, ray);
        }
    }
    o_color = vec4(color, 1.0);
}
