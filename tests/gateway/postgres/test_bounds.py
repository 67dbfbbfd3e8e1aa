"""What one connection may make the door keep, and what a question about the catalog may answer."""

import psycopg
import pytest
from tests.gateway.postgres.served import Served

from lakeward.gateway.doors.postgres.conversation import MOST_CHARACTERS
from lakeward.policies.admit.characters import MAX_LENGTH


def test_prepared_statements_have_a_bound_of_characters(served: Served) -> None:
    text = "SELECT 1 AS a /*" + "x" * (MAX_LENGTH - 100) + "*/"
    fit = MOST_CHARACTERS // len(text)
    with served.connect(autocommit=True) as connection:
        for number in range(fit):
            connection.pgconn.prepare(b"p%d" % number, text.encode())
        kept = connection.pgconn.prepare(b"small", b"SELECT 1 AS a")
        refused = connection.pgconn.prepare(b"last", text.encode())
        assert kept.status == psycopg.pq.ExecStatus.COMMAND_OK
        assert refused.error_field(psycopg.pq.DiagnosticField.SQLSTATE) == b"54000"
        connection.execute("DEALLOCATE p0")
        again = connection.pgconn.prepare(b"last", text.encode())
        assert again.status == psycopg.pq.ExecStatus.COMMAND_OK


def test_the_unnamed_statement_takes_the_place_of_the_one_before(served: Served) -> None:
    text = "SELECT 1 AS a /*" + "x" * (MAX_LENGTH - 100) + "*/"
    with served.connect(autocommit=True) as connection:
        for _ in range(MOST_CHARACTERS // len(text) + 2):
            assert connection.pgconn.prepare(b"", text.encode()).status == psycopg.pq.ExecStatus.COMMAND_OK


def test_the_catalog_gives_no_endless_answer(served: Served) -> None:
    many = ", ".join(f"pg_catalog.pg_type AS t{number}" for number in range(6))
    with served.connect(autocommit=True) as connection:
        with pytest.raises(psycopg.Error, match="limit of rows"):
            connection.execute(f"SELECT t0.oid FROM {many}".encode())
        assert connection.execute("SELECT oid FROM pg_catalog.pg_type LIMIT 3").rowcount == 3


@pytest.mark.parametrize("name", ["user", "current_user", "Session_User", "current_role", "current_catalog"])
def test_a_quoted_name_is_no_function_of_the_session(served: Served, name: str) -> None:
    with served.connect(autocommit=True) as connection:
        assert connection.execute("SELECT user FROM pg_catalog.pg_am LIMIT 1").fetchone() == ("ada",)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="function of the session"):
            connection.execute(f'SELECT "{name}" FROM pg_catalog.pg_am LIMIT 1'.encode())


def test_an_unnamed_portal_that_still_runs_gives_way_to_the_next(served: Served) -> None:
    with served.connect(autocommit=True) as connection:
        connection.execute("SELECT code FROM clinic.visit", prepare=False)
        for _ in range(3):
            rows = connection.execute("SELECT score FROM clinic.visit WHERE score < %s", [9]).fetchall()
            assert rows == [(1,), (2,)]
