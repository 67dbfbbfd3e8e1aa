"""The bits that grants set on a row: each as its condition alone would say."""

import random

import duckdb
import pytest
from sqlglot import exp, parse_one
from tests.policies.decisions.building import table_of

from lakeward.policies.rewrite.grant_bits import WORD, GrantBits

TABLE = table_of({"id": ["health"], "site": ["health"], "n": ["health"]}, types={"id": "long", "n": "int"})
ROWS = """
CREATE TABLE t AS SELECT row_number() OVER () AS id, site, n
FROM (VALUES (NULL), (''), ('H1'), ('h1'), ('H2'), ('H1 '), ('\u00e9'), ('e\u0301'), ('1')) AS s(site),
     (VALUES (NULL), (0), (1), (2)) AS m(n);
CREATE TABLE k AS SELECT n FROM t WHERE n < 2
"""
CONDITIONS = (
    "site = 'H1'",
    "site = 'H1'",
    "(site = 'h1')",
    "site IN ('H1', 'H2', 'H1')",
    "site IN ('H2', NULL)",
    "site IN ('')",
    "site = '\u00e9'",
    "site IN ('e\u0301')",
    "site NOT IN ('H1')",
    "site = 'H1' OR n = 1",
    "'H2' = site",
    "site = CAST(n AS TEXT)",
    "n = '1'",
    "n IN ('01', '2')",
    "n = 1",
    "n IN (SELECT n FROM k)",
    "site IN (SELECT site FROM t WHERE n = 1)",
    "TRUE",
    "NULL",
)


def bound(sql: str) -> exp.Expr:
    """A condition as it is bound: columns of the row are those of `_raw`."""
    condition = parse_one(sql, dialect="duckdb")
    for each in list(condition.find_all(exp.Column)):
        if each.find_ancestor(exp.Select) is None:
            each.set("table", exp.to_identifier("_raw", quoted=True))
    return condition


def reached(conditions: list[str]) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    """The words of every row, and what they should be: by way of Python, from each condition alone."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(ROWS)
    bits = GrantBits.of([bound(each) for each in conditions])
    select = bits.relation(lambda _table: exp.table_("t"), TABLE, "_raw", ["id"])
    words = connection.execute(select.sql("duckdb") + " ORDER BY id").fetchall()
    alone = ", ".join(f"({each}) IS NOT DISTINCT FROM TRUE" for each in conditions)
    expected = []
    for row_id, *holds in connection.execute(f"SELECT id, {alone} FROM t ORDER BY id").fetchall():
        pieces = [holds[start : start + WORD] for start in range(0, len(holds), WORD)]
        expected.append((row_id, *(sum(1 << i for i, each in enumerate(piece) if each) for piece in pieces)))
    return words, expected


@pytest.mark.parametrize("seed", range(20))
def test_bits_are_what_each_condition_says(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311
    words, expected = reached(draw.choices(CONDITIONS, k=draw.choice([1, 2, 5, 30, 62, 63, 130])))
    assert words == expected


def test_every_condition_alone_sets_its_bit() -> None:
    words, expected = reached(list(CONDITIONS))
    assert words == expected
    assert len({each[1] for each in words}) > len(CONDITIONS)


def test_comparisons_of_one_column_with_texts_share_a_case() -> None:
    conditions = [bound(f"site = 'H{n}'") for n in range(50)]
    select = GrantBits.of(conditions).relation(lambda _table: exp.table_("t"), TABLE, "_raw", ["id"])
    assert len(list(select.find_all(exp.Case))) == 1
