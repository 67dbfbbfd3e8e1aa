"""The corpus of honest queries and attacks, asked over Flight SQL: what holds in process holds here."""

import re
from collections.abc import Iterator

import adbc_driver_flightsql.dbapi as adbc
import adbc_driver_manager as manager
import duckdb
import pytest
from tests.bypass.judge import Judge
from tests.bypass.lake import PURPOSE, Answer, Governed
from tests.gateway.corpus import ITEMS, REFUSED, judging, one_in, tokens, wrong
from tests.gateway.flight.served import HEADER

from lakeward.catalog.errors import DeniedError, InputError, LakewardError, UnavailableError
from lakeward.gateway.doors.door import DoorContext
from lakeward.gateway.doors.flight import FlightDoor


class OverFlight(Governed):
    """The product as a client of its Flight SQL door sees it."""

    def __init__(self, context: DoorContext) -> None:
        self.gateway, self.way = context.gateway, None
        self._client = duckdb.connect()
        self._tokens = tokens(context)
        self._door = FlightDoor(context, "127.0.0.1", 0)
        host, port = self._door.start()
        self._uri = f"grpc://{host}:{port}"
        self._open: dict[tuple[str, str], adbc.Connection] = {}

    def run(self, principal: str, sql: str, dialect: str = "duckdb") -> Answer:
        try:
            with self._connection(principal, dialect).cursor() as cursor:
                cursor.execute(sql)
                table = cursor.fetch_arrow_table()
        except manager.Error as error:
            raise self._error(error) from None
        self._client.register("answer", table.rename_columns([f"c{i}" for i in range(table.num_columns)]))
        return table.column_names, self._client.execute("FROM answer").fetchall()

    def _connection(self, principal: str, dialect: str) -> adbc.Connection:
        if (principal, dialect) not in self._open:
            options = {
                "adbc.flight.sql.authorization_header": f"Bearer {self._tokens[principal]}",
                f"{HEADER}x-lakeward-purpose": PURPOSE,
                f"{HEADER}x-lakeward-dialect": dialect,
            }
            self._open[principal, dialect] = adbc.connect(self._uri, db_kwargs=options, autocommit=True)
        return self._open[principal, dialect]

    def _error(self, error: manager.Error) -> LakewardError:
        said = str(error)
        assert "Traceback" not in said
        found = re.search(r"\b([a-z]+(?:-[a-z]+)*): [A-Z`'\"]", said)
        code = found[1] if found else ""
        if code in REFUSED or error.status_code == manager.AdbcStatusCode.UNAUTHORIZED:
            return DeniedError(said)
        kind = UnavailableError if error.status_code == manager.AdbcStatusCode.IO else InputError
        return kind(said)

    def close(self) -> None:
        for each in self._open.values():
            each.close()
        self._door.stop(0.0)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    with judging(tmp_path_factory.mktemp("corpus") / "lake", OverFlight) as judge:
        yield judge
        assert isinstance(judge.governed, OverFlight)
        judge.governed.close()


def test_some_of_every_family_answer_over_flight_as_on_the_copy(judge: Judge) -> None:
    assert not wrong(judge, one_in(100, ITEMS))


@pytest.mark.slow
def test_the_whole_corpus_answers_over_flight_as_on_the_copy(judge: Judge) -> None:
    assert not wrong(judge, ITEMS)
