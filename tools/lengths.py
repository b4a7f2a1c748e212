#!/usr/bin/env python3
"""Check the lengths that are agreed: no file past 400 lines, no function past 40 (its body, without the docstring).

A function may be longer if it is a straight-line frame loop; its ``def`` then says ``# long: REASON``.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES, FUNCTION_LINES = 400, 40


def main() -> int:
    problems = [problem for path in sources() for problem in too_long(path)]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def sources() -> list[Path]:
    folders = ("facade", "tools")
    return sorted([ROOT / "run_facade.py", *(path for folder in folders for path in (ROOT / folder).rglob("*.py"))])


def too_long(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    name = path.relative_to(ROOT)
    if len(lines) > FILE_LINES:
        yield f"{name}: {len(lines)} lines; past {FILE_LINES} it is two ideas"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            body = node.body[1:] if ast.get_docstring(node) is not None and len(node.body) > 1 else node.body
            n_lines = node.end_lineno - body[0].lineno + 1
            heading = "".join(lines[node.lineno - 1 : node.body[0].lineno])
            if n_lines > FUNCTION_LINES and "# long: " not in heading:
                yield f"{name}:{node.lineno}: {node.name} has {n_lines} lines; {FUNCTION_LINES} are enough"


if __name__ == "__main__":
    sys.exit(main())
