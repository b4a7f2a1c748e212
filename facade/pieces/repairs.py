"""Old GLSL made new, where the change is certain and draws the same: one function a repair, lines stay where they were.

Every function takes a source free of comments and returns it, changed or not. ``repair`` runs them all in order and
says which ones changed anything. The list is that of the failures met in thousands of public shaders, and no longer.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from facade.pieces import glsl
from facade.pieces.constants import constants_once, variable_constants
from facade.pieces.overloads import forward_overloads

Repair = Callable[[str], str]

COLOR = "facade_color"
COORD = "facade_frag_coord"

_HOST_OUTPUTS = ("fragColor", "FragColor", "isf_FragColor")

_TYPE = (
    r"(?:float|int|uint|bool|[biu]?vec[234]|mat[234](?:x[234])?|sampler(?:1D|2D|3D|Cube)|void|struct|"
    r"lowp|mediump|highp|in|out|inout|const|uniform)"
)
_SINCE_WORDS = """
smooth flat noperspective patch common partition active filter sample input output buffer half fixed unsigned
resource shared precise this class union enum template namespace using cast sizeof long short double goto inline
noinline volatile public static extern external interface superp asm typedef packed subroutine coherent restrict
readonly writeonly case switch default image1D image2D image3D texture2DRect row_major centroid precision
"""
_SINCE = frozenset(_SINCE_WORDS.split())
"""Words that became the language's own after many shaders were written."""

_NEVER_MEANT_WORDS = """
patch common partition active filter input output buffer half fixed unsigned resource this class union enum template
namespace using cast sizeof goto inline noinline public static extern external interface superp asm typedef
"""
_NEVER_MEANT = frozenset(_NEVER_MEANT_WORDS.split())
"""Those of them that say nothing in any version up to 3.30: wherever they stand, they are names."""

_LOCATION = r"\blayout\s*\(\s*location\s*=\s*\d+\s*\)\s*"
_STRUCT = re.compile(r"\bstruct\s+\w+\s*\{([^{}]*)\}")

_FAMILY = {
    "texture1D": "texture",
    "texture2D": "texture",
    "texture3D": "texture",
    "textureCube": "texture",
    "texture2DLod": "textureLod",
    "textureCubeLod": "textureLod",
    "texture2DLodEXT": "textureLod",
    "textureCubeLodEXT": "textureLod",
    "texture2DProj": "textureProj",
    "texture2DProjLod": "textureProjLod",
    "texture2DProjLodEXT": "textureProjLod",
    "texture2DGradEXT": "textureGrad",
    "texture2DGradARB": "textureGrad",
    "texture2DGrad": "textureGrad",
    "textureCubeGradEXT": "textureGrad",
}


def rename(source: str, old: str, new: str) -> str:
    """Return source with one identifier renamed wherever it stands as a whole word."""
    return re.sub(rf"\b{re.escape(old)}\b", new, source)


def declared_output(source: str) -> str:
    """gl_FragColor and gl_FragData[0] become facade's declared output; only compatibility contexts know them."""
    source = re.sub(r"\bgl_FragData\s*\[\s*0\s*\]", COLOR, source)
    # A macro of that name is the artist's own: it would rewrite what facade writes after the text.
    own = re.search(r"(?m)^[ \t]*#[ \t]*define[ \t]+gl_FragColor\b", source)
    return rename(source, "gl_FragColor", COLOR if own is None else f"{COLOR}_of_artist")


def host_output(source: str) -> str:
    """fragColor and its like, where nothing declares them and nothing else is drawn to, are the output.

    Some hosts declare them unasked, and shaders written there do without gl_FragColor.
    """
    for name in _HOST_OUTPUTS:
        drawn = re.search(rf"(?<![.\w]){name}(?:\.[rgbaxyzw]+)?\s*[-+*/]?=(?!=)", source)
        if drawn is not None and COLOR not in source and not glsl.declares(source, name):
            return rename(source, name, COLOR)
    return source


def no_extensions(source: str) -> str:
    """#extension is dropped: what it asked for is part of GLSL 3.30, and it is illegal after code."""
    return re.sub(r"(?m)^[ \t]*#[ \t]*extension\b[^\n]*$", "", source)


def new_names(source: str) -> str:
    """vv_FragNormCoord and vv_vertShaderInit of ISF v1 get their names of v2."""
    source = rename(source, "vv_FragNormCoord", "isf_FragNormCoord")
    return rename(source, "vv_vertShaderInit", "isf_vertShaderInit")


def in_for_varying(source: str) -> str:
    """varying and attribute of a fragment shader become in; GLSL 3.30 gives them no locations."""
    source = re.sub(rf"{_LOCATION}(?=(?:\w+\s+)?in\b)", "", source)
    return rename(rename(source, "varying", "in"), "attribute", "in")


def out_for_varying(source: str) -> str:
    """varying of a vertex shader becomes out, attribute in; GLSL 3.30 gives what it writes no locations."""
    source = re.sub(rf"{_LOCATION}(?=(?:\w+\s+)?out\b)", "", source)
    return rename(rename(source, "varying", "out"), "attribute", "in")


def one_texture_function(source: str) -> str:
    """texture2D() and its family become texture()."""
    if any(old in source for old in _FAMILY) and glsl.defines_function(source, "texture"):
        source = re.sub(r"\btexture(?=\s*\()", "facade_own_texture", source)
    for old, new in _FAMILY.items():
        if old in source and not glsl.defines_function(source, old):
            source = re.sub(rf"\b{old}(?=\s*\()", new, source)
    return source


def unreserved_names(source: str) -> str:
    """Names the artist declared that are reserved today, or hide a built-in function, get a prefix."""
    hidden = _declared(_STRUCT.sub(" ", source)) & glsl.BUILT_IN
    for name in sorted(_declared(source) & _SINCE | hidden | glsl.words(source) & _NEVER_MEANT):
        source = renamed_safely(source, name)
    return source


def renamed_safely(source: str, name: str) -> str:
    """Return source with a name that is the language's own replaced where it is a name and not the language's."""
    if name in glsl.BUILT_IN:
        # A member of a struct may be called what it likes, and is asked for by that name.
        members = [match.span(1) for match in _STRUCT.finditer(source)]

        def given(match: re.Match[str]) -> str:
            member = any(start <= match.start() < end for start, end in members)
            return match.group() if member else safe_name(name)

        return re.sub(rf"(?<![.\w]){name}\b(?!\s*\()", given, source)
    if name == "precision":
        return re.sub(r"\bprecision\b(?!\s+(?:lowp|mediump|highp)\b)", safe_name(name), source)
    return rename(source, name, safe_name(name))


def safe_name(name: str) -> str:
    """Return the name an identifier gets that GLSL keeps for itself."""
    return f"facade_x_{name}"


def parted_names(source: str) -> str:
    """A variable that has the name of a macro with arguments gets one of its own: Mesa's preprocessor loses its way."""
    macros = set(re.findall(r"(?m)^[ \t]*#[ \t]*define[ \t]+(\w+)\(", source))
    for name in sorted(macros & _variables(source)):
        source = re.sub(rf"(?<![.\w]){name}\b(?!\s*\()", safe_name(name), source)
    return source


def _declared(source: str) -> frozenset[str]:
    """Names that stand where a declaration has them: after a type, as a macro, or further along in a declaration."""
    return _variables(source) | set(re.findall(r"(?m)^[ \t]*#[ \t]*define[ \t]+(\w+)", source))


def _variables(source: str) -> frozenset[str]:
    structs = "|".join(re.findall(r"\bstruct\s+(\w+)", source))
    kinds = rf"(?:{_TYPE}|{structs})" if structs else _TYPE
    found = set(re.findall(rf"\b{kinds}\s+(\w+)\b(?!\s*\()", source))
    found |= {n for n in re.findall(rf"\b{kinds}\s+(\w+)\s*\(", source) if n in _SINCE}
    declared = re.compile(rf"\b{kinds}\s+\w+([^()]*)")
    for block in re.split(r"[{}]", source):
        for statement in block.split(";")[:-1]:
            match = declared.search(statement)
            if match is not None and "," in match[1]:
                found |= set(re.findall(r",\s*(\w+)\s*(?=[,=;]|$)", statement[match.start(1) :]))
    return frozenset(found)


def own_overloads(source: str) -> str:
    """A function of the artist's that hides a built-in one is renamed, and forwards where its own types do not fit."""
    return forward_overloads(source)


def writable_coordinate(source: str) -> str:
    """gl_FragCoord may be assigned, or be a macro: it becomes a global variable that starts with the coordinate."""
    assigned = r"\bgl_FragCoord(?:\.\w+)?\s*(?:[-+*/]?=)(?!=)"
    if re.search(rf"{assigned}|(?m:^[ \t]*#[ \t]*(?:define|undef)[ \t]+gl_FragCoord\b)", source) is None:
        return source
    return f"vec4 {COORD} = facade_coord();\n" + rename(source, "gl_FragCoord", COORD)


def parted_macros(source: str) -> str:
    """``#define NAME.01`` gets its blank: lax compilers end the name at the point, strict ones ask for the blank."""
    return re.sub(r"(?m)^([ \t]*#[ \t]*define[ \t]+[A-Za-z_]\w*)(?=[.+*/=-])", r"\1 ", source)


def saturate_defined(source: str) -> str:
    """saturate() of other languages is a macro where a shader calls it and does not define it."""
    if re.search(r"\bsaturate\s*\(", source) is None or glsl.declares(source, "saturate"):
        return source
    return f"#define saturate(x) clamp(x, 0.0, 1.0)\n{source}"


def stepped(source: str) -> str:
    """smoothstep() between an edge and itself is step(): GLSL 3.30 (8.3) leaves it open, and Mesa draws anything."""
    return re.sub(r"\bsmoothstep\s*\(\s*([\w.]+)\s*,\s*\1\s*,", r"step(\1,", source)


def defined_once(source: str) -> str:
    """A macro that is defined a second time, differently, is undefined first."""
    seen: dict[str, str] = {}
    lines = source.split("\n")
    number, depth = 1, 0
    for i, line in enumerate(lines):
        branch = glsl.BRANCH.match(line)
        depth += 0 if branch is None else -1 if branch[1] == "endif" else 1
        counted = re.match(r"#line (\d+)", line)
        number = int(counted[1]) - 1 if counted else number
        match = re.match(r"[ \t]*#[ \t]*define[ \t]+(\w+)(.*)$", line)
        if match is not None and not (i > 0 and lines[i - 1].endswith("\\")):
            name, body = match[1], match[2].strip()
            if seen.get(name, body) != body and depth <= 0:
                lines[i] = f"#undef {name}\n#line {number}\n{line}"
            seen[name] = body
        number += 1
    return "\n".join(lines)


def pasted_once(source: str) -> str:
    """A function or a constant that is pasted twice, word for word, is kept once."""
    bodies: dict[str, str] = {}
    unsure = glsl.in_branch(source)
    for start, end, signature in glsl.functions(source):
        if unsure(start):
            continue
        text = " ".join(source[start:end].split())
        if bodies.get(signature) == text:
            blank = re.sub(r"[^\n]", " ", source[start:end])
            source = source[:start] + blank + source[end:]
        else:
            bodies.setdefault(signature, text)
    return constants_once(source)


REPAIRS: tuple[tuple[str, Repair], ...] = (
    ("", declared_output),  # The way to say it in ISF and in GLSL ES 1.00: no fault of a shader's.
    ("fragColor that nobody declares is the output", host_output),
    ("#extension dropped", no_extensions),
    ("ISF v1 names replaced", new_names),
    ("texture2D family is texture", one_texture_function),
    ("reserved names renamed", unreserved_names),
    ("variables named like macros renamed", parted_names),
    ("functions that hide built-in ones renamed", own_overloads),
    ("gl_FragCoord is a variable", writable_coordinate),
    ("macro names parted from their values", parted_macros),
    ("macros undefined before they are defined again", defined_once),
    ("functions and constants pasted twice kept once", pasted_once),
    ("constants that are no constants are variables", variable_constants),
    ("saturate() defined", saturate_defined),
    ("smoothstep between an edge and itself is step", stepped),
    ("varying is in", in_for_varying),
)

VERTEX_REPAIRS: tuple[tuple[str, Repair], ...] = (
    ("#extension dropped", no_extensions),
    ("ISF v1 names replaced", new_names),
    ("texture2D family is texture", one_texture_function),
    ("reserved names renamed", unreserved_names),
    ("functions that hide built-in ones renamed", own_overloads),
    ("varying is out", out_for_varying),
)


def repair(source: str, repairs: tuple[tuple[str, Repair], ...] = REPAIRS) -> tuple[str, tuple[str, ...]]:
    """Return the repaired source and the names of the repairs that changed it; what has no name is no repair."""
    made = []
    for name, function in repairs:
        changed = function(source)
        if changed != source and name:
            made.append(name)
        source = changed
    return source, tuple(made)
