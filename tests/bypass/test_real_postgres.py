"""PostgreSQL's dialect means what a real PostgreSQL makes of it, over a copy of what one may see."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pyarrow as pa
import pytest
from tests.bypass import hospital
from tests.bypass.copies import Copies
from tests.bypass.judge import CORPUS, same
from tests.bypass.lake import Governed, documents, make_lake

WHO = "grace"
QUERIES = [
    each for each in (CORPUS / "real_postgres.sql").read_text("utf-8").splitlines() if each[:2] != "--"
]
_TYPES = {"string": "text", "int32": "int", "int64": "bigint", "double": "float8", "bool": "boolean"}


def _type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return _type(kind.value_type) + "[]"
    if pa.types.is_struct(kind):
        return "address"
    if pa.types.is_decimal(kind):
        return f"numeric({kind.precision}, {kind.scale})"
    return _TYPES.get(str(kind), "timestamp" if pa.types.is_timestamp(kind) else "date")


def _loaded(value: Any) -> Any:  # noqa: ANN401 - any cell
    return tuple(value.values()) if isinstance(value, dict) else value


def _fill(real: psycopg.Connection[Any], copies: Copies) -> None:
    real.execute("CREATE TYPE address AS (street text, unit int)")
    for name in hospital.SCHEMA:
        rows = copies.visible(WHO, name)
        if rows is None or any(pa.types.is_map(each.type) for each in rows.schema):
            continue
        columns = ", ".join(f'"{each.name}" {_type(each.type)}' for each in rows.schema)
        table = f'"{name.partition(".")[2]}"'
        real.execute(f"CREATE TABLE {table} ({columns})".encode())
        places = ", ".join(["%s"] * rows.num_columns)
        with real.cursor() as cursor:
            values = [[_loaded(each) for each in row.values()] for row in rows.to_pylist()]
            cursor.executemany(f"INSERT INTO {table} VALUES ({places})".encode(), values)


@pytest.fixture(scope="module")
def governed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Governed, Copies]]:
    made = hospital.rows()
    lake = make_lake(tmp_path_factory.mktemp("real") / "lake", hospital.arrow(made), documents())
    yield Governed(lake), Copies(made, lake.keys.derive("pseudonym:lake").hex())
    lake.close()


@pytest.fixture(scope="module")
def real(
    new_database: Callable[[], str], governed: tuple[Governed, Copies]
) -> Iterator[psycopg.Connection[Any]]:
    address = urlsplit(new_database()).geturl().replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET timezone = 'UTC'")
        _fill(connection, governed[1])
        yield connection


def _plain(value: Any) -> Any:  # noqa: ANN401 - any cell
    """One form for what drivers give in two: intervals as spans, JSON as what it says."""
    if isinstance(value, str) and value[:1] in {"{", "["}:
        return _plain(json.loads(value))
    if isinstance(value, dict):
        return tuple(sorted((str(key), _plain(each)) for key, each in value.items()))
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    return value


def _rows(rows: list[Any]) -> list[tuple[Any, ...]]:
    return [tuple(_plain(each) for each in row) for row in rows]


@pytest.mark.slow
def test_every_query_answers_as_a_real_server_does(
    governed: tuple[Governed, Copies], real: psycopg.Connection[Any]
) -> None:
    wrong = []
    for sql in QUERIES:
        want = _rows(real.execute(sql.encode()).fetchall())
        got = _rows(governed[0].run(WHO, sql, "postgres")[1])
        if not same(got, want, ordered=False):
            wrong.append(f"{sql}\n  got  {got[:2]}\n  want {want[:2]}")
    assert len(QUERIES) > 120
    assert wrong == []
