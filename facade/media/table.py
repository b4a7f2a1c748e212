"""Tables of numbers from files, for shaders that draw what was measured."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facade.core.errors import PieceError, did_you_mean

MAX_BYTES = 64_000_000
MAX_SIDE = 8192


def read_table(file: Path, *, columns: Sequence[str] = (), channels: int = 1) -> NDArray[np.float32]:
    """Return a file's numbers as float32 (rows, columns / channels, channels), finite. columns: of a CSV, by header.

    Raises PieceError for a file that is missing, too large, or holds anything but rows of numbers of one length.
    """
    if columns and file.suffix.lower() != ".csv":
        raise _wrong(file, "has no named columns; only a CSV has", "Leave columns out")
    try:
        if file.stat().st_size > MAX_BYTES:
            raise _wrong(file, f"has more than {MAX_BYTES / 1e6:.0f} MB", "Make it shorter")
        data = file.read_bytes()
    except FileNotFoundError:
        raise _wrong(file, "is not in the piece's folder", "Put it there") from None
    except OSError as error:
        raise _wrong(file, f"cannot be read ({error.strerror})", "Check the file") from error
    array = _array(file, data, columns)
    if array.ndim == 1:
        array = array[None, :]
    if array.ndim == 2:
        if array.shape[1] % channels:
            raise _wrong(
                file, f"has {array.shape[1]} columns, which {channels} channels do not divide", "Change channels"
            )
        array = array.reshape(len(array), -1, channels)
    if array.ndim != 3 or array.shape[2] != channels or not array.size:
        rule = f"has the shape {array.shape}; rows and columns are wanted, and {channels} numbers a texel"
        raise _wrong(file, rule, "Reshape it")
    if max(array.shape[:2]) > MAX_SIDE:
        raise _wrong(file, f"has {array.shape[0]} rows of {array.shape[1]}; {MAX_SIDE} are the most", "Thin it out")
    if not np.isfinite(array).all():
        raise _wrong(file, "holds something that is not a finite number", "Fill the gaps")
    return np.ascontiguousarray(array, dtype=np.float32)


def _array(file: Path, data: bytes, columns: Sequence[str]) -> NDArray[Any]:
    try:
        match file.suffix.lower():
            case ".npy":
                # Without pickle a file of numbers is numbers and nothing else.
                return np.asarray(np.load(io.BytesIO(data), allow_pickle=False), dtype=np.float64)
            case ".json":
                return np.array(json.loads(data), dtype=np.float64)
        return _csv(file, data.decode("utf-8-sig"), columns)
    except (ValueError, TypeError, EOFError, UnicodeDecodeError, OverflowError, RecursionError) as error:
        what = " ".join(str(error).split())[:120]
        raise _wrong(file, f"is no table of numbers ({what})", "Write rows of numbers of one length") from None


def _csv(file: Path, text: str, columns: Sequence[str]) -> NDArray[Any]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        raise _wrong(file, "is empty", "Write rows of numbers")
    mark = next((m for m in ";\t," if m in lines[0]), ",")
    decimal_comma = mark != ","
    rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=mark)]
    names = rows[0] if not _is_number(rows[0][0], decimal_comma) else []
    body = rows[1:] if names else rows
    if columns:
        unknown = [c for c in columns if c not in names]
        if unknown:
            raise _wrong(file, f'has no column "{unknown[0]}"', f"Correct columns.{did_you_mean(unknown[0], names)}")
        wanted = [names.index(c) for c in columns]
        body = [[row[i] for i in wanted if i < len(row)] for row in body]
    width = len(columns) or len(rows[0])
    for number, row in enumerate(body, start=2 if names else 1):
        if len(row) != width or not all(_is_number(cell, decimal_comma) for cell in row):
            held = mark.join(row)[:80]
            raise _wrong(file, f'row {number} does not hold {width} numbers: "{held}"', "Mend the row")
    return np.array([[_number(cell, decimal_comma) for cell in row] for row in body], dtype=np.float64)


def _number(cell: str, decimal_comma: bool) -> float:
    return float(cell.replace(",", ".") if decimal_comma else cell)


def _is_number(cell: str, decimal_comma: bool) -> bool:
    try:
        _number(cell, decimal_comma)
    except ValueError:
        return False
    return True


def _wrong(file: Path, rule: str, fix: str) -> PieceError:
    return PieceError(f"{file.name} {rule}. {fix}.", file=file)
