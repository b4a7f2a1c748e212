"""Size expressions of ISF passes: numbers, ``$WIDTH``, ``$HEIGHT``, ``$input``, + - * / % ^ and a few functions.

Shaders are untrusted, so this is a parser of its own and nothing is handed to Python to evaluate.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

MAX_LENGTH = 512
MAX_DEPTH = 64

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|(?P<name>\$?[A-Za-z_]\w*)|(?P<sign>[-+*/%^(),]))"
)

_Node = Callable[[Mapping[str, float]], float]


def _clamp(x: float, low: float, high: float) -> float:
    return max(low, min(x, high))


_FUNCTIONS: dict[str, tuple[Callable[..., float], int]] = {
    "floor": (math.floor, 1),
    "ceil": (math.ceil, 1),
    "round": (lambda x: math.floor(x + 0.5), 1),
    "trunc": (math.trunc, 1),
    "abs": (abs, 1),
    "sqrt": (lambda x: math.sqrt(max(x, 0.0)), 1),
    "min": (min, 2),
    "max": (max, 2),
    "pow": (lambda x, y: _power(x, y), 2),
    "mod": (lambda x, y: math.fmod(x, y) if y else 0.0, 2),
    "clamp": (_clamp, 3),
}


@dataclass(frozen=True, slots=True)
class SizeExpression:
    """A parsed expression. names: the inputs it needs."""

    text: str
    names: frozenset[str]
    evaluate: _Node = field(repr=False, compare=False)

    def __call__(self, values: Mapping[str, float]) -> float:
        """Return the size for these inputs, at least 1; names that are not there count as 0."""
        result = self.evaluate(values)
        return max(1.0, result) if math.isfinite(result) else 1.0

    def __reduce__(self) -> tuple[Callable[[str], SizeExpression], tuple[str]]:
        """Travel between processes as text, and be parsed there again."""
        return parse_size, (self.text,)


def parse_size(text: str) -> SizeExpression:
    """Parse an expression. Raises ValueError saying what is wrong with it."""
    parser = _Parser(text)
    evaluate = parser.parse()
    return SizeExpression(text, frozenset(parser.names), evaluate)


def _power(x: float, y: float) -> float:
    try:
        value = math.pow(x, y)
    except (OverflowError, ValueError):
        return 1.0
    return value


class _Parser:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise ValueError(f"a size may be {MAX_LENGTH} characters long")
        self._tokens: list[tuple[str, str]] = []
        self._at = 0
        self.names: set[str] = set()
        at = 0
        while at < len(text.rstrip()):
            match = _TOKEN.match(text, at)
            if match is None:
                raise ValueError(f'"{text[at:].strip()[:20]}" is no part of a size')
            kind = match.lastgroup or ""
            self._tokens.append((kind, match[kind]))
            at = match.end()

    def parse(self) -> _Node:
        node = self._sum(0)
        if self._at < len(self._tokens):
            raise ValueError(f'"{self._tokens[self._at][1]}" is not expected there')
        return node

    def _take(self, *signs: str) -> str:
        if self._at < len(self._tokens) and self._tokens[self._at] in {("sign", s) for s in signs}:
            self._at += 1
            return self._tokens[self._at - 1][1]
        return ""

    def _sum(self, depth: int) -> _Node:
        if depth > MAX_DEPTH:
            raise ValueError(f"parentheses may nest {MAX_DEPTH} deep")
        node = self._product(depth)
        while sign := self._take("+", "-"):
            node = _combine(sign, node, self._product(depth))
        return node

    def _product(self, depth: int) -> _Node:
        node = self._signed(depth)
        while sign := self._take("*", "/", "%"):
            node = _combine(sign, node, self._signed(depth))
        return node

    def _signed(self, depth: int) -> _Node:
        if self._take("-"):
            inner = self._signed(depth + 1)
            return lambda v: -inner(v)
        if self._take("+"):
            return self._signed(depth + 1)
        if depth > MAX_DEPTH:
            raise ValueError(f"signs may nest {MAX_DEPTH} deep")
        node = self._atom(depth)
        return _combine("^", node, self._signed(depth + 1)) if self._take("^") else node

    def _atom(self, depth: int) -> _Node:
        if self._take("("):
            node = self._sum(depth + 1)
            self._close()
            return node
        if self._at >= len(self._tokens):
            raise ValueError("something is missing at the end")
        kind, text = self._tokens[self._at]
        self._at += 1
        if kind == "number":
            number = float(text)
            return lambda v: number
        if kind != "name":
            raise ValueError(f'"{text}" is not expected there')
        if not text.startswith("$") and text in _FUNCTIONS:
            return self._call(text, depth)
        name = text.removeprefix("$")
        self.names.add(name)
        return lambda v: v.get(name, 0.0)

    def _call(self, name: str, depth: int) -> _Node:
        function, count = _FUNCTIONS[name]
        if not self._take("("):
            raise ValueError(f"{name} needs parentheses")
        arguments = [self._sum(depth + 1)]
        while self._take(","):
            arguments.append(self._sum(depth + 1))
        self._close()
        if len(arguments) != count:
            raise ValueError(f"{name} takes {count} numbers, not {len(arguments)}")
        return lambda v: float(function(*(a(v) for a in arguments)))

    def _close(self) -> None:
        if not self._take(")"):
            raise ValueError('")" is missing')


def _combine(sign: str, a: _Node, b: _Node) -> _Node:
    match sign:
        case "+":
            return lambda v: a(v) + b(v)
        case "-":
            return lambda v: a(v) - b(v)
        case "*":
            return lambda v: a(v) * b(v)
        case "/":
            return lambda v: a(v) / d if (d := b(v)) else 0.0
        case "%":
            return lambda v: math.fmod(a(v), d) if (d := b(v)) else 0.0
    return lambda v: _power(a(v), b(v))
