"""Machine code on disk, as Numba keeps it, in two things stricter.

Numba's own files have no checksum: a flipped bit would be called as a function, in the middle of a show. And Numba only
looks whether the file of a function has changed: constants of other files, and functions there, are part of the machine
code all the same. Here code is kept under all that it was made of.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numba.core.caching import FunctionCache, IndexDataCacheFile

_DIGEST_BYTES = 32


class KeptCode(FunctionCache):
    """Where Numba is to keep what it makes of a function. Raises RuntimeError where nothing can be written.

    Loading raises ValueError for what is damaged.
    """

    def __init__(self, function: Any) -> None:
        super().__init__(function)
        impl = self._impl
        self._cache_file = _CheckedFile(self._cache_path, impl.filename_base, impl.locator.get_source_stamp())
        self._made_of = hashlib.sha256("\n".join(_ingredients(function)).encode()).hexdigest()

    def _index_key(self, sig: object, codegen: object) -> object:
        return *super()._index_key(sig, codegen), self._made_of


class _CheckedFile(IndexDataCacheFile):
    """Machine code with its checksum before it."""

    def _save_data(self, name: str, data: object) -> None:
        made: bytes = self._dump(data)
        with self._open_for_write(self._data_path(name)) as file:
            file.write(hashlib.sha256(made).digest() + made)

    def _load_data(self, name: str) -> object:
        found = Path(self._data_path(name)).read_bytes()
        digest, made = found[:_DIGEST_BYTES], found[_DIGEST_BYTES:]
        if hashlib.sha256(made).digest() != digest:
            raise ValueError(f"{name}: this is not what was kept.")
        return pickle.loads(made)


def _ingredients(function: Any, outer: tuple[object, ...] = ()) -> Iterator[str]:
    """Yield all that a function's machine code is made of: its steps, constants, and functions that it calls."""
    code = function.__code__
    yield code.co_code.hex()
    yield from (repr(value) for value in code.co_consts if not hasattr(value, "co_code"))
    for name in code.co_names:
        value = function.__globals__.get(name)
        if isinstance(value, (bool, int, float, tuple, np.generic)):
            yield f"{name} = {value!r}"
        elif hasattr(value, "py_func") and value not in outer:
            yield name
            yield from _ingredients(value.py_func, (*outer, value))
