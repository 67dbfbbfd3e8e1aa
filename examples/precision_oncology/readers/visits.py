"""Visits written down twice: the dialogue, and the note that a clinician made of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from precision_oncology.readers.tables import read_table

COLUMNS: Final = ("dataset", "encounter_id", "dialogue", "note")


def read_visits(path: Path) -> Iterator[dict[str, Any]]:
    """Read a file of visits; a cell may hold line ends.

    Raises:
        BadFileError: A column is missing, or a row has another length than the header.
    """
    for cells in read_table(path, COLUMNS):
        yield {
            "encounter_id": cells.required("encounter_id"),
            "source_set": cells.text("dataset"),
            "dialogue": cells.text("dialogue"),
            "note_text": cells.text("note"),
        }
