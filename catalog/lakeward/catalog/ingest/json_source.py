"""Newline-delimited JSON, read twice: once to find the columns of every line, once to give them."""

import gzip
import io
import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pa_json

from lakeward.catalog.ingest.columns import check_arrow_names, is_list
from lakeward.catalog.ingest.source import InvalidSourceError, Options, Source, source_errors
from lakeward.catalog.ingest.text_types import TextColumn

_CHUNK = 4 * 1024 * 1024
_ROW = re.compile(r"in row (\d+)")


def read_json_lines(path: Path, options: Options) -> Source:
    """Open a file of one JSON object to a line; text that is all dates or times becomes that."""
    raw = _raw_schema(path)
    if not len(raw):
        raise InvalidSourceError(path, "there is no JSON object with a field in it")
    check_arrow_names(raw)
    target = pa.schema(
        [(each.name, options.types.get(each.name.casefold(), each.type)) for each in _dated(path, raw)]
    )
    explicit = pa.schema([(each.name, _parsed(each.type, raw.field(each.name).type)) for each in target])

    def stream() -> Iterator[pa.RecordBatch]:
        for first, chunk in _chunks(path):
            table = _parse(path, first, chunk, explicit)
            yield from _typed(path, first, table, target).to_batches()

    return Source(path, "ndjson", target, stream)


def _raw_schema(path: Path) -> pa.Schema:
    schema = pa.schema([])
    for first, chunk in _chunks(path):
        found = _without_times(_parse(path, first, chunk, None).schema)
        try:
            schema = pa.unify_schemas([schema, found], promote_options="permissive")
        except pa.ArrowException:
            last = first + chunk.count(b"\n") - 1
            what = f"between lines {first} and {last} a field has another type than before"
            raise InvalidSourceError(path, what) from None
    return schema


def _dated(path: Path, raw: pa.Schema) -> pa.Schema:
    """Find the columns of text that are all dates or all times."""
    columns = {each.name: TextColumn.temporal() for each in raw if each.type == pa.string()}
    if columns:
        for first, chunk in _chunks(path):
            table = _parse(path, first, chunk, raw)
            for name, column in columns.items():
                column.see(table.column(name))
    return pa.schema(
        [(each.name, columns[each.name].type if each.name in columns else each.type) for each in raw]
    )


def _parsed(wanted: pa.DataType, raw: pa.DataType) -> pa.DataType:
    """Give the type to parse as: Arrow's reader leaves dates and times as text."""
    return raw if raw == pa.string() or pa.types.is_nested(raw) else wanted


def _typed(path: Path, first: int, table: pa.Table, target: pa.Schema) -> pa.Table:
    columns = []
    for field in target:
        try:
            columns.append(pc.cast(table.column(field.name), field.type))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            what = f"a value of column {field.name!r} does not fit its type, from this line on"
            raise InvalidSourceError(path, what, first) from None
    return pa.Table.from_arrays(columns, schema=target)


def _parse(path: Path, first: int, chunk: bytes, schema: pa.Schema | None) -> pa.Table:
    behaviour = "infer" if schema is None else "ignore"
    try:
        return pa_json.read_json(
            io.BytesIO(chunk),
            read_options=pa_json.ReadOptions(use_threads=False, block_size=len(chunk) + 1),
            parse_options=pa_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior=behaviour),
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        row = _ROW.search(str(error))
        raise _fault(path, first, chunk, int(row[1]) if row else 0) from None


def _fault(path: Path, first: int, chunk: bytes, row: int) -> InvalidSourceError:
    """Find the line that Arrow stumbled over: the first that is no JSON object, else the one it named."""
    lines = list(enumerate(chunk.split(b"\n"), first))
    for number, line in lines:
        if line.strip() and not _is_object(line):
            return InvalidSourceError(path, "this is no JSON object", number)
    rows = [number for number, line in lines if line.strip()]
    number = next(islice(rows, min(row, len(rows) - 1), None), first)
    return InvalidSourceError(path, "a field has another type than in the lines before", number)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _without_times(schema: pa.Schema) -> pa.Schema:
    return pa.schema([(each.name, _without_time(each.type)) for each in schema])


def _without_time(type_: pa.DataType) -> pa.DataType:
    """JSON has no times; Arrow guesses some from text and would drop their zone."""
    if pa.types.is_timestamp(type_):
        return pa.string()
    if pa.types.is_struct(type_):
        return pa.struct([(each.name, _without_time(each.type)) for each in type_])
    return pa.list_(_without_time(type_.value_type)) if is_list(type_) else type_


def _chunks(path: Path) -> Iterator[tuple[int, bytes]]:
    """Give pieces of whole lines, each with the number of its first line; blank pieces are left out."""
    line = 1
    with source_errors(path), _open(path) as file:
        while piece := file.read(_CHUNK):
            chunk = piece + file.readline()
            if chunk.strip():
                yield line, chunk
            line += chunk.count(b"\n")


def _open(path: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb"))
