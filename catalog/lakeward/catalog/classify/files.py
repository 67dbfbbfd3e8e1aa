"""Columns of a file, with a sample of values: Parquet, CSV, newline JSON, Arrow; or of a list of columns."""

import csv
import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from lakeward.catalog.classify.column import Column
from lakeward.catalog.classify.flatten import flatten
from lakeward.catalog.errors import InputError
from lakeward.catalog.ingest.readers import read_source
from lakeward.catalog.ingest.source import InvalidSourceError, source_errors
from lakeward.catalog.ingest.text_types import TextColumn

SAMPLE_ROWS = 10_000
_PARTS = 8
_READ_WHOLE = 1_000_000  # rows
_DATUM = re.compile(
    r"[+-]?\d+([.,]\d+)?|\d{4}-\d{2}-\d{2}.*|\d{1,2}/\d{1,2}/\d{2,4}|[^@\s]+@[^@\s]+\.\w+|\d{3}-\d{2}-\d{4}"
)


class NoHeaderError(InputError):
    """A CSV file whose first line looks like a row, not like the names of columns."""

    code = "no-header"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path}, line 1: this looks like a row of data, not like the names of columns; it is not shown.",
            hint="Put a line with the names of the columns before it.",
        )


class NoColumnListError(InputError):
    """A list of columns without the two columns that it needs."""

    code = "no-column-list"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is no list of columns: its header must hold `table` and `column`, and may hold `type`.",
            hint="Leave --schemas out to classify the file's own columns.",
        )


def file_columns(path: Path, *, rows: int = SAMPLE_ROWS, columns_only: bool = False) -> list[Column]:
    """Read the columns of a file, with values of about so many rows spread over it.

    Args:
        path: A Parquet, CSV, newline JSON or Arrow file.
        rows: How many rows to sample.
        columns_only: Take names and types alone. Of CSV only the header is read; newline JSON has its names
            in every line, so its lines are read and their values dropped.

    Raises:
        NoHeaderError: A CSV file begins with data.
        InvalidSourceError: The file breaks its format's rules; what stands in it is not shown.
    """
    if _is_csv(path):
        return _csv_columns(path, rows, columns_only=columns_only)
    source = read_source(path)
    if columns_only:
        return flatten(source.schema, None)
    batches = _parquet_parts(path, rows) if source.format == "parquet" else iter(source)
    with source_errors(path):
        return flatten(source.schema, _sampled(batches, source.schema, rows))


def column_list(path: Path) -> dict[str, list[Column]]:
    """Read a CSV list of columns, `table,column[,type]`: the columns of many tables, without a value.

    Raises:
        NoColumnListError: It is no such list.
    """
    tables: dict[str, list[Column]] = {}
    with source_errors(path), _text(path) as file:
        reader = csv.DictReader(file)
        if not {"table", "column"} <= set(reader.fieldnames or ()):
            raise NoColumnListError(path)
        for row in reader:
            tables.setdefault(row["table"] or "", []).append(
                Column(row["column"] or "", row.get("type") or None)
            )
    return tables


def _is_csv(path: Path) -> bool:
    return bool({".csv", ".tsv"} & {each.lower() for each in path.suffixes[-2:]})


def _csv_columns(path: Path, rows: int, *, columns_only: bool) -> list[Column]:
    """Read a CSV file as it comes, whatever its columns are called; a row of another length is left out."""
    names = _header(path)
    if columns_only:
        return [Column(name) for name in names]
    keys = [f"c{index}" for index in range(len(names))]  # names may repeat, or be none that a table may have
    with source_errors(path), _csv_reader(path, keys) as reader:
        table = _sampled(iter(reader), reader.schema, rows)
    return [_typed(name, table.column(index)) for index, name in enumerate(names)]


def _csv_reader(path: Path, keys: list[str]) -> pa_csv.CSVStreamingReader:
    stream = pa.input_stream(str(path), compression="gzip" if path.suffix.lower() == ".gz" else None)
    return pa_csv.open_csv(
        stream,
        read_options=pa_csv.ReadOptions(column_names=keys, skip_rows_after_names=1, use_threads=False),
        parse_options=pa_csv.ParseOptions(
            delimiter=_delimiter(path), newlines_in_values=True, invalid_row_handler=lambda _row: "skip"
        ),
        convert_options=pa_csv.ConvertOptions(  # bytes, so that no encoding is an error
            column_types=dict.fromkeys(keys, pa.binary()), null_values=[""], strings_can_be_null=True
        ),
    )


def _typed(name: str, raw: pa.ChunkedArray) -> Column:
    """Give the type that all sampled values fit, as an import would find it."""
    values = _decoded(raw)
    seen = TextColumn()
    seen.see(values)
    known = seen.type if values.null_count < len(values) else None
    return Column(name, known, values if known in {None, pa.string()} else pc.cast(values, known))


def _decoded(raw: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        return pc.cast(raw, pa.string())
    except pa.ArrowInvalid:  # another encoding; ASCII in it can be read all the same
        texts = [None if each is None else each.decode("utf-8", "replace") for each in raw.to_pylist()]
        return pa.chunked_array([pa.array(texts, pa.string())])


def _delimiter(path: Path) -> str:
    return "\t" if ".tsv" in path.suffixes else ","


def _header(path: Path) -> list[str]:
    with source_errors(path), _text(path) as file:
        try:
            names = next(csv.reader(file, delimiter=_delimiter(path)), [])
        except csv.Error:
            raise InvalidSourceError(path, "the header is not UTF-8 text", 1) from None
    if not names:
        raise InvalidSourceError(path, "there is no header", 1)
    looks_like_data = sum(bool(_DATUM.fullmatch(name.strip())) for name in names)
    if looks_like_data > len(names) / 3 or any(
        "@" in name or re.fullmatch(r"\d{3}-\d{2}-\d{4}", name) for name in names
    ):
        raise NoHeaderError(path)
    return names


def _text(path: Path) -> TextIO:
    if path.suffix.lower() == ".gz":
        return cast("TextIO", gzip.open(path, "rt", encoding="utf-8-sig", errors="replace", newline=""))
    return path.open(encoding="utf-8-sig", errors="replace", newline="")


def _parquet_parts(path: Path, rows: int) -> Iterator[pa.RecordBatch]:
    """Read the beginnings of a few row groups, evenly spread; of a file of few rows, all of it."""
    with source_errors(path), pq.ParquetFile(path) as file:
        count = file.num_row_groups
        chosen = sorted({index * count // _PARTS for index in range(_PARTS)}) if count else []
        for group in chosen:
            size = max(1, rows // _PARTS)
            batches = file.iter_batches(batch_size=size, row_groups=[group])
            yield from batches if file.metadata.num_rows <= _READ_WHOLE else _first(batches)


def _first(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    found = next(batches, None)
    if found is not None:
        yield found


def _sampled(batches: Iterator[pa.RecordBatch], schema: pa.Schema, rows: int) -> pa.Table:
    """Keep the beginnings of batches spread over the whole stream; all of it when it is small."""
    kept: list[pa.RecordBatch] = []
    stride = 1
    for index, batch in enumerate(batches):
        if index % stride:
            continue
        kept.append(batch.slice(0, max(rows, 1)))
        if len(kept) > _PARTS:
            kept, stride = kept[::2], stride * 2
    share = max(1, rows // len(kept)) if kept else 0
    total = sum(batch.num_rows for batch in kept)
    return pa.Table.from_batches(kept if total <= rows else [batch.slice(0, share) for batch in kept], schema)
