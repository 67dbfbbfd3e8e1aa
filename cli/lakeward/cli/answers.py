"""Write the answer to a query, batch by batch, in the form that was asked for."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, TextIO, cast

import pyarrow as pa

from lakeward.cli.errors import BinaryToTerminalError, OutputFileError
from lakeward.cli.output import FORMS


def write_answer(
    sink: IO[Any], form: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch], limit: int | None
) -> None:
    """Write at most `limit` rows; never hold more than a page of them."""
    some = batches if limit is None else first_rows(batches, limit)
    if form == "arrow":
        with pa.ipc.new_stream(sink, schema) as writer:
            for batch in some:
                writer.write_batch(batch)
    elif form == "parquet":
        _write_parquet(sink, schema, some)
    else:
        FORMS[form](cast("TextIO", sink)).rows(
            "Answer", schema.names, (row for batch in some for row in _rows(batch))
        )


def first_rows(batches: Iterable[pa.RecordBatch], limit: int) -> Iterator[pa.RecordBatch]:
    """Give the first `limit` rows; ask for no batch beyond them."""
    left = limit
    stream = iter(batches)
    while left > 0 and (batch := next(stream, None)) is not None:
        yield batch.slice(0, left)
        left -= batch.num_rows


@contextmanager
def destination(path: Path | None, *, binary: bool) -> Iterator[IO[Any]]:
    """Open stdout, or a file that takes its name only once it is whole and that only its owner may read.

    Raises:
        BinaryToTerminalError: Bytes would go to a terminal.
        OutputFileError: The file cannot be written.
    """
    if path is not None:
        with _whole_file(path, binary=binary) as file:
            yield file
    elif binary and sys.stdout.isatty():
        raise BinaryToTerminalError
    else:
        yield sys.stdout.buffer if binary else sys.stdout


@contextmanager
def _whole_file(path: Path, *, binary: bool) -> Iterator[IO[Any]]:
    if path.exists() and not path.is_file():
        raise OutputFileError(path)
    text = {} if binary else {"encoding": "utf-8", "newline": ""}
    try:
        file = NamedTemporaryFile("wb" if binary else "w", dir=path.parent, delete=False, **text)  # type: ignore[call-overload]  # noqa: SIM115  renamed, not deleted
    except OSError:
        raise OutputFileError(path) from None
    try:
        with file:
            yield cast("IO[Any]", file)
        Path(file.name).replace(path)
    except BaseException:
        Path(file.name).unlink(missing_ok=True)
        raise


def _rows(batch: pa.RecordBatch) -> Iterator[tuple[object, ...]]:
    return zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _write_parquet(sink: IO[Any], schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    from pyarrow import parquet

    with parquet.ParquetWriter(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
