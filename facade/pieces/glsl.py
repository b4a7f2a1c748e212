"""Reading GLSL without understanding it: comments, reserved words, and the words a source uses. Lines stay in place."""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable

_TOKEN = re.compile(r'//(?:\\\n|[^\n])*|/\*.*?\*/|/\*.*\Z|"[^"\n]*"', re.DOTALL)
BRANCH = re.compile(r"^[ \t]*#[ \t]*(if|ifdef|ifndef|endif)\b", re.MULTILINE)
"""A line with which a part of the source begins or ends that may not be seen."""

_NOT_NEWLINE = re.compile(r"[^\n]")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_KEYWORDS = """
attribute const uniform varying layout centroid flat smooth noperspective break continue do for while switch case
default if else in out inout float int void bool true false invariant discard return mat2 mat3 mat4 mat2x2 mat2x3
mat2x4 mat3x2 mat3x3 mat3x4 mat4x2 mat4x3 mat4x4 vec2 vec3 vec4 ivec2 ivec3 ivec4 bvec2 bvec3 bvec4 uint uvec2 uvec3
uvec4 lowp mediump highp precision sampler1D sampler2D sampler3D samplerCube sampler1DShadow sampler2DShadow
samplerCubeShadow sampler1DArray sampler2DArray sampler1DArrayShadow sampler2DArrayShadow isampler1D isampler2D
isampler3D isamplerCube isampler1DArray isampler2DArray usampler1D usampler2D usampler3D usamplerCube usampler1DArray
usampler2DArray sampler2DRect sampler2DRectShadow isampler2DRect usampler2DRect samplerBuffer isamplerBuffer
usamplerBuffer sampler2DMS isampler2DMS usampler2DMS sampler2DMSArray isampler2DMSArray usampler2DMSArray struct
common partition active asm class union enum typedef template this packed goto inline noinline volatile public static
extern external interface long short double half fixed unsigned superp input output hvec2 hvec3 hvec4 dvec2 dvec3 dvec4
fvec2 fvec3 fvec4 sampler3DRect filter image1D image2D image3D imageCube iimage1D iimage2D iimage3D iimageCube uimage1D
uimage2D uimage3D uimageCube image1DArray image2DArray iimage1DArray iimage2DArray uimage1DArray uimage2DArray
image1DShadow image2DShadow image1DArrayShadow image2DArrayShadow imageBuffer iimageBuffer uimageBuffer sizeof cast
namespace using row_major sample patch subroutine resource atomic_uint coherent restrict readonly writeonly buffer
shared precise main piece
"""

_BUILT_IN = """
radians degrees sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh pow exp log exp2 log2 sqrt inversesqrt abs
sign floor trunc round roundEven ceil fract mod modf min max clamp mix step smoothstep isnan isinf length distance dot
cross normalize faceforward reflect refract matrixCompMult outerProduct transpose determinant inverse lessThan
lessThanEqual greaterThan greaterThanEqual equal notEqual any all not texture textureSize textureProj textureLod
textureOffset texelFetch texelFetchOffset textureGrad dFdx dFdy fwidth noise1 noise2 noise3 noise4
"""

RESERVED = frozenset(_KEYWORDS.split())
"""Words GLSL 3.30 keeps for itself (section 3.6), plus the two functions every native shader has."""

BUILT_IN = frozenset(_BUILT_IN.split())
"""Functions of GLSL 3.30 (chapter 8) that a variable of the same name would hide."""


def blank_comments(source: str) -> str:
    """Return source with every comment replaced by as many spaces; lines and columns stay where they were."""

    def blank(match: re.Match[str]) -> str:
        text = match.group()
        return text if text.startswith('"') else _NOT_NEWLINE.sub(" ", text)

    return _TOKEN.sub(blank, source)


def decoded(data: bytes) -> str:
    """Return the text of a shader file, with one kind of line end. Raises ValueError if it is no text.

    Old files are not always UTF-8. Only their comments can tell, because GLSL itself is ASCII: they are read byte by
    byte, and what stands elsewhere is refused by the compiler on its own line.
    """
    if b"\0" in data:
        raise ValueError("it holds zero bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def words(source: str) -> frozenset[str]:
    """Return every identifier and keyword in source; blank the comments first."""
    return frozenset(_WORD.findall(source))


def defines_function(source: str, name: str, *, returns: str = r"[A-Za-z_]\w*") -> bool:
    """Say whether source, free of comments, defines (or declares) a function of that name."""
    found = re.finditer(rf"\b({returns})\s+{re.escape(name)}\s*\(", source)
    return any(match[1] not in ("return", "else", "in", "out", "inout", "define") for match in found)


_FUNCTION = re.compile(
    r"(?<![\w.])((?:(?:lowp|mediump|highp)\s+)?[A-Za-z_]\w*)\s+([A-Za-z_]\w*)\s*\(([^(){};]*)\)\s*\{", re.DOTALL
)


def functions(source: str) -> list[tuple[int, int, str]]:
    """Return (start, end, signature) of every function defined in source, free of comments, in order."""
    found = []
    closed = _closings(source)
    for match in _FUNCTION.finditer(source):
        end = closed.get(match.end() - 1)
        if end is not None and match[1] not in ("else", "return", "struct", "do"):
            found.append((match.start(), end + 1, " ".join(f"{match[1]} {match[2]}({match[3]})".split())))
    return found


def _closings(source: str) -> dict[int, int]:
    """Return where each brace is closed, by where it is opened; those that never are left out."""
    opened: list[int] = []
    closed: dict[int, int] = {}
    for match in re.finditer(r"[{}]", source):
        if match.group() == "{":
            opened.append(match.start())
        elif opened:
            closed[opened.pop()] = match.start()
    return closed


def in_branch(source: str) -> Callable[[int], bool]:
    """Return what tells of an offset into source whether it lies within #if, where it may never be seen."""
    starts, depths = [0], [0]
    for match in BRANCH.finditer(source):
        starts.append(match.start())
        depths.append(depths[-1] + (-1 if match[1] == "endif" else 1))
    return lambda at: depths[bisect.bisect_right(starts, at) - 1] > 0


def declares(source: str, name: str) -> bool:
    """Say whether source, free of comments, declares a name itself: a macro, a variable, an argument, a function."""
    kinds = r"float|u?int|bool|[biu]?vec[234]|mat[234]"
    return (
        re.search(rf"\b(?:{kinds})\s+{name}\b|^[ \t]*#[ \t]*define[ \t]+{name}\b", source, re.MULTILINE) is not None
        or re.search(rf"\b(?:{kinds})\s+\w+[^;(){{}}]*,\s*{name}\s*[=,;]", source) is not None
        or defines_function(source, name)
    )
