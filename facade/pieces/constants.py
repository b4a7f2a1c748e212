"""Global constants of old GLSL: told twice, or with a value that only a running shader has."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator

from facade.pieces import glsl

_CONSTANT = re.compile(
    r"\bconst\s+(?:(?:lowp|mediump|highp)\s+)?\w+\s+(?P<name>\w+)\s*(?:\[[^\]]*\])?\s*=(?P<value>[^;{}]*);"
)
_RUNNING_WORDS = """
TIME RENDERSIZE FRAMEINDEX PASSINDEX DATE iTime iGlobalTime iResolution iMouse iFrame iDate u_time u_resolution u_mouse
time resolution mouse gl_FragCoord isf_FragNormCoord
"""
_RUNNING = frozenset(_RUNNING_WORDS.split())
"""What every frame or every texel has its own value of."""


def constants_once(source: str) -> str:
    """A constant that is pasted twice, word for word, is kept once. A source free of comments; lines stay."""
    seen: set[str] = set()
    unsure = glsl.in_branch(source)
    for match in list(_globals(source)):
        text = " ".join(match.group().split())
        if unsure(match.start()):
            continue
        if text in seen:
            source = source[: match.start()] + re.sub(r"[^\n]", " ", match.group()) + source[match.end() :]
        seen.add(text)
    return source


def variable_constants(source: str) -> str:
    """A global constant is a variable where its value calls a function of the artist's, or changes while it runs.

    GLSL 3.30 (4.3.3) lets only constant expressions be its value; lax compilers take any.
    """
    named = {signature.partition("(")[0].split()[-1] for _, _, signature in glsl.functions(source)}
    running = set(_RUNNING) | set(re.findall(r"\buniform\s+(?:(?:lowp|mediump|highp)\s+)?\w+\s+(\w+)", source))
    for match in list(_globals(source)):
        called = set(re.findall(r"\b(\w+)\s*\(", match["value"]))
        if called & named or glsl.words(match["value"]) & running:
            source = f"{source[: match.start()]}     {source[match.start() + len('const') :]}"
            running.add(match["name"])
    return source


def _globals(source: str) -> Iterator[re.Match[str]]:
    """Yield the constants declared outside every function, in order."""
    functions = glsl.functions(source)
    starts = [start for start, _, _ in functions]
    for match in _CONSTANT.finditer(source):
        before = bisect.bisect_right(starts, match.start())
        if before == 0 or match.start() >= functions[before - 1][1]:
            yield match
