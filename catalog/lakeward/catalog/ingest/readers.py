"""The formats that can be imported, one reader each."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lakeward.catalog.ingest.csv_source import read_csv
from lakeward.catalog.ingest.json_source import read_json_lines
from lakeward.catalog.ingest.source import BATCH_ROWS, Options, Source, UnknownFormatError, source_errors

ENDINGS = {
    "parquet": (".parquet", ".pq"),
    "csv": (".csv", ".tsv"),
    "ndjson": (".ndjson", ".jsonl", ".json"),
    "arrow": (".arrow", ".feather", ".ipc"),
}


def read_source(path: Path, format_: str | None = None, options: Options | None = None) -> Source:
    """Open a file to import.

    Args:
        path: The file.
        format_: `parquet`, `csv`, `ndjson` or `arrow`; by default told from the file's name.
        options: How to read a text format.

    Raises:
        UnknownFormatError: The format is not one of those.
        SourceUnavailableError: The file cannot be read.
        InvalidSourceError: It breaks its format's rules.
    """
    read = _READERS.get(format_ or _told(path))
    if read is None:
        raise UnknownFormatError(path, ENDINGS)
    with source_errors(path):
        return read(path, options or Options({}))


def _told(path: Path) -> str:
    suffixes = [each.lower() for each in path.suffixes]
    packed = bool(suffixes) and suffixes[-1] == ".gz"
    ending = (suffixes[:-1] if packed else suffixes)[-1:]
    found = next((name for name, endings in ENDINGS.items() if ending and ending[0] in endings), "")
    return "" if packed and found not in {"csv", "ndjson"} else found


def _read_parquet(path: Path, _options: Options) -> Source:
    with pq.ParquetFile(path) as file:
        schema = file.schema_arrow

    def stream() -> Iterator[pa.RecordBatch]:
        with source_errors(path), pq.ParquetFile(path) as opened:
            yield from opened.iter_batches(batch_size=BATCH_ROWS)

    return Source(path, "parquet", schema, stream)


def _read_arrow(path: Path, _options: Options) -> Source:
    def stream() -> Iterator[pa.RecordBatch]:
        with source_errors(path), pa.OSFile(str(path)) as file:
            yield from _ipc_batches(file)

    with pa.OSFile(str(path)) as file:
        opened = pa.ipc.open_file(file) if _is_ipc_file(file) else pa.ipc.open_stream(file)
        return Source(path, "arrow", opened.schema, stream)


def _ipc_batches(file: pa.NativeFile) -> Iterator[pa.RecordBatch]:
    if _is_ipc_file(file):
        opened = pa.ipc.open_file(file)
        yield from (opened.get_batch(number) for number in range(opened.num_record_batches))
    else:
        yield from pa.ipc.open_stream(file)


def _is_ipc_file(file: pa.NativeFile) -> bool:
    magic: bytes = file.read(6)
    file.seek(0)
    return magic == b"ARROW1"


_READERS: dict[str, Callable[[Path, Options], Source]] = {
    "parquet": _read_parquet,
    "csv": read_csv,
    "ndjson": read_json_lines,
    "arrow": _read_arrow,
}
