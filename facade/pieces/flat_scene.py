"""What glslViewer tells a shader about its camera, its sun and its model, when there is none but the picture itself.

Source: glslViewer and its library vera, read for the numbers: a camera two units in front of the origin, one white
light far above and behind it, the exposure of a sunny day (f/16, 1/125 s, ISO 100), and no model to move.
"""

from __future__ import annotations

from collections.abc import Iterable

from facade.pieces import glsl

FLAT_SCENE: dict[str, tuple[str, str]] = {
    "u_camera": ("vec3", "vec3(0.0, 0.0, 2.0)"),
    "u_cameraTarget": ("vec3", "vec3(0.0)"),
    "u_cameraDistance": ("float", "2.0"),
    "u_cameraNearClip": ("float", "0.01"),
    "u_cameraFarClip": ("float", "1000.0"),
    "u_cameraFov": ("float", "45.0"),
    "u_cameraEv100": ("float", "14.9658"),
    "u_cameraExposure": ("float", "2.60417e-5"),
    "u_cameraAperture": ("float", "16.0"),
    "u_cameraShutterSpeed": ("float", "0.008"),
    "u_cameraSensitivity": ("float", "100.0"),
    "u_cameraChange": ("bool", "false"),
    "u_iblLuminance": ("float", "0.78125"),
    "u_light": ("vec3", "vec3(0.0, 1000.0, 1000.0)"),
    "u_lightColor": ("vec3", "vec3(1.0)"),
    "u_lightIntensity": ("float", "1.0"),
    "u_lightDirection": ("vec3", "vec3(0.0)"),
    "u_lightFalloff": ("float", "0.0"),
    "u_lightMatrix": ("mat4", "mat4(1.0)"),
    "u_model": ("vec3", "vec3(1.0)"),
    "u_modelMatrix": ("mat4", "mat4(1.0)"),
    "u_viewMatrix": ("mat4", "mat4(1.0)"),
    "u_projectionMatrix": ("mat4", "mat4(1.0)"),
    "u_modelViewProjectionMatrix": ("mat4", "mat4(1.0)"),
    "u_normalMatrix": ("mat3", "mat3(1.0)"),
    "u_inverseViewMatrix": (
        "mat4",
        "mat4(vec4(1.0, vec3(0.0)), vec4(0.0, 1.0, vec2(0.0)), vec4(vec2(0.0), 1.0, 0.0), vec4(0.0, 0.0, 2.0, 1.0))",
    ),
    "u_inverseProjectionMatrix": ("mat4", "mat4(1.0)"),
    "u_view2d": ("mat3", "mat3(1.0)"),
    "u_pixelDensity": ("float", "1.0"),
    "u_play": ("int", "1"),
    "u_resolutionChange": ("bool", "false"),
}
"""Uniform name -> its type, and the value that stands for it."""

_PLACE = "MODEL_VERTEX_TEXCOORD"
"""What glslViewer defines where a picture's places come as a varying: its name, ``v_texcoord``."""


def in_flat_scene(kind: str, name: str, initial: str) -> bool:
    """Whether a uniform is one of glslViewer's: of its type as well, and without a first value of the artist's own."""
    return not initial and FLAT_SCENE.get(name, ("",))[0] == kind


def flat_scene(declared: Iterable[tuple[str, str, str]]) -> str:
    """Return the declarations that give those of (type, name, initial value) their values that glslViewer has."""
    return "".join(
        f"const {kind} {name} = {FLAT_SCENE[name][1]};\n"
        for kind, name, initial in declared
        if in_flat_scene(kind, name, initial)
    )


def texture_place(text: str) -> str:
    """Return the macro that says a picture's places come as ``v_texcoord``; "" where nobody asks, or they define it."""
    return f"#define {_PLACE} v_texcoord\n" if _PLACE in glsl.words(text) and not glsl.declares(text, _PLACE) else ""
