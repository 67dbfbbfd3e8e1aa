"""Traits and covariates of a population panel: a CSV with `sample_id` and numbers."""

import csv
from dataclasses import dataclass
from pathlib import Path

from precision_oncology.errors import BadFileError
from precision_oncology.readers.objects import text_lines


@dataclass(frozen=True, slots=True)
class Traits:
    """Numbers by sample, in the order of `names`."""

    names: tuple[str, ...]
    rows: dict[str, tuple[float, ...]]


def read_traits(path: Path) -> Traits:
    """Read the numbers of each sample.

    Raises:
        BadFileError: Another header, a row of another length, or a cell that is no number.
    """
    lines = csv.reader(line for _, line in text_lines(path))
    header = next(lines, [])
    if header[:1] != ["sample_id"] or not header[1:]:
        raise BadFileError(path, "the header does not start with sample_id and go on with traits", line=1)
    rows: dict[str, tuple[float, ...]] = {}
    for row in lines:
        if row and len(row) != len(header):
            raise BadFileError(
                path, f"{len(row)} cells where the header has {len(header)}", line=lines.line_num
            )
        try:
            rows.update({row[0]: tuple(float(cell) for cell in row[1:])} if row else {})
        except ValueError:
            raise BadFileError(path, "a cell is not a number", line=lines.line_num) from None
    return Traits(tuple(header[1:]), rows)
