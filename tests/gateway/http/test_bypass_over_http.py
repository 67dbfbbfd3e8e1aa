"""The corpus of honest queries and attacks, asked over HTTP: what holds in process holds at this door."""

from collections.abc import Iterator

import duckdb
import httpx
import pytest
from tests.bypass import hospital
from tests.bypass.copies import Copies
from tests.bypass.judge import REFUSALS, Item, Judge, load
from tests.bypass.lake import PURPOSE, Answer, Governed, documents, make_lake
from tests.gateway.http.served import arrow

from lakeward.catalog.errors import DeniedError, InputError, LakewardError, UnavailableError
from lakeward.gateway.doors.door import DoorContext
from lakeward.gateway.doors.http import HttpDoor
from lakeward.gateway.doors.log import ServiceLog
from lakeward.gateway.doors.metrics import Metrics
from lakeward.gateway.identity.identities import Identities

ITEMS = [*load("honest"), *load("attacks")]
REFUSED = {each.code for each in REFUSALS}
ARROW = "application/vnd.apache.arrow.stream"


class OverHttp(Governed):
    """The product as a client of its HTTP door sees it."""

    def __init__(self, governed: Governed, url: str, tokens: dict[str, str]) -> None:
        self.gateway, self.way = governed.gateway, None
        self._client = duckdb.connect()
        self._url, self._tokens = url, tokens
        self._http = httpx.Client(base_url=url, timeout=60)
        self.replies: list[str] = []

    def run(self, principal: str, sql: str, dialect: str = "duckdb") -> Answer:
        reply = self.ask(principal, sql, dialect, ARROW)
        if reply.status_code != 200:
            raise self._error(reply)
        table = arrow(reply.content)
        self._client.register("answer", table.rename_columns([f"c{i}" for i in range(table.num_columns)]))
        return table.column_names, self._client.execute("FROM answer").fetchall()

    def ask(self, principal: str, sql: str, dialect: str, accept: str) -> httpx.Response:
        headers = {"x-lakeward-purpose": PURPOSE, "authorization": f"Bearer {self._tokens[principal]}"}
        asked = {"sql": sql, "dialect": dialect}
        return self._http.post("/v1/query", json=asked, headers={**headers, "accept": accept})

    def _error(self, reply: httpx.Response) -> LakewardError:
        said = reply.json()["error"]
        if said["code"] in REFUSED or reply.status_code == 403:
            return DeniedError(said["message"], hint=said["hint"])
        kind = InputError if reply.status_code == 400 else UnavailableError
        return kind(said["message"], hint=said["hint"])


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
    door = HttpDoor(context, "127.0.0.1", 0)
    host, port = door.start()
    over_http = OverHttp(governed, f"http://{host}:{port}", tokens)
    yield Judge(over_http, Copies(made, lake.keys.derive("pseudonym:lake").hex()))
    over_http._http.close()
    door.stop(0.0)
    governed.gateway.close()


def one_in(number: int, items: list[Item]) -> list[Item]:
    """Take some of every family."""
    by_family: dict[str, list[Item]] = {}
    for each in items:
        by_family.setdefault(each.family, []).append(each)
    return [each for family in by_family.values() for each in family[::number]]


def wrong(judge: Judge, items: list[Item]) -> list[str]:
    """Judge items in Arrow; in JSON look for raw texts alone."""
    found = [str(verdict) for verdict in map(judge.judge, items) if not verdict.is_right]
    assert isinstance(judge.governed, OverHttp)
    for each in items:
        text = judge.governed.ask(each.principal, each.sql, each.dialect, "application/json").text
        leak = judge.leaked(each, ([text], []))
        found += [f"leak in JSON: {each.title}: {leak}"] if leak else []
    return found


def test_some_of_every_family_answer_over_http_as_on_the_copy(judge: Judge) -> None:
    assert not wrong(judge, one_in(100, ITEMS))


@pytest.mark.slow
def test_the_whole_corpus_answers_over_http_as_on_the_copy(judge: Judge) -> None:
    assert not wrong(judge, ITEMS)
