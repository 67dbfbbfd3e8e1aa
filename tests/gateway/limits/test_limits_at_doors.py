"""Limits as real clients meet them: one count for all doors, refused at once, others served, all recorded."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import adbc_driver_flightsql.dbapi as adbc
import httpx
import psycopg
import pyarrow as pa
import pytest
from tests.gateway.limits.served import PASSWORD, Doors

from lakeward.gateway.engines.workers.engine import WorkerEngine

SLOW = "SELECT a.n FROM clinic.visit AS a, range(1000)"
SMALL = "SELECT n FROM clinic.visit WHERE n < 10"
Ask = Callable[[Doors, str, str], int]


def over_http(doors: Doors, who: str, sql: str) -> int:
    """Rows over HTTP, or the error's code."""
    reply = httpx.post(
        f"http://127.0.0.1:{doors.http}/v1/query",
        json={"sql": sql},
        auth=(who, PASSWORD),
        headers={"accept": "application/vnd.apache.arrow.stream", "x-lakeward-purpose": "research"},
        timeout=60,
    )
    if reply.status_code != 200:
        raise RefusedError(reply.status_code, reply.json()["error"]["code"], reply.headers.get("retry-after"))
    return int(pa.ipc.open_stream(reply.content).read_all().num_rows)


def over_flight(doors: Doors, who: str, sql: str) -> int:
    """Rows over Flight SQL."""
    options = {
        "username": who,
        "password": PASSWORD,
        "adbc.flight.sql.rpc.call_header.x-lakeward-purpose": "research",
    }
    address = f"grpc://127.0.0.1:{doors.flight}"
    with (
        adbc.connect(address, db_kwargs=options, autocommit=True) as connection,
        connection.cursor() as cursor,
    ):
        try:
            cursor.execute(sql)
            return int(cursor.fetch_arrow_table().num_rows)
        except (adbc.Error, OSError) as error:
            code = next((each for each in ("overloaded", "limit-exceeded") if each in str(error)), "")
            status = getattr(getattr(error, "status_code", None), "name", type(error).__name__)
            raise RefusedError(status, code, "again" if "again in" in str(error) else None) from None


def connect(doors: Doors, who: str) -> psycopg.Connection[Any]:
    """A connection over PostgreSQL's protocol."""
    return psycopg.connect(
        host="127.0.0.1", port=doors.postgres, user=who, password=PASSWORD, dbname="lake",
        options="-c lakeward.purpose=research", autocommit=True,
    )  # fmt: skip


def over_postgres(doors: Doors, who: str, sql: str) -> int:
    """Rows over PostgreSQL's protocol."""
    with connect(doors, who) as connection:
        try:
            return len(connection.execute(sql).fetchall())
        except psycopg.Error as error:
            code = {"53300": "overloaded", "53400": "limit-exceeded"}[str(error.sqlstate)]
            hint = error.diag.message_hint or ""
            raise RefusedError(error.sqlstate, code, "again" if "again in" in hint else None) from None


class RefusedError(Exception):
    """What a client was told."""

    def __init__(self, status: object, code: str, retry: str | None) -> None:
        super().__init__(status, code, retry)
        self.status, self.code, self.retry = status, code, retry


ASK: list[Ask] = [over_http, over_flight, over_postgres]


@contextmanager
def held(doors: Doors, who: str) -> Iterator[psycopg.Connection[Any]]:
    """Somebody's cursor that is open, and so has a place."""
    with connect(doors, who) as connection:
        connection.execute("BEGIN")
        connection.execute(f"DECLARE c CURSOR FOR {SLOW}")
        assert len(connection.execute("FETCH 5 FROM c").fetchall()) == 5
        yield connection
        if not connection.closed:
            connection.execute("ROLLBACK")
    settled(doors, 0)


def settled(doors: Doors, running: int) -> None:
    """Wait until so many places are taken."""
    until = time.monotonic() + 20
    while doors.context.gateway.queue.state().running != running:
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("ask", ASK)
def test_the_share_of_one_counts_over_all_doors_and_is_nobody_elses(doors: Doors, ask: Ask) -> None:
    audit = doors.context.gateway.lake.audit
    with held(doors, "ada"):
        began = time.monotonic()
        with pytest.raises(RefusedError) as refused:
            ask(doors, "ada", SMALL)
        assert time.monotonic() - began < 10
        assert (refused.value.code, bool(refused.value.retry)) == ("overloaded", True)
        assert refused.value.status in {429, "53300", "UNKNOWN", "UNAVAILABLE", "IO", "OperationalError"}
        denied = next(each for each in audit.records(limit=5) if each.kind == "denial")
        assert (denied.principal, denied.details["code"]) == ("ada", "overloaded")
        assert ask(doors, "bob", SMALL) == 5
    assert ask(doors, "ada", SMALL) == 5


@pytest.mark.parametrize("ask", ASK)
def test_when_all_places_are_taken_everybody_is_refused_and_health_answers(doors: Doors, ask: Ask) -> None:
    with ExitStack() as stack:
        for who in ("ada", "bob", "bob"):
            stack.enter_context(held_open(doors, who))
        with pytest.raises(RefusedError) as refused:
            ask(doors, "cyd", SMALL)
        assert refused.value.code == "overloaded"
        if ask is over_http:
            assert (refused.value.status, refused.value.retry) == (503, "5")
        urls = [f"http://127.0.0.1:{doors.http}/{path}" for path in ("health", "ready", "metrics")]
        replies = [httpx.get(each, timeout=10) for each in urls]
        assert [each.status_code for each in replies] == [200] * 3
        assert "lakeward_places_taken 3.0" in replies[-1].text
        assert 'lakeward_statements_refused_total{why="gateway"}' in replies[-1].text
    settled(doors, 0)
    assert ask(doors, "cyd", SMALL) == 5


@contextmanager
def held_open(doors: Doors, who: str) -> Iterator[None]:
    """As `held`, but the connection is just dropped."""
    connection = connect(doors, who)
    connection.execute("BEGIN")
    connection.execute(f"DECLARE c CURSOR FOR {SLOW}")
    yield
    connection.close()


@pytest.mark.parametrize("ask", ASK)
@pytest.mark.parametrize(("who", "most"), [("cyd", 1000), ("dan", 1000)])
def test_rows_and_bytes_are_limits_of_what_shows(doors: Doors, ask: Ask, who: str, most: int) -> None:
    assert ask(doors, who, f"SELECT n FROM clinic.visit WHERE n < {2 * most}") == most  # half are hidden
    with pytest.raises((RefusedError, httpx.RemoteProtocolError)) as refused:
        ask(doors, who, f"SELECT n FROM clinic.visit WHERE n < {2 * most + 1}")
    assert getattr(refused.value, "code", "limit-exceeded") == "limit-exceeded"
    settled(doors, 0)


def test_a_worker_that_is_killed_costs_no_place(doors: Doors) -> None:
    engine = doors.context.gateway.engine
    assert isinstance(engine, WorkerEngine)
    with connect(doors, "ada") as connection:
        connection.execute("BEGIN")
        connection.execute(f"DECLARE c CURSOR FOR {SLOW}")
        for child in children():
            os.kill(child, signal.SIGKILL)
        with pytest.raises(psycopg.Error):
            connection.execute("FETCH ALL FROM c")
        connection.execute("ROLLBACK")
    settled(doors, 0)
    assert over_http(doors, "ada", SMALL) == 5


def children() -> list[int]:
    """The workers: what the nursery of this process has forked."""
    parents: dict[int, int] = {}
    for each in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(each.parent.name)] = int(each.read_bytes().rpartition(b")")[2].split()[1])
    nurseries = {process for process, parent in parents.items() if parent == os.getpid()}
    return [process for process, parent in parents.items() if parent in nurseries]


def test_a_catalog_query_and_a_description_need_a_place_too(doors: Doors) -> None:
    with held(doors, "ada"), connect(doors, "ada") as connection:
        for sql in ("SELECT count(*) FROM pg_class", "SELECT n + 1 FROM clinic.visit"):
            with pytest.raises(psycopg.errors.TooManyConnections):
                connection.execute(sql)
