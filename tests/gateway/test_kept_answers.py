"""Small answers that are given again: only the same, only to the same, and only while nothing has changed."""

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from lakeward.catalog.config import InvalidConfigError
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake, open_lake
from lakeward.catalog.names import TableName
from lakeward.catalog.tags import set_tag
from lakeward.gateway.engines.duckdb.parser import Parser
from lakeward.gateway.errors import LimitExceededError
from lakeward.gateway.service import Gateway, open_gateway
from lakeward.gateway.session import Limits, Session
from lakeward.policies.lists import allow_lists
from lakeward.policies.rewrite.resolve import UnknownTableError
from lakeward.policies.verify import DisagreementError

VISIT = TableName("clinic", "visit")
POLICY = """
version: 1
roles: {researcher: {members: [ada, ben]}}
purposes: [research, care]
grants:
  - id: research
    to: [researcher]
    tables: ["clinic.*"]
    rows: "site = attribute('site')ROWS"
    purposes: [research, care]
    columns: [{tags: [sensitivity.none], mask: clear}]
"""
COUNT = "SELECT count(*) AS n FROM clinic.visit"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A thousand visits of one site, one of another."""
    made = init_lake(tmp_path / "lake")
    visits = pa.table({"site": ["H1"] * 1000 + ["H2"], "memo": ["m" * 100] * 1001})
    tags = {"site": ["sensitivity.none"], "memo": ["sensitivity.none"]}
    write_batches(made, VISIT, visits.to_reader(), mode="create", tags=tags, actor="test")
    govern(made, "")
    config = made.root / "lakeward.toml"
    said = '\n[principals.ada.attributes]\nsite = "H1"\n[principals.ben.attributes]\nsite = "H2"\n'
    config.write_text(config.read_text("utf-8") + said, "utf-8")
    made.close()
    return open_lake(made.root)


def take_up(gateway: Gateway) -> None:
    """Wait until the gateway has noticed that its policies are others."""
    before, until = gateway.policies.current().fingerprint, time.monotonic() + 30
    while gateway.policies.current().fingerprint == before:
        assert time.monotonic() < until
        time.sleep(0.02)


def govern(lake: Lake, condition: str) -> None:
    (lake.policies_dir / "clinic.yaml").write_text(POLICY.replace("ROWS", condition), encoding="utf-8")


@pytest.fixture(params=[True, False], ids=["fused", "staged"])
def gateway(lake: Lake, request: pytest.FixtureRequest) -> Iterator[Gateway]:
    """An open gateway, that counts in `ran` what its engine runs."""
    with open_gateway(lake) as opened:
        opened.planner = replace(opened.planner, may_fuse=request.param)
        yield opened


class Asked:
    """Asks, and tells whether the engine was asked."""

    def __init__(self, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
        self.gateway = gateway
        self.ran = 0
        run = gateway.engine.run

        def counted(*told: Any) -> Any:  # noqa: ANN401  as the engine
            self.ran += 1
            return run(*told)

        monkeypatch.setattr(gateway.engine, "run", counted)

    def __call__(self, sql: str, who: str = "ada", purpose: str = "research", **limits: object) -> pa.Table:
        session = self.gateway.session(who, purpose, limits=replace(Limits(), **limits))  # type: ignore[arg-type]  # fields of limits
        return self.gateway.execute(session, sql).table()


@pytest.fixture
def ask(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Asked:
    return Asked(gateway, monkeypatch)


def test_the_same_question_is_answered_without_the_engine(ask: Asked, lake: Lake) -> None:
    assert [ask(COUNT).to_pylist() for _ in range(3)] == [[{"n": 1000}]] * 3
    assert ask.ran == 1
    ended = [each for each in lake.audit.records() if each.kind == "query.finished"]
    begun = [each for each in lake.audit.records() if each.kind == "query"]
    assert len(begun) == len(ended) == 3
    assert {each.details["rows"] for each in ended} == {1}


def test_another_who_asks_the_same_is_answered_by_the_engine(ask: Asked) -> None:
    assert ask(COUNT).to_pylist() == [{"n": 1000}]
    assert ask(COUNT, "ben").to_pylist() == [{"n": 1}]
    assert ask(COUNT, purpose="care").to_pylist() == [{"n": 1000}]
    assert ask.ran == 3


def test_an_answer_ends_with_the_grant(ask: Asked, lake: Lake) -> None:
    assert ask(COUNT).to_pylist() == ask(COUNT).to_pylist() == [{"n": 1000}]
    govern(lake, " AND FALSE")
    take_up(ask.gateway)
    assert ask(COUNT).to_pylist() == [{"n": 0}]
    policy = POLICY.replace("clinic.*", "other.*").replace("ROWS", "")
    (lake.policies_dir / "clinic.yaml").write_text(policy, encoding="utf-8")
    take_up(ask.gateway)
    with pytest.raises(UnknownTableError):
        ask(COUNT)


def test_an_answer_ends_with_new_rows_and_new_tags(ask: Asked, lake: Lake) -> None:
    sql = "SELECT * FROM clinic.visit LIMIT 3"
    assert ask(COUNT).to_pylist() == ask(COUNT).to_pylist() == [{"n": 1000}]
    assert ask(sql).column_names == ask(sql).column_names == ["site", "memo"]
    more = pa.table({"site": ["H1"], "memo": ["m"]})
    write_batches(lake, VISIT, more.to_reader(), mode="append", tags={}, actor="test")
    assert ask(COUNT).to_pylist() == [{"n": 1001}]
    set_tag(lake, VISIT, "memo", "phi.mrn", actor="test")
    assert ask(sql).column_names == ["site"]


RULES_THAT_END = {
    "a grant": (POLICY.replace("ROWS", "") + "    until: 2100-01-01\n", 1000, None),
    "a restriction": (
        POLICY.replace("ROWS", "")
        + "restrictions: [{id: hold, tables: [clinic.visit], rows: 'FALSE', until: 2100-01-01}]\n",
        0,
        1000,
    ),
}


@pytest.mark.parametrize("rule", RULES_THAT_END)
def test_an_answer_ends_with_whatever_rule_made_it(
    ask: Asked, lake: Lake, monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    policy, before, after = RULES_THAT_END[rule]
    (lake.policies_dir / "clinic.yaml").write_text(policy, encoding="utf-8")
    take_up(ask.gateway)
    assert ask(COUNT).to_pylist() == ask(COUNT).to_pylist() == [{"n": before}]
    assert ask.ran == 1
    now, then = Session.context, dt.datetime(2100, 1, 2, tzinfo=dt.UTC)
    monkeypatch.setattr(Session, "context", lambda each: replace(now(each), now=then))
    if after is None:
        with pytest.raises(UnknownTableError):
            ask(COUNT)
    else:
        assert ask(COUNT).to_pylist() == [{"n": after}]


@pytest.mark.parametrize(
    "changing",
    ["random()", "now()", "current_date", "current_timestamp", "uuid()", "age(TIMESTAMP '2020-01-01')"],
)
def test_what_changes_is_asked_anew(ask: Asked, changing: str) -> None:
    for _ in range(2):
        ask(f"SELECT {changing} AS x, count(*) AS n FROM clinic.visit")
    assert ask.ran == 2


def test_a_row_filter_that_looks_at_the_clock_is_asked_anew(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    govern(lake, " AND current_date > DATE '2020-01-01'")
    for may_fuse in (True, False):
        with open_gateway(lake) as gateway:
            gateway.planner = replace(gateway.planner, may_fuse=may_fuse)
            ask = Asked(gateway, monkeypatch)
            assert ask(COUNT).to_pylist() == ask(COUNT).to_pylist() == [{"n": 1000}]
            assert ask.ran == 2


def test_a_large_answer_is_not_kept(ask: Asked) -> None:
    sql = "SELECT memo FROM clinic.visit"
    assert ask(sql).num_rows == ask(sql).num_rows == 1000
    assert ask.ran == 2


def test_an_answer_that_was_not_read_to_its_end_is_not_kept(ask: Asked) -> None:
    session = ask.gateway.session("ada", "research")
    ask.gateway.execute(session, COUNT).close()
    assert ask(COUNT).to_pylist() == [{"n": 1000}]
    assert ask.ran == 2


def test_what_the_engine_reads_otherwise_is_answered_and_not_kept(
    ask: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(COUNT)
    ask.gateway.answers._kept.clear()

    def disagree(_parser: Parser, _text: str) -> None:
        raise DisagreementError("the kind of the statement")

    monkeypatch.setattr(Parser, "read", disagree)
    assert ask(COUNT).to_pylist() == ask(COUNT).to_pylist() == [{"n": 1000}]
    assert ask.ran == 3


def test_limits_hold_for_what_is_kept(ask: Asked) -> None:
    sql = "SELECT site FROM clinic.visit LIMIT 9"
    assert ask(sql).num_rows == 9
    with pytest.raises(LimitExceededError):
        ask(sql, rows=8)
    assert ask.ran == 1


def test_what_is_kept_is_forgotten_though_nobody_asks(ask: Asked) -> None:
    due: list[Any] = []
    ask.gateway.answers._deadlines = type("Due", (), {"add": lambda _self, _after, act: due.append(act)})()
    ask.gateway.answers.seconds = 0.01
    ask(COUNT)
    assert len(ask.gateway.answers._kept) == 1
    while due:
        due.pop()()
    assert not ask.gateway.answers._kept
    assert ask(COUNT).to_pylist() == [{"n": 1000}]
    assert ask.ran == 2


def test_what_has_ended_is_not_given_before_it_is_forgotten(ask: Asked) -> None:
    ask.gateway.answers._deadlines = type("Never", (), {"add": lambda *_told: None})()
    ask.gateway.answers.seconds = 0.01
    ask(COUNT)
    time.sleep(0.02)
    assert len(ask.gateway.answers._kept) == 1
    assert ask(COUNT).to_pylist() == [{"n": 1000}]
    assert ask.ran == 2


def test_what_is_masked_by_a_key_for_one_statement_is_not_kept(ask: Asked, lake: Lake) -> None:
    policy = POLICY.replace("ROWS", "").replace("mask: clear", "mask: sha-256-query-local")
    (lake.policies_dir / "clinic.yaml").write_text(policy, encoding="utf-8")
    take_up(ask.gateway)
    sql = "SELECT min(site) AS s FROM clinic.visit"
    assert ask(sql).to_pylist() != ask(sql).to_pylist()
    assert not ask.gateway.answers._kept


@pytest.mark.parametrize(("said", "ran"), [("0", 2), ("3600", 1)])
def test_the_setting_counts(lake: Lake, monkeypatch: pytest.MonkeyPatch, said: str, ran: int) -> None:
    with open_gateway(configured(lake, said)) as gateway:
        ask = Asked(gateway, monkeypatch)
        assert ask(COUNT).to_pylist() == ask(COUNT).to_pylist()
        assert ask.ran == ran


@pytest.mark.parametrize("said", ["-1", "true", "'long'", "3601", "nan"])
def test_a_setting_that_is_none_is_refused(lake: Lake, said: str) -> None:
    with pytest.raises(InvalidConfigError) as refused:
        open_gateway(configured(lake, said))
    assert "keep_answers_seconds" in str(refused.value)


def configured(lake: Lake, said: str) -> Lake:
    config = lake.root / "lakeward.toml"
    config.write_text(config.read_text("utf-8") + f"\n[gateway]\nkeep_answers_seconds = {said}\n", "utf-8")
    return open_lake(lake.root)


def test_everything_that_changes_is_known_as_such() -> None:
    with duckdb.connect() as engine:
        columns = "lower(function_name), coalesce(stability, ''), coalesce(lower(macro_definition), '')"
        found = engine.sql(f"SELECT {columns} FROM duckdb_functions()").fetchall()
    lists = allow_lists()
    unsteady = {name for name, stability, _ in found if stability not in {"", "CONSISTENT"}} & lists.functions
    made_of = {
        name
        for name, _, definition in found
        if name in lists.functions
        and any(f"{each}(" in definition for each in ("now", "random", "today", "uuid"))
    }
    assert unsteady | made_of
    assert unsteady | made_of <= lists.changing
