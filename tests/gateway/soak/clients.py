"""One client of each door. Each answers as `Governed` does, so that the judge of the corpus can judge it."""

import contextlib
import re
import threading
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, cast

import adbc_driver_flightsql.dbapi as adbc
import adbc_driver_manager as manager
import duckdb
import httpx
import psycopg
import pyarrow as pa
from tests.bypass.judge import REFUSALS
from tests.bypass.lake import PURPOSE, Answer
from tests.gateway.fuzz.clinic import PASSWORD, trusting
from tests.gateway.fuzz.serving import Serving
from tests.gateway.http.served import arrow
from tests.gateway.soak.said import Told

from lakeward.catalog.errors import DeniedError, InputError, LakewardError, UnavailableError

ARROW = "application/vnd.apache.arrow.stream"
SECONDS = 300.0  # sixty who ask at once on two processors wait for each other
_REFUSED = {each.code for each in REFUSALS} | {"not-admitted", "not-verified", "no-purpose", "revoked"}
_HEADER = "adbc.flight.sql.rpc.call_header."
_STATES = {
    "57014": "cancelled",
    "53400": "limit-exceeded",
    "53300": "overloaded",
    "57P01": "closing",
    "28P01": "unauthenticated",
}
_NEVER_RAN = {"42501", "42704", "22023", "0A000"}


class GoneError(Exception):
    """The connection ended before an answer did."""


@dataclass(frozen=True)
class Pass:
    """How a principal comes in: by this token, or by the password that all have."""

    principal: str
    token: str


class Client(Protocol):
    """Asks at one door as one principal."""

    door: str
    told: Told

    def run(self, principal: str, sql: str, dialect: str = "duckdb") -> Answer:
        """Ask, and read all."""

    def cancel_later(self, sql: str, seconds: float) -> None:
        """Ask, and cancel after so long."""

    def leave(self, sql: str) -> Answer:
        """Ask, read the first rows, and hang up."""

    def close(self) -> None:
        """Hang up."""


class _Reader:
    """Reads Arrow as DuckDB's own client gives it, which is how the expected answer comes."""

    def __init__(self) -> None:
        self._con = duckdb.connect(config={"threads": 1})

    def rows(self, table: pa.Table) -> Answer:
        self._con.register("answer", table.rename_columns([f"c{i}" for i in range(table.num_columns)]))
        return table.column_names, self._con.execute("FROM answer").fetchall()

    def close(self) -> None:
        self._con.close()


def error_of(code: str, text: str, *, is_denied: bool, is_input: bool) -> LakewardError:
    """Make of what a door said the error that it stands for."""
    if is_denied or code in _REFUSED:
        return DeniedError(text)
    return InputError(text) if is_input else UnavailableError(text)


@contextmanager
def _after(seconds: float, act: Any) -> Iterator[None]:  # noqa: ANN401  whatever can be called
    """Do something while the block runs, from another thread."""
    timer = threading.Timer(seconds, _quietly, [act])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join(SECONDS)


def _quietly(act: Any) -> None:  # noqa: ANN401
    with contextlib.suppress(Exception):
        act()


class OverHttp:
    """A client of the HTTP door."""

    door = "http"

    def __init__(self, served: Serving, given: Pass) -> None:
        host, port = served.doors["http"]
        roots = trusting(served.roots) if served.roots else False
        scheme = "https" if served.roots else "http"
        self._headers = {
            "x-lakeward-purpose": PURPOSE,
            "authorization": f"Bearer {given.token}",
            "accept": ARROW,
        }
        self._http = httpx.Client(
            base_url=f"{scheme}://{host}:{port}", timeout=SECONDS, verify=roots, headers=self._headers
        )
        self._reader = _Reader()
        self.told = Told()

    def run(self, principal: str, sql: str, dialect: str = "duckdb") -> Answer:
        """See `Client.run`."""
        del principal
        return self._ask({"sql": sql, "dialect": dialect})

    def _ask(self, asked: dict[str, str]) -> Answer:
        self.told = Told()
        try:
            reply = self._http.post("/v1/query", json=asked)
        except httpx.HTTPError as error:
            raise GoneError(type(error).__name__) from None
        if reply.status_code != 200:
            raise self._error(reply)
        self.told.statement_id = reply.headers["x-lakeward-statement"]
        table = arrow(reply.content)
        self.told.rows = table.num_rows
        return self._reader.rows(table)

    def _error(self, reply: httpx.Response) -> LakewardError:
        said = reply.json()["error"]
        self.told.code = said["code"]
        status = reply.status_code
        return error_of(
            said["code"],
            f"{said['message']} {said['hint']}",
            is_denied=status in {401, 403},
            is_input=status == 400,
        )

    def cancel_later(self, sql: str, seconds: float) -> None:
        """See `Client.cancel_later`."""
        name = uuid.uuid4().hex
        with _after(seconds, lambda: self._http.delete(f"/v1/statements/{name}")):
            self._ask({"sql": sql, "id": name})

    def leave(self, sql: str) -> Answer:
        """See `Client.leave`."""
        self.told = Told()
        try:
            with self._http.stream("POST", "/v1/query", json={"sql": sql}) as reply:
                if reply.status_code != 200:
                    reply.read()
                    raise self._error(reply)
                self.told.statement_id = reply.headers["x-lakeward-statement"]
                with pa.ipc.open_stream(_Chunks(reply.iter_raw())) as stream:
                    return self._reader.rows(pa.Table.from_batches([stream.read_next_batch()]))
        except httpx.HTTPError as error:
            raise GoneError(type(error).__name__) from None

    def close(self) -> None:
        """See `Client.close`."""
        self._http.close()
        self._reader.close()


class _Chunks:
    """A file of what comes in pieces."""

    closed = False

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._rest = chunks, b""

    def read(self, size: int = -1) -> bytes:
        while len(self._rest) < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._rest += chunk
        found, self._rest = self._rest[:size], self._rest[size:]
        return found

    def close(self) -> None:
        pass


class OverFlight:
    """A client of the Flight SQL door: a connection for each dialect."""

    door = "flight"

    def __init__(self, served: Serving, given: Pass) -> None:
        host, port = served.doors["flight"]
        self._uri = f"grpc{'+tls' if served.roots else ''}://{'localhost' if served.roots else host}:{port}"
        self._options = {
            "adbc.flight.sql.authorization_header": f"Bearer {given.token}",
            f"{_HEADER}x-lakeward-purpose": PURPOSE,
        }
        if served.roots:
            self._options["adbc.flight.sql.client_option.tls_root_certs"] = served.roots.read_text("ascii")
        self._open: dict[str, adbc.Connection] = {}
        self._reader = _Reader()
        self.told = Told()

    def _connection(self, dialect: str) -> adbc.Connection:
        if dialect not in self._open:
            options = {**self._options, f"{_HEADER}x-lakeward-dialect": dialect}
            self._open[dialect] = adbc.connect(self._uri, db_kwargs=options, autocommit=True)
        return self._open[dialect]

    def run(self, principal: str, sql: str, dialect: str = "duckdb") -> Answer:
        """See `Client.run`."""
        del principal
        with self._cursor(dialect) as cursor:
            cursor.execute(sql)
            return self._all(cursor)

    def _all(self, cursor: adbc.Cursor) -> Answer:
        table = cursor.fetch_arrow_table()
        self.told.rows = table.num_rows
        return self._reader.rows(table)

    @contextmanager
    def _cursor(self, dialect: str = "duckdb") -> Iterator[adbc.Cursor]:
        self.told = Told()
        try:
            with self._connection(dialect).cursor() as cursor:
                yield cursor
        except (manager.Error, OSError) as error:
            raise self._error(error) from None

    def _error(self, error: manager.Error | OSError) -> Exception:
        """Read an error; one that comes while rows are read is Arrow's own, of whatever went away."""
        said = str(error)
        assert ".py" not in said, said
        found = re.search(r"\b([a-z]+(?:-[a-z]+)*): [A-Z`'\"]", said)
        self.told.code = found[1] if found else ""
        status = getattr(error, "status_code", manager.AdbcStatusCode.IO)
        if not found and status != manager.AdbcStatusCode.UNAUTHORIZED:
            self.told.code = "cancelled" if status == manager.AdbcStatusCode.CANCELLED else "gone"
            return GoneError(said[:300])
        denied = {manager.AdbcStatusCode.UNAUTHORIZED, manager.AdbcStatusCode.UNAUTHENTICATED}
        away = {manager.AdbcStatusCode.IO, manager.AdbcStatusCode.TIMEOUT, manager.AdbcStatusCode.CANCELLED}
        return error_of(self.told.code, said, is_denied=status in denied, is_input=status not in away)

    def cancel_later(self, sql: str, seconds: float) -> None:
        """See `Client.cancel_later`."""
        with self._cursor() as cursor, _after(seconds, cursor.adbc_cancel):
            cursor.execute(sql)
            self._all(cursor)

    def leave(self, sql: str) -> Answer:
        """See `Client.leave`."""
        with self._cursor() as cursor:
            cursor.execute(sql)
            batch = cursor.fetch_record_batch().read_next_batch()
            return self._reader.rows(pa.Table.from_batches([batch]))

    def close(self) -> None:
        """See `Client.close`."""
        for each in self._open.values():
            _quietly(each.close)
        self._reader.close()


class OverPostgres:
    """A client of the PostgreSQL door."""

    door = "postgres"

    def __init__(self, served: Serving, given: Pass) -> None:
        host, port = served.doors["postgres"]
        self._given: dict[str, Any] = {
            "host": "localhost" if served.roots else host, "port": port, "user": given.principal,
            "password": PASSWORD, "options": f"-c lakeward.purpose={PURPOSE}",
            "autocommit": True, "connect_timeout": int(SECONDS),
        }  # fmt: skip
        if served.roots:
            self._given |= {"sslmode": "verify-full", "sslrootcert": str(served.roots)}
        self._open: psycopg.Connection[tuple[Any, ...]] | None = None
        self.told = Told()

    def run(self, principal: str, sql: str, dialect: str = "duckdb") -> Answer:
        """See `Client.run`."""
        del principal
        with self._connection() as connection:
            connection.execute(f"SET lakeward.dialect = {dialect}")
            cursor = connection.execute(sql)
            names, rows = [each.name for each in cursor.description or ()], cursor.fetchall()
            self.told.rows = len(rows)
            return names, rows

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        self.told = Told()
        try:
            if self._open is None or self._open.closed:
                self._open = psycopg.connect(**self._given)
            yield self._open
        except psycopg.Error as error:
            raise self._error(error) from None
        finally:
            if self._open is not None and not self._open.closed:
                with contextlib.suppress(psycopg.Error):
                    self._open.rollback()

    def _error(self, error: psycopg.Error) -> Exception:
        state = error.sqlstate
        if (
            state is None
            and "password authentication" not in str(error)
            and "unauthenticated" not in str(error)
        ):
            self.told.code = "gone"
            self.close()
            return GoneError(str(error)[:300])
        self.told.code = (
            "worker-lost" if "worker that ran" in str(error) else _STATES.get(state or "28P01", state or "")
        )
        text = f"{error} {error.diag.message_hint}"
        lost = (state or "")[:2] in {"53", "57", "58"}
        return error_of(
            self.told.code, text, is_denied=state in _NEVER_RAN or state is None, is_input=not lost
        )

    def cancel_later(self, sql: str, seconds: float) -> None:
        """See `Client.cancel_later`."""
        with self._connection() as connection, _after(seconds, connection.cancel_safe):
            connection.execute(sql).fetchall()

    def leave(self, sql: str) -> Answer:
        """See `Client.leave`."""
        with self._connection() as connection:
            with contextlib.closing(
                cast("Generator[tuple[Any, ...]]", connection.cursor().stream(sql))
            ) as rows:
                found = [row for _, row in zip(range(10), rows, strict=False)]
            self.close()
        return [], found

    def close(self) -> None:
        """See `Client.close`."""
        if self._open is not None:
            self._open.close()
            self._open = None


DOORS: tuple[Callable[[Serving, Pass], Client], ...] = (OverPostgres, OverFlight, OverHttp)
