"""Variables without a first value start at 0 each time they are declared, as browsers let them.

A driver that is asked for zeroes gives one to a variable of a loop before the loop; what the last round left would be
there in the next. Browsers write the value into the source (WebGL asks for it), and so does this.
"""

from __future__ import annotations

import re

from facade.pieces import glsl

_DECLARED = re.compile(
    r"([{};]|\bfor\s*\()(\s*(?:(?:lowp|mediump|highp)\s+)?)"
    r"(float|int|uint|bool|[biu]?vec[234]|mat[234](?:x[234])?)(\s+)(\w[^;{}#\\]*)(?=;)"
)
_BARE = re.compile(r"\s*\w+\s*\Z")


def first_values(source: str) -> str:
    """Write a first value into the declarations inside functions that have none. A source free of comments."""
    parts, at = [], 0
    for start, end, _ in glsl.functions(source):
        if start >= at:
            parts += [source[at:start], _DECLARED.sub(_zeroed, source[start:end])]
            at = end
    return "".join((*parts, source[at:]))


def _zeroed(match: re.Match[str]) -> str:
    head, gap, kind, space, names = match.groups()
    told = (f"{name.rstrip()} = {kind}(0)" if _BARE.match(name) else name for name in _apart(names))
    return f"{head}{gap}{kind}{space}{','.join(told)}"


def _apart(names: str) -> list[str]:
    """Return what stands between the commas outside all brackets."""
    found, depth, begun = [], 0, 0
    for i, letter in enumerate(names):
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            found.append(names[begun:i])
            begun = i + 1
    return [*found, names[begun:]]
