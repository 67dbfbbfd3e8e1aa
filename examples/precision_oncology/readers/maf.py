"""Somatic mutations in the Mutation Annotation Format: tab-separated, lines with `#` skipped."""

from pathlib import Path
from typing import Any

from precision_oncology.errors import BadFileError
from precision_oncology.readers.objects import text_lines
from precision_oncology.tables.bronze import SOMATIC_MAF

_WANTED = tuple(column.name for column in SOMATIC_MAF.columns)
_REQUIRED = frozenset(_WANTED) - {"Protein_Change"}


def read_maf(path: Path) -> list[dict[str, Any]]:
    """Read the columns that `bronze.somatic_maf` keeps, one row to a mutation.

    Raises:
        BadFileError: A required column is missing, a row has another length, or a position is no number.
    """
    header: list[str] | None = None
    rows: list[dict[str, Any]] = []
    for number, line in text_lines(path):
        cells = line.rstrip("\r\n").split("\t")
        if line.startswith("#") or not line.strip():
            continue
        if header is None:
            header = _checked(path, number, cells)
        else:
            rows.append(_row(path, number, header, cells))
    return rows


def _checked(path: Path, number: int, header: list[str]) -> list[str]:
    if missing := _REQUIRED - set(header):
        raise BadFileError(path, f"the header lacks {', '.join(sorted(missing))}", line=number)
    return header


def _row(path: Path, number: int, header: list[str], cells: list[str]) -> dict[str, Any]:
    if len(cells) != len(header):
        raise BadFileError(path, f"{len(cells)} cells where the header has {len(header)}", line=number)
    row = dict(zip(header, cells, strict=True))
    try:
        position = int(row["Start_Position"])
    except ValueError:
        raise BadFileError(path, "Start_Position is not a number", line=number) from None
    return {name: row.get(name) or None for name in _WANTED} | {"Start_Position": position}
