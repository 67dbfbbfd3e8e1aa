"""Declared links between people and samples, and their consent: two CSV files, or none."""

import csv
from datetime import date
from pathlib import Path
from typing import Any, Final

from precision_oncology.errors import BadFileError
from precision_oncology.readers.objects import text_lines

XREF_HEADER: Final = ["patient_id", "system", "local_id", "method", "confidence", "valid_from"]
CONSENT_HEADER: Final = [
    "patient_id", "modality", "purpose", "status", "valid_from", "valid_to", "document_sha256",
]  # fmt: skip


def read_rows(path: Path, header: list[str]) -> list[dict[str, str | None]]:
    """Read a CSV with exactly this header; an empty cell is a null.

    Raises:
        BadFileError: Another header, or a row of another length.
    """
    lines = csv.reader(line for _, line in text_lines(path))
    if next(lines, None) != header:
        raise BadFileError(path, f"the header is not {','.join(header)}", line=1)
    rows: list[dict[str, str | None]] = []
    for row in lines:
        if row and len(row) != len(header):
            raise BadFileError(
                path, f"{len(row)} cells where the header has {len(header)}", line=lines.line_num
            )
        rows.extend([{name: cell or None for name, cell in zip(header, row, strict=True)}] if row else [])
    return rows


def read_consent(path: Path) -> list[dict[str, Any]]:
    """Read the consent of a registry's export.

    Raises:
        BadFileError: Another shape, or a cell that is no date.
    """
    rows: list[dict[str, Any]] = []
    for number, row in enumerate(read_rows(path, CONSENT_HEADER), 2):
        try:
            dates = {name: _date(row[name]) for name in ("valid_from", "valid_to")}
        except ValueError:
            raise BadFileError(path, "a date is not of the form YYYY-MM-DD", line=number) from None
        rows.append(row | dates)
    return rows


def _date(cell: str | None) -> date | None:
    return date.fromisoformat(cell) if cell else None
