"""A real lake in a folder of its own, and one table in it."""

import gc
import warnings
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


ON_BOTH = {
    "test_audit_chain", "test_checkpoints", "test_imports", "test_pending_tags", "test_pin", "test_readings",
    "test_ready_query", "test_store_schema", "test_tags", "test_two_writers",
}  # fmt: skip


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what these modules hold of catalog and store on both databases."""
    name = metafunc.module.__name__.rpartition(".")[2]
    if "database" in metafunc.fixturenames and name in ON_BOTH:
        both = ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)]
        metafunc.parametrize("database", both, indirect=True)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where a lake has its catalog and store: an empty PostgreSQL database, or nothing for SQLite's files."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield ""
        return
    yield request.getfixturevalue("new_database")()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # psycopg's, for a lake that a test left open
        gc.collect()


@pytest.fixture
def lake(tmp_path: Path, database: str) -> Iterator[Lake]:
    """A new lake."""
    made = init_lake(tmp_path / "lake", database=database)
    yield made
    made.close()


@pytest.fixture
def sqlite_lake(tmp_path: Path) -> Iterator[Lake]:
    """A new lake, for tests that look into its database's file."""
    made = init_lake(tmp_path / "lake")
    yield made
    made.close()


@pytest.fixture
def patient(lake: Lake) -> TableName:
    """A table with nested columns; two of its fields are tagged."""
    write_batches(lake, PATIENT, ROWS.to_reader(), tags=TAGS, actor="ada", kind="import")
    return PATIENT
