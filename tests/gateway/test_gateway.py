"""The gateway over a real lake: answers, plans kept and dropped, limits, faults, explanations."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from lakeward.catalog.errors import DeniedError
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake
from lakeward.catalog.names import TableName
from lakeward.catalog.tags import set_tag
from lakeward.gateway.engines.duckdb import selftest
from lakeward.gateway.errors import (
    EngineUnavailableError,
    FailedStatementError,
    LimitExceededError,
    NoPurposeError,
    UnknownColumnError,
)
from lakeward.gateway.service import Gateway, open_gateway
from lakeward.gateway.session import Limits
from lakeward.policies.rewrite.resolve import UnknownTableError

VISIT = TableName("clinic", "visit")
POLICY = """
version: 1
roles:
  researcher: {members: [ada]}
  steward: {members: [eve]}
purposes: [research]
grants:
  - id: research
    to: [researcher]
    tables: ["clinic.*"]
    rows: "site = attribute('site')"
    columns:
      - {tags: [health, sensitivity.none], mask: clear}
      - {tags: [phi.mrn], mask: pseudonym}
rights:
  - {id: stewards, to: [steward], may: [policy.read]}
"""
TAGS = {"patient": ["phi.mrn"], "site": ["sensitivity.none"], "code": ["health"], "score": ["health"]}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Six visits of two sites; one column that nobody has classified."""
    made = init_lake(tmp_path / "lake")
    rows = pa.table(
        {
            "patient": ["p1", "p2", "p3", "p1", "p2", "p3"],
            "site": ["H1", "H1", "H1", "H2", "H2", "H2"],
            "code": ["C50", "I10", "E11", "C50", "x", "y"],
            "score": [1, 2, 3, 9223372036854775807, 9223372036854775807, 4],
            "memo": ["a", "b", "c", "d", "e", "f"],
        }
    )
    write_batches(made, VISIT, rows.to_reader(), mode="create", tags=TAGS, actor="test")
    (made.root / "policies" / "clinic.yaml").write_text(POLICY, encoding="utf-8")
    config = made.root / "lakeward.toml"
    config.write_text(config.read_text("utf-8") + '\n[principals.ada.attributes]\nsite = "H1"\n', "utf-8")
    from lakeward.catalog.lake import open_lake

    return open_lake(made.root)


@pytest.fixture
def gateway(lake: Lake) -> Iterator[Gateway]:
    """An open gateway."""
    with open_gateway(lake) as opened:
        yield opened


def test_what_grows_in_the_engine_s_parser_is_not_bound(gateway: Gateway) -> None:
    aliases = ", ".join(f"coalesce(a{each}, a{each}) AS a{each + 1}" for each in range(13))
    nullifs = f"{'nullif(' * 14}score{', 1)' * 14}"
    session = gateway.session("ada", "research")
    for sql in (f"score AS a0, {aliases}", f"{nullifs} AS x"):
        found = gateway.explain(session, f"SELECT {sql} FROM clinic.visit")
        assert (found.way, found.why_staged) == (
            "staged",
            "forms inside one another that are too large in the engine's words",
        )


def rows(gateway: Gateway, sql: str, **limits: object) -> list[dict[str, object]]:
    """What ada gets."""
    session = gateway.session("ada", "research", limits=replace(Limits(), **limits))  # type: ignore[arg-type]
    return gateway.execute(session, sql).table().to_pylist()  # type: ignore[no-any-return]


def test_both_ways_give_the_same_cells(gateway: Gateway) -> None:
    sql = "SELECT code, score FROM clinic.visit ORDER BY code"
    fused = rows(gateway, sql)
    gateway.planner = replace(gateway.planner, may_fuse=False)
    assert gateway.explain(gateway.session("ada", "research"), sql).way == "staged"
    gateway.plans = type(gateway.plans)()
    assert (
        fused
        == rows(gateway, sql)
        == [
            {"code": "C50", "score": 1},
            {"code": "E11", "score": 3},
            {"code": "I10", "score": 2},
        ]
    )


def test_a_long_sum_is_answered_and_a_longer_one_refused_in_words(gateway: Gateway) -> None:
    def asked(terms: int) -> str:
        return f"SELECT {' + '.join(['2 * score'] * terms)} AS risk FROM clinic.visit ORDER BY risk"

    assert [each["risk"] for each in rows(gateway, asked(400))] == [800, 1600, 2400]
    assert len(rows(gateway, f"SELECT {' + '.join(['score'] * 250)} FROM clinic.visit")) == 3
    with pytest.raises(DeniedError, match="more operators in a row"):
        rows(gateway, asked(800))
    in_groups = (
        f"SELECT {' + '.join(['(' + ' + '.join(['score'] * 100) + ')'] * 10)} AS risk FROM clinic.visit"
    )
    assert {each["risk"] for each in rows(gateway, in_groups)} == {1000, 2000, 3000}


def test_a_kept_plan_ends_with_the_grant(gateway: Gateway, lake: Lake) -> None:
    sql = "SELECT count(*) AS n FROM clinic.visit"
    assert rows(gateway, sql) == rows(gateway, sql) == [{"n": 3}]
    policy = lake.root / "policies" / "clinic.yaml"
    policy.write_text(POLICY.replace('tables: ["clinic.*"]', "tables: [other.x]"), encoding="utf-8")
    gateway.policies = type(gateway.policies)(lake.policies_dir, lake.taxonomy)
    with pytest.raises(UnknownTableError):
        rows(gateway, sql)


def test_a_kept_plan_sees_new_rows_and_new_tags(gateway: Gateway, lake: Lake) -> None:
    sql = "SELECT * FROM clinic.visit"
    assert len(rows(gateway, sql)) == len(rows(gateway, sql)) == 3
    more = pa.table({"patient": ["p9"], "site": ["H1"], "code": ["Z"], "score": [1], "memo": ["g"]})
    write_batches(lake, VISIT, more.to_reader(), mode="append", actor="test")
    assert len(rows(gateway, sql)) == 4
    set_tag(lake, VISIT, "code", "phi.name", actor="test")
    assert "code" not in rows(gateway, sql)[0]


def test_what_is_not_there_and_what_is_not_shown_read_alike(gateway: Gateway) -> None:
    with pytest.raises(UnknownColumnError) as hidden:
        rows(gateway, "SELECT memo FROM clinic.visit")
    with pytest.raises(UnknownColumnError) as missing:
        rows(gateway, "SELECT nothing FROM clinic.visit")
    assert str(hidden.value).replace("memo", "nothing") == str(missing.value)
    session = gateway.session("bob", "research")
    texts = []
    for table in ("clinic.visit", "clinic.nothing"):
        with pytest.raises(DeniedError) as refusal:
            gateway.execute(session, "SELECT * FROM " + table)
        texts.append(str(refusal.value))
    assert texts[0].replace("clinic.visit", "clinic.nothing") == texts[1]


def test_no_text_of_the_engine_comes_out(gateway: Gateway, lake: Lake) -> None:
    with pytest.raises(FailedStatementError) as failed:
        rows(gateway, "SELECT CAST(code AS DATE) FROM clinic.visit")
    assert "C50" not in f"{failed.value} {failed.value.hint}"
    kept = [each for each in lake.audit.records(limit=10) if each.kind == "query.failed"]
    assert kept
    assert "C50" not in str(kept)


def test_limits_end_a_statement(gateway: Gateway) -> None:
    with pytest.raises(LimitExceededError, match="2 rows"):
        rows(gateway, "SELECT * FROM clinic.visit", rows=2)
    with pytest.raises(LimitExceededError, match="time"):
        rows(gateway, "SELECT count(*) FROM range(10000000000) a, range(10000) b", seconds=0.5)


def test_a_purpose_is_needed_and_its_lack_recorded(gateway: Gateway, lake: Lake) -> None:
    with pytest.raises(NoPurposeError, match="research"):
        gateway.session("ada", "curiosity")
    assert next(iter(lake.audit.records(limit=1))).kind == "denial"


def test_explain_shows_sql_to_those_who_may_see_policy_alone(gateway: Gateway) -> None:
    sql = "SELECT * FROM clinic.visit"
    told = gateway.explain(gateway.session("ada", "research"), sql)
    assert told.way == "fused"
    assert told.sql is None
    assert [column.name for column in told.tables[0].columns] == ["patient", "site", "code", "score"]
    assert gateway.explain(gateway.session("eve", "research"), sql).denied


def test_an_aggregate_gives_numbers_and_reads_its_own_table_alone(gateway: Gateway, lake: Lake) -> None:
    from sqlglot import parse_one

    counts = gateway.aggregate(
        lake.pin(VISIT), parse_one("SELECT count(*) AS n, avg(length(memo)) AS m FROM t", dialect="duckdb")
    )
    assert counts == {"n": 6, "m": 1.0}
    with pytest.raises(EngineUnavailableError):
        gateway.aggregate(lake.pin(VISIT), parse_one("SELECT count(*) AS n FROM other", dialect="duckdb"))
    with pytest.raises(EngineUnavailableError):
        gateway.aggregate(lake.pin(VISIT), parse_one("SELECT max(memo) AS n FROM t", dialect="duckdb"))


def test_an_engine_that_computes_with_hidden_rows_is_not_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaky = "SELECT list_transform([site], lambda x: CASE WHEN x LIKE 'S%' THEN error('') END) FROM visible"
    selftest.self_test(tmp_path)
    assert (tmp_path / "engine.json").exists()
    monkeypatch.setattr(selftest, "_FORMS", (leaky,))
    with pytest.raises(EngineUnavailableError, match="hides"):
        selftest.self_test(tmp_path)


def test_a_closed_answer_records_how_many_rows_went_out(gateway: Gateway, lake: Lake) -> None:
    answer = gateway.execute(gateway.session("ada", "research"), "SELECT * FROM clinic.visit")
    next(answer.batches)
    answer.close()
    last = next(iter(lake.audit.records(limit=1)))
    assert last.kind == "query.finished"
    assert last.details["rows"] == 3
    assert last.details["outcome"] == "stopped"
    unread = gateway.execute(gateway.session("ada", "research"), "SELECT * FROM clinic.visit")
    unread.close()
    assert next(iter(lake.audit.records(limit=1))).details["statement_id"] == unread.statement_id
