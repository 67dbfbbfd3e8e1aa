"""Holes cut into the lists on purpose: the bench has nothing hidden, so even they show nothing hidden."""

from dataclasses import replace
from typing import Any

import pytest
from tests.bypass import hospital
from tests.bypass.copies import Copies
from tests.bypass.judge import Item, Judge
from tests.bypass.lake import Governed, documents, make_lake

from lakeward.policies import admit, verify
from lakeward.policies.admit import vocabulary
from lakeward.policies.lists import allow_lists
from lakeward.policies.rewrite import resolve

HOLES = frozenset({"stats", "error", "query", "query_table", "duckdb_tables", "read_text", "current_query"})
SEEDED = (
    "SELECT stats(ssn), stats(name), stats(account) FROM patient",
    "SELECT max(stats(name)) FROM patient WHERE site = 'H1'",
    "SELECT error(name) FROM patient",
    "SELECT count(*) FROM patient WHERE list_transform([mrn], lambda x: error(x))[1] IS NULL",
    "SELECT * FROM query('SELECT * FROM vault.secret')",
    "SELECT * FROM query('SELECT ssn, name FROM patient')",
    "SELECT * FROM query_table('vault.patient')",
    "SELECT sql FROM duckdb_tables()",
    "SELECT current_query() FROM patient",
    "SELECT secret\u200bFROM\u200bvault.secret",
    "SELECT code FROM code\u2060UNION\u2060ALL\u2060SELECT\u2060secret\u2060FROM\u2060vault.secret",
)


def _item(principal: str, sql: str) -> Item:
    return Item(
        title="seeded", family="seeded", principal=principal, expect="either", dialect="duckdb",
        sql=sql, means=sql, ordered=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    made = hospital.rows()
    lake = make_lake(tmp_path_factory.mktemp("seeded") / "lake", hospital.arrow(made), documents())
    return Judge(Governed(lake), Copies(made, lake.keys.derive("pseudonym:lake").hex()))


@pytest.fixture
def holes(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists that admit what they must not, no look at characters, and every statement staged."""
    lists = allow_lists()
    wide = replace(lists, functions=lists.functions | HOLES, table_functions=lists.table_functions | HOLES)
    for room in (vocabulary, verify, resolve):
        monkeypatch.setattr(room, "allow_lists", lambda: wide)
    monkeypatch.setattr(admit, "refuse_odd_characters", lambda _text: None)
    gateway: Any = judge.governed.gateway
    monkeypatch.setattr(gateway, "planner", replace(gateway.planner, may_fuse=False))


@pytest.mark.usefixtures("holes")
@pytest.mark.parametrize("sql", SEEDED)
def test_a_hole_in_the_lists_shows_nothing_hidden(judge: Judge, sql: str) -> None:
    for principal in ("grace", "ada", "bill"):
        verdict = judge.judge(_item(principal, sql))
        assert verdict.outcome != "leak", str(verdict)


@pytest.mark.usefixtures("holes")
def test_the_holes_are_open(judge: Judge) -> None:
    assert judge.governed.run("grace", "SELECT stats(name) FROM patient LIMIT 1")[1]
