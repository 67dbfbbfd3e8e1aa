"""Statements over HTTP: typed parameters, and every way in which one ends before its rows do."""

import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.gateway.clinic import context_of
from tests.gateway.http.served import Served

from lakeward.gateway.doors.http import HttpDoor

ARROW = {"accept": "application/vnd.apache.arrow.stream"}
END_OF_STREAM = b"\xff\xff\xff\xff\0\0\0\0"
LONG = {"sql": "SELECT count(*) AS n FROM range(10000000000) a, range(10000) b"}
WIDE = {"sql": "SELECT range AS i, repeat('x', 100) AS t FROM range(100000000)"}


@pytest.mark.parametrize(
    ("parameter", "shown"),
    [
        (7, [7]),
        (-(2**63), [-(2**63)]),
        (2**70, [str(2**70)]),
        (1.5, [1.5]),
        ("O'Brien -- ; DROP", ["O'Brien -- ; DROP"]),
        ("\u202eabc\u200b\u00e9", ["\u202eabc\u200b\u00e9"]),
        (True, [True]),
        (None, [None]),
        ({"type": "date", "value": "2026-01-02"}, ["2026-01-02"]),
        ({"type": "decimal", "value": "1.50"}, ["1.50"]),
        ({"type": "timestamp", "value": "2026-01-02T03:04:05"}, ["2026-01-02T03:04:05"]),
        ({"type": "time", "value": "03:04:05"}, ["03:04:05"]),
        ({"type": "binary", "value": "AQI="}, ["AQI="]),
        ({"type": "bigint", "value": "9007199254740993"}, [9007199254740993]),
    ],
)
def test_a_parameter_is_a_value_of_its_type(served: Served, parameter: object, shown: list[object]) -> None:
    with served.client() as client:
        reply = client.post("/v1/query", json={"sql": "SELECT ? AS a", "parameters": [parameter]})
    assert reply.status_code == 200, reply.text
    assert reply.json()["rows"] == [shown]


def test_parameters_filter_what_is_visible(served: Served) -> None:
    asked = {"sql": "SELECT score FROM clinic.visit WHERE code = $1", "parameters": ["I10"]}
    with served.client() as client:
        assert client.post("/v1/query", json=asked).json()["rows"] == [[2]]
        hidden = client.post("/v1/query", json={**asked, "parameters": ["SECRETCODE"]})
    assert hidden.json()["rows"] == []


@pytest.mark.parametrize(
    "parameters",
    [
        [{"type": "date", "value": "SECRETVALUE"}],
        [{"type": "nonsense", "value": "1"}],
        [{"type": "decimal", "value": "1e50"}],
        [[1]],
        {"a": 1},
        [],
        [1, 2],
    ],
)
def test_a_parameter_that_does_not_fit_is_refused(served: Served, parameters: object) -> None:
    with served.client() as client:
        reply = client.post("/v1/query", json={"sql": "SELECT ? AS a", "parameters": parameters})
    assert reply.status_code in {400, 403}
    assert "SECRET" not in reply.text


def in_background(work: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    """Start a piece of work; its result, or what it raised, is in the list when the thread has ended."""
    results: list[Any] = []

    def run() -> None:
        try:
            results.append(work())
        except httpx.HTTPError as error:
            results.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, results


def until(holds: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Wait for something, a while."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def running(served: Served) -> int:
    return len(served.context.gateway._running)


def test_a_client_cancels_its_own_statement_by_its_own_id(served: Served) -> None:
    name = uuid.uuid4().hex
    with served.client() as client, served.client() as other:
        thread, results = in_background(lambda: client.post("/v1/query", json={**LONG, "id": name}))
        assert until(lambda: running(served) == 1)
        assert other.delete(f"/v1/statements/{name}").status_code == 204
        thread.join(5)
    [reply] = results
    assert (reply.status_code, reply.json()["error"]["code"]) == (409, "statement-cancelled")
    assert running(served) == 0


def test_nobody_cancels_a_statement_of_another(served: Served) -> None:
    accounts = served.context.identities.accounts
    accounts.add("eve", None, by="test")
    token, _ = accounts.make_token("eve", 1, by="test")
    name = uuid.uuid4().hex
    with served.client() as client, served.client(token) as eve:
        thread, _ = in_background(lambda: client.post("/v1/query", json={**LONG, "id": name}))
        assert until(lambda: running(served) == 1)
        [statement_id] = served.context.gateway._running
        others = [eve.delete(f"/v1/statements/{each}") for each in (name, statement_id, uuid.uuid4().hex)]
        assert {each.status_code for each in others} == {404}
        assert len({each.content for each in others}) == 1
        assert running(served) == 1
        assert client.delete(f"/v1/statements/{name}").status_code == 204
        thread.join(5)


def test_a_client_that_goes_away_ends_its_statement(served: Served) -> None:
    with served.client() as client, pytest.raises(httpx.ReadTimeout):
        client.post("/v1/query", json=LONG, timeout=0.5)
    assert until(lambda: running(served) == 0, 2.0)


def test_a_client_that_goes_away_ends_its_stream(served: Served) -> None:
    with served.client() as client:
        with client.stream("POST", "/v1/query", json=WIDE, headers=ARROW) as reply:
            body = reply.iter_raw()
            assert len(next(body)) > 0
            assert running(served) == 1
        assert until(lambda: running(served) == 0, 3.0)
    audit = served.context.gateway.lake.audit
    assert until(lambda: audit.records(limit=1)[0].kind == "query.finished")
    assert audit.records(limit=1)[0].details["outcome"] != "complete"


def test_a_slow_reader_holds_the_stream_back(served: Served) -> None:
    with served.client() as client, client.stream("POST", "/v1/query", json=WIDE, headers=ARROW) as reply:
        body = reply.iter_raw()
        next(body)
        time.sleep(0.3)
        assert list(served.context.gateway._running) == [reply.headers["x-lakeward-statement"]]
        assert 'lakeward_statements_running{door="http"} 1.0' in served.context.metrics.text().decode()
    assert until(lambda: running(served) == 0, 3.0)


@pytest.mark.parametrize("end", ["token", "user"])
def test_what_runs_ends_within_a_second_of_a_revocation(served: Served, end: str) -> None:
    accounts = served.context.identities.accounts
    name = f"lin-{end}"
    accounts.add(name, None, by="test")
    token, made = accounts.make_token(name, 1, by="test")
    with served.client(token) as client:
        thread, results = in_background(lambda: client.post("/v1/query", json=LONG))
        assert until(lambda: running(served) == 1)
        if end == "token":
            accounts.revoke_token(name, made.id, by="test")
        else:
            accounts.revoke(name, by="test")
        revoked = time.monotonic()
        thread.join(5)
        assert time.monotonic() - revoked < 1.2
    assert results[0].status_code == 401


def test_a_stream_that_is_ended_shows_that_it_is_not_whole(served: Served) -> None:
    accounts = served.context.identities.accounts
    accounts.add("max", None, by="test")
    token, made = accounts.make_token("max", 1, by="test")
    with (
        served.client(token) as client,
        client.stream("POST", "/v1/query", json=WIDE, headers=ARROW) as reply,
    ):
        body = reply.iter_raw()
        received = [next(body)]
        accounts.revoke_token("max", made.id, by="test")
        with pytest.raises(httpx.RemoteProtocolError):
            received.extend(body)
    assert not b"".join(received).endswith(END_OF_STREAM)


def test_a_failure_after_the_first_rows_ends_the_stream(served: Served) -> None:
    failing = {
        "sql": "SELECT CASE WHEN range = 3000000 THEN CAST('x' AS INT) ELSE 1 END AS a FROM range(4000000)"
    }
    with served.client() as client, client.stream("POST", "/v1/query", json=failing, headers=ARROW) as reply:
        if reply.status_code == 200:
            with pytest.raises(httpx.RemoteProtocolError):
                reply.read()
        else:
            assert reply.status_code == 400


def test_a_stopping_door_drains_then_cancels(served: Served) -> None:
    context = context_of(served.context.gateway.lake, [])
    door = HttpDoor(context, "127.0.0.1", 0)
    host, port = door.start()
    with served.client() as client:
        url = f"http://{host}:{port}/v1/query"
        thread, results = in_background(lambda: client.post(url, json=LONG))
        assert until(lambda: len(context.gateway._running) == 1)
        began = time.monotonic()
        door.stop(1.0)
        assert 0.9 < time.monotonic() - began < 4.0
        thread.join(5)
    [reply] = results
    assert (reply.status_code, reply.json()["error"]["code"]) == (503, "gateway-closing")
    assert len(context.gateway._running) == 0
    context.gateway.close()
