"""The shaders that are measured: plain GLSL that any host draws."""

from __future__ import annotations

from uuid import uuid4

_ORDINARY = """
uniform vec2 u_resolution;
uniform float u_time;
void main() {{
    vec2 p = gl_FragCoord.xy / u_resolution;
    float v = 0.0;
    for (int i = 1; i < 7; i++) {{ v += sin(float(i) * p.x * 3.0 + u_time + {seed}) * cos(p.y * float(i) + v); }}
    gl_FragColor = vec4({level} + {swing} * cos(6.2832 * (v + vec3(0.0, 0.33, 0.67))), 1.0);
}}
"""

HEAVY = """
float hash(vec2 p) { return fract(sin(dot(p, vec2(12.9898, 78.233))) * 43758.5453 + 0.0); }
float noise(vec2 p) {
    vec2 i = floor(p), f = fract(p);
    f = f * f * (3.0 - 2.0 * f);
    vec2 e = vec2(1.0, 0.0);
    return mix(mix(hash(i), hash(i + e.xy), f.x), mix(hash(i + e.yx), hash(i + e.xx), f.x), f.y);
}
float fbm(vec2 p) {
    float sum = 0.0, part = 0.5;
    for (int i = 0; i < 5; i++) { sum += part * noise(p); p *= 2.03; part *= 0.5; }
    return sum;
}
uniform vec2 u_resolution;
uniform float u_time;
void main() {
    vec2 p = gl_FragCoord.xy / u_resolution * 4.0;
    float v = fbm(p + 2.0 * fbm(p + 0.2 * u_time));
    gl_FragColor = vec4(v, v * v, 1.0 - v, 1.0);
}
"""
"""Noise in noise, five octaves each, as The Book of Shaders writes it."""


def ordinary(seed: str = "0.0", *, level: float = 0.5, swing: float = 0.5) -> str:
    """Return six waves in a palette: what compiles in about the time of the median of public shaders.

    level, swing: of its colours.
    """
    return _ORDINARY.format(seed=seed, level=level, swing=swing)


def unseen() -> str:
    """Return a number nobody has had before: no driver can know a shader that has it."""
    return f"0.{uuid4().int % 10**9:09}"
