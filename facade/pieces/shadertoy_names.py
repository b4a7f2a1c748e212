"""The names a Shadertoy finds already there: the site's own, and those that hosts which read the same files add."""

from __future__ import annotations

import re
from collections.abc import Collection

from facade.pieces import glsl
from facade.pieces.program import Automatic
from facade.pieces.shadertoy_tabs import CHANNELS, MORE_CHANNELS

AUTOMATIC = (
    Automatic("iResolution", "size", 3),
    Automatic("iTime", "time", 1),
    Automatic("iGlobalTime", "time", 1),
    Automatic("iTimeDelta", "delta", 1),
    Automatic("iFrame", "frame", 1, whole=True),
    Automatic("iFrameRate", "rate", 1),
    Automatic("iMouse", "mouse", 4),
    Automatic("iDate", "date0", 4),
    Automatic("facade_size", "size", 2),
)

PRELUDE = """#define HW_PERFORMANCE 1
#define facade_es 1
uniform vec3 iResolution;
uniform float iTime;
uniform float iGlobalTime;
uniform float iTimeDelta;
uniform int iFrame;
uniform float iFrameRate;
uniform vec4 iMouse;
uniform vec4 iDate;
const float iSampleRate = 44100.0;
uniform sampler2D iChannel0;
uniform sampler2D iChannel1;
uniform sampler2D iChannel2;
uniform sampler2D iChannel3;
#define iChannelTime float[4](iTime, iTime, iTime, iTime)
#define facade_channel_size(c) vec3(vec2(textureSize(c, 0)), 1.0)
#define iChannelResolution vec3[4](facade_channel_size(iChannel0), facade_channel_size(iChannel1), \\
    facade_channel_size(iChannel2), facade_channel_size(iChannel3))
vec4 facade_image;
vec2 facade_at;
vec4 facade_opaque(vec4 color) { return vec4(color.rgb, 1.0); }
vec2 facade_here() { return facade_coord().xy; }
"""

OURS = frozenset(re.findall(r"(?m)^uniform \w+ (\w+)", PRELUDE)) | {
    "iSampleRate",
    "iChannelTime",
    "iChannelResolution",
    *(f"iChannel{i}" for i in range(CHANNELS, MORE_CHANNELS)),
}
"""Uniforms that files which run elsewhere too declare for themselves."""

# What a channel without a word about it shows to whoever asks in a direction instead of at a place.
SKY = """vec4 facade_sky(vec3 to) {
    float height = normalize(to + vec3(0.0, 1e-6, 0.0)).y;
    vec3 color = mix(vec3(0.85, 0.88, 0.92), vec3(0.20, 0.38, 0.75), sqrt(clamp(height, 0.0, 1.0)));
    color = mix(color, vec3(0.25, 0.22, 0.20), clamp(-4.0 * height, 0.0, 1.0));
    float sun = pow(clamp(dot(normalize(to), vec3(0.48, 0.60, 0.64)), 0.0, 1.0), 64.0);
    return vec4(clamp(color + sun, 0.0, 1.0), 1.0);
}
vec4 facade_texture(sampler2D image, vec2 at) { return texture(image, at); }
vec4 facade_texture(sampler2D image, vec2 at, float bias) { return texture(image, at, bias); }
vec4 facade_texture(sampler2D image, vec3 to) { return facade_sky(to); }
vec4 facade_texture(sampler2D image, vec3 to, float bias) { return facade_sky(to); }
vec4 facade_texture_lod(sampler2D image, vec2 at, float lod) { return textureLod(image, at, lod); }
vec4 facade_texture_lod(sampler2D image, vec3 to, float lod) { return facade_sky(to); }
#define texture facade_texture
#define textureLod facade_texture_lod
"""

_KEYS = ("isKeyDown", "isKeyPressed", "isKeyReleased", "isKeyToggled")
_BORROWED = {
    "iCurrentCursor": "vec4(0.5 * iResolution.xy, 0.02 * iResolution.x, 0.05 * iResolution.y)",
    "iPreviousCursor": "vec4(0.4 * iResolution.xy, 0.02 * iResolution.x, 0.05 * iResolution.y)",
    "iCurrentCursorColor": "vec4(1.0)",
    "iPreviousCursorColor": "vec4(1.0)",
    "iCurrentCursorStyle": "0",
    "iPreviousCursorStyle": "0",
    "iCursorVisible": "1",
    "iTimeCursorChange": "0.0",
    "iTimeFocus": "0.0",
    "iFocus": "1",
    "iBackgroundColor": "vec3(0.0)",
    "iForegroundColor": "vec3(1.0)",
    "iCursorColor": "vec3(1.0)",
    "iCursorText": "vec3(0.0)",
    "iSelectionForegroundColor": "vec3(0.0)",
    "iSelectionBackgroundColor": "vec3(1.0)",
}
"""What a terminal tells its shaders: a cursor that stands in the middle, white on black."""


def channels_of(text: str) -> range:
    """Return the channels a text may read: the site's four, and as many more as it names."""
    used = glsl.words(text)
    more = [i for i in range(CHANNELS, MORE_CHANNELS) if f"iChannel{i}" in used]
    return range(max(more, default=CHANNELS - 1) + 1)


def borrowed(text: str, *, connected: Collection[int]) -> str:
    """Return declarations of the names of other hosts that a text uses and does not declare.

    connected: the channels of which is known what they show.
    """
    used = glsl.words(text)
    lines = [
        f"#define {name} {value}\n"
        for name, value in _BORROWED.items()
        if name in used and not glsl.declares(text, name)
    ]
    lines += [
        f"bool {name}(int key) {{ return false; }}\n"
        for name in _KEYS
        if name in used and not glsl.declares(text, name)
    ]
    keys = sorted(n for n in used if re.fullmatch(r"Key_\w+", n) and not glsl.declares(text, n))
    lines += [f"#define {name} {number}\n" for number, name in enumerate(keys, start=1)]
    if "st_assert" in used and not glsl.declares(text, "st_assert"):
        lines.append("void st_assert(bool holds) {}\nvoid st_assert(bool holds, int number) {}\n")
    channels = channels_of(text)
    lines += [f"uniform sampler2D iChannel{i};\n" for i in channels[CHANNELS:]]
    unknown = [i for i in channels if f"iChannel{i}" in used and i not in connected]
    if unknown and not glsl.declares(text, "texture") and not re.search(r"\bsampler(?!2D\b)\w+", text):
        lines.append(SKY)
    return "".join(lines)
