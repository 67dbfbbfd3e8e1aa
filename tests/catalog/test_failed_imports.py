"""An import that fails is one clear error, tells no value, and leaves the lake as it was."""

import gzip
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeward.catalog.errors import ExitCode, InputError, LakewardError
from lakeward.catalog.ingest.columns import UnfittingValueError, UnsupportedColumnError
from lakeward.catalog.ingest.importing import Reading, import_table
from lakeward.catalog.ingest.source import InvalidSourceError, SourceUnavailableError, UnknownFormatError
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName

NEW = TableName("fresh", "t")
GOOD = b"a,b\n" + b"1,2\n" * 200_000

BAD: list[tuple[str, bytes, str]] = [
    ("ragged.csv", b'a,b\n1,"x\ny"\n\nSECRET\n', "line 5"),
    ("late.csv", GOOD + b"9,SECRET,7\n", "line 200002"),
    ("late.csv.gz", gzip.compress(GOOD + b"9,SECRET,7\n"), "line 200002"),
    ("utf8.csv", b"a,b\n1,SECRET\xff\xfe\n", "line 2"),
    ("empty.csv", b"", "header"),
    ("cut.csv.gz", gzip.compress(GOOD)[:-9], "cut off"),
    ("notgz.csv.gz", b"SECRET,b\n", "cut off|damaged|header"),
    ("bad.ndjson", b'{"a": 1}\n\n{"a": SECRET}\n', "line 3"),
    ("type.ndjson", b'{"a": 1}\n{"a": "SECRET"}\n', "line 2"),
    ("list.ndjson", b'[1, "SECRET"]\n', "line 1"),
    ("late.ndjson", b'{"a": 1}\n' * 600_000 + b'{"a": "SECRET"}\n', "line"),
    ("cut.ndjson", b'{"a": 1}\n{"a": "SECR', "line 2"),
    ("empty.ndjson", b"\n\n", "no JSON object"),
    ("cut.parquet", b"PAR1SECRET", "damaged"),
    ("cut.arrow", b"ARROW1\0\0SECRET", "damaged"),
    ("noise.feather", b"SECRET" * 99, "damaged"),
]


def _files(lake: Lake) -> set[Path]:
    return set((lake.root / "warehouse").rglob("*"))


@pytest.mark.parametrize(("file", "content", "says"), BAD, ids=[each[0] for each in BAD])
def test_a_bad_file_is_one_clear_error(
    lake: Lake, tmp_path: Path, file: str, content: bytes, says: str
) -> None:
    (tmp_path / file).write_bytes(content)
    with pytest.raises(InvalidSourceError, match=says) as caught:
        import_table(lake, NEW, tmp_path / file, actor="ada")
    assert "SECRET" not in str(caught.value)
    assert file in str(caught.value)
    assert caught.value.exit_code is ExitCode.INVALID
    assert _files(lake) == set()
    assert not lake.iceberg().namespace_exists("fresh")
    assert not lake.audit.records(kind="import")


def _damaged_parquet(path: Path) -> None:
    pq.write_table(pa.table({"a": range(500_000), "b": ["SECRET"] * 500_000}), path, compression="none")
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 400_000] = b"\xff" * 400_000
    path.write_bytes(raw)


def test_a_parquet_file_damaged_inside(lake: Lake, tmp_path: Path) -> None:
    _damaged_parquet(tmp_path / "a.parquet")
    with pytest.raises(InvalidSourceError):
        import_table(lake, NEW, tmp_path / "a.parquet", actor="ada")
    assert _files(lake) == set()


def test_an_append_that_fails_leaves_the_table(lake: Lake, patient: TableName, tmp_path: Path) -> None:
    before, pinned = _files(lake), lake.pin(patient)
    (tmp_path / "a.csv").write_text("id,name,address,codes,info\n1,x,SECRET,,\n")
    with pytest.raises(InputError) as caught:
        import_table(lake, patient, tmp_path / "a.csv", actor="ada")
    assert "SECRET" not in str(caught.value)
    assert _files(lake) == before
    assert lake.pin(patient) == pinned


def test_a_value_that_does_not_fit_names_its_line(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\nSECRET,3\n")
    with pytest.raises(InvalidSourceError, match=r"line 3.*'a'") as caught:
        import_table(lake, NEW, tmp_path / "a.csv", actor="ada", reading=Reading(types={"a": "long"}))
    assert "SECRET" not in str(caught.value)


def test_a_stream_that_breaks_halfway_leaves_nothing(lake: Lake) -> None:
    schema = pa.schema([("a", pa.int64())])

    def stream() -> Iterator[pa.RecordBatch]:
        yield pa.RecordBatch.from_pydict({"a": list(range(400_000))}, schema)
        raise InvalidSourceError(Path("x"), "broke")

    with pytest.raises(LakewardError):
        write_batches(lake, NEW, pa.RecordBatchReader.from_batches(schema, stream()), actor="ada")
    assert _files(lake) == set()


def test_lossy_values_are_refused(lake: Lake) -> None:
    for column in (
        pa.array([2**63], pa.uint64()),
        pa.array([1], pa.timestamp("ns")),
    ):
        with pytest.raises(UnfittingValueError, match="'SECRET_column'") as caught:
            write_batches(lake, NEW, pa.table({"SECRET_column": column}).to_reader(), actor="ada")
        assert str(2**63) not in str(caught.value)
    assert _files(lake) == set()


@pytest.mark.parametrize(
    "schema",
    [
        pa.schema([("a", pa.int64()), ("A", pa.int64())]),
        pa.schema([("a", pa.struct([("x", pa.int64()), ("X", pa.int64())]))]),
        pa.schema([("a.b", pa.int64())]),
        pa.schema([('a"b', pa.int64())]),
        pa.schema([("", pa.int64())]),
        pa.schema([("1931-02-03", pa.int64())]),
        pa.schema([("a\u200b", pa.int64())]),
        pa.schema([("\u0430", pa.int64())]),
        pa.schema([("a ", pa.int64())]),
        pa.schema([("a", pa.duration("s"))]),
        pa.schema([("a", pa.list_(pa.month_day_nano_interval()))]),
        pa.schema([("a", pa.struct([]))]),
        pa.schema([("a", pa.decimal256(60, 2))]),
        pa.schema([("a", pa.dense_union([pa.field("x", pa.int64())]))]),
    ],
    ids=str,
)
def test_columns_that_no_table_can_hold(lake: Lake, schema: pa.Schema) -> None:
    with pytest.raises(UnsupportedColumnError) as caught:
        write_batches(lake, NEW, pa.RecordBatchReader.from_batches(schema, []), actor="ada")
    assert "1931" not in str(caught.value)
    assert _files(lake) == set()


def test_a_file_that_is_not_there_or_of_no_format(lake: Lake, tmp_path: Path) -> None:
    for name in ("a.csv", "a.parquet", "a.ndjson", "a.arrow"):
        with pytest.raises(SourceUnavailableError):
            import_table(lake, NEW, tmp_path / name, actor="ada")
    for name in ("a.xlsx", "a", "a.parquet.gz", ".gz"):
        (tmp_path / name).write_text("x")
        with pytest.raises(UnknownFormatError, match="parquet"):
            import_table(lake, NEW, tmp_path / name, actor="ada")


DISK_FULL = """
import resource, sys
from pathlib import Path
import pyarrow as pa
from lakeward.catalog.errors import LakewardError
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import open_lake
from lakeward.catalog.names import TableName
lake = open_lake(Path(sys.argv[1]))
lake.iceberg()
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
rows = pa.table({"a": [f"SECRET{n * n * 7919 % 1000003}" for n in range(900_000)]})
try:
    write_batches(lake, TableName("fresh", "t"), rows.to_reader(), actor="ada")
except LakewardError as error:
    print(error.code, error.exit_code.value, error)
"""


def test_a_full_disk_is_one_clear_error(lake: Lake) -> None:
    words = [sys.executable, "-W", "error", "-c", DISK_FULL, str(lake.root)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    assert done.stdout.startswith("warehouse-unavailable 6")
    assert "SECRET" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert _files(lake) == set()


def test_a_read_only_warehouse_or_broken_store_writes_nothing(lake: Lake, patient: TableName) -> None:
    before = _files(lake)
    with lake.store.writing() as connection:
        connection.exec_driver_sql("DROP TABLE audit_record")
    with pytest.raises(LakewardError) as caught:
        write_batches(lake, patient, pa.table({"id": [7]}).to_reader(), actor="ada", evolve=True)
    assert caught.value.code == "audit-unavailable"
    assert {each for each in _files(lake) if each.suffix == ".parquet"} == {
        each for each in before if each.suffix == ".parquet"
    }
