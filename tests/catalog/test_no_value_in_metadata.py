"""Neither footers nor manifests hold a value of a column: they stand outside every mask."""

import pyarrow as pa
import pyarrow.parquet as pq

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName
from lakeward.catalog.tables import evolve_table
from lakeward.catalog.tags import set_tag

NAME = TableName("clinic", "canary")
CANARY = "CANARY-7f3a"


def _rows(column: str = "mrn") -> pa.RecordBatchReader:
    nested = [{"deep": CANARY}] * 2
    return pa.table({column: [CANARY, CANARY + "z"], "n": [424242, 434343], "s": nested}).to_reader()


def _assert_no_bounds(lake: Lake) -> None:
    files = list((lake.root / "warehouse").rglob("*"))
    footers = [pq.read_metadata(each) for each in files if each.suffix == ".parquet"]
    assert footers
    for footer in footers:
        for group in range(footer.num_row_groups):
            for column in range(footer.num_columns):
                assert not footer.row_group(group).column(column).is_stats_set
        assert not footer.metadata
    table = lake.iceberg().load_table(str(NAME))
    bounds = table.inspect.files().to_pylist()
    assert all(not each["lower_bounds"] and not each["upper_bounds"] for each in bounds)
    for each in files:
        if each.is_file() and each.suffix != ".parquet":
            raw = each.read_bytes()
            assert CANARY.encode() not in raw, each
            assert b"424242" not in raw, each


def test_no_bounds_after_any_write(lake: Lake) -> None:
    write_batches(lake, NAME, _rows(), tags={"mrn": ["phi.mrn"]}, actor="ada")
    _assert_no_bounds(lake)
    evolve_table(lake, NAME, lambda update: update.rename_column("mrn", "pid"), actor="ada")
    set_tag(lake, NAME, "n", "health", actor="ada")
    write_batches(lake, NAME, _rows("pid"), actor="ada")
    write_batches(lake, NAME, _rows("pid"), mode="replace", actor="ada")
    _assert_no_bounds(lake)


def test_a_table_made_elsewhere_gets_the_same_care(lake: Lake) -> None:
    lake.iceberg().create_namespace("clinic")
    schema = pa.schema([("mrn", pa.string()), ("n", pa.int64()), ("s", pa.struct([("deep", pa.string())]))])
    lake.iceberg().create_table(str(NAME), schema)
    write_batches(lake, NAME, _rows(), actor="ada")
    _assert_no_bounds(lake)
