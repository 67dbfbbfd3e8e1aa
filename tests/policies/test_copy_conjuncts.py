"""What of a WHERE may stand below, in the reader's SQL."""

from pathlib import Path

import duckdb
import pytest
from sqlglot import exp, parse_one
from tests.policies.decisions.building import compiled, context, table_of

from lakeward.catalog.names import TableName
from lakeward.gateway.engines.duckdb.parser import Parser
from lakeward.policies.rewrite.copy_conjuncts import copy_conjuncts
from lakeward.policies.rewrite.fuse.prove import Prover
from lakeward.policies.rewrite.resolve import Names, resolve_tables

NAMES = Names(lake="lake", default_namespace="main")
TYPES = {"n": "int", "m": "int", "k": "int", "x": "int"}
ONE = table_of({each: ["health"] for each in ("n", "m", "s", "secret")}, name="main.one", types=TYPES)
TWO = table_of({each: ["health"] for each in ("k", "x", "t")}, name="main.two", types=TYPES)
POLICY = """
grants:
  - {id: two, to: [researcher], tables: [main.two], columns: [{tags: ["*"], mask: clear}]}
  - {id: one, to: [researcher], tables: [main.one],
     columns: [{names: [n, m, s], mask: clear}, {names: [secret], mask: mask-alphanum}]}
"""


def copied(folder: Path, where: str) -> dict[str, list[str]]:
    """The conjuncts that go below, by table."""
    tree = parse_one(f"SELECT 1 FROM one JOIN two ON n = k WHERE {where}", dialect="duckdb")
    assert isinstance(tree, exp.Query)
    policies = compiled(folder, POLICY)
    restrictions = {each.name: policies.decide(context(), each) for each in (ONE, TWO)}
    parser = Parser()
    found = copy_conjuncts(resolve_tables(tree, NAMES), restrictions, parser.bind)
    parser.close()
    below = {TableName("main", "one"): "one", TableName("main", "two"): "two"}
    return {below[name]: [each.sql("duckdb") for each in each_] for name, each_ in found.items() if each_}


def test_nothing_goes_below_that_the_engine_would_cast(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Prover, "prove_condition", lambda *_: None)
    assert copied(tmp_path, "n = 1 AND s = 1 AND x = 2") == {"two": ['"_raw"."x" = 2']}


@pytest.mark.parametrize(
    ("where", "below"),
    [
        ("n = 1 AND x = 2", {"one": ['"_raw"."n" = 1'], "two": ['"_raw"."x" = 2']}),
        ("(n = 1 OR n = 2)", {"one": ['"_raw"."n" = 1 OR "_raw"."n" = 2']}),
        ("n = 1 OR x = 2", {}),
        ("(n = 1 AND x = 2) OR (n = 3 AND x = 4)", {
            "one": ['"_raw"."n" = 1 OR "_raw"."n" = 3'],
            "two": ['"_raw"."x" = 2 OR "_raw"."x" = 4'],
        }),
        ("((n = 1 AND m = 5 AND x = 2) OR n = 3)", {
            "one": ['("_raw"."n" = 1 AND "_raw"."m" = 5) OR "_raw"."n" = 3'],
        }),
        ("(n = 1 AND secret = 'x') OR (n = 2 AND CAST(s AS INT) = 1)", {
            "one": ['"_raw"."n" = 1 OR "_raw"."n" = 2'],
        }),
        ("(n = 1 AND x = 2) OR secret = 'x'", {}),
        ("(n = 1 AND x = 2) OR CAST(s AS INT) = 1", {}),
        ("NOT ((n = 1 AND x = 2) OR (n = 3 AND x = 4))", {}),
        ("(n = 1 AND x = 2) IS NULL OR (n = 3 AND x = 4)", {}),
        ("s AND n = 1", {"one": ['"_raw"."n" = 1']}),
        ("CASE WHEN n = 1 THEN s ELSE 'true' END", {}),
        ("current_date(s) = DATE '2026-01-31'", {}),
    ],
)  # fmt: skip
def test_what_goes_below(tmp_path: Path, where: str, below: dict[str, list[str]]) -> None:
    assert copied(tmp_path / "policies", where) == below


@pytest.mark.parametrize(
    "where",
    [
        "(n = 1 AND x = 2) OR (n = 0 AND x IS NULL)",
        "n = m AND ((n = 1 AND x = 2) OR x = 0)",
        "(n = 1 AND x = 2) OR (n IS NULL AND x = 1) OR (n = 2 AND m = 2)",
        "(n <> 1 AND NOT (x = 2)) OR (n IN (0, NULL) AND x = 0 AND n = k)",
    ],
)
def test_no_row_is_lost(tmp_path: Path, where: str) -> None:
    connection = duckdb.connect()
    cells = "FROM (VALUES (NULL), (0), (1), (2)) AS a({}), (VALUES (NULL), (0), (1), (2)) AS b({})"
    connection.execute(f"CREATE TABLE one AS SELECT * {cells.format('n', 'm')}")
    connection.execute(f"CREATE TABLE two AS SELECT * {cells.format('k', 'x')}")
    below = copied(tmp_path / "policies", where)
    assert below
    one, two = (_filtered(each, below.get(each, ["true"])) for each in ("one", "two"))
    query = "SELECT * FROM {} AS one, {} AS two WHERE " + where + " ORDER BY ALL"
    rows = connection.execute(query.format("one", "two")).fetchall()
    assert connection.execute(query.format(one, two)).fetchall() == rows
    assert rows


def _filtered(table: str, conjuncts: list[str]) -> str:
    return f"(SELECT * FROM {table} AS _raw WHERE {' AND '.join(f'({each})' for each in conjuncts)})"
