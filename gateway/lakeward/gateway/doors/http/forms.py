"""An answer's rows as bytes: Arrow's streaming format, or JSON."""

import base64
import datetime as dt
import io
import json
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Protocol

import pyarrow as pa

from lakeward.gateway.doors.http.requests import ARROW
from lakeward.gateway.doors.values import values_of

_NO_NUMBERS = {math.inf: "Infinity", -math.inf: "-Infinity"}


class Form(Protocol):
    """Turns batches into bytes; without the bytes of `end`, what was sent is not whole, and shows it."""

    def encode(self, batch: pa.RecordBatch) -> bytes:
        """Give the bytes of a batch, after those of the schema the first time."""
        ...

    def end(self) -> bytes:
        """Give what ends the stream."""
        ...


def form_of(media_type: str, schema: pa.Schema) -> Form:
    """Make the form that a client asked for."""
    return ArrowForm(schema) if media_type == ARROW else JsonForm(schema)


class ArrowForm:
    """Arrow IPC, streaming format."""

    def __init__(self, schema: pa.Schema) -> None:
        self._sink = io.BytesIO()
        self._writer = pa.ipc.new_stream(self._sink, schema)

    def encode(self, batch: pa.RecordBatch) -> bytes:
        """Give the messages of a batch."""
        self._writer.write_batch(batch)
        return self._taken()

    def end(self) -> bytes:
        """Give the mark of the stream's end."""
        self._writer.close()
        return self._taken()

    def _taken(self) -> bytes:
        written = self._sink.getvalue()
        self._sink.seek(0)
        self._sink.truncate()
        return written


class JsonForm:
    """One object: `columns` with name and type, then `rows`, a list of lists."""

    def __init__(self, schema: pa.Schema) -> None:
        columns = [{"name": each.name, "type": str(each.type)} for each in schema]
        self._before = f'{{"columns":{_dumped(columns)},"rows":['

    def encode(self, batch: pa.RecordBatch) -> bytes:
        """Give the rows of a batch."""
        columns = [_values(column) for column in batch.columns]
        rows = [list(row) for row in zip(*columns, strict=True)] if columns else []
        if not rows:
            return b""
        text = self._before + "\n" + _dumped(rows)[1:-1]
        self._before = ","
        return text.encode()

    def end(self) -> bytes:
        """Give the closing brackets."""
        return ((self._before if self._before != "," else "") + "]}\n").encode()


def _dumped(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _values(column: pa.Array) -> list[Any]:
    type_ = column.type
    if pa.types.is_string(type_) or pa.types.is_integer(type_) or pa.types.is_boolean(type_):
        return column.to_pylist()  # type: ignore[no-any-return]
    return [plain(each) for each in values_of(column)]


def plain(value: Any) -> Any:  # noqa: ANN401  any value of a row
    """Give a value as JSON has it: decimals and times as text, bytes in base64, NaN and infinity by name."""
    for kinds, written in _PLAIN:
        if isinstance(value, kinds):
            return written(value)
    return value if value is None else str(value)


def _number(value: float) -> float | str:
    return value if math.isfinite(value) else _NO_NUMBERS.get(value, "NaN")


_PLAIN: tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...] = (
    (float, _number),
    ((str, int), lambda value: value),
    ((dt.date, dt.time), lambda value: value.isoformat()),
    (Decimal, str),
    (dt.timedelta, lambda value: value.total_seconds()),
    (bytes, lambda value: base64.b64encode(value).decode("ascii")),
    (dict, lambda value: {str(name): plain(each) for name, each in value.items()}),
    ((list, tuple), lambda value: [plain(each) for each in value]),
)
