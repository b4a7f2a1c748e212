"""Each repair of old GLSL alone: what it changes, and what it leaves alone. Lines never move."""

from __future__ import annotations

import pytest

from facade.pieces import repairs
from facade.pieces.repairs import Repair, repair
from facade.pieces.varyings import fed_varyings, own_output, without_uniforms


@pytest.mark.parametrize(
    ("function", "before", "after"),
    [
        (repairs.declared_output, "gl_FragColor = a;", "facade_color = a;"),
        (repairs.declared_output, "gl_FragData[0] = a;", "facade_color = a;"),
        (repairs.no_extensions, "a;\n#extension GL_X : enable\nb;", "a;\n\nb;"),
        (repairs.new_names, "vv_FragNormCoord", "isf_FragNormCoord"),
        (repairs.in_for_varying, "varying vec2 a;", "in vec2 a;"),
        (repairs.in_for_varying, "layout (location = 0) flat in int a;", "flat in int a;"),
        (
            repairs.out_for_varying,
            "layout(location=1) out vec2 a; layout(location=0) in vec2 b;",
            "out vec2 a; layout(location=0) in vec2 b;",
        ),
        (repairs.out_for_varying, "varying vec2 a; attribute vec4 b;", "out vec2 a; in vec4 b;"),
        (repairs.one_texture_function, "texture2D(a, b)", "texture(a, b)"),
        (repairs.one_texture_function, "texture2DLodEXT (a, b, 0.)", "textureLod (a, b, 0.)"),
        (
            repairs.unreserved_names,
            "float sample = 1.0; b = sample;",
            "float facade_x_sample = 1.0; b = facade_x_sample;",
        ),
        (
            repairs.unreserved_names,
            "float mix = mix(a, b, c); d = mix;",
            "float facade_x_mix = mix(a, b, c); d = facade_x_mix;",
        ),
        (repairs.unreserved_names, "float a, buffer = 1.0;", "float a, facade_x_buffer = 1.0;"),
        (
            repairs.writable_coordinate,
            "gl_FragCoord.x = 1.0;",
            "vec4 facade_frag_coord = facade_coord();\nfacade_frag_coord.x = 1.0;",
        ),
        (
            repairs.pasted_once,
            "float f(int a) { return 1.0; }\nfloat f(int a) { return 1.0; }",
            "float f(int a) { return 1.0; }\n" + " " * 30,
        ),
        (repairs.pasted_once, "const float A = 1.;\nconst float A = 1.;", "const float A = 1.;\n" + " " * 19),
        (
            repairs.variable_constants,
            "float f() { return 1.; }\nconst float A = f();\nconst float B = A;",
            "float f() { return 1.; }\n      float A = f();\n      float B = A;",
        ),
        (repairs.variable_constants, "const float A = TIME * 2.;", "      float A = TIME * 2.;"),
        (repairs.parted_macros, "#define STEP.01\n", "#define STEP .01\n"),
        (
            repairs.parted_names,
            "#define sun(x) x\nvec3 sun = sun(a); b = sun;",
            "#define sun(x) x\nvec3 facade_x_sun = sun(a); b = facade_x_sun;",
        ),
        (repairs.saturate_defined, "a = saturate(b);", "#define saturate(x) clamp(x, 0.0, 1.0)\na = saturate(b);"),
        (
            repairs.unreserved_names,
            "#define get(buffer) texture(buffer, p)",
            "#define get(facade_x_buffer) texture(facade_x_buffer, p)",
        ),
        (
            repairs.unreserved_names,
            "precision highp float; float precision = 1.;",
            "precision highp float; float facade_x_precision = 1.;",
        ),
        (
            repairs.writable_coordinate,
            "#define gl_FragCoord p\na = gl_FragCoord;",
            "vec4 facade_frag_coord = facade_coord();\n#define facade_frag_coord p\na = facade_frag_coord;",
        ),
        (
            repairs.own_overloads,
            "vec3 noise3(vec3 a) { return a; } b = noise3(c);",
            "vec3 facade_own_noise3(vec3 a) { return a; } b = facade_own_noise3(c);",
        ),
    ],
)
def test_a_repair_changes_what_it_is_for(function: Repair, before: str, after: str) -> None:
    assert function(before) == after


@pytest.mark.parametrize(
    ("function", "source"),
    [
        (repairs.unreserved_names, "flat in vec2 a; switch (b) { case 1: break; default: c(); }"),
        (repairs.unreserved_names, "float l = length(a); b = a.length();"),
        (repairs.one_texture_function, "vec4 f() {\n    return texture(a, b);\n}"),
        (repairs.variable_constants, "const float A = sqrt(2.0);\nvoid f() { const float b = TIME; }"),
        (repairs.saturate_defined, "float saturate(float x) { return x; } a = saturate(b);"),
        (repairs.parted_macros, "#define F(x) x\n#define A\n#define B -1\n"),
        (repairs.writable_coordinate, "if (gl_FragCoord.x == 1.0) a = gl_FragCoord;"),
        (repairs.one_texture_function, "vec4 texture2D(sampler2D a, vec2 b) { return b; }"),
        (repairs.defined_once, "#define A 1\n#define A 1\n"),
        (repairs.defined_once, "#ifdef B\n#define A 1\n#else\n#define A 2\n#endif\n"),
        (repairs.pasted_once, "#ifdef A\nfloat f() { return 1.0; }\n#else\nfloat f() { return 1.0; }\n#endif\n"),
        (repairs.own_overloads, "float wobble(float a) { return mod(a, 2.0); }"),
    ],
)
def test_a_repair_leaves_the_rest_alone(function: Repair, source: str) -> None:
    assert function(source) == source


def test_a_second_definition_of_a_macro_undefines_the_first_and_keeps_its_line() -> None:
    repaired = repairs.defined_once("#line 100001\n#define A 1\nx;\n#define A 2\ny;")
    assert repaired.split("\n")[3:] == ["#undef A", "#line 100003", "#define A 2", "y;"]


def test_an_overload_that_hides_a_built_in_function_forwards_to_it() -> None:
    source = "int mod(int a, int b) { return a - b * (a / b); }\nfloat f() { return mod(3.5, 2.0); }"
    repaired = repairs.own_overloads(source)
    assert "float facade_own_mod(float v0, float v1) { return mod(v0, v1); }" in repaired
    assert repaired.endswith("float f() { return facade_own_mod(3.5, 2.0); }")


def test_what_was_repaired_is_named() -> None:
    assert repair("varying vec2 a; gl_FragColor = b;")[1] == ("varying is in",)
    assert repair("float a;") == ("float a;", ())


def test_uniforms_of_facades_own_are_declared_once() -> None:
    source = "uniform float TIME;\nuniform vec2 mine, TIMEDELTA;\n"
    assert without_uniforms(source, {"TIME", "TIMEDELTA"}).split() == ["uniform", "vec2", "mine;"]


def test_varyings_nobody_feeds_become_variables() -> None:
    assert fed_varyings("in vec2 v_texcoord;") == "vec2 v_texcoord = facade_uv();"
    assert fed_varyings("varying highp vec4 v_color;") == "vec4 v_color = vec4(1.0);"
    assert fed_varyings("float f(in vec2 a);") == "float f(in vec2 a);"


def test_an_output_of_the_artists_own_is_found() -> None:
    assert own_output("layout(location = 0) out vec4 o;\n") == ("vec4 o;\n", "o", 4)
