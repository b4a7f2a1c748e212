"""A function of the artist's that hides a built-in one of its name.

GLSL 3.30 (6.1) hides every built-in overload as soon as one function of that name is defined; older compilers did not.
The artist's functions get another name, and forwarding overloads under that name reach the built-in ones.
"""

from __future__ import annotations

import re

from facade.pieces import glsl

_VECTORS = ("float", "vec2", "vec3", "vec4")


def _same(count: int, result: str = "") -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Overloads that take count values of one type and return it, or result."""
    return tuple((result or t, (t,) * count) for t in _VECTORS)


def _scalar_last(count: int, scalars: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Overloads on vectors whose last arguments are floats."""
    return tuple((t, (t,) * (count - scalars) + ("float",) * scalars) for t in _VECTORS[1:])


_ONE = "abs sign floor trunc round ceil fract exp log exp2 log2 sqrt inversesqrt sin cos tan asin acos sinh cosh tanh"
_SIGNATURES: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    **{name: _same(1) for name in _ONE.split()},
    "normalize": _same(1),
    "radians": _same(1),
    "degrees": _same(1),
    "pow": _same(2),
    "reflect": _same(2),
    "atan": _same(2) + _same(1),
    "mod": _same(2) + _scalar_last(2, 1),
    "min": _same(2) + _scalar_last(2, 1),
    "max": _same(2) + _scalar_last(2, 1),
    "step": _same(2) + tuple((t, ("float", t)) for t in _VECTORS[1:]),
    "mix": _same(3) + _scalar_last(3, 1),
    "clamp": _same(3) + _scalar_last(3, 2),
    "smoothstep": _same(3) + tuple((t, ("float", "float", t)) for t in _VECTORS[1:]),
    "length": _same(1, "float"),
    "distance": _same(2, "float"),
    "dot": _same(2, "float"),
    "cross": (("vec3", ("vec3", "vec3")),),
    # GLSL 3.30 still names these, no driver answers them, and the artist's own return something else.
    **{f"noise{i}": () for i in range(1, 5)},
}


def forward_overloads(source: str) -> str:
    """Rename the artist's functions that have a built-in function's name, and add the forwarding ones."""
    defined: dict[str, set[tuple[str, ...]]] = {}
    for _, _, signature in glsl.functions(source):
        name, arguments = _parts(signature)
        if name in _SIGNATURES:
            defined.setdefault(name, set()).add(arguments)
    forwards = []
    for name, own in defined.items():
        new = f"facade_own_{name}"
        source = re.sub(rf"(?<![.\w]){name}(?=\s*\()", new, source)
        for result, types in _SIGNATURES[name]:
            if types not in own:
                values = [f"{t} v{i}" for i, t in enumerate(types)]
                called = ", ".join(f"v{i}" for i in range(len(types)))
                forwards.append(f"{result} {new}({', '.join(values)}) {{ return {name}({called}); }} ")
    return "".join(forwards) + "\n" + source if forwards else source


def _parts(signature: str) -> tuple[str, tuple[str, ...]]:
    """Return the name and the types of the arguments of a signature such as ``float mod(int a, int b)``."""
    head, _, rest = signature.partition("(")
    qualifiers = {"in", "const", "lowp", "mediump", "highp"}
    types = []
    for argument in rest.rstrip(")").split(","):
        words = [w for w in argument.split() if w not in qualifiers]
        if words and words[0] != "void":
            types.append(words[0])
    return head.split()[-1], tuple(types)
