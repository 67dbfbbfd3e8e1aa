"""What every engine does; one that does not pass this is not there."""

import datetime as dt
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa
import pytest
from sqlglot import exp, parse_one

from lakeward.catalog.errors import LakewardError
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake
from lakeward.catalog.names import TableName
from lakeward.catalog.tags import set_tag
from lakeward.gateway.answer import Answer
from lakeward.gateway.cancellation import Cancellation
from lakeward.gateway.errors import (
    EngineUnavailableError,
    FailedStatementError,
    LimitExceededError,
    RevokedError,
    StatementCancelledError,
    UnknownColumnError,
)
from lakeward.gateway.service import Gateway, open_gateway
from lakeward.gateway.session import Limits, Session
from lakeward.policies.principal import RequestContext

POLICY = """
version: 1
roles: {researcher: {members: [ada]}}
purposes: [research]
grants:
  - id: research
    to: [researcher]
    tables: ["clinic.*"]
    rows: "site = 'H1' AND n IN (SELECT n FROM clinic.consent)"
    columns:
      - {tags: [sensitivity.none, health], mask: clear}
      - {tags: [phi.mrn], mask: pseudonym}
"""
VISIT = TableName("clinic", "visit")
ROWS = 200_000
SHOWN = ROWS // 2
FOREVER = "SELECT count(*) FROM range(10000000000) a, range(10000) b"
STAGED = (
    "SELECT list_transform([code], lambda x: x || '!')[1] AS c, count(*) AS n FROM clinic.visit GROUP BY 1"
)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Visits of two sites, of which one shows, and the consents that a row filter reads."""
    made = init_lake(tmp_path_factory.mktemp("engines") / "lake")
    visits = pa.table(
        {
            "n": range(ROWS),
            "site": ["H1" if n % 2 == 0 else "HIDDEN" for n in range(ROWS)],
            "code": [f"C{n % 10}" if n % 2 == 0 else "HIDDEN" for n in range(ROWS)],
            "patient": [f"p{n % 7}" for n in range(ROWS)],
        }
    )
    tags = {
        "n": ["sensitivity.none"], "site": ["sensitivity.none"], "code": ["health"], "patient": ["phi.mrn"],
    }  # fmt: skip
    consent = TableName("clinic", "consent")
    write_batches(made, VISIT, visits.to_reader(), mode="create", tags=tags, actor="test")
    consents = pa.table({"n": range(ROWS)}).to_reader()
    write_batches(made, consent, consents, mode="create", tags={"n": ["sensitivity.none"]}, actor="test")
    (made.root / "policies" / "clinic.yaml").write_text(POLICY, encoding="utf-8")
    return made


@pytest.fixture(scope="module", params=["process", "workers"])
def gateway(lake: Lake, request: pytest.FixtureRequest) -> Iterator[Gateway]:
    """A gateway with each of the engines."""
    with open_gateway(lake, workers=request.param == "workers") as opened:
        yield opened


def ask(gateway: Gateway, sql: str, cancellation: Cancellation | None = None, **limits: object) -> Answer:
    """Execute as ada."""
    session = gateway.session("ada", "research", limits=replace(Limits(), **limits))  # type: ignore[arg-type]
    return gateway.execute(session, sql, cancellation=cancellation)


def last(gateway: Gateway) -> dict[str, object]:
    """What was recorded of how the last statement ended."""
    record = gateway.lake.audit.records(limit=1)[0]
    assert record.kind == "query.finished"
    return dict(record.details)


def test_both_ways_give_the_visible_cells(gateway: Gateway) -> None:
    answer = ask(
        gateway, "SELECT count(*) AS n, count(DISTINCT patient) AS p, min(site) AS s FROM clinic.visit"
    )
    assert answer.way == "fused"
    assert answer.table().to_pylist() == [{"n": SHOWN, "p": 7, "s": "H1"}]
    answer = ask(gateway, STAGED + " ORDER BY 1")
    assert answer.way == "staged"
    assert answer.table().to_pylist() == [{"c": f"C{i}!", "n": SHOWN // 5} for i in range(0, 10, 2)]


def test_pseudonyms_are_the_same_both_ways(gateway: Gateway) -> None:
    fused = ask(gateway, "SELECT DISTINCT patient AS p FROM clinic.visit").table()
    staged = ask(gateway, "SELECT DISTINCT list_transform([patient], lambda x: x)[1] AS p FROM clinic.visit")
    assert staged.way == "staged"
    assert set(fused["p"].to_pylist()) == set(staged.table()["p"].to_pylist())
    assert len(fused) == 7


def test_many_rows_come_in_many_batches(gateway: Gateway) -> None:
    answer = ask(gateway, "SELECT * FROM clinic.visit")
    batches = list(answer.batches)
    assert len(batches) > 1
    assert sum(each.num_rows for each in batches) == SHOWN
    assert last(gateway) == {"statement_id": answer.statement_id, "rows": SHOWN, "outcome": "complete"}


def test_wide_cells_come_through(gateway: Gateway) -> None:
    table = ask(gateway, "SELECT repeat(code, 100000) AS c FROM clinic.visit WHERE n < 400").table()
    assert {len(each) for each in table["c"].to_pylist()} == {200_000}
    assert len(table) == 200


def test_nested_values_and_no_rows_come_through(gateway: Gateway) -> None:
    sql = "SELECT {'a': [n], 'b': MAP {code: n}} AS s, DATE '2024-01-01' AS d FROM clinic.visit WHERE n = 2"
    assert ask(gateway, sql).table().to_pylist()[0]["s"]["a"] == [2]
    empty = ask(gateway, "SELECT code, n FROM clinic.visit WHERE n = 1").table()
    assert (len(empty), empty.column_names) == (0, ["code", "n"])


def test_unions_and_enumerations_come_through(gateway: Gateway) -> None:
    sql = (
        "SELECT union_value(a := n) AS u, [union_tag(union_value(a := n))] AS t FROM clinic.visit LIMIT 70000"
    )
    table = ask(gateway, sql).table()
    assert len(table) == 70_000
    assert table["t"][0].as_py() == ["a"]
    assert isinstance(table["u"][0].as_py(), int)


def test_an_open_pivot_finds_visible_values_alone(gateway: Gateway) -> None:
    table = ask(
        gateway, "PIVOT (SELECT site, code, n FROM clinic.visit) ON site USING count(*) GROUP BY code"
    ).table()
    assert table.column_names == ["code", "H1"]
    described = gateway.describe(
        gateway.session("ada", "research"), "PIVOT clinic.visit ON site USING count(n)"
    )
    assert "HIDDEN" not in described.schema.names
    assert "H1" in described.schema.names


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("SELECT CAST(code AS DATE) AS d FROM clinic.visit", FailedStatementError),
        ("SELECT error(code) AS d FROM clinic.visit", LakewardError),
        ("SELECT nothing FROM clinic.visit", UnknownColumnError),
        ("SELECT code + n AS x FROM clinic.visit", LakewardError),
    ],
)
def test_no_text_of_the_engine_comes_out(gateway: Gateway, sql: str, error: type[LakewardError]) -> None:
    with pytest.raises(error) as failed:
        ask(gateway, sql).table()
    assert "C0" not in f"{failed.value} {failed.value.hint} {gateway.lake.audit.records(limit=4)}"
    assert ask(gateway, "SELECT 1 AS one").table().to_pylist() == [{"one": 1}]


def test_limits_end_a_statement(gateway: Gateway) -> None:
    with pytest.raises(LimitExceededError, match="10 rows"):
        ask(gateway, "SELECT * FROM clinic.visit", rows=10).table()
    assert ask(gateway, "SELECT n FROM clinic.visit WHERE n < 20", rows=10).table().num_rows == 10
    started = time.monotonic()
    with pytest.raises(LimitExceededError, match="time"):
        ask(gateway, FOREVER, seconds=0.3).table()
    assert time.monotonic() - started < 3
    assert last(gateway)["outcome"] == "limit-exceeded"


def test_what_takes_too_long_to_plan_is_not_described(lake: Lake) -> None:
    joined = " ".join(f"NATURAL JOIN clinic.visit AS v{each}" for each in range(150))
    with open_gateway(lake, workers=True) as gateway:
        session = gateway.session("ada", "research", limits=replace(Limits(), seconds=1.0))
        started = time.monotonic()
        with pytest.raises(LimitExceededError, match="time"):
            gateway.describe(session, f"SELECT 1 AS one FROM clinic.visit AS v {joined}")
        assert time.monotonic() - started < 5
        assert gateway.describe(session, "SELECT 1 AS one").schema.names == ["one"]


def test_in_this_process_too_though_the_engine_looks_up_late(lake: Lake) -> None:
    joined = " ".join(f"NATURAL JOIN clinic.visit AS v{each}" for each in range(70))
    with open_gateway(lake) as gateway:
        session = gateway.session("ada", "research", limits=replace(Limits(), seconds=0.1))
        with pytest.raises(LimitExceededError, match="time"):
            gateway.describe(session, f"SELECT 1 AS one FROM clinic.visit AS v {joined}")
        assert gateway.describe(session, "SELECT 1 AS one").schema.names == ["one"]


def test_memory_is_limited_and_that_costs_the_statement_alone(gateway: Gateway) -> None:
    greedy = "SELECT list(a.range || repeat('x', 1000)) AS l FROM range(3000000) a"
    with pytest.raises(LimitExceededError, match="memory"):
        ask(gateway, greedy, memory="64MB").table()
    assert ask(gateway, "SELECT 1 AS one").table().to_pylist() == [{"one": 1}]


def test_cancelled_between_rows(gateway: Gateway) -> None:
    for sql in (
        "SELECT n FROM clinic.visit",
        "SELECT list_transform([n], lambda x: x) AS l FROM clinic.visit",
    ):
        answer = ask(gateway, sql)
        next(answer.batches)
        assert gateway.cancel(answer.statement_id)
        with pytest.raises(StatementCancelledError):
            answer.table()
        assert last(gateway)["outcome"] == "statement-cancelled"
        assert not gateway.cancel(answer.statement_id)
        answer.cancel()


def test_cancelled_while_the_engine_computes(gateway: Gateway) -> None:
    ending = Cancellation()
    ended: list[float] = []

    def end() -> None:
        ended.append(time.monotonic())
        ending.cancel()

    threading.Timer(0.3, end).start()
    with pytest.raises(StatementCancelledError):
        ask(gateway, FOREVER, ending).table()
    assert time.monotonic() - ended[0] < 2
    assert last(gateway)["outcome"] == "statement-cancelled"
    assert ask(gateway, "SELECT count(*) AS n FROM clinic.visit").table().to_pylist() == [{"n": SHOWN}]


def test_cancelled_before_it_runs(gateway: Gateway) -> None:
    ending = Cancellation()
    ending.cancel()
    with pytest.raises(StatementCancelledError):
        ask(gateway, FOREVER, ending)
    assert last(gateway)["outcome"] == "statement-cancelled"


@pytest.mark.slow
def test_a_revoked_grant_ends_what_runs_within_a_second(gateway: Gateway) -> None:
    document = gateway.lake.root / "policies" / "clinic.yaml"
    changes = [
        POLICY + "# a remark\n",
        POLICY.replace("[ada]", "[bob]"),
        POLICY.replace("mask: pseudonym", "mask: replace-with-null"),
    ]
    sql = "SELECT v.n, v.patient FROM clinic.visit AS v, range(1000)"
    try:
        for number, change in enumerate(changes):
            answer = ask(gateway, sql)
            next(answer.batches)
            document.write_text(change, encoding="utf-8")
            until = time.monotonic() + 1.0
            if number == 0:
                while time.monotonic() < until:
                    next(answer.batches)
                answer.close()
                continue
            time.sleep(0.95)
            assert answer._cancellation.why is not None, number
            with pytest.raises(RevokedError):
                next(answer.batches)
            assert last(gateway)["outcome"] == "revoked"
            document.write_text(POLICY, encoding="utf-8")
            time.sleep(0.4)
    finally:
        document.write_text(POLICY, encoding="utf-8")
        time.sleep(0.5)


@pytest.mark.slow
def test_a_tag_that_hides_a_column_ends_what_reads_it_within_a_second(gateway: Gateway) -> None:
    lake, name = gateway.lake, TableName("clinic", f"tagged{id(gateway)}")
    rows = pa.table({"n": range(0, 2000, 2), "site": ["H1"] * 1000, "code": ["C"] * 1000})
    tags = {"n": ["sensitivity.none"], "site": ["sensitivity.none"], "code": ["health"]}
    write_batches(lake, name, rows.to_reader(), mode="create", tags=tags, actor="test")
    reads = ask(gateway, f"SELECT v.n, v.code FROM {name} AS v, range(1000000)")
    try:
        next(reads.batches)
        write_batches(lake, name, rows.to_reader(), mode="append", tags={}, actor="test")
        time.sleep(1.2)
        next(reads.batches)
        set_tag(lake, name, "code", "phi.name", actor="test")
        time.sleep(1.2)
        with pytest.raises(RevokedError):
            next(reads.batches)
    finally:
        reads.close()


class _Tomorrow(Session):
    """A session on the day after."""

    def context(self) -> RequestContext:
        return replace(Session.context(self), now=dt.datetime.now(dt.UTC) + dt.timedelta(days=1))


@pytest.mark.slow
def test_a_grant_that_ends_ends_what_runs_under_it(gateway: Gateway) -> None:
    document = gateway.lake.root / "policies" / "clinic.yaml"
    try:
        document.write_text(f"{POLICY}    until: {dt.datetime.now(dt.UTC).date()}\n", encoding="utf-8")
        time.sleep(0.6)
        answer = ask(gateway, "SELECT v.n FROM clinic.visit AS v, range(100000)")
        time.sleep(0.5)
        next(answer.batches)
        watched = gateway._revocations._watched[answer.statement_id]
        watched.session = _Tomorrow(principal=watched.session.principal, purpose="research")
        time.sleep(0.5)
        with pytest.raises(RevokedError):
            next(answer.batches)
    finally:
        document.write_text(POLICY, encoding="utf-8")
        time.sleep(0.5)


def test_a_closed_answer_leaves_the_engine_as_it_was(gateway: Gateway) -> None:
    for sql in ("SELECT * FROM clinic.visit", STAGED, FOREVER.replace("count(*)", "a.range")):
        answer = ask(gateway, sql)
        answer.close()
        assert last(gateway)["outcome"] == "stopped"
    for _ in range(5):
        half = ask(gateway, "SELECT * FROM clinic.visit")
        next(half.batches)
        half.close()
    assert ask(gateway, "SELECT max(n) AS n FROM clinic.visit").table().to_pylist() == [{"n": ROWS - 2}]


def test_whole_numbers_divide_as_the_dialect_says(gateway: Gateway) -> None:
    for dialect, quotient in (("postgres", 3), ("duckdb", 3.5)):
        session = gateway.session("ada", "research", dialect=dialect)
        sql = "SELECT (n + 5) / 2 AS q FROM clinic.visit WHERE n = 2"
        assert gateway.execute(session, sql).table().to_pylist() == [{"q": quotient}]
        assert gateway.execute(session, sql).table().schema == gateway.describe(session, sql).schema


def test_an_aggregate_gives_numbers(gateway: Gateway) -> None:
    table = gateway.lake.pin(TableName("clinic", "visit"))
    query = parse_one("SELECT count(*) AS n, avg(n) AS m FROM t", dialect="duckdb")
    assert isinstance(query, exp.Select)
    assert gateway.aggregate(table, query) == {"n": ROWS, "m": (ROWS - 1) / 2}
    with pytest.raises(EngineUnavailableError):
        gateway.aggregate(table, parse_one("SELECT max(code) AS n FROM t", dialect="duckdb"))


def test_a_description_has_the_types_of_the_answer(gateway: Gateway) -> None:
    session: Session = gateway.session("ada", "research")
    for sql in (STAGED, "SELECT n, patient, n * 2 AS d, n / 3 AS q FROM clinic.visit LIMIT 1"):
        assert gateway.describe(session, sql).schema == gateway.execute(session, sql).table().schema


def test_statements_at_once_get_their_own_rows(gateway: Gateway) -> None:
    wrong: list[object] = []

    def run(number: int) -> None:
        for step in range(4):
            n = 2 * (number * 10 + step)
            sql = "SELECT n FROM clinic.visit WHERE n = " + str(n)
            if step % 2:
                sql = "SELECT list_transform([n], lambda x: x)[1] AS n FROM clinic.visit WHERE n = " + str(n)
            try:
                found: object = ask(gateway, sql).table().to_pylist()
            except LakewardError as error:
                found = error
            if found != [{"n": n}]:
                wrong.append((n, found))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not wrong
