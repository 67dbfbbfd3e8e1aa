"""A real lake in a folder of its own, and one table in it."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake
from lakeward.catalog.names import TableName

PATIENT = TableName("clinic", "patient")
ROWS = pa.table(
    {
        "id": pa.array([1, 2, 3]),
        "name": ["Ann", "Bob", None],
        "address": [{"street": "Main St", "zip": "02139"}] * 3,
        "codes": [["E11"], [], None],
        "info": pa.array([[("k", "v")]] * 3, pa.map_(pa.string(), pa.string())),
    }
)
TAGS = {"name": ["phi.name"], "address.street": ["phi.geo"]}


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    """A new lake."""
    made = init_lake(tmp_path / "lake")
    yield made
    made.close()


@pytest.fixture
def patient(lake: Lake) -> TableName:
    """A table with nested columns; two of its fields are tagged."""
    write_batches(lake, PATIENT, ROWS.to_reader(), tags=TAGS, actor="ada", kind="import")
    return PATIENT
