"""Drivers and libraries as people use them: what each gets is what ada may see, and nothing says more."""

import asyncio
import contextlib
import datetime as dt
import threading
import time
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import asyncpg
import pandas as pd
import psycopg
import psycopg2
import pytest
import sqlalchemy
from adbc_driver_postgresql import dbapi
from tests.gateway.clinic import PASSWORD
from tests.gateway.postgres.served import PURPOSE, SECRETS, Served

VISIBLE = [("H1", "C50", 1), ("H1", "I10", 2)]
SQL = "SELECT site, code, score FROM clinic.visit ORDER BY code"


def uri(served: Served, scheme: str = "postgresql") -> str:
    words = f"{scheme}://ada:{quote(PASSWORD)}@{served.host}:{served.port}/lake"
    return f"{words}?options={quote(PURPOSE)}"


def engine(served: Served, driver: str = "psycopg") -> sqlalchemy.Engine:
    return sqlalchemy.create_engine(uri(served, f"postgresql+{driver}"), poolclass=sqlalchemy.NullPool)


@pytest.mark.parametrize("binary", [False, True])
def test_psycopg_gets_visible_rows(served: Served, binary: bool) -> None:  # noqa: FBT001
    with served.connect() as connection, connection.cursor(binary=binary) as cursor:
        assert cursor.execute(SQL).fetchall() == VISIBLE
        assert [each.name for each in cursor.description or ()] == ["site", "code", "score"]


@pytest.mark.parametrize(
    "value",
    [
        7, -(2**40), 1.5, True, "it's; -- \u00e9", None, Decimal("12.50"), dt.date(2024, 2, 29),
        dt.datetime(2024, 2, 29, 12, 30, 15),  # noqa: DTZ001  without a zone, as it is asked
        b"\x00\xff", dt.timedelta(days=3, hours=-5, microseconds=7), dt.timedelta(0),
    ],
    ids=repr,
)  # fmt: skip
@pytest.mark.parametrize("binary", [False, True])
def test_psycopg_parameters_come_back_as_they_went(
    served: Served,
    value: Any,  # noqa: ANN401
    binary: bool,  # noqa: FBT001
) -> None:
    mark = "%b" if binary else "%t"
    with served.connect() as connection, connection.cursor(binary=binary) as cursor:
        row = cursor.execute(f"SELECT {mark} AS x", [value]).fetchone()
    assert row == (value,)


def test_a_parameter_is_never_text_of_the_statement(served: Served) -> None:
    with served.connect() as connection:
        query = "SELECT count(*) FROM clinic.visit WHERE code = %s"
        assert connection.execute(query, ["C50"]).fetchone() == (1,)
        assert connection.execute(query, ["x' OR '1'='1"]).fetchone() == (0,)
        assert connection.execute(query, ["SECRETCODE"]).fetchone() == (0,)


def test_sqlalchemy_says_of_what_types_its_parameters_are(served: Served) -> None:
    visit = sqlalchemy.table(
        "visit", sqlalchemy.column("code", sqlalchemy.Text), sqlalchemy.column("score", sqlalchemy.Integer),
        schema="clinic",
    )  # fmt: skip
    later = sqlalchemy.literal(dt.datetime(2024, 1, 31)) + dt.timedelta(days=1, hours=2)  # noqa: DTZ001  without a zone, as it is asked
    func = sqlalchemy.func
    asked = (
        sqlalchemy.select(
            func.to_char(later, "YYYY-MM-DD HH24"),
            func.date_part("month", later),
            func.round(sqlalchemy.cast(visit.c.score, sqlalchemy.Numeric) / 3, 2),
            visit.c.score % 2,
        )
        .where(visit.c.code.startswith("C"), visit.c.code.in_(["C50", "SECRETCODE"]))
        .limit(1)
    )
    with engine(served).connect() as connection:
        rows = [tuple(each) for each in connection.execute(asked)]
    assert rows == [("2024-02-01 02", 2, 0.33, 1)]


def test_a_prepared_statement_is_decided_anew_each_time(served: Served) -> None:
    with served.connect() as connection:
        for _ in range(3):
            assert connection.execute(SQL, prepare=True).fetchall() == VISIBLE


@pytest.mark.parametrize("table", ["clinic.hidden", "clinic.nothing_there", "nowhere.at_all"])
def test_hidden_and_absent_tables_sound_alike(served: Served, table: str) -> None:
    with served.connect() as connection, pytest.raises(psycopg.Error) as raised:
        connection.execute(f"SELECT * FROM {table}")
    assert raised.value.sqlstate == "42501"
    assert str(raised.value).startswith(f"The statement reads a table that is not there for you: `{table}`.")


def test_a_transaction_goes_on_after_rollback(served: Served) -> None:
    with served.connect() as connection:
        with pytest.raises(psycopg.Error), connection.transaction():
            connection.execute("SELECT CAST(code AS int) FROM clinic.visit")
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_every_statement_of_one_message_is_decided(served: Served) -> None:
    with served.connect(autocommit=True) as connection:
        cursor = connection.execute(f"BEGIN; {SQL}; SELECT count(*) FROM clinic.visit; COMMIT")
        assert cursor.nextset()
        assert cursor.fetchall() == VISIBLE
        assert cursor.nextset()
        assert cursor.fetchall() == [(2,)]
        with pytest.raises(psycopg.Error) as raised:
            connection.execute(f"{SQL}; SELECT memo FROM clinic.visit")
        assert raised.value.sqlstate == "42501"
        assert connection.execute(SQL).fetchall() == VISIBLE
    assert "SECRETMEMO" not in str(raised.value)


def test_another_principal_sees_nothing(served: Served) -> None:
    with served.connect(user="bob") as connection, pytest.raises(psycopg.Error) as raised:
        connection.execute(SQL)
    assert raised.value.sqlstate == "42501"


def test_without_a_purpose_nothing_is_answered_until_it_is_set(served: Served) -> None:
    with served.connect(options="", autocommit=True) as connection:
        with pytest.raises(psycopg.Error) as raised:
            connection.execute(SQL)
        assert "purpose" in str(raised.value)
        connection.execute("SET lakeward.purpose = 'research'")
        assert connection.execute(SQL).fetchall() == VISIBLE


def test_a_running_statement_is_cancelled(served: Served) -> None:
    endless = "SELECT count(*) FROM generate_series(1, 200000) AS a(i), generate_series(1, 2000000) AS b(j)"
    with served.connect(autocommit=True) as connection:
        threading.Timer(0.5, connection.cancel_safe).start()
        started = time.monotonic()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute(endless)
        assert time.monotonic() - started < 10
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_asyncpg(served: Served) -> None:
    async def ask() -> tuple[Any, Any]:
        connection = await asyncpg.connect(
            host=served.host, port=served.port, user="ada", password=PASSWORD, database="lake", ssl=False,
            server_settings={"lakeward.purpose": "research"},
        )  # fmt: skip
        try:
            rows = await connection.fetch(SQL)
            one = await connection.fetchval("SELECT score FROM clinic.visit WHERE code = $1", "I10")
        finally:
            await connection.close()
        return [tuple(row) for row in rows], one

    assert asyncio.run(ask()) == (VISIBLE, 2)


def test_psycopg2_fetches_in_portions_by_a_named_cursor(served: Served) -> None:
    given = served.parameters()
    with contextlib.closing(psycopg2.connect(**given)) as connection, connection.cursor("many") as cursor:
        cursor.itersize = 3
        cursor.execute("SELECT code FROM clinic.visit, range(5) ORDER BY code")
        assert [code for (code,) in cursor] == ["C50"] * 5 + ["I10"] * 5


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_sqlalchemy_asks_and_looks_around(served: Served, driver: str) -> None:
    made = engine(served, driver)
    with made.connect() as connection:
        query = sqlalchemy.text("SELECT code FROM clinic.visit WHERE score >= :least ORDER BY code")
        assert connection.execute(query, {"least": 2}).scalars().all() == ["I10"]
    inspector = sqlalchemy.inspect(made)
    assert inspector.get_table_names(schema="clinic") == ["visit"]
    columns = [each["name"] for each in inspector.get_columns("visit", schema="clinic")]
    assert columns == ["patient", "site", "code", "score"]
    with pytest.raises(sqlalchemy.exc.NoSuchTableError):
        inspector.get_columns("hidden", schema="clinic")


def test_pandas(served: Served) -> None:
    with engine(served).connect() as connection:
        frame = pd.read_sql(sqlalchemy.text(SQL), connection)
    assert [tuple(row) for row in frame.itertuples(index=False)] == VISIBLE


def test_adbc(served: Served) -> None:
    with dbapi.connect(uri(served)) as connection, connection.cursor() as cursor:
        cursor.execute(SQL)
        table = cursor.fetch_arrow_table()
    assert [tuple(row.values()) for row in table.to_pylist()] == VISIBLE


@pytest.mark.parametrize(
    "query",
    [
        "SELECT table_name FROM information_schema.tables",
        "SELECT column_name FROM information_schema.columns",
        "SELECT relname FROM pg_catalog.pg_class",
        "SELECT attname FROM pg_catalog.pg_attribute",
        "SELECT * FROM pg_catalog.pg_namespace",
    ],
)
def test_the_catalog_holds_only_what_is_there_for_the_principal(served: Served, query: str) -> None:
    with served.connect() as connection:
        found = repr(connection.execute(query).fetchall())
    assert not [secret for secret in SECRETS if secret in found]
    with served.connect(user="bob") as connection:
        assert "visit" not in repr(connection.execute(query).fetchall())


@pytest.mark.parametrize(
    "statement",
    [
        "COPY clinic.visit TO STDOUT",
        "COPY (SELECT memo FROM clinic.visit) TO STDOUT (FORMAT binary)",
        "CREATE TABLE t (a int)",
        "DROP TABLE clinic.visit",
        "DELETE FROM clinic.visit",
        "SELECT pg_sleep(1)",
        "DECLARE c CURSOR FOR SELECT * FROM clinic.hidden",
        "LISTEN x",
        "SET search_path = hidden; SELECT * FROM hidden",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT * FROM duckdb_settings()",
        "SELECT c.relname, v.site FROM pg_catalog.pg_class c, clinic.hidden v",
        "SELECT c.relname, v.site FROM pg_catalog.pg_class c, clinic.visit v",
        "DO $$ BEGIN END $$",
        "VACUUM",
    ],
)
def test_what_is_no_question_about_visible_cells_is_refused(served: Served, statement: str) -> None:
    with served.connect(autocommit=True) as connection:
        with pytest.raises(psycopg.Error) as raised:
            connection.execute(statement).fetchall()
        assert not [secret for secret in SECRETS[:3] if secret in str(raised.value)]
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM pg_catalog.pg_authid",
        "SELECT * FROM pg_stat_activity",
        "SELECT x FROM (SELECT current_setting('data_directory') AS x) AS t WHERE x IS NOT NULL",
    ],
)
def test_the_server_says_nothing_of_itself(served: Served, query: str) -> None:
    with served.connect() as connection:
        assert connection.execute(query).fetchall() == []
