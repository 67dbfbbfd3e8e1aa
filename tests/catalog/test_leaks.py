"""Values in metadata: found whoever wrote them, mended by a rewrite, gone with the past."""

from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import LongType, NestedField, StringType

from lakeward.catalog.accept import accept_table_tags
from lakeward.catalog.commit import Act
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, diagnose
from lakeward.catalog.leaks import find_leaks
from lakeward.catalog.names import TableName
from lakeward.catalog.purge import HeldByReferenceError, purge_history, sweep, unfinished
from lakeward.catalog.rewriting import rewrite_table
from lakeward.catalog.tables import evolve_table
from lakeward.catalog.tags import set_tag

NAME = TableName("clinic", "canary")
CANARY = "CANARY-7f3a"
ROWS = pa.table({"mrn": [CANARY, CANARY + "z"], "n": [424242, 434343], "site": ["planted1", "planted2"]})
TAGS = {"mrn": ["phi.mrn"], "n": ["sensitivity.none"], "site": ["sensitivity.none"]}
PLANTED = (CANARY.encode(), b"planted1", (424242).to_bytes(8, "little"))


def files(lake: Lake) -> list[Path]:
    return [each for each in (lake.root / "warehouse").rglob("*") if each.is_file()]


def metadata_bytes(lake: Lake) -> bytes:
    """Every byte that describes: all of other files, and of a Parquet file its footer; every path too."""
    found = [str(each).encode() for each in files(lake)]
    for each in files(lake):
        raw = each.read_bytes()
        found.append(raw[-8 - int.from_bytes(raw[-8:-4], "little") :] if each.suffix == ".parquet" else raw)
    return b"\n".join(found)


def foreign(lake: Lake) -> None:
    """A table as another tool writes it: with bounds and statistics, partitioned by a column."""
    schema = Schema(
        NestedField(1, "mrn", StringType()),
        NestedField(2, "n", LongType()),
        NestedField(3, "site", StringType()),
    )
    spec = PartitionSpec(
        PartitionField(source_id=3, field_id=1000, transform=IdentityTransform(), name="site")
    )
    lake.iceberg().create_namespace("clinic")
    table = lake.iceberg().create_table(str(NAME), schema, partition_spec=spec)
    table.append(ROWS)


def test_our_own_lake_holds_no_planted_value(lake: Lake) -> None:
    write_batches(lake, NAME, ROWS.to_reader(), actor="ada")
    evolve_table(lake, NAME, lambda update: update.rename_column("mrn", "pid"), actor="ada")
    write_batches(lake, NAME, ROWS.rename_columns(["pid", "n", "site"]).to_reader(), actor="ada")
    set_tag(lake, NAME, "pid", "phi.mrn", actor="ada")
    rewrite_table(lake, NAME, actor="ada")
    held = metadata_bytes(lake)
    assert [each for each in PLANTED if each in held] == []
    assert find_leaks(lake, NAME) == []


def test_another_tools_table_is_found_by_the_doctor_and_mended(lake: Lake) -> None:
    foreign(lake)
    assert {each.place for each in find_leaks(lake, NAME)} == {"bounds", "footer", "partition", "setting"}
    assert all(each in metadata_bytes(lake) for each in PLANTED)
    assert any("hold" in each.what and "canary" in each.what for each in diagnose(lake.root))
    done = rewrite_table(lake, NAME, actor="ada", expire=True, grace=0)
    assert (done.rows, done.expired) == (2, 1)
    assert done.removed_files >= 5
    assert find_leaks(lake, NAME) == []
    held = metadata_bytes(lake)
    assert [each for each in PLANTED if each in held] == []
    read = lake.iceberg().load_table(str(NAME)).scan().to_arrow()
    assert sorted(read["mrn"].to_pylist()) == [CANARY, CANARY + "z"]


def test_an_open_column_may_have_statistics(lake: Lake) -> None:
    foreign(lake)
    accept_table_tags(lake, NAME, actor="ada", reason="known", restore=False)
    for column in ("n", "site"):
        set_tag(lake, NAME, column, "sensitivity.none", actor="ada")
    found = {each.place: each.columns for each in find_leaks(lake, NAME)}
    assert found["bounds"] == ("mrn",)
    assert "partition" not in found


def test_references_hold_the_past_until_released(lake: Lake) -> None:
    write_batches(lake, NAME, ROWS.to_reader(), actor="ada")
    table = lake.iceberg().load_table(str(NAME))
    first = table.metadata.current_snapshot_id
    assert first is not None
    table.manage_snapshots().create_tag(first, "v1").commit()
    write_batches(lake, NAME, ROWS.to_reader(), actor="ada")
    with pytest.raises(HeldByReferenceError, match="v1"):
        purge_history(lake, NAME, Act(kind="test", actor="ada"))
    assert purge_history(lake, NAME, Act(kind="test", actor="ada"), release=True).snapshots == 1
    assert len(lake.iceberg().load_table(str(NAME)).metadata.snapshots) == 1


def test_a_deletion_that_was_interrupted_is_taken_up(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    write_batches(lake, NAME, ROWS.to_reader(), actor="ada")
    write_batches(lake, NAME, ROWS.to_reader(), mode="replace", keep_tags=True, actor="ada")
    before = len(files(lake))

    def fail(*_args: object, **_named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("lakeward.catalog.purge.sweep", fail)
        with pytest.raises(KeyboardInterrupt):
            purge_history(lake, NAME, Act(kind="test", actor="ada"))
    write_batches(lake, NAME, ROWS.to_reader(), mode="replace", keep_tags=True, actor="ada")
    with monkeypatch.context() as patch:
        patch.setattr("lakeward.catalog.purge.sweep", fail)
        with pytest.raises(KeyboardInterrupt):
            purge_history(lake, NAME, Act(kind="test", actor="ada"))
    assert unfinished(lake) == [str(NAME)]
    assert any("canary" in each.what and "deleted" in each.what for each in diagnose(lake.root))
    count, _young = sweep(lake, NAME)
    assert count > 0
    assert len(files(lake)) < before
    assert unfinished(lake) == []
    assert len([each for each in files(lake) if each.suffix == ".parquet"]) == 1
    assert lake.iceberg().load_table(str(NAME)).scan().to_arrow().num_rows == 2
