"""Masks run where they run in earnest: on DuckDB, over Arrow tables, keys looked up in a table."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa
from sqlglot import exp

from lakeward.catalog.types import DataType, PrimitiveType
from lakeward.policies.masks import Mask, MaskEnvironment, mask_expression

KEYS = {
    "pseudonym:one": "a1" * 32,
    "pseudonym:two": "b2" * 32,
    "date-shift:one": "c3" * 32,
    "date-shift:two": "e5" * 32,
    "query-local": "d4" * 32,
}
ARROW = {
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "decimal": pa.decimal128(9, 2),
    "date": pa.date32(),
    "time": pa.time64("us"),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
    "string": pa.string(),
    "binary": pa.binary(),
}


def type_of(name: str) -> PrimitiveType:
    return PrimitiveType(name, precision=9, scale=2) if name == "decimal" else PrimitiveType(name)


def environment(study: str = "one") -> MaskEnvironment:
    def key(label: str) -> exp.Expr:
        wanted = exp.EQ(this=exp.column("label"), expression=exp.Literal.string(label))
        return exp.select("key").from_("keys").where(wanted).subquery()

    return MaskEnvironment(key=key, study=study)


def masked_sql(mask: Mask, type_: DataType, study: str = "one") -> str:
    column = exp.column("v", table="t", quoted=True)
    return f"SELECT {mask_expression(mask, column, type_, environment(study)).sql('duckdb')} AS v FROM t"


@cache
def connection() -> duckdb.DuckDBPyConnection:
    opened = duckdb.connect(config={"threads": 1})
    opened.execute("SET TimeZone = 'UTC'")
    opened.register("keys", pa.table({"label": list(KEYS), "key": list(KEYS.values())}))
    return opened


def show(
    mask: Mask, name: str, values: Sequence[Any], *, subjects: Sequence[str | None] = (), study: str = "one"
) -> list[Any]:
    """Mask some values, each beside its subject, and give what shows; the type must be kept."""
    by = pa.array(subjects or ["p"] * len(values), pa.string())
    connection().register("t", pa.table({"v": pa.array(values, ARROW[name]), "by": by}))
    answer = connection().execute(masked_sql(mask, type_of(name), study)).to_arrow_table()
    assert answer.schema == _raw_schema(name), mask
    shown: list[Any] = answer.column("v").to_pylist()
    return shown


@cache
def _raw_schema(name: str) -> pa.Schema:
    connection().register("raw", pa.table({"v": pa.array([], ARROW[name])}))
    return connection().execute("SELECT v FROM raw").to_arrow_table().schema
