"""What can be imported, and what becomes of it."""

import gzip
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeward.catalog.ingest.importing import Reading, UnknownColumnTypeError, import_table
from lakeward.catalog.ingest.text_types import TextColumn
from lakeward.catalog.ingest.write import SchemaMismatchError, write_batches
from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName
from lakeward.catalog.tables import describe_table
from lakeward.catalog.tags import UnknownColumnError
from lakeward.catalog.taxonomy import UnknownTagError

T = TableName("clinic", "t")
ROWS = pa.table(
    {"id": [1, 2, 3], "name": ["Ann", "Bob", "Ünal"], "born": [date(1970, 1, 2), None, date(2000, 2, 29)]}
)


def _parquet(path: Path) -> None:
    pq.write_table(ROWS, path)


def _csv(path: Path) -> None:
    pa_csv.write_csv(ROWS, path)


def _ndjson(path: Path) -> None:
    lines = [json.dumps(each, default=str, ensure_ascii=False) for each in ROWS.to_pylist()]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _arrow(path: Path) -> None:
    with pa.ipc.new_file(path, ROWS.schema) as writer:
        writer.write_table(ROWS)


def _arrow_stream(path: Path) -> None:
    with pa.ipc.new_stream(path, ROWS.schema) as writer:
        writer.write_table(ROWS)


def _packed(write: Callable[[Path], None]) -> Callable[[Path], None]:
    def packed(path: Path) -> None:
        plain = path.with_suffix("")
        write(plain)
        path.write_bytes(gzip.compress(plain.read_bytes()))

    return packed


WRITERS: list[tuple[str, Callable[[Path], None]]] = [
    ("rows.parquet", _parquet),
    ("rows.csv", _csv),
    ("rows.csv.gz", _packed(_csv)),
    ("rows.ndjson", _ndjson),
    ("rows.jsonl", _ndjson),
    ("rows.ndjson.gz", _packed(_ndjson)),
    ("rows.arrow", _arrow),
    ("rows.ipc", _arrow_stream),
]


def read(lake: Lake, name: TableName = T) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = lake.iceberg().load_table(str(name)).scan().to_arrow().to_pylist()
    return rows


@pytest.mark.parametrize(("file", "write"), WRITERS, ids=[each[0] for each in WRITERS])
def test_every_format_gives_the_same_table(
    lake: Lake, tmp_path: Path, file: str, write: Callable[[Path], None]
) -> None:
    source = tmp_path / file
    write(source)
    seen: list[int] = []
    done = import_table(
        lake, T, source, actor="ada", tags={"name": ["phi.name"]}, owner="ada", progress=seen.append
    )
    assert read(lake) == ROWS.to_pylist()
    assert (done.rows, sum(seen), done.files, done.created) == (3, 3, 1, True)
    assert done.sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    assert done.unclassified == ("id", "born")
    assert [str(each.type) for each in lake.pin(T).columns] == ["long", "string", "date"]
    described = describe_table(lake, T)
    assert (described.rows, described.owner, len(described.snapshots)) == (3, "ada", 1)
    assert described.snapshots[0].summary["lakeward.source.sha256"] == done.sha256
    record = lake.audit.records(kind="import")[0]
    assert record.details["rows"] == 3
    assert record.details["sha256"] == done.sha256
    assert record.details["snapshot_id"] == done.snapshot_id


def test_an_import_is_one_commit(lake: Lake, tmp_path: Path) -> None:
    _parquet(tmp_path / "a.parquet")
    import_table(lake, T, tmp_path / "a.parquet", actor="ada", tags={"name": ["phi.name"]})
    raw = lake.metadata(lake.pin(T).metadata_location).raw
    assert not raw.get("metadata-log")  # data, schema and tags: the first metadata file holds them all
    import_table(lake, T, tmp_path / "a.parquet", actor="ada", tags={"id": ["phi.mrn"]})
    raw = lake.metadata(lake.pin(T).metadata_location).raw
    assert len(raw["metadata-log"]) == 1
    assert lake.pin(T).columns[0].tags == {"phi.mrn"}
    assert len(read(lake)) == 6


def test_a_dry_run_reads_all_and_writes_nothing(lake: Lake, tmp_path: Path) -> None:
    _csv(tmp_path / "a.csv")
    before = sorted(lake.root.joinpath("warehouse").rglob("*"))
    done = import_table(lake, T, tmp_path / "a.csv", actor="ada", tags={"name": ["phi.name"]}, dry_run=True)
    assert (done.rows, done.snapshot_id, done.created, done.is_dry_run) == (3, None, True, True)
    assert done.unclassified == ("id", "born")
    assert sorted(lake.root.joinpath("warehouse").rglob("*")) == before
    assert lake.iceberg().list_tables("clinic") if lake.iceberg().namespace_exists("clinic") else True
    assert not lake.audit.records(kind="import")
    import_table(lake, T, tmp_path / "a.csv", actor="ada")
    location = lake.pin(T).metadata_location
    assert import_table(lake, T, tmp_path / "a.csv", actor="ada", dry_run=True).created is False
    assert lake.pin(T).metadata_location == location


def test_a_dry_run_refuses_what_the_import_would(lake: Lake, tmp_path: Path) -> None:
    _csv(tmp_path / "a.csv")
    with pytest.raises(UnknownTagError):
        import_table(lake, T, tmp_path / "a.csv", actor="ada", tags={"id": ["nope"]}, dry_run=True)
    with pytest.raises(UnknownColumnError):
        import_table(lake, T, tmp_path / "a.csv", actor="ada", tags={"nope": ["health"]}, dry_run=True)


def test_another_schema_is_refused_unless_it_may_evolve(lake: Lake, tmp_path: Path) -> None:
    _parquet(tmp_path / "a.parquet")
    import_table(lake, T, tmp_path / "a.parquet", actor="ada", tags={"name": ["phi.name"]})
    pq.write_table(
        pa.table({"NAME": ["Cid"], "id": pa.array([4], pa.int32()), "weight": [1.5]}), tmp_path / "b.parquet"
    )
    with pytest.raises(SchemaMismatchError, match=r"'weight' is new; column 'born' is missing"):
        import_table(lake, T, tmp_path / "b.parquet", actor="ada")
    assert len(read(lake)) == 3
    import_table(lake, T, tmp_path / "b.parquet", actor="ada", evolve=True)
    assert read(lake)[0] == {"id": 4, "name": "Cid", "born": None, "weight": 1.5}
    pinned = lake.pin(T)
    assert [each.name for each in pinned.columns if not each.is_classified] == ["id", "born", "weight"]


def test_a_wider_type_evolves_and_a_narrower_fits(lake: Lake, tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": pa.array([1], pa.int32())}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"a": pa.array([2**40])}), tmp_path / "b.parquet")
    import_table(lake, T, tmp_path / "a.parquet", actor="ada", tags={"a": ["health"]})
    with pytest.raises(SchemaMismatchError):
        import_table(lake, T, tmp_path / "b.parquet", actor="ada")
    import_table(lake, T, tmp_path / "b.parquet", actor="ada", evolve=True)
    import_table(lake, T, tmp_path / "a.parquet", actor="ada")
    assert sorted(each["a"] for each in read(lake)) == [1, 1, 2**40]
    assert lake.pin(T).columns[0].is_classified


def test_replacing_keeps_the_tags_and_the_old_snapshot(lake: Lake, tmp_path: Path) -> None:
    _parquet(tmp_path / "a.parquet")
    import_table(lake, T, tmp_path / "a.parquet", actor="ada", tags={"name": ["phi.name"]})
    first = lake.pin(T)
    pq.write_table(ROWS.slice(0, 1), tmp_path / "b.parquet")
    import_table(lake, T, tmp_path / "b.parquet", actor="ada", replace=True)
    assert len(read(lake)) == 1
    second = lake.pin(T)
    assert second.columns == first.columns
    assert lake.pin(T, first.snapshot_id).snapshot_id == first.snapshot_id != second.snapshot_id
    assert len(describe_table(lake, T).snapshots) == 2


def test_a_step_that_replaces_says_every_tag_anew(lake: Lake) -> None:
    write_batches(lake, T, ROWS.to_reader(), tags={"name": ["phi.name"], "*": ["origin.real"]}, actor="ada")
    write_batches(lake, T, ROWS.to_reader(), mode="replace", tags={"id": ["phi.mrn"]}, actor="ada")
    pinned = lake.pin(T)
    assert [sorted(each.tags) for each in pinned.columns] == [
        ["origin.real", "phi.mrn"],
        ["origin.real"],
        ["origin.real"],
    ]
    assert [each.is_classified for each in pinned.columns] == [True, False, False]
    write_batches(lake, T, ROWS.schema.empty_table().to_reader(), mode="replace", keep_tags=True, actor="ada")
    assert read(lake) == []
    assert lake.pin(T).columns == pinned.columns


def test_text_columns_take_the_tables_types(lake: Lake, tmp_path: Path) -> None:
    schema = pa.schema([("zip", pa.string()), ("n", pa.float64()), ("price", pa.decimal128(9, 2))])
    write_batches(lake, T, schema.empty_table().to_reader(), actor="ada")
    (tmp_path / "a.csv").write_text("zip,n,price\n10001,1,2.50\n")
    import_table(lake, T, tmp_path / "a.csv", actor="ada")
    assert [(each["zip"], each["n"], str(each["price"])) for each in read(lake)] == [("10001", 1.0, "2.50")]


def test_csv_values_keep_what_they_are(lake: Lake, tmp_path: Path) -> None:
    lines = [
        "zip,when,at,flag,n,x,long_id,note,empty",
        '02139,1970-01-02,2020-01-01T00:00:00Z,true,1,1.5,12345678901234567890,"two\nlines",',
        '10001,1970-02-30,2020-01-01 01:00+01:00,FALSE,-7,2e3,7,"",',
    ]
    (tmp_path / "a.csv").write_text("\ufeff" + "\r\n".join(lines) + "\r\n", "utf-8")
    import_table(lake, T, tmp_path / "a.csv", actor="ada")
    midnight = datetime(2020, 1, 1, tzinfo=UTC)
    assert read(lake) == [
        {"zip": "02139", "when": "1970-01-02", "at": midnight, "flag": True, "n": 1, "x": 1.5,
         "long_id": "12345678901234567890", "note": "two\nlines", "empty": None},
        {"zip": "10001", "when": "1970-02-30", "at": midnight, "flag": False, "n": -7, "x": 2000.0,
         "long_id": "7", "note": "", "empty": None},
    ]  # fmt: skip


def test_a_late_value_decides_the_type(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("code\n" + "123\n" * 900_000 + "007\n")
    import_table(lake, T, tmp_path / "a.csv", actor="ada")
    assert str(lake.pin(T).columns[0].type) == "string"


def test_types_nulls_and_delimiter_can_be_named(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("id;n\n1;NA\n2;5\n")
    reading = Reading(
        format="csv", types={"ID": "string", "n": "decimal(5, 1)"}, delimiter=";", nulls=("NA",)
    )
    import_table(lake, T, tmp_path / "a.txt", actor="ada", reading=reading)
    assert [str(each.type) for each in lake.pin(T).columns] == ["string", "decimal(5, 1)"]
    assert read(lake)[0] == {"id": "1", "n": None}
    for bad in ("varchar", "decimal(99, 2)", "decimal(2, 5)"):
        with pytest.raises(UnknownColumnTypeError):
            import_table(
                lake, T, tmp_path / "a.txt", actor="ada", reading=Reading(format="csv", types={"id": bad})
            )


def test_nested_json_keeps_its_shape(lake: Lake, tmp_path: Path) -> None:
    rows = [{"a": {"b": [{"c": 1}]}, "t": "2020-01-01T00:00:00Z"}, {"a": None, "extra": 1.5}]
    (tmp_path / "a.ndjson").write_text("\n\n".join(map(json.dumps, rows)))
    import_table(lake, T, tmp_path / "a.ndjson", actor="ada", tags={"a.b.element.c": ["health"]})
    assert [each["a"] for each in read(lake)] == [{"b": [{"c": 1}]}, None]
    assert read(lake)[0]["t"] == datetime(2020, 1, 1, tzinfo=UTC)
    assert lake.pin(T).columns[0].is_classified


def test_arrow_types_become_the_lakes(lake: Lake) -> None:
    rows = pa.table(
        {
            "small": pa.array([1], pa.uint8()),
            "big": pa.array([1], pa.uint64()),
            "coded": pa.array(["x"]).dictionary_encode(),
            "nano": pa.array([1_000], pa.timestamp("ns")),
            "zoned": pa.array([0], pa.timestamp("s", "Europe/Berlin")),
            "view": pa.array(["x"], pa.string_view()),
            "fixed": pa.array([[1, 2]], pa.list_(pa.int16(), 2)),
            "nothing": pa.nulls(1),
            "half": pa.array([1.5], pa.float16()),
            "clock": pa.array([1], pa.time32("s")),
        }
    )
    write_batches(lake, T, rows.to_reader(), actor="ada")
    types = [str(each.type) for each in lake.pin(T).columns]
    assert types == [
        "int", "long", "string", "timestamp", "timestamptz", "string", "list<int>", "string", "float", "time",
    ]  # fmt: skip
    assert read(lake)[0]["nano"] == datetime(1970, 1, 1, 0, 0, 0, 1)  # noqa: DTZ001  the column has no zone


def test_large_imports_are_many_row_groups(lake: Lake) -> None:
    rows = pa.table({"n": pa.array(range(300_000))})
    write_batches(lake, T, rows.to_reader(max_chunksize=1000), actor="ada")
    (path,) = lake.root.joinpath("warehouse").rglob("*.parquet")
    assert pq.read_metadata(path).num_row_groups == 3
    assert lake.iceberg().load_table(str(T)).scan().to_arrow().column("n").to_pylist() == list(range(300_000))


@given(st.lists(st.text(st.sampled_from("0123456789-.eTZ: trufals+"), max_size=12), min_size=1))
def test_a_found_type_gives_every_value_back(values: list[str]) -> None:
    column = TextColumn()
    column.see(pa.array([each or None for each in values], pa.string()))
    cast = pa.array([each or None for each in values], pa.string()).cast(column.type)
    for value, back in zip(values, cast.to_pylist(), strict=True):
        assert (back is None) == (value == "")
        if pa.types.is_int64(column.type) and value:
            assert str(back) == value or value == "-0"
