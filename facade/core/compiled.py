"""Loops over pixels and packets in machine code, where NumPy would walk the same memory a hundred times.

Numba compiles a function when its module is imported, for the types its signatures name and no others, so nothing is
ever compiled while light is on. What it makes is kept beside the source and is there at once at the next start; set-up
makes it the first time. It is kept with a checksum, because a damaged disk must not become a damaged program, and under
all that went into it: the function, the constants that it names, and likewise each function that it calls, in whatever
file. What is kept and cannot be read is thrown away and made anew. The interpreter's lock is let go while such a
function runs. Arithmetic is that of IEEE 754 in the order written: nothing is reassociated, so a picture
gives the same bytes on every machine.

Where there is no Numba (its packages end with Macs on Intel), the same functions run as Python: right, and slow, so
that it is enough for a few hundred pixels. ``facade doctor`` says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

try:
    import numba

    from facade.core.kept_code import KeptCode
except ImportError:
    numba = None  # type: ignore[assignment]

_log = logging.getLogger(__name__)

F = TypeVar("F", bound=Callable[..., Any])

IS_COMPILED: bool = numba is not None
"""Whether functions marked compiled run as machine code."""


def compiled(*signatures: str) -> Callable[[F], F]:
    """Mark a function to be compiled for signatures such as ``"void(float32[::1], uint8[::1])"``.

    Without any it becomes part of the functions that call it: the way for steps that nobody else calls.

    It may use numbers, tuples, NumPy arrays, NumPy's functions and other functions marked so. Indices are not checked:
    the caller promises the shapes, and tests run the plain function, which is its attribute ``py_func``. Calling it
    with other types is a TypeError.
    """

    def mark(function: F) -> F:
        if numba is None:
            function.__dict__["py_func"] = function
            return function
        options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": False}
        if not signatures:
            return cast("F", numba.njit(**options)(function))
        try:
            made: Any = numba.njit(**options)(function)
            made._cache = KeptCode(function)
        except RuntimeError:
            _say("at every start: neither its folder nor a cache can be written. Set NUMBA_CACHE_DIR to one that can")
            return cast("F", numba.njit(list(signatures), **options)(function))
        kept = Path(made.stats.cache_path)
        try:
            for signature in signatures:
                made.compile(signature)
            made.disable_compile()
        except Exception:  # noqa: BLE001 - whatever a disk that was full, or cut off from power, makes of what is kept
            made = numba.njit(list(signatures), **options)(function)
            with suppress(OSError):
                for damaged in kept.glob(f"{Path(function.__code__.co_filename).stem}.{function.__qualname__}-*.nb?"):
                    damaged.unlink()
        if not made.stats.cache_hits:
            _say("half a minute, once")
        return cast("F", made)

    return mark


@cache
def _say(how_long: str) -> None:
    """Say, once, why a start that is not set-up takes its time."""
    _log.warning("compiling loops over pixels for this machine, %s", how_long)


def external(name: str, signature: str) -> Any:
    """Return a function of the C library for compiled functions to call, for a signature such as ``"int32(intp)"``.

    Addresses are numbers (``intp``): an array's is ``its.ctypes.data``. Only for names that the running system has, and
    None without Numba.
    """
    if numba is None:
        return None
    normalize: Any = numba.core.sigutils.normalize_signature
    arguments, result = normalize(signature)
    return numba.types.ExternalFunction(name, result(*arguments))
