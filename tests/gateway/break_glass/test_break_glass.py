"""Emergency access over a real lake: what it opens, what it records, who is told, and how it ends."""

import datetime as dt
import http.server
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest
from sqlalchemy import update
from tests.gateway.clinic import PASSWORD, context_of
from tests.gateway.postgres.served import close_door, served_by

from lakeward.catalog.audit import AuditUnavailableError
from lakeward.catalog.config import InvalidConfigError
from lakeward.catalog.errors import DeniedError, LakewardError
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake, open_lake
from lakeward.catalog.names import TableName
from lakeward.catalog.store.schema import break_glass_request
from lakeward.gateway.break_glass.errors import (
    GlassEndedError,
    GlassRefusedError,
    GlassTooLongError,
    MayNotReviewError,
    NoReasonError,
    NotReviewableError,
    UnknownGlassRequestError,
)
from lakeward.gateway.break_glass.report import glass_uses
from lakeward.gateway.break_glass.requests import BreakGlass, GlassRequest, Outcome
from lakeward.gateway.break_glass.watch import GlassWatch
from lakeward.gateway.cancellation import Cancellation
from lakeward.gateway.service import Gateway, open_gateway
from lakeward.gateway.visible import visible_tables
from lakeward.policies.principal import BrokenGlass, Principal, RequestContext

VISIT = TableName("clinic", "visit")
REASON = "unconscious in the emergency room; SECRET Jane"
SQL = "SELECT name FROM clinic.visit ORDER BY name"
POLICY = """
version: 1
roles:
  clinician: {members: [grace]}
  researcher: {members: [ada]}
  officer: {members: [heidi]}
purposes: [treatment, research]
grants:
  - {id: usual, to: [clinician, researcher], tables: ["clinic.*"], columns: [{tags: [health], mask: clear}]}
  - id: emergency
    to: [clinician, officer]
    purposes: [treatment]
    tables: ["clinic.*"]
    columns: [{tags: [health, phi.name], mask: clear}]
    break_glass: {minutes: 60}
rights:
  - {id: review, to: [officer], may: [break_glass.review]}
"""


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    """Visits whose names only an emergency shows."""
    made = init_lake(tmp_path / "lake")
    table = pa.table({"name": ["Ann", "Bob"], "code": ["C50", "I10"]})
    tags = {"name": ["phi.name"], "code": ["health"]}
    write_batches(made, VISIT, table.to_reader(), tags=tags, actor="eve")
    (made.policies_dir / "p.yaml").write_text(POLICY)
    yield made
    made.close()


@pytest.fixture
def gateway(lake: Lake) -> Iterator[Gateway]:
    with open_gateway(lake) as opened:
        yield opened


def ask(
    gateway: Gateway, who: str = "grace", purpose: str = "treatment", grant: str = "emergency",
    *, reason: str = REASON, minutes: int | None = None,
) -> GlassRequest:  # fmt: skip
    context = RequestContext(principal=Principal(name=who), purpose=purpose, now=dt.datetime.now(dt.UTC))
    policies = gateway.policies.current()
    return gateway.break_glass.request(context, policies, grant, reason=reason, minutes=minutes)


def review(gateway: Gateway, request: str, by: str, outcome: Outcome = "justified") -> GlassRequest:
    context = RequestContext(principal=Principal(name=by), purpose=None, now=dt.datetime.now(dt.UTC))
    return gateway.break_glass.review(request, context, gateway.policies.current(), outcome=outcome)


def names(gateway: Gateway, who: str = "grace", purpose: str = "treatment") -> list[str]:
    answer = gateway.execute(gateway.session(who, purpose), SQL)
    return [str(each) for each in answer.table().column("name").to_pylist()]


def test_it_opens_at_once_for_who_asked_and_for_nobody_else(gateway: Gateway) -> None:
    with pytest.raises(DeniedError):
        names(gateway)
    ask(gateway)
    assert names(gateway) == ["Ann", "Bob"]
    shown = {
        each.name
        for table in visible_tables(gateway, gateway.session("grace", "treatment"))
        for each in table.columns
    }
    assert shown == {"name", "code"}
    for who, purpose in (("grace", "research"), ("ada", "treatment"), ("heidi", "treatment")):
        with pytest.raises(DeniedError):
            names(gateway, who, purpose)


def test_a_session_cannot_bring_its_own(gateway: Gateway) -> None:
    now = dt.datetime.now(dt.UTC)
    forged = BrokenGlass(
        request_id="x",
        grant_id="emergency",
        purpose="treatment",
        since=now,
        until=now + dt.timedelta(hours=1),
    )
    for who in ("grace", "ada"):
        session = replace(gateway.session(who, "treatment"), glass=(forged,))
        with pytest.raises(DeniedError):
            gateway.execute(session, SQL)
        with pytest.raises(DeniedError):
            gateway.describe(session, SQL)
        told = gateway.explain(session, "SELECT * FROM clinic.visit")
        assert [each.grants for each in told.tables] == [("usual",)]


def test_what_waits_for_its_turn_while_it_ends_is_refused(gateway: Gateway) -> None:
    request = ask(gateway)
    session = gateway.session("grace", "treatment")
    session = replace(session, limits=replace(session.limits, statements=1))
    before = gateway.execute(session, SQL)
    with ThreadPoolExecutor(1) as thread:
        waits = thread.submit(gateway.execute, session, SQL)
        while not gateway.queue.state().waiting:
            time.sleep(0.02)
        gateway.break_glass.end(request.id, by="heidi", now=dt.datetime.now(dt.UTC))
        before.close()
        with pytest.raises(DeniedError):
            waits.result()


@pytest.mark.parametrize(
    ("who", "purpose", "grant"),
    [
        ("ada", "treatment", "emergency"),
        ("grace", "research", "emergency"),
        ("grace", "elsewhere", "emergency"),
        ("grace", "treatment", "usual"),
        ("grace", "treatment", "nothing"),
        ("nobody", "treatment", "emergency"),
    ],
)
def test_what_the_policies_do_not_give_is_one_refusal(
    gateway: Gateway, who: str, purpose: str, grant: str
) -> None:
    with pytest.raises(GlassRefusedError) as caught:
        ask(gateway, who, purpose, grant)
    assert caught.value.message == GlassRefusedError().message
    assert gateway.break_glass.all() == []


@pytest.mark.parametrize("reason", ["", "   ", "short", "x" * 1001, "a" + " " * 20 + "b"])
def test_it_needs_a_reason(gateway: Gateway, reason: str) -> None:
    with pytest.raises(NoReasonError):
        ask(gateway, reason=reason)
    assert gateway.break_glass.all() == []


@pytest.mark.parametrize("minutes", [0, -5, 61, 10**9])
def test_it_takes_no_longer_than_the_policies_allow(gateway: Gateway, minutes: int) -> None:
    with pytest.raises(GlassTooLongError):
        ask(gateway, minutes=minutes)
    assert gateway.break_glass.all() == []


def test_what_cannot_be_recorded_does_not_count(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AuditUnavailableError

    with monkeypatch.context() as patched:
        patched.setattr(gateway.lake.audit, "append", fail)
        with pytest.raises(AuditUnavailableError):
            ask(gateway)
    with pytest.raises(DeniedError):
        names(gateway)


def test_every_query_under_it_carries_its_id(gateway: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    request = ask(gateway)
    names(gateway)
    gateway.execute(gateway.session("grace", "treatment"), "SELECT code FROM clinic.visit").table()
    gateway.execute(gateway.session("grace", "research"), "SELECT code FROM clinic.visit").table()
    with pytest.raises(DeniedError):
        gateway.execute(gateway.session("grace", "treatment"), "SELECT code FROM clinic.nothing")
    records = gateway.lake.audit.records()
    marked = [each.details.get("break_glass") for each in reversed(records) if each.kind == "query"]
    assert marked == [[request.id], [request.id], None]
    assert [each.details.get("break_glass") for each in records if each.kind == "denial"] == [[request.id]]
    (asked,) = [each for each in records if each.kind == "break-glass.requested"]
    assert (asked.principal, asked.purpose, asked.details["grant"]) == ("grace", "treatment", "emergency")
    notice = json.loads(capsys.readouterr().err)
    assert notice["event"] == "break-glass-requested"
    for told in (str(records), str(notice)):
        assert "SECRET" not in told
        assert "Ann" not in told


def test_what_it_shows_of_the_catalog_carries_its_id(lake: Lake) -> None:
    served = served_by(context_of(lake, []))
    try:
        served.context.identities.accounts.add("grace", PASSWORD, by="test")
        options = "-c lakeward.purpose=treatment"
        with psycopg.connect(**served.parameters("grace", options), autocommit=True) as client:
            request = ask(served.context.gateway)
            client.execute("SELECT attname FROM pg_attribute")
            client.execute("SELECT typname FROM pg_type")
        records = [each for each in lake.audit.records(limit=10) if each.kind == "catalog"]
        assert [each.details.get("break_glass") for each in records] == [None, [request.id]]
    finally:
        close_door(served)


def test_it_ends_at_the_next_statement_and_never_begins_again(gateway: Gateway) -> None:
    request = ask(gateway)
    assert names(gateway) == ["Ann", "Bob"]  # the plan is kept now
    gateway.break_glass.end(request.id, by="heidi", now=dt.datetime.now(dt.UTC))
    with pytest.raises(DeniedError):
        names(gateway)
    again = ask(gateway)
    assert again.id != request.id
    assert names(gateway) == ["Ann", "Bob"]


def test_it_ends_by_itself(gateway: Gateway) -> None:
    request = ask(gateway, minutes=1)
    assert names(gateway)
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)
    _reseal(gateway, request, soon)
    assert names(gateway)
    time.sleep(1.1)
    with pytest.raises(DeniedError):
        names(gateway)
    assert gateway.break_glass.find(request.id).state(dt.datetime.now(dt.UTC)) == "ended"


def _reseal(gateway: Gateway, request: GlassRequest, until: dt.datetime) -> None:
    """Let the request end sooner, with the lake's own key."""
    names_ = ("id", "grant_id", "principal", "purpose", "reason", "requested_at")
    values = {each: getattr(request, each) for each in names_} | {
        "until": until.isoformat(timespec="microseconds")
    }
    changes = {"until": values["until"], "seal": gateway.break_glass._seal.of(values)}
    with gateway.lake.store.writing() as connection:
        connection.execute(update(break_glass_request).values(**changes))


@pytest.mark.parametrize("how", ["time", "end", "policy", "seal"])
def test_what_runs_under_it_is_cancelled_within_a_second(gateway: Gateway, how: str) -> None:
    request = ask(gateway)
    answer = gateway.execute(
        gateway.session("grace", "treatment"),
        "SELECT a.name FROM clinic.visit a, range(100000) b(i), range(100000) c(i)",
    )
    next(answer.batches)
    now = dt.datetime.now(dt.UTC)
    if how == "time":
        _reseal(gateway, request, now + dt.timedelta(seconds=0.3))
    elif how == "end":
        gateway.break_glass.end(request.id, by="heidi", now=now)
    elif how == "policy":
        (gateway.lake.policies_dir / "p.yaml").write_text(
            POLICY.replace("to: [clinician, officer]", "to: [officer]")
        )
    else:
        _change(gateway, seal="0" * 64)
    began = time.monotonic()
    with pytest.raises(GlassEndedError):
        any(time.monotonic() - began > 5 for _ in answer.batches)
    assert time.monotonic() - began < 2
    assert [each.details["outcome"] for each in gateway.lake.audit.records(kind="query.finished")] == [
        "break-glass-ended"
    ]


def _change(gateway: Gateway, **values: str) -> None:
    with gateway.lake.store.writing() as connection:
        connection.execute(update(break_glass_request).values(**values))


@pytest.mark.parametrize(
    "change",
    [
        {"until": "2999-01-01T00:00:00.000000+00:00"},
        {"principal": "ada"}, {"purpose": "research"}, {"grant_id": "other"}, {"reason": "another reason"},
        {"seal": ""},
    ],
    ids=str,
)  # fmt: skip
def test_a_row_that_was_changed_does_not_count(gateway: Gateway, change: dict[str, str]) -> None:
    request = ask(gateway)
    _change(gateway, **change)
    with pytest.raises(DeniedError):
        names(gateway)
    assert gateway.break_glass.find(request.id).state(dt.datetime.now(dt.UTC)) == "forged"


def test_an_end_that_was_taken_back_counts(gateway: Gateway) -> None:
    request = ask(gateway)
    other = ask(gateway)
    gateway.break_glass.end(request.id, by="eve", now=dt.datetime.now(dt.UTC))
    assert names(gateway)
    gateway.break_glass.end(other.id, by="eve", now=dt.datetime.now(dt.UTC))
    with gateway.lake.store.writing() as connection:
        connection.execute(update(break_glass_request).values(ended_at=None))
    with pytest.raises(DeniedError):
        names(gateway)


def test_a_document_that_allows_less_counts_for_what_was_asked_before(gateway: Gateway) -> None:
    ask(gateway)
    assert names(gateway)
    (gateway.lake.policies_dir / "p.yaml").write_text(
        POLICY.replace("    break_glass: {minutes: 60}\n", "    until: 2020-01-01\n")
    )
    time.sleep(0.4)
    with pytest.raises(DeniedError):
        names(gateway)


def test_a_store_that_cannot_be_asked_opens_nothing(gateway: Gateway) -> None:
    ask(gateway)
    session = gateway.session("grace", "treatment")
    with gateway.lake.store.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE break_glass_request RENAME TO away")
    with pytest.raises(LakewardError):
        gateway.execute(session, SQL)


def test_a_review_comes_after_and_from_somebody_else(gateway: Gateway) -> None:
    request = ask(gateway)
    names(gateway)
    with pytest.raises(MayNotReviewError):
        review(gateway, request.id, "ada")
    with pytest.raises(UnknownGlassRequestError):
        review(gateway, "nothing", "heidi")
    with pytest.raises(NotReviewableError, match="still counts"):
        review(gateway, request.id, "heidi")
    gateway.break_glass.end(request.id, by="grace", now=dt.datetime.now(dt.UTC))
    done = review(gateway, request.id, "heidi", "unjustified")
    assert (done.outcome, done.reviewed_by) == ("unjustified", "heidi")
    with pytest.raises(NotReviewableError, match="has been reviewed"):
        review(gateway, request.id, "heidi")
    own = ask(gateway, "heidi")
    gateway.break_glass.end(own.id, by="heidi", now=dt.datetime.now(dt.UTC))
    with pytest.raises(NotReviewableError, match="own"):
        review(gateway, own.id, "heidi")
    uses = glass_uses(gateway.break_glass.all(), gateway.lake.audit.records(), dt.datetime.now(dt.UTC))
    told = [
        (each.request.principal, each.is_unreviewed, each.statements, each.rows, each.tables) for each in uses
    ]
    assert told == [("heidi", True, 0, 0, set()), ("grace", False, 1, 2, {"clinic.visit"})]


def _with_settings(lake: Lake, settings: str) -> Lake:
    path = lake.root / "lakeward.toml"
    path.write_text(path.read_text() + f"\n[gateway.break_glass]\n{settings}\n")
    return open_lake(lake.root)


def test_a_command_and_a_webhook_are_told_and_it_is_recorded(lake: Lake, tmp_path: Path) -> None:
    heard: list[bytes] = []

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with http.server.HTTPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        file = tmp_path / "told"
        url = f"http://127.0.0.1:{server.server_port}/"
        told = _with_settings(lake, f'command = ["tee", "{file}"]\nurl = "{url}"')
        with open_gateway(told) as gateway:
            request = ask(gateway)
        server.shutdown()
    assert json.loads(file.read_text()) == json.loads(heard[0])
    notice = json.loads(heard[0])
    assert notice["id"] == request.id
    assert set(notice) == {"event", "lake", "id", "grant_id", "principal", "purpose", "requested_at", "until"}
    delivered = {
        each.details["by"]: each.details["delivered"]
        for each in told.audit.records(kind="break-glass.notified")
    }
    assert delivered == {"command": True, "url": True}
    told.close()


def test_a_notice_that_is_not_delivered_is_recorded_and_holds_nothing_up(lake: Lake) -> None:
    told = _with_settings(lake, 'command = ["/no/such/program"]\nurl = "http://127.0.0.1:1/"\nseconds = 1')
    with open_gateway(told) as gateway:
        ask(gateway)
        assert names(gateway) == ["Ann", "Bob"]
    delivered = [each.details["delivered"] for each in told.audit.records(kind="break-glass.notified")]
    assert delivered == [False, False]
    told.close()


def test_an_answer_to_a_notice_that_is_no_http_holds_nothing_up(lake: Lake) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            client, _ = server.accept()
            with client:
                client.recv(1 << 16)
                client.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

        threading.Thread(target=answer, daemon=True).start()
        told = _with_settings(lake, f'url = "http://127.0.0.1:{server.getsockname()[1]}/"')
        with open_gateway(told) as gateway:
            ask(gateway)
    assert [each.details["delivered"] for each in told.audit.records(kind="break-glass.notified")] == [False]


@pytest.mark.parametrize(
    "url", ["http://example.org/", "file:///etc/passwd", "https:///", "ftp://127.0.0.1/"]
)
def test_a_webhook_is_https_or_near(lake: Lake, url: str) -> None:
    opened = _with_settings(lake, f'url = "{url}"')
    with pytest.raises(InvalidConfigError):
        BreakGlass(opened)
    opened.close()


def test_what_cannot_be_known_ends_what_runs_under_it() -> None:
    def unknown() -> bool:
        raise OSError

    ending, ended = Cancellation(), threading.Event()
    ending.on_cancel(ended.set)
    GlassWatch(unknown, ending)
    assert ended.wait(30)
    assert isinstance(ending.why, GlassEndedError)
