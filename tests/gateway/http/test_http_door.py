"""The HTTP door: governed answers in two forms, one error form, and nothing for strangers."""

import json
import socket
import ssl
import time
from pathlib import Path

import httpx
import pytest
from tests.gateway.clinic import PASSWORD
from tests.gateway.http.served import Served, arrow

from lakeward.gateway.doors.door import PlaintextRefusedError
from lakeward.gateway.doors.http import HttpDoor
from lakeward.gateway.doors.http.protocol import BoundedProtocol

ARROW = {"accept": "application/vnd.apache.arrow.stream"}
SQL = {"sql": "SELECT code, score FROM clinic.visit ORDER BY code"}
ROWS = [{"code": "C50", "score": 1}, {"code": "I10", "score": 2}]


def test_rows_come_as_arrow(served: Served) -> None:
    with served.client() as client:
        reply = client.post("/v1/query", json=SQL, headers=ARROW)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == ARROW["accept"]
    assert arrow(reply.content).to_pylist() == ROWS
    assert len(reply.headers["x-lakeward-statement"]) == 32


def test_rows_come_as_json(served: Served) -> None:
    with served.client() as client:
        reply = client.post("/v1/query", json=SQL)
    assert reply.headers["content-type"] == "application/json"
    assert [column["name"] for column in reply.json()["columns"]] == ["code", "score"]
    assert reply.json()["rows"] == [["C50", 1], ["I10", 2]]


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT 1 AS a WHERE FALSE", []),
        (
            "SELECT 'NaN'::DOUBLE AS a, 'inf'::DOUBLE AS b, 1.50::DECIMAL(9,2) AS c",
            [["NaN", "Infinity", "1.50"]],
        ),
        (
            "SELECT DATE '2026-01-02' AS a, TIMESTAMP '2026-01-02 03:04:05' AS b",
            [["2026-01-02", "2026-01-02T03:04:05"]],
        ),
        ("SELECT NULL::INTEGER AS a, [1, NULL] AS b, {'x': 1.5} AS c", [[None, [1, None], {"x": "1.5"}]]),
        ("SELECT DATE '20000-01-01' AS a", None),
        (
            "SELECT [TIMESTAMP '20000-01-01'] AS a, {'x': [TIMESTAMP '20000-01-01']} AS b",
            [[["20000-01-01 00:00:00.000000"], {"x": ["20000-01-01 00:00:00.000000"]}]],
        ),
        ("SELECT row(1, 'a') AS a, [row(2)] AS b", [[{"f1": 1, "f2": "a"}, [{"f1": 2}]]]),
    ],
)
def test_json_has_a_form_for_every_value(served: Served, sql: str, rows: list[object] | None) -> None:
    with served.client() as client:
        reply = client.post("/v1/query", json={"sql": sql})
    assert reply.status_code == 200, reply.text
    assert rows is None or reply.json()["rows"] == rows


def test_a_name_and_password_come_in_too(served: Served) -> None:
    reply = httpx.post(
        f"{served.url}/v1/query", json=SQL, auth=("ada", PASSWORD), headers={"x-lakeward-purpose": "research"}
    )
    assert reply.status_code == 200


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer nonsense",
        "Basic",
        "Basic !!",
        "Basic YWRh",
        "Basic YWRhOndyb25n",
        "Digest x",
        "\x07",
    ],
)
def test_strangers_hear_one_text(served: Served, authorization: str | None) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    reply = httpx.post(f"{served.url}/v1/query", json=SQL, headers=headers)
    assert reply.status_code in {400, 401} if authorization == "\x07" else reply.status_code == 401
    if reply.status_code == 401:
        assert reply.json()["error"]["code"] == "unauthenticated"
        assert reply.json()["error"]["message"] == "Sign-in failed."
        assert "Basic" in reply.headers["www-authenticate"]


def test_what_is_hidden_and_what_is_not_there_read_alike(served: Served) -> None:
    with served.client() as client:
        replies = [
            client.post("/v1/query", json={"sql": f"SELECT * FROM clinic.{table}"})
            for table in ("hidden", "nothing")
        ]
    assert replies[0].status_code == replies[1].status_code == 403
    assert replies[0].content.replace(b"clinic.hidden", b"clinic.nothing") == replies[1].content


@pytest.mark.parametrize("purpose", [None, "curiosity"])
def test_a_purpose_is_needed(served: Served, purpose: str | None) -> None:
    with served.client(purpose=purpose) as client:
        reply = client.post("/v1/query", json=SQL)
    assert (reply.status_code, reply.json()["error"]["code"]) == (403, "no-purpose")
    assert "X-Lakeward-Purpose" in reply.json()["error"]["hint"]


def test_the_purpose_is_recorded(served: Served) -> None:
    with served.client() as client:
        name = client.post("/v1/query", json=SQL).headers["x-lakeward-statement"]
    records = served.context.gateway.lake.audit.records(limit=5, kind="query")
    assert [each.purpose for each in records if each.details["statement_id"] == name] == ["research"]


def test_tables_are_those_that_show_something(served: Served) -> None:
    with served.client() as client:
        listed = client.get("/v1/tables").json()["tables"]
    assert [each["name"] for each in listed] == ["clinic.visit"]
    assert [each["name"] for each in listed[0]["columns"]] == ["site", "code", "score"]
    with served.client(purpose="quality") as client:
        assert client.get("/v1/tables").json() == {"tables": []}


def test_explain_tells_the_decision(served: Served) -> None:
    with served.client() as client:
        told = client.post("/v1/explain", json=SQL).json()
    assert told["way"] == "fused"
    assert told["sql"] is None
    assert "SECRET" not in json.dumps(told)


def test_who_lists_tables_or_asks_what_would_be_decided_leaves_a_record(served: Served) -> None:
    audit = served.context.gateway.lake.audit
    with served.client() as client:
        client.get("/v1/tables")
        [listed] = audit.records(limit=1)
        client.post("/v1/explain", json={"sql": "SELECT code FROM clinic.visit WHERE site = 'SECRETSITE'"})
        [explained] = audit.records(limit=1)
    assert (listed.kind, listed.principal, listed.purpose) == ("catalog", "ada", "research")
    assert (explained.kind, explained.principal, explained.purpose) == ("explain", "ada", "research")
    assert [each["table"] for each in explained.details["tables"]] == ["clinic.visit"]
    assert "SECRETSITE" not in json.dumps(dict(explained.details))


def test_explain_takes_parameters_as_the_query_does(served: Served) -> None:
    asked = {"sql": "SELECT code FROM clinic.visit WHERE score = ? AND site = ?", "parameters": [1, "H1"]}
    with served.client() as client:
        assert client.post("/v1/explain", json=asked).json()["way"] == "fused"
        told = client.post("/v1/explain", json={**asked, "parameters": [1]}).json()
        assert told["way"] is None
        wrong = client.post(
            "/v1/explain", json={**asked, "parameters": [1, {"type": "x", "value": "SECRET"}]}
        )
    assert wrong.status_code == 400
    assert "SECRET" not in wrong.text


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"[]", {}, 400),
        (b'{"sql": 1}', {}, 400),
        (b'{"sql": ""}', {}, 400),
        (b'{"sql": "SELECT 1", "SECRETFIELD": 1}', {}, 400),
        (b'{"sql": "SELECT 1", "id": "../x"}', {}, 400),
        (b'{"sql": "SELECT 1", "parameters": [NaN]}', {}, 400),
        (b"[" * 100_000, {}, 400),
        (b"\xff\xfe", {}, 400),
        (b'{"sql": "SELECT 1"}', {"content-type": "text/plain"}, 415),
        (b'{"sql": "SELECT 1"}', {"accept": "text/html"}, 406),
        (b'{"sql": "' + b"x" * (1 << 20) + b'"}', {}, 413),
    ],
)
def test_what_is_no_query_is_refused(
    served: Served, content: bytes, headers: dict[str, str], status: int
) -> None:
    with served.client() as client:
        reply = client.post(
            "/v1/query", content=content, headers={"content-type": "application/json", **headers}
        )
    assert reply.status_code == status
    assert set(reply.json()["error"]) == {"code", "message", "hint"}
    assert "SECRET" not in reply.text


def test_a_failed_statement_quotes_nothing(served: Served) -> None:
    with served.client() as client:
        reply = client.post("/v1/query", json={"sql": "SELECT CAST(code AS DATE) FROM clinic.visit"})
    assert reply.status_code == 400
    assert "C50" not in reply.text


def test_other_paths_and_methods_have_the_same_form(served: Served) -> None:
    for method, path, status in (
        ("GET", "/v1/query", 405),
        ("GET", "/nothing", 404),
        ("PUT", "/v1/tables", 405),
    ):
        reply = httpx.request(method, served.url + path)
        assert reply.status_code == status
        assert reply.json()["error"]["code"] == "invalid-request"


def test_health_readiness_and_metrics_are_open_and_name_nobody(served: Served) -> None:
    assert httpx.get(f"{served.url}/health").status_code == 200
    assert httpx.get(f"{served.url}/ready").json() == {"status": "ready"}
    served.context.readiness.is_open = False
    try:
        assert httpx.get(f"{served.url}/ready").status_code == 503
    finally:
        served.context.readiness.is_open = True
    with served.client() as client:
        client.post("/v1/query", json=SQL)
    counted = httpx.get(f"{served.url}/metrics").text
    assert 'lakeward_statements_total{door="http",outcome="complete"}' in counted
    assert not {"ada", "visit", "research", "code"} & set(counted.replace('"', " ").split())


def test_the_log_holds_no_sql_no_value_and_no_secret(served: Served) -> None:
    with served.client() as client:
        client.post("/v1/query", json={"sql": "SELECT 'SECRETLITERAL' AS a FROM clinic.visit"})
        client.post("/v1/query", json={"sql": "SELECT SECRETLITERAL FROM"})
    httpx.post(f"{served.url}/v1/query", json=SQL, auth=("ada", "SECRETPASSWORD"))
    text = "".join(served.lines)
    assert '"event": "statement"' in text
    assert "SECRET" not in text
    assert "SELECT" not in text
    assert served.token not in text


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_tls_is_verified_and_old_versions_are_refused(with_tls: tuple[str, Path], served: Served) -> None:
    url, certificate = with_tls
    trusting = ssl.create_default_context(cafile=str(certificate))
    headers = {"authorization": f"Bearer {served.token}", "x-lakeward-purpose": "research"}
    assert httpx.post(f"{url}/v1/query", json=SQL, headers=headers, verify=trusting).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/health")
    host, port = url.removeprefix("https://").split(":")
    old = ssl.create_default_context(cafile=str(certificate))
    old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")  # or the client itself would not begin
    with socket.create_connection((host, int(port))) as plain, pytest.raises(ssl.SSLError):
        old.wrap_socket(plain, server_hostname=host)


def test_plaintext_is_for_loopback_alone(served: Served) -> None:
    with pytest.raises(PlaintextRefusedError):
        HttpDoor(served.context, "0.0.0.0", 0)  # noqa: S104  that is the point


def test_a_connection_too_many_is_refused_with_a_hint(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    protocol = served.door._server.config.http_protocol_class
    assert issubclass(protocol, BoundedProtocol)
    monkeypatch.setattr(protocol, "most_connections", 0)
    reply = httpx.get(f"{served.url}/health")
    assert (reply.status_code, reply.json()["error"]["code"]) == (503, "overloaded")
    assert reply.headers["retry-after"]


def test_who_says_nothing_is_sent_away(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lakeward.gateway.doors.http.protocol.SECONDS_TO_ASK", 0.2)
    host, port = served.url.removeprefix("http://").split(":")
    for said in (b"", b"GET /health HTTP/1.1\r\nhost: x\r\n"):
        with socket.create_connection((host, int(port)), timeout=5.0) as connection:
            connection.sendall(said)
            began = time.monotonic()
            assert connection.recv(1000) == b""
            assert time.monotonic() - began < 3.0


def test_no_piece_of_an_answer_waits_for_the_acknowledgement_of_the_one_before(served: Served) -> None:
    [listening] = served.door._server.servers[0].sockets
    assert listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
