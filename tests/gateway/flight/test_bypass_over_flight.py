"""The corpus of honest queries and attacks, asked over Flight SQL: what holds in process holds here."""

import re
from collections.abc import Iterator

import adbc_driver_flightsql.dbapi as adbc
import adbc_driver_manager as manager
import duckdb
import pytest
from tests.bypass import hospital
from tests.bypass.copies import Copies
from tests.bypass.judge import REFUSALS, Item, Judge, load
from tests.bypass.lake import PURPOSE, Answer, Governed, documents, make_lake
from tests.gateway.flight.served import HEADER

from lakeward.catalog.errors import DeniedError, InputError, LakewardError, UnavailableError
from lakeward.gateway.doors.door import DoorContext
from lakeward.gateway.doors.flight import FlightDoor
from lakeward.gateway.doors.log import ServiceLog
from lakeward.gateway.doors.metrics import Metrics
from lakeward.gateway.identity.identities import Identities

ITEMS = [*load("honest"), *load("attacks")]
REFUSED = {each.code for each in REFUSALS}


class OverFlight(Governed):
    """The product as a client of its Flight SQL door sees it."""

    def __init__(self, governed: Governed, uri: str, tokens: dict[str, str]) -> None:
        self.gateway, self.way = governed.gateway, None
        self._client = duckdb.connect()
        self._uri, self._tokens = uri, tokens
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


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    made = hospital.rows()
    lake = make_lake(tmp_path_factory.mktemp("corpus") / "lake", hospital.arrow(made), documents())
    governed = Governed(lake)
    identities = Identities(lake)
    tokens: dict[str, str] = {}
    for principal in hospital.PRINCIPALS:
        identities.accounts.add(principal, None, by="test")
        tokens[principal], _ = identities.accounts.make_token(principal, 1, by="test")
    context = DoorContext(
        gateway=governed.gateway,
        identities=identities,
        tls=None,
        insecure_loopback=True,
        metrics=Metrics(),
        log=ServiceLog(lambda _line: None),
    )
    door = FlightDoor(context, "127.0.0.1", 0)
    host, port = door.start()
    over_flight = OverFlight(governed, f"grpc://{host}:{port}", tokens)
    yield Judge(over_flight, Copies(made, lake.keys.derive("pseudonym:lake").hex()))
    over_flight.close()
    door.stop(0.0)
    governed.gateway.close()


def one_in(number: int, items: list[Item]) -> list[Item]:
    """Take some of every family."""
    by_family: dict[str, list[Item]] = {}
    for each in items:
        by_family.setdefault(each.family, []).append(each)
    return [each for family in by_family.values() for each in family[::number]]


def wrong(judge: Judge, items: list[Item]) -> list[str]:
    return [str(verdict) for verdict in map(judge.judge, items) if not verdict.is_right]


def test_some_of_every_family_answer_over_flight_as_on_the_copy(judge: Judge) -> None:
    assert not wrong(judge, one_in(100, ITEMS))


@pytest.mark.slow
def test_the_whole_corpus_answers_over_flight_as_on_the_copy(judge: Judge) -> None:
    assert not wrong(judge, ITEMS)
