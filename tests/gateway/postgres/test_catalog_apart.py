"""A question about the catalog that may fill memory runs apart from the gateway, and is answered alike."""

import dataclasses
import resource
from collections.abc import Iterator

import psycopg
import pytest
import sqlglot
from sqlglot import exp
from tests.gateway.clinic import context_of
from tests.gateway.postgres.served import Served, close_door, served_by

from lakeward.catalog.lake import Lake
from lakeward.gateway.doors.postgres.pg_catalog import catalog
from lakeward.gateway.doors.postgres.pg_catalog.steady import is_steady
from lakeward.gateway.engines import apart
from lakeward.gateway.service import open_gateway

HONEST = {
    "texts put together": "SELECT nspname || '.' || relname FROM pg_class c JOIN pg_namespace n "
    "ON n.oid = c.relnamespace WHERE relkind = 'r' ORDER BY 1",
    "lists": "SELECT array_to_string(ARRAY(SELECT attname FROM pg_attribute ORDER BY 1), '')",
    "aggregates of texts": "SELECT string_agg(table_name, ',' ORDER BY table_name) "
    "FROM information_schema.tables",
    "quotes": "SELECT quote_ident(relname) FROM pg_class ORDER BY 1",
    "windows": "SELECT attname, row_number() OVER (ORDER BY attnum) FROM pg_attribute "
    "WHERE attnum > 0 ORDER BY 2",
    "names looked up": "SELECT 'clinic.visit'::regclass::oid IS NOT NULL, concat(current_user, 'x')",
    "settings": "SELECT upper(current_setting('server_version')) || ''",
    "recursion": "WITH RECURSIVE w AS (SELECT oid, 1 AS n FROM pg_class UNION ALL "
    "SELECT oid, n + 1 FROM w WHERE n < 3) SELECT max(n) FROM w",
    "nothing": "SELECT relname || 'x' FROM pg_class WHERE false",
}
STEADY = (
    "SELECT version(), current_user, current_schema()",
    "SELECT t.oid, typarray FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace WHERE typname = 'x'",
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'clinic' ORDER BY table_name",
    "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
    "WHERE attrelid = 'clinic.visit'::regclass",
)
LARGE = {
    "one call": "SELECT repeat('x', 1000000000) FROM pg_class",
    "a long text of many rows": f"SELECT '{'x' * 30_000}' FROM pg_type a, pg_type b, pg_type c",
    "a list of rows": "SELECT length(string_agg(a.typname, ',')) "
    "FROM pg_type a, pg_type b, pg_type c, pg_type d, pg_type e",
    "rows": "SELECT a.typname FROM pg_type a, pg_type b, pg_type c, pg_type d",
}


@pytest.fixture(scope="module", params=["process", "workers"])
def door(lake: Lake, served: Served, request: pytest.FixtureRequest) -> Iterator[Served]:
    """A door of a gateway with each of the engines."""
    if request.param == "process":
        yield served
        return
    context = context_of(lake, [])
    context.gateway.close()
    opened = served_by(dataclasses.replace(context, gateway=open_gateway(lake, workers=True)))
    yield opened
    close_door(opened)


@pytest.mark.parametrize("title", HONEST)
def test_it_is_answered_alike(door: Served, title: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with door.connect() as connection:
        elsewhere = connection.execute(HONEST[title]).fetchall()
    monkeypatch.setattr(catalog, "is_steady", lambda *_: True)
    with door.connect() as connection:
        assert connection.execute(HONEST[title]).fetchall() == elsewhere
    assert bool(elsewhere) is (title != "nothing")


@pytest.mark.parametrize("text", STEADY)
def test_what_the_door_is_asked_most_stays_in_its_process(
    door: Served, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(type(door.context.gateway.engine), "run_apart")  # whoever would come to it fails
    with door.connect() as connection:
        assert connection.execute(text).description is not None


@pytest.mark.parametrize(
    "text",
    [
        "repeat(relname, 9)",
        "relname || relname",
        "concat(relname, relname)",
        "lpad(relname, 9, 'x')",
        "replace(relname, 'a', 'aa')",
        "lw_quote_ident(relname)",
        "lw_array_to_string(relacl, ',')",
        "[relname]",
        "array_agg(relname)",
        "string_agg(relname, ',')",
        "max(relname, 9)",
        "min(oid, 9)",
        "unnest([1, 2])",
        f"'{'x' * 20_000}'",
    ],
)
def test_what_makes_values_longer_is_not_steady(text: str) -> None:
    query = f"SELECT {text} FROM pg_class"
    tree = sqlglot.parse_one(query, dialect="duckdb")
    assert isinstance(tree, exp.Query)
    assert not is_steady(tree, query)
    assert not is_steady(exp.select("*").from_(tree.subquery("t")), query)


@pytest.mark.usefixtures("served")  # it makes the users
@pytest.mark.parametrize("title", LARGE)
def test_what_would_fill_memory_is_ended_and_the_door_goes_on(
    title: str, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "_SECONDS", 3.0)
    context = context_of(lake, [])
    context.gateway.close()
    door = served_by(dataclasses.replace(context, gateway=open_gateway(lake, workers=True)))
    try:
        with door.connect() as connection:
            connection.execute("SELECT relname || '' FROM pg_class")  # all that is loaded once
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            with pytest.raises(psycopg.Error, match=r"limit of|worker"):
                connection.execute(LARGE[title])
            connection.rollback()
            assert connection.execute("SELECT count(*) > 0 FROM pg_class").fetchone() == (True,)
            assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # KiB
    finally:
        close_door(door)
