// Velocity: carried along by itself, slowed, pushed by sinking ink, by a restless water and by whoever stirs.

#include "water.glsl"

const float SINK = 1.1;           // heights a second each second, at full weight in full ink
const float STILL_S = 5.0;        // half the speed is gone after this long
const float DRIFT = 0.085;        // of the restless water
const float TURN = 1.6;           // of the stirring
const float FASTEST = 1.5;

// A push without sources: the curl of three crossing waves. About -1..1 a component.
vec2 restless(vec2 p) {
    vec3 turns = vec3(3.1 * p.x + 1.7 * p.y + 0.23 * u_time, -2.3 * p.x + 3.7 * p.y - 0.17 * u_time, 6.3 * p.x - 5.1 * p.y + 0.31 * u_time);
    vec3 slope = cos(turns + 6.3 * u_seed) * vec3(0.20, 0.16, 0.06);
    return vec2(1.7 * slope.x + 3.7 * slope.y - 5.1 * slope.z, -3.1 * slope.x + 2.3 * slope.y - 6.3 * slope.z);
}

vec4 piece(vec2 uv) {
    vec2 p = uv * wall_size();
    vec2 velocity = texture(flow, upstream(uv, texel(flow, here(uv)).xy)).xy * exp2(-u_delta / STILL_S);

    vec2 both = texel(ink, ivec2(uv * vec2(textureSize(ink, 0)))).rg;
    float thick = 1.0 - exp(-1.2 * (both.r + both.g));
    vec2 push = vec2(0.0, -SINK * weight * thick);
    push += DRIFT * restless(p);

    vec2 away = p - place * wall_size();
    push += TURN * stir * vec2(-away.y, away.x) / 0.25 * exp(-dot(away, away) / 0.05);

    velocity += push * u_delta;
    float speed = length(velocity);
    velocity *= min(1.0, FASTEST / max(speed, 1.0e-4)) * inside(uv);
    return vec4(velocity, 0.0, 1.0);
}
