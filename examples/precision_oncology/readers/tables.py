"""Rows of a CSV with a header, gzip or plain: cells by name, faults by line."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NoReturn

from precision_oncology.errors import BadFileError
from precision_oncology.readers.fhir import day, moment
from precision_oncology.readers.objects import text_lines

_NULLS = frozenset({"", "NA"})


class Cells:
    """One row: its cells by the header's names, read as what they must be.

    Every reading raises `BadFileError` with file, line and column, and never the cell.
    """

    def __init__(self, path: Path, line: int, cells: dict[str, str]) -> None:
        self._path = path
        self._line = line
        self._cells = cells

    def text(self, name: str) -> str | None:
        """Read a text; an empty cell, or NA, is a null."""
        cell = self._cells[name]
        return None if cell in _NULLS else cell

    def required(self, name: str) -> str:
        """Read a text that a row cannot do without."""
        cell = self.text(name)
        if cell is None:
            self._fail(name, "is empty")
        return cell

    def number(self, name: str) -> float | None:
        """Read a number."""
        cell = self.text(name)
        try:
            return None if cell is None else float(cell)
        except ValueError:
            self._fail(name, "is no number")

    def count(self, name: str) -> int | None:
        """Read a whole number."""
        value = self.number(name)
        return None if value is None else int(value)

    def day(self, name: str) -> date | None:
        """Read an ISO date."""
        try:
            return day(self.text(name))
        except ValueError:
            self._fail(name, "is no date")

    def moment(self, name: str) -> datetime | None:
        """Read an ISO time as UTC without a zone."""
        try:
            return moment(self.text(name))
        except ValueError:
            self._fail(name, "is no time")

    def _fail(self, name: str, why: str) -> NoReturn:
        raise BadFileError(self._path, f"column {name} {why}", line=self._line)


def read_table(path: Path, columns: Sequence[str]) -> Iterator[Cells]:
    """Read the rows of a file whose header has at least `columns`, in any order.

    Raises:
        BadFileError: A column is missing, or a row has another length than the header.
    """
    lines = csv.reader(line for _, line in text_lines(path))
    header = next(lines, [])
    if missing := [name for name in columns if name not in header]:
        raise BadFileError(path, f"the header lacks {', '.join(missing)}", line=1)
    for row in lines:
        if row and len(row) != len(header):
            fault = f"{len(row)} cells where the header has {len(header)}"
            raise BadFileError(path, fault, line=lines.line_num)
        if row:
            yield Cells(path, lines.line_num, dict(zip(header, row, strict=True)))
