"""What a statement asks of the door, and how long it takes to tell."""

import contextlib
import time

import psycopg
import pytest
from tests.gateway.postgres.served import Served

from lakeward.gateway.doors.postgres.errors import UnsupportedError
from lakeward.gateway.doors.postgres.statements import Copy, Declare, Query, SetSetting, read

LONG = 200_000


@pytest.mark.parametrize(
    "text",
    [
        "SET a = x" + " " * LONG + "y",
        "SET" + " " * LONG + "a",
        "SET a = " + "/**/" * (LONG // 4) + "'",
        "COPY (SELECT 1" + " " * LONG,
        "COPY (" + ")" * LONG,
        "COPY (" + ") " * (LONG // 2),
        "COPY (" + ")/*" * (LONG // 3),
        "DECLARE c CURSOR" + " " * LONG,
        "DECLARE c CURSOR FOR SELECT" + " " * LONG + "1",
        "FETCH" + "\n--x" * (LONG // 4),
        "SHOW " + "/*" * (LONG // 2),
        " " * (2 * LONG),
    ],
    ids=lambda text: text[:20],
)
def test_a_long_text_is_told_apart_at_once(text: str) -> None:
    started = time.thread_time()
    with contextlib.suppress(UnsupportedError):
        read(text)
    assert time.thread_time() - started < 1


def test_forms_with_a_query_inside() -> None:
    assert read("COPY (SELECT (1)) TO STDOUT (FORMAT binary)") == Copy("SELECT (1)")
    assert read('/* a */ COPY ( SELECT 1 ) TO STDOUT WITH ( FORMAT "binary" ) -- b') == Copy(" SELECT 1 ")
    assert read("DECLARE c NO SCROLL CURSOR WITH HOLD FOR SELECT 1") == Declare("c", "SELECT 1", is_kept=True)
    assert read("SET lakeward.purpose = 'research'") == SetSetting("lakeward.purpose", "research")
    assert read("SELECT 1") == Query("SELECT 1")


INTERNAL = ("duckdb_tables", "duckdb_settings", "sqlite_master", "pragma_database_list")


@pytest.mark.parametrize("name", INTERNAL)
@pytest.mark.parametrize(
    "query",
    [
        "SELECT p.* FROM (WITH {0} AS (SELECT 1) SELECT 2) AS q, {0} AS p "
        "LEFT JOIN pg_catalog.pg_am AS a ON true",
        "SELECT p.* FROM {0} AS p, pg_catalog.pg_am AS a WHERE EXISTS (WITH {0} AS (SELECT 1) SELECT 1)",
        "WITH x AS (SELECT * FROM {0}), {0} AS (SELECT 1) SELECT x.* FROM x, pg_catalog.pg_am AS a",
        "WITH {0} AS (SELECT * FROM {0}) SELECT p.* FROM {0} AS p, pg_catalog.pg_am AS a",
    ],
)
def test_a_cte_lends_its_name_to_no_relation_of_the_engine(served: Served, name: str, query: str) -> None:
    with served.connect(autocommit=True) as connection, pytest.raises(psycopg.Error) as raised:
        connection.execute(query.format(name))
    assert raised.value.sqlstate in {"42501", "0A000", "42P01"}


def test_settings_are_ours_where_a_cte_elsewhere_has_their_name(served: Served) -> None:
    with served.connect(autocommit=True) as connection:
        ours = connection.execute("SELECT name FROM pg_catalog.pg_settings ORDER BY name").fetchall()
        query = (
            "SELECT p.name FROM (WITH pg_settings AS (SELECT 1) SELECT 2) AS q, pg_settings AS p ORDER BY 1"
        )
        assert connection.execute(query).fetchall() == ours
    assert ("lakeward.purpose",) in ours
