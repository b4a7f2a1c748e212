"""Point lists and masks: what comes in CSV files, with complaints that name the line.

Read as they are exported: comma, semicolon or tab between cells, decimal point or (not between commas) decimal comma,
columns in any order, empty lines and lines starting with # left out.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facade.config.report import shown
from facade.config.text import read_text
from facade.core.errors import ConfigError, did_you_mean
from facade.mapping.problems import MOST_OF_A_KIND, VenueProblems

_METRES = ("x_m", "y_m", "z_m", "width_m", "height_m")
_ADDRESS = ("controller", "universe", "channel")
_COLUMNS = ("id", *_METRES, *_ADDRESS)
_LIMIT_M = 10_000.0
_WHOLE_LIMIT = 65536

Row = tuple[int, list[str]]
"""A line number from 1 and the cells of that line."""


@dataclass(frozen=True, slots=True)
class PointList:
    """The pixels of a points file, in file order; n of them.

    ids: as in the file. xyz_m: float64 (n, 3), metres on the surface, z out of it. size_m: float64 (n, 2), NaN where
    not given. lines: int32 (n,). controllers, universe, channel (1-based): None unless the file gives addresses.
    """

    file: Path
    ids: tuple[str, ...]
    xyz_m: NDArray[np.float64]
    size_m: NDArray[np.float64]
    lines: NDArray[np.int32]
    controllers: tuple[str, ...] | None
    universe: NDArray[np.int32] | None
    channel: NDArray[np.int32] | None


def read_points(file: Path, problems: VenueProblems) -> PointList | None:
    """Read a points file. Adds what is wrong with it to problems and then returns None."""
    before = len(problems)
    table = _rows(file, problems)
    if table is None:
        return None
    rows, decimal_comma = table
    columns = _header(file, rows, problems)
    if columns is None:
        return None
    reader = _Cells(file, columns, problems, decimal_comma=decimal_comma)
    body = rows[1:]
    if not body:
        problems.add_in(file, rows[0][0], "pixels", "the list is empty", fix="Add a line for every pixel.")
    ids = [cells[columns["id"]].strip() if columns["id"] < len(cells) else "" for _, cells in body]
    _check_ids(file, body, ids, problems)
    metres = {name: np.array([reader.metres(row, name) for row in body]) for name in _METRES if name in columns}
    whole = {
        name: np.array([reader.whole(row, name) for row in body], dtype=np.int32)
        for name in ("universe", "channel")
        if name in columns
    }
    controllers = tuple(reader.text(row, "controller") for row in body) if "controller" in columns else None
    if len(problems) > before:
        return None
    n = len(body)
    xyz = np.column_stack([metres["x_m"], metres["y_m"], metres.get("z_m", np.zeros(n))])
    size = np.column_stack([metres.get("width_m", np.full(n, np.nan)), metres.get("height_m", np.full(n, np.nan))])
    lines = np.array([line for line, _ in body], dtype=np.int32)
    return PointList(file, tuple(ids), xyz, size, lines, controllers, whole.get("universe"), whole.get("channel"))


def read_mask(file: Path, *, columns: int, rows: int, problems: VenueProblems) -> NDArray[np.bool_] | None:
    """Read a CSV of 0 and 1, top row first. Returns bool (rows, columns), bottom row first, or None with problems."""
    table = _rows(file, problems)
    if table is None:
        return None
    before = len(problems)
    lines = table[0]
    if len(lines) != rows:
        fix = f"Give {rows} lines of {columns} cells."
        problems.add_in(file, None, "mask", f"has {len(lines)} lines; the grid has {rows} rows", fix=fix)
    for line, cells in lines:
        if len(problems) - before >= MOST_OF_A_KIND:
            break
        if len(cells) != columns:
            rule = f"has {len(cells)} cells; the grid has {columns} columns"
            problems.add_in(file, line, "mask", rule, fix="Write 0 or 1 for every column.")
        elif bad := {cell.strip() for cell in cells} - {"0", "1"}:
            rule = "a cell must be 0 (no pixel) or 1 (a pixel)"
            problems.add_in(file, line, "mask", rule, fix="Correct the cell.", value=shown(min(bad)))
    if len(problems) > before:
        return None
    mask = np.array([[cell.strip() == "1" for cell in cells] for _, cells in lines], dtype=np.bool_)
    if not mask.any():
        problems.add_in(file, None, "mask", "leaves no pixel", fix="Write 1 where a pixel is.")
        return None
    return mask[::-1].copy()


class _Cells:
    """Reads cells by column name and complains about those that cannot be read."""

    def __init__(self, file: Path, columns: dict[str, int], problems: VenueProblems, *, decimal_comma: bool) -> None:
        self._file = file
        self._columns = columns
        self._problems = problems
        self._decimal_comma = decimal_comma
        self._complaints = 0

    def text(self, row: Row, name: str) -> str:
        line, cells = row
        at = self._columns[name]
        cell = cells[at].strip() if at < len(cells) else ""
        if not cell:
            self._complain(line, name, "is empty", "Fill in the cell.", cell)
        return cell

    def metres(self, row: Row, name: str) -> float:
        optional = name in ("z_m", "width_m", "height_m")
        line, cells = row
        if optional and not "".join(cells[self._columns[name] : self._columns[name] + 1]).strip():
            return 0.0 if name == "z_m" else math.nan
        cell = self.text(row, name)
        if not cell:
            return math.nan
        try:
            number = float(cell.replace(",", ".") if self._decimal_comma else cell)
        except ValueError:
            self._complain(line, name, "must be a number of metres", "Correct the cell.", cell)
            return math.nan
        if not abs(number) < _LIMIT_M:
            self._complain(line, name, "must be an ordinary number within 10 km", "Correct the cell.", cell)
        elif number <= 0 and name in ("width_m", "height_m"):
            self._complain(line, name, "must be more than 0", "Give the lit size, or leave the cell empty.", cell)
        return number

    def whole(self, row: Row, name: str) -> int:
        cell = self.text(row, name)
        if cell.isascii() and cell.isdigit() and len(cell) <= 5 and int(cell) < _WHOLE_LIMIT:
            return int(cell)
        if cell:
            rule = f"must be a whole number below {_WHOLE_LIMIT}"
            self._complain(row[0], name, rule, "Correct the cell.", cell)
        return -1

    def _complain(self, line: int, name: str, rule: str, fix: str, cell: str) -> None:
        self._complaints += 1
        if self._complaints <= MOST_OF_A_KIND:
            self._problems.add_in(self._file, line, name, rule, fix=fix, value=shown(cell) if cell else "")


def _rows(file: Path, problems: VenueProblems) -> tuple[list[Row], bool] | None:
    """Return the lines that hold cells, and whether numbers are written with a decimal comma."""
    try:
        text = read_text(file)
    except ConfigError as error:
        problems.extend(error)
        return None
    lines = text.splitlines()
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    delimiter = max(",;\t", key=lambda mark: (first.count(mark), mark == ","))
    rows: list[Row] = []
    try:
        for n, line in enumerate(lines, start=1):
            if line.strip().strip(",;\t") and not line.lstrip().startswith("#"):
                rows.append((n, next(csv.reader([line], delimiter=delimiter))))
    except csv.Error as error:
        problems.add_in(file, n, "csv", f"cannot be read: {error}", fix="Correct this line.")
        return None
    if not rows:
        problems.add_in(file, None, "csv", "holds no cells", fix="Check that this is the file you mean.")
        return None
    return rows, delimiter != ","


def _header(file: Path, rows: list[Row], problems: VenueProblems) -> dict[str, int] | None:
    line, cells = rows[0]
    names = [cell.strip().lower() for cell in cells]
    before = len(problems)
    for name in dict.fromkeys(names):
        if name and name not in _COLUMNS:
            fix = f"Remove or rename the column.{did_you_mean(name, _COLUMNS)}"
            problems.add_in(file, line, name, "is not a column facade knows", fix=fix)
        elif name and names.count(name) > 1:
            problems.add_in(file, line, name, "stands more than once in the header", fix="Keep one such column.")
    for name in ("id", "x_m", "y_m"):
        if name not in names:
            fix = "Begin the file with a line of column names: id,x_m,y_m and what else there is."
            problems.add_in(file, line, name, "this column is missing", fix=fix)
    given = [name for name in _ADDRESS if name in names]
    if given and len(given) < len(_ADDRESS):
        rule = "an address needs the columns controller, universe and channel together"
        problems.add_in(file, line, ", ".join(given), rule, fix="Add the missing ones, or use segments in the venue.")
    return {name: n for n, name in enumerate(names) if name} if len(problems) == before else None


def _check_ids(file: Path, body: list[Row], ids: list[str], problems: VenueProblems) -> None:
    first: dict[str, int] = {}
    complaints = 0
    for (line, _), pixel in zip(body, ids, strict=True):
        if pixel and first.setdefault(pixel, line) == line:
            continue
        complaints += 1
        if complaints <= MOST_OF_A_KIND:
            rule = f"line {first[pixel]} already has this id" if pixel else "is empty"
            problems.add_in(file, line, "id", rule, fix="Give every pixel an id of its own.", value=shown(pixel))
