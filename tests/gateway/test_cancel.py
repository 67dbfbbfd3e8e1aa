"""A statement ends when somebody says so: before, while and after it runs."""

import threading
import time
from collections.abc import Iterator

import pyarrow as pa
import pytest

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import init_lake
from lakeward.catalog.names import TableName
from lakeward.gateway.cancellation import Cancellation
from lakeward.gateway.errors import StatementCancelledError
from lakeward.gateway.service import Gateway, open_gateway
from lakeward.gateway.session import Session

POLICY = """
version: 1
roles: {researcher: {members: [ada]}}
purposes: [research]
grants:
  - id: research
    to: [researcher]
    tables: ["clinic.*"]
    columns: [{tags: [sensitivity.none], mask: clear}]
"""
FOREVER = "SELECT count(*) FROM range(10000000000) a, range(10000) b"


@pytest.fixture
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A table of 300,000 numbers."""
    lake = init_lake(tmp_path_factory.mktemp("cancel") / "lake")
    rows = pa.table({"n": range(300_000)})
    tags = {"n": ["sensitivity.none"]}
    write_batches(lake, TableName("clinic", "n"), rows.to_reader(), mode="create", tags=tags, actor="test")
    (lake.root / "policies" / "clinic.yaml").write_text(POLICY, encoding="utf-8")
    with open_gateway(lake) as opened:
        yield opened


@pytest.fixture
def ada(gateway: Gateway) -> Session:
    """Ada's session."""
    return gateway.session("ada", "research")


def last_outcome(gateway: Gateway) -> str:
    """How the last statement ended."""
    last = gateway.lake.audit.records(limit=1)[0]
    assert last.kind == "query.finished"
    return str(last.details["outcome"])


def test_cancelled_between_rows(gateway: Gateway, ada: Session) -> None:
    answer = gateway.execute(ada, "SELECT n FROM clinic.n")
    next(answer.batches)
    assert gateway.cancel(answer.statement_id)
    with pytest.raises(StatementCancelledError):
        answer.table()
    assert last_outcome(gateway) == "statement-cancelled"
    assert not gateway.cancel(answer.statement_id)
    answer.cancel()


def test_cancelled_while_the_engine_computes(gateway: Gateway, ada: Session) -> None:
    ending = Cancellation()
    threading.Timer(0.3, ending.cancel).start()
    started = time.monotonic()
    with pytest.raises(StatementCancelledError):
        gateway.execute(ada, FOREVER, cancellation=ending).table()
    assert time.monotonic() - started < 3
    assert last_outcome(gateway) == "statement-cancelled"
    assert gateway.execute(ada, "SELECT count(*) AS n FROM clinic.n").table().to_pylist() == [{"n": 300_000}]


def test_cancelled_before_it_runs(gateway: Gateway, ada: Session) -> None:
    ending = Cancellation()
    ending.cancel()
    with pytest.raises(StatementCancelledError):
        gateway.execute(ada, FOREVER, cancellation=ending)
    assert last_outcome(gateway) == "statement-cancelled"
