"""CSV, read twice: once to find the type of every column from all of its values, once to give them."""

import csv
import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.csv as pa_csv

from lakeward.catalog.ingest.columns import check_arrow_names
from lakeward.catalog.ingest.source import InvalidSourceError, Options, Source, source_errors
from lakeward.catalog.ingest.text_types import TextColumn

_BLOCK = 4 * 1024 * 1024
_ROW = re.compile(r"Row #(\d+)")
_COLUMN = re.compile(r"In CSV column #(\d+)")
_TRUE, _FALSE = ["true", "True", "TRUE"], ["false", "False", "FALSE"]


def read_csv(path: Path, options: Options) -> Source:
    """Open a CSV file: UTF-8, a header, `""` for a quote inside quotes; an empty unquoted value is NULL."""
    names = _header(path, options)
    check_arrow_names(pa.schema([(name, pa.string()) for name in names]))
    known = {name: options.types[name.casefold()] for name in names if name.casefold() in options.types}
    found = (
        {}
        if len(known) == len(names)
        else _found(path, options, [each for each in names if each not in known])
    )
    types = {name: known.get(name) or found[name] for name in names}

    def stream() -> Iterator[pa.RecordBatch]:
        with csv_errors(path, options, names), _open(path, options, types) as reader:
            yield from reader

    return Source(path, "csv", pa.schema(list(types.items())), stream)


def _header(path: Path, options: Options) -> list[str]:
    with _text(path) as file:
        try:
            names = next(csv.reader(file, delimiter=_delimiter(path, options)), [])
        except (csv.Error, UnicodeDecodeError):
            raise InvalidSourceError(path, "the header is not UTF-8 text", 1) from None
    if not names:
        raise InvalidSourceError(path, "there is no header", 1)
    return names


def _found(path: Path, options: Options, names: list[str]) -> dict[str, pa.DataType]:
    columns = {name: TextColumn() for name in names}
    as_text = dict.fromkeys(names, pa.string())
    with csv_errors(path, options, names), _open(path, options, as_text) as reader:
        for batch in reader:
            for name, column in columns.items():
                column.see(batch.column(name))
    return {name: column.type for name, column in columns.items()}


def _open(path: Path, options: Options, types: dict[str, pa.DataType]) -> pa_csv.CSVStreamingReader:
    stream = pa.input_stream(str(path), compression="gzip" if path.suffix.lower() == ".gz" else None)
    return pa_csv.open_csv(
        stream,
        read_options=pa_csv.ReadOptions(
            use_threads=False, block_size=_BLOCK
        ),  # threads would lose the row's number
        parse_options=pa_csv.ParseOptions(delimiter=_delimiter(path, options), newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(
            column_types=types,
            include_columns=list(types),
            null_values=["", *options.nulls],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=_TRUE,
            false_values=_FALSE,
        ),
    )


@contextmanager
def csv_errors(path: Path, options: Options, names: list[str]) -> Iterator[None]:
    """Turn a fault of the file into one error with its line; pyarrow's text quotes the row and is dropped."""
    with source_errors(path):
        try:
            yield
        except pa.ArrowInvalid as error:
            row, column = _ROW.search(str(error)), _COLUMN.search(str(error))
            what = "the row has another number of values than the header"
            if column:
                what = f"the value of column {names[int(column[1])]!r} does not fit its type, or is not UTF-8"
            if row is None:
                raise InvalidSourceError(path, "the file is no CSV with a header") from None
            raise InvalidSourceError(path, what, _line(path, options, int(row[1]))) from None


def _line(path: Path, options: Options, row: int) -> int:
    """Give the line on which a row ends: empty lines are no rows, and a quoted value may span lines."""
    with _text(path) as file:
        reader = csv.reader(file, delimiter=_delimiter(path, options))
        count = 0
        try:
            for values in reader:
                count += bool(values)
                if count == row:
                    break
        except csv.Error:
            return row
        return reader.line_num


def _text(path: Path) -> IO[str]:
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", errors="replace", newline="")
    return path.open(encoding="utf-8-sig", errors="replace", newline="")


def _delimiter(path: Path, options: Options) -> str:
    return options.delimiter or ("\t" if ".tsv" in path.suffixes else ",")
