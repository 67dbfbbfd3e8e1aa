"""What runs is decided on again: who may read it no more is ended, and so is what cannot be decided."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from tests.gateway.clinic import ROWS, make_clinic, write_policy

from lakeward.catalog.erasure.erase import erase_subject
from lakeward.catalog.erasure.subject import find_subject
from lakeward.catalog.errors import DeniedError
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.names import TableName
from lakeward.catalog.tags import set_tag
from lakeward.gateway.answer import Answer
from lakeward.gateway.doors.metrics import Metrics
from lakeward.gateway.errors import RevokedError
from lakeward.gateway.policy_watch import PolicyWatch
from lakeward.gateway.service import Gateway, open_gateway
from lakeward.gateway.session import Session

LOOK = PolicyWatch._look
VISIT = TableName("clinic", "visit")
POLICY = """
version: 1
roles: {researcher: {members: [ada]}}
purposes: [research]
grants:
  - {id: codes, to: [researcher], tables: [clinic.visit], columns: [{tags: [health], mask: clear}]}
"""


@pytest.fixture
def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """A gateway that decides again only when a test says so."""
    monkeypatch.setattr(PolicyWatch, "_look", lambda _watch: None)
    with open_gateway(make_clinic(tmp_path / "lake", POLICY)) as opened:
        yield opened


@pytest.fixture(params=[None, "main"], ids=["now", "of a branch"])
def running(gateway: Gateway, request: pytest.FixtureRequest) -> Iterator[Answer]:
    """A statement that has lasted, over the table as it is or over a snapshot."""
    session = gateway.session("ada", "research")
    answer = gateway.execute(session, "SELECT code FROM clinic.visit", at=request.param)
    assert goes_on(gateway, answer)
    yield answer
    answer.close()


def goes_on(gateway: Gateway, answer: Answer) -> bool:
    watch = gateway._revocations
    return watch._goes_on(watch._watched[answer.statement_id], at_tags=True)


def test_what_nothing_has_changed_for_goes_on(gateway: Gateway, running: Answer) -> None:
    assert goes_on(gateway, running)
    write_batches(gateway.lake, VISIT, pa.table(ROWS).to_reader(), mode="append", tags={}, actor="test")
    set_tag(gateway.lake, VISIT, "code", "cfr202.health", actor="test")
    assert goes_on(gateway, running)


def test_a_tag_that_hides_a_column_ends_it(gateway: Gateway, running: Answer) -> None:
    set_tag(gateway.lake, VISIT, "code", "phi.name", actor="test")
    assert not goes_on(gateway, running)


def test_rows_that_are_erased_end_it(gateway: Gateway, running: Answer) -> None:
    someone = find_subject(gateway.lake, VISIT, "patient = 'p1'", ["patient"])
    erase_subject(gateway.lake, someone, actor="eve", reason="her wish", release=True)
    assert not goes_on(gateway, running)
    session = gateway.session("ada", "research")
    with closing(gateway.execute(session, "SELECT code FROM clinic.visit")) as after:
        assert goes_on(gateway, after)


def test_what_cannot_be_decided_ends_it_and_the_watch_goes_on(
    gateway: Gateway, running: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_asked: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(gateway.lake, "pin", breaks)
    assert not goes_on(gateway, running)
    monkeypatch.undo()
    assert goes_on(gateway, running)


def test_an_engine_that_cannot_be_told_keeps_the_others_watched(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_asked: object) -> None:
        raise RuntimeError

    session, watch = gateway.session("ada", "research"), gateway._revocations
    answers = [gateway.execute(session, "SELECT code FROM clinic.visit") for _ in range(2)]
    answers[0]._cancellation.on_cancel(breaks)
    monkeypatch.setattr(gateway.lake, "pin", breaks)
    threading.Thread(target=LOOK, args=(watch,), daemon=True).start()
    until = time.monotonic() + 30
    while answers[1]._cancellation.why is None and time.monotonic() < until:
        time.sleep(0.05)
    watch.close()
    assert all(isinstance(each._cancellation.why, RevokedError) for each in answers)


def test_a_watch_that_could_not_be_started_is_started_by_the_next(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    session, watch = gateway.session("ada", "research"), gateway._revocations
    gateway._deadlines.add(3600, lambda: None)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(RuntimeError):
        gateway.execute(session, "SELECT code FROM clinic.visit")
    monkeypatch.undo()
    assert not watch._watched
    assert gateway.queue.state().running == 0
    gateway.execute(session, "SELECT code FROM clinic.visit").close()
    assert watch._thread is not None


def test_documents_that_do_not_hold_up_are_told_of(gateway: Gateway) -> None:
    session, audit, metrics = gateway.session("ada", "research"), gateway.lake.audit, Metrics()
    metrics.watch(gateway.queue, gateway.policies)
    assert "lakeward_policies_refused 0.0" in metrics.text().decode()
    write_policy(
        gateway.lake, POLICY.replace("roles:", 'restrictions: [{id: new, rows: "SECRET = ("}]\nroles:')
    )
    for _ in range(2):
        time.sleep(0.5)
        assert gateway.execute(session, "SELECT code FROM clinic.visit").table().num_rows
    audit.flush()
    [told] = audit.records(kind="policy.refused")
    assert "clinic.yaml:3" in str(told.details["faults"])
    assert "SECRET" not in str(told.details)
    assert "lakeward_policies_refused 1.0" in metrics.text().decode()
    write_policy(gateway.lake, POLICY)
    time.sleep(0.5)
    gateway.policies.current()
    assert "lakeward_policies_refused 0.0" in metrics.text().decode()


@pytest.mark.parametrize("ask", [Gateway.execute, Gateway.describe])
def test_what_has_waited_for_its_turn_is_decided_after_it(
    gateway: Gateway, ask: Callable[[Gateway, Session, str], object]
) -> None:
    session = gateway.session("ada", "research")
    session = replace(session, limits=replace(session.limits, statements=1))
    old, before = (
        gateway.policies.current().fingerprint,
        gateway.execute(session, "SELECT code FROM clinic.visit"),
    )
    with ThreadPoolExecutor(1) as thread:
        waits = thread.submit(ask, gateway, session, "SELECT code FROM clinic.visit")
        until(lambda: gateway.queue.state().waiting == 1)
        write_policy(gateway.lake, POLICY.replace("[health]", "[genomic]"))
        until(lambda: gateway.policies.current().fingerprint != old)
        before.close()
        with pytest.raises(DeniedError):
            waits.result()


def until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.02)
