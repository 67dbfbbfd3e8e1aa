"""The corpus of honest queries and attacks, asked over HTTP: what holds in process holds at this door."""

from collections.abc import Iterator

import duckdb
import httpx
import pytest
from tests.bypass.judge import Item, Judge
from tests.bypass.lake import PURPOSE, Answer, Governed
from tests.gateway.corpus import ITEMS, REFUSED, judging, one_in, tokens
from tests.gateway.corpus import wrong as wrong_in_arrow
from tests.gateway.http.served import arrow

from lakeward.catalog.errors import DeniedError, InputError, LakewardError, UnavailableError
from lakeward.gateway.doors.door import DoorContext
from lakeward.gateway.doors.http import HttpDoor

ARROW = "application/vnd.apache.arrow.stream"


class OverHttp(Governed):
    """The product as a client of its HTTP door sees it."""

    def __init__(self, context: DoorContext) -> None:
        self.gateway, self.way = context.gateway, None
        self._client = duckdb.connect()
        self._tokens = tokens(context)
        self._door = HttpDoor(context, "127.0.0.1", 0)
        host, port = self._door.start()
        self._http = httpx.Client(base_url=f"http://{host}:{port}", timeout=60)

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

    def close(self) -> None:
        self._http.close()
        self._door.stop(0.0)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    with judging(tmp_path_factory.mktemp("corpus") / "lake", OverHttp) as judge:
        yield judge
        assert isinstance(judge.governed, OverHttp)
        judge.governed.close()


def wrong(judge: Judge, items: list[Item]) -> list[str]:
    """Judge items in Arrow; in JSON look for raw texts alone."""
    found = wrong_in_arrow(judge, items)
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
