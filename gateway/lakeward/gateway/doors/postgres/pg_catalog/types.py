"""Iceberg's types as the catalog shows them: the same that an answer's columns have."""

import re

import pyarrow as pa

_ARROW: dict[str, pa.DataType] = {
    "boolean": pa.bool_(), "int": pa.int32(), "long": pa.int64(), "float": pa.float32(), "double":
    pa.float64(), "date": pa.date32(), "time": pa.time64("us"), "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", "UTC"), "string": pa.string(), "uuid": pa.string(), "binary":
    pa.binary(),
}  # fmt: skip
_DECIMAL = re.compile(r"decimal\((\d+), (\d+)\)")
_NESTED = pa.struct([])


def arrow_type(written: str) -> pa.DataType:
    """Give the type in which cells of a column come out of the engine, from Iceberg's word for it."""
    if found := _ARROW.get(written):
        return found
    if digits := _DECIMAL.fullmatch(written):
        return pa.decimal128(int(digits[1]), int(digits[2]))
    if written.startswith("fixed["):
        return pa.binary()
    if written.startswith("list<"):
        return pa.list_(arrow_type(written[5:-1]))
    return _NESTED
