"""The text the driver compiles: prelude, parameters, the artist's source, and a main for one domain.

facade's own text owns line range 0 (see pieces.includes), so an error there is never blamed on the artist's file.
"""

from __future__ import annotations

from facade.pieces.program import Domain, PieceProgram

_COMMON = """#version 330 core
uniform float u_time;
uniform float u_delta;
uniform int u_frame;
uniform vec2 u_resolution;
uniform vec2 u_size_m;
uniform float u_seed;
uniform sampler2D u_previous;
uniform vec2 facade_origin_m;
uniform vec2 facade_led_m;
uniform ivec2 facade_corner;
out vec4 facade_light;
"""

_PIXEL = """#define FACADE_PIXEL 1
uniform sampler2D facade_places;
uniform sampler2D facade_extents;
ivec2 facade_cell() { return ivec2(gl_FragCoord.xy) - facade_corner; }
vec2 facade_uv() { return texelFetch(facade_places, facade_cell(), 0).xy; }
vec3 facade_position() {
    return vec3(texelFetch(facade_places, facade_cell(), 0).zw, texelFetch(facade_extents, facade_cell(), 0).x);
}
vec2 facade_pixel_size() { return texelFetch(facade_extents, facade_cell(), 0).yz; }
int facade_pixel_id() { return int(texelFetch(facade_extents, facade_cell(), 0).w); }
"""

_CANVAS = """#define FACADE_CANVAS 1
vec2 facade_uv() { return (gl_FragCoord.xy - vec2(facade_corner)) / u_resolution; }
vec3 facade_position() { return vec3(facade_origin_m + facade_uv() * u_size_m, 0.0); }
vec2 facade_pixel_size() { return max(facade_led_m, u_size_m / u_resolution); }
int facade_pixel_id() { return -1; }
"""

# Light leaves a piece premultiplied, so that layers with soft edges filter and mix without a division.
_PIXEL_MAIN = """void main() {
    vec4 color = piece(facade_uv());
    float alpha = clamp(color.a, 0.0, 1.0);
    facade_light = vec4(LIGHT * alpha, alpha);
}
"""

_DECODE = """vec3 facade_decode(vec3 c) {
    vec3 light = mix(pow((max(c, 0.0) + 0.055) / 1.055, vec3(2.4)), c / 12.92, lessThanEqual(c, vec3(0.04045)));
    return mix(light, c, isnan(c));  // max() would hide it
}
"""

# A canvas keeps exactly what the artist returned, for u_previous; it is decoded and multiplied when it is sampled.
_CANVAS_MAIN = """void main() {
    facade_light = piece(facade_uv());
}
"""

# One NaN in a picture that feeds on itself, or on other passes, would spread to all of it and never heal.
_FEEDBACK_MAIN = """void main() {
    vec4 color = piece(facade_uv());
    bool sick = any(isnan(color)) || any(isinf(color));
    facade_light = sick ? vec4(0.0) : color;
}
"""

# ---- dialects from elsewhere ----

# The extensions are part of later versions, the last of WebGL 2 as well. Public shaders return int from float
# functions, and Mesa at 3.30 minds.
_OLD_HEAD = """#version 330 core
#extension GL_ARB_shading_language_420pack : enable
#extension GL_ARB_gpu_shader5 : enable
#extension GL_ARB_shading_language_packing : enable
uniform vec2 facade_size;
const vec4 facade_nothing = vec4(0.0);
"""

_OLD_CANVAS = """#define FACADE_CANVAS 1
out vec4 facade_light;
vec4 facade_color;
vec2 facade_uv() { return gl_FragCoord.xy / facade_size; }
vec4 facade_coord() { return gl_FragCoord; }
vec4 facade_seen(vec4 color) { return color; }
"""

_OLD_PIXEL = """#define FACADE_PIXEL 1
uniform ivec2 facade_corner;
uniform sampler2D facade_places;
out vec4 facade_light;
vec4 facade_color;
vec2 facade_uv() { return texelFetch(facade_places, ivec2(gl_FragCoord.xy) - facade_corner, 0).xy; }
vec4 facade_coord() { return vec4(facade_uv() * facade_size, 0.5, 1.0); }
"""

# A screen's picture ends at 1 and has no opacity, and what is not a number is 0, channel by channel: public shaders
# count on it without knowing, where the rest of a texel is sound.
_OLD_SEEN = """vec4 facade_seen(vec4 color) {
    vec3 seen = mix(clamp(color.rgb, 0.0, 1.0), vec3(0.0), isnan(color.rgb));
    return vec4(facade_decode(seen), 1.0);
}
"""

# After the artist's text no word but facade's own: any other may be a macro of theirs.
_OLD_MAIN = """void main() {
    facade_color = facade_nothing;
    ENTRY
    facade_light = facade_seen(facade_color);
}
"""

_MAIN_LINE = 90_000


def fragment_source(program: PieceProgram, *, domain: Domain, index: int = 0) -> str:
    """Return the complete fragment shader of one source of a program, for one domain.

    Either domain may be asked for, whatever the program's own: a pixel piece is drawn as a canvas for pictures.
    """
    if program.dialect != "native":
        return _old_source(program, domain, index)
    parts = [_COMMON, _PIXEL if domain == "pixel" else _CANVAS]
    parts += [f"uniform {uniform.type} {uniform.name};\n" for uniform in program.uniforms]
    parts += [f"uniform sampler2D {sampler.name};\n" for sampler in program.passes[0].samplers]
    parts += [f"uniform {u.type} {name};\n" for name, u in program.manifest.uniform.items() if u.type != "texture"]
    parts += [f"uniform vec4 {name};\n" for name in program.manifest.clock]
    parts += [program.sources[index].text, f"\n#line {_MAIN_LINE}\n"]
    if domain == "canvas":
        parts.append(_FEEDBACK_MAIN if program.reads_previous or program.manifest.passes else _CANVAS_MAIN)
    else:
        parts += [_DECODE if program.srgb else ""]
        parts.append(_PIXEL_MAIN.replace("LIGHT", "facade_decode(color.rgb)" if program.srgb else "color.rgb"))
    return "".join(parts)


def vertex_source(program: PieceProgram, *, domain: Domain, index: int = 0) -> str | None:
    """Return the vertex shader of a canvas source that has one of its own, drawn as a strip of four; None for ours."""
    vertex = program.sources[index].vertex
    return None if vertex is None or domain == "pixel" else _OLD_HEAD + vertex


def _old_source(program: PieceProgram, domain: Domain, index: int) -> str:
    source = program.sources[index]
    place = [_OLD_PIXEL, _DECODE, _OLD_SEEN] if domain == "pixel" else [_OLD_CANVAS]
    main = _OLD_MAIN.replace("ENTRY", source.entry or "facade_artist_main();")
    return "".join([_OLD_HEAD, *place, source.prelude, source.text, f"\n#line {_MAIN_LINE}\n", main])
