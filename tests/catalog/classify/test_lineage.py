"""A column that was derived from a tagged column is evidence of what it holds, whatever it is called now."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import insert

from lakeward.catalog.classify.lake_scan import ScanOrder, scan_table
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake
from lakeward.catalog.names import TableName
from lakeward.catalog.store.schema import lineage_edge

SOURCE, DERIVED = TableName("clinic", "patient"), TableName("study", "cohort")


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    made = init_lake(tmp_path / "lake")
    rows = pa.table({"mrn": ["M1", "M2"], "note": ["a", "b"]})
    write_batches(made, SOURCE, rows.to_reader(), tags={"mrn": ["phi.mrn"]}, actor="ada")
    write_batches(made, DERIVED, pa.table({"k1": ["M1", "M2"], "k2": ["a", "b"]}).to_reader(), actor="ada")
    yield made
    made.close()


def edge(lake: Lake, output: str, source: str, kind: str) -> None:
    row = {
        "run_id": "r", "output_dataset": "study.cohort@7", "output_field": output,
        "input_dataset": "clinic.patient@3",
        "input_field": source, "kind": kind, "subtype": "IDENTITY", "masking": False,
    }  # fmt: skip
    with lake.store.writing() as connection:
        connection.execute(insert(lineage_edge).values(**row))


def test_tags_of_the_source_are_evidence(lake: Lake) -> None:
    edge(lake, "k1", "mrn", "DIRECT")
    edge(lake, "k2", "mrn", "INDIRECT")  # what only filtered is no source of the values
    found = {each.column: each for each in scan_table(lake, DERIVED, ScanOrder(rows=0)).proposals}
    assert found["k1"].finding == "mrn"
    assert any(each.startswith("lineage") for each in found["k1"].evidence)
    assert found["k2"].role == "unclassified"


def test_a_source_that_is_gone_is_no_evidence_and_no_error(lake: Lake) -> None:
    lake.iceberg().drop_table(("clinic", "patient"))
    edge(lake, "k1", "mrn", "DIRECT")
    found = {each.column: each for each in scan_table(lake, DERIVED, ScanOrder(rows=0)).proposals}
    assert found["k1"].role == "unclassified"
