"""What may run fused, construct by construct: only what can neither fail on a cell nor grow with it."""

import json
from collections.abc import Iterator

import pytest
from tests.bypass.lake import PURPOSE
from tests.bypass.leak_grid import documents, events

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import init_lake, open_lake
from lakeward.catalog.names import TableName
from lakeward.gateway.service import Gateway, open_gateway

LONG = "S" * 5_000
DOUBLED = "SELECT t.site AS s FROM event AS t"
for _ in range(4):
    DOUBLED = f"SELECT q.s || q.s AS s FROM ({DOUBLED}) AS q"
STAGED = {
    "a text that grows with each letter": f"replace(replace(t.site, 'S', '{LONG}'), 'S', '{LONG}')",
    "a longer replacement": "replace(t.site, 'S', 'SS')",
    "an empty pattern": "replace(t.site, '', 'x')",
    "a computed replacement": "replace(t.site, 'S', t.digits)",
    "nine cells in one": " || ".join(["t.site"] * 9),
    "much of the query's text": f"t.site || {' || '.join([repr('x' * 40_000)] * 2)}",
    "a default of another type": "lag(t.id, 1, 'x') OVER (ORDER BY t.id)",
    "a default that is too large": "lead(0.5, 1, 123) OVER (ORDER BY t.id)",
    "a computed offset": "lag(t.id, t.grade) OVER (ORDER BY t.id)",
    "no tiles": "ntile(0) OVER (ORDER BY t.id)",
    "a frame of values": "sum(t.id) OVER (ORDER BY t.big RANGE BETWEEN 9 PRECEDING AND CURRENT ROW)",
    "a very long interval": "INTERVAL 999999 MILLENNIUM",
    "none of the greatest": "max(t.id, 0)",
    "some of the greatest": "max(t.id, 2)",
    "none of the greatest by another": "arg_max(t.id, t.big, 0)",
    "truth of a text": "bool_and('x')",
    "a product of cells": "t.big * t.big",
    "a sum of products": "avg(t.big * t.big)",
    "a variance of doubles": "stddev(t.big * 1e300)",
    "another query's aggregate behind an alias": (
        "(SELECT count(*) AS grade FROM (SELECT id FROM event) AS v HAVING max(grade) > 0)"
    ),
    "a pattern that is none": "regexp_matches(t.site, '(')",
    "a pattern repeated too often": "regexp_matches(t.site, '(((a{9}){9}){9}){9}{9}')",
    "a pattern that looks back": r"regexp_matches(t.site, '(a)\1')",
    "a computed pattern": "t.site ~ t.pattern",
    "a group that is none": "regexp_extract(t.site, '(a)', 2)",
    "an empty filling": "lpad(t.site, 9, '')",
    "a long filling": "lpad(t.site, 1000000, 'x')",
    "a computed part": "split_part(t.site, '-', t.grade)",
    "a field of no template": "strftime(DATE '2026-01-31', '%Q')",
    "a computed quantile": "quantile_cont(t.grade, 2)",
    "a quantile of what overflows": "quantile_cont(t.big * t.big, 0.5)",
    "rows of several types": "(t.site, t.grade) IN ((t.grade, t.site))",
    "each of several types": "t.grade > ALL (SELECT v.site FROM event AS v)",
    "the start of a computed time": "date_trunc('month', CAST('2026-01-31' AS TIMESTAMP))",
    "the start of a rarer unit": "(SELECT date_trunc('decade', DATE '2026-01-31'))",
    "a correlation of doubles": "corr(t.big * 1e300, t.big)",
    "a list of several types": "[t.site, t.grade][1]",
    "lists of several types": "['H1'] && [t.grade]",
    "each of several elements": "(SELECT unnest(max([v.site, 'x'])) FROM event AS v)",
    "an element inside an expression": "upper(unnest([t.site]))",
    "an element of no list": "unnest(array_agg(t.site))",
}
"""Expressions that are not proven in a subquery that a join may spare itself."""
FUSED = {
    "a shorter replacement": "replace(t.site, 'SS', 's')",
    "a name of parts": "t.site || '-' || t.digits || '-' || t.day",
    "a default of the type": "lag(t.id, 1, 0) OVER (ORDER BY t.id)",
    "a text by default": "lag(t.site, 1, 'none') OVER (ORDER BY t.id)",
    "tiles": "ntile(4) OVER (ORDER BY t.id)",
    "a frame of rows": "sum(t.id) OVER (ORDER BY t.id ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)",
    "an interval": "INTERVAL 30 DAY",
    "the greatest": "max(t.id)",
    "truth": "bool_and(t.grade > 1)",
    "a joined text": "string_agg(t.site, ', ')",
    "a sum of sums": "sum(t.big + t.small)",
    "a variance of whole numbers": "stddev(t.big)",
    "a pattern": "regexp_matches(t.site, '^H[0-9]+$')",
    "a part of a pattern": "regexp_extract(t.site, '(H)([0-9]?)', 2)",
    "a part": "split_part(t.site, '-', 2)",
    "a filling": "lpad(t.site, 9, '0')",
    "a template": "strftime(DATE '2026-01-31', '%Y-%m')",
    "a quantile": "quantile_cont(t.grade, 0.5)",
    "a quantile of a group": "percentile_disc(0.9) WITHIN GROUP (ORDER BY t.site)",
    "rows": "(t.site, t.grade) IN (('H1', 1), ('S3', 5))",
    "each": "t.grade >= ALL (SELECT v.grade FROM event AS v)",
    "the start of a time": "(SELECT max(date_trunc('month', q.d)) FROM (SELECT DATE '2026-01-31' AS d) AS q)",
    "a correlation of whole numbers": "corr(t.big, t.grade)",
    "a list": "list_sort([t.site, 'H1'])[1]",
    "a shared element": "list_has_any([t.site], ['H1', 'S3']) OR list_has_all([t.grade], [1])",
    "each element": "unnest([t.site, 'x'])",
    "a text in dollars": "$$it's$$ || t.site",
    "a moment in the query": "TIMESTAMP '2026-01-31 10:00:00'",
    "the greatest by a product": "arg_max(t.site, t.big * t.grade)",
    "a difference of days": "date_diff('month', DATE '2026-01-31', DATE '2026-02-28')",
}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    root = tmp_path_factory.mktemp("ways") / "lake"
    init_lake(root).close()
    lake = open_lake(root)
    rows = events(hidden=True)
    tags = {column: ["sensitivity.none"] for column in rows.column_names}
    write_batches(
        lake, TableName.parse("main.event"), rows.to_reader(), mode="append", tags=tags, actor="suite"
    )
    policy = documents(PURPOSE)
    policy["grants"] = [each for each in policy["grants"] if "consent" not in each["rows"]]
    (lake.policies_dir / "ways.yaml").write_text(json.dumps(policy), encoding="utf-8")
    with open_gateway(lake) as opened:
        yield opened


def way(gateway: Gateway, inner: str) -> str | None:
    sql = f"SELECT u.id FROM event AS u JOIN ({inner}) AS s ON s.x IS NOT NULL WHERE u.grade > 5"
    return gateway.explain(gateway.session("or", PURPOSE), sql).way


@pytest.mark.parametrize("name", STAGED)
def test_what_may_fail_or_grow_is_staged(gateway: Gateway, name: str) -> None:
    assert way(gateway, f"SELECT {STAGED[name]} AS x FROM event AS t") == "staged"


@pytest.mark.parametrize("name", FUSED)
def test_what_can_do_neither_is_fused(gateway: Gateway, name: str) -> None:
    assert way(gateway, f"SELECT {FUSED[name]} AS x FROM event AS t") == "fused"


BESIDE = {
    "each element": "unnest([t.site, 'x']) AS s(x)",
    "a relation beside": "LATERAL (SELECT v.id AS x FROM event AS v WHERE v.grade = t.grade LIMIT 2) AS s",
    "a total beside": "LATERAL (SELECT count(*) AS x FROM event AS v WHERE v.site = t.site) AS s",
    "numbers": "generate_series(1, 5) AS s(x)",
}
"""Relations that stand beside `event AS t`."""
STAGED_BESIDE = {
    "elements that may fail": "unnest([CAST(t.site AS BIGINT)]) AS s(x)",
    "an element and its place": "unnest([t.site]) WITH ORDINALITY AS s(x, n)",
    "a row that may fail": "LATERAL (SELECT CAST(t.site AS BIGINT) AS x FROM event AS v) AS s",
    "a name of both": (
        "LATERAL (SELECT CAST(grade AS INT) AS x FROM (SELECT v.site AS grade FROM event AS v) AS v) AS s"
    ),
    "many numbers": "generate_series(1, 9999999) AS s(x)",
}


@pytest.mark.parametrize(
    ("relation", "expected"),
    [*((each, "fused") for each in BESIDE.values()), *((each, "staged") for each in STAGED_BESIDE.values())],
)
def test_a_relation_beside_another(gateway: Gateway, relation: str, expected: str) -> None:
    assert way(gateway, f"SELECT s.x FROM event AS t, {relation}") == expected


TIMES = "(SELECT DATE '2026-01-31' AS day, t.id FROM event AS t) AS q"
OF_OTHERS = {
    "trino": f"SELECT date_trunc('month', q.day) AS x FROM {TIMES}",
    "spark": f"SELECT datediff(q.day, q.day) AS x FROM {TIMES}",
    "postgres": f"SELECT date_trunc('month', q.day) AS x FROM {TIMES}",
}


@pytest.mark.parametrize("dialect", OF_OTHERS)
def test_what_other_dialects_ask_of_times_is_fused(gateway: Gateway, dialect: str) -> None:
    answer = gateway.execute(gateway.session("or", PURPOSE, dialect=dialect), OF_OTHERS[dialect])
    assert (answer.way, answer.table().num_rows > 0) == ("fused", True)


def test_a_text_that_doubles_with_each_subquery_is_staged(gateway: Gateway) -> None:
    assert way(gateway, f"SELECT q.s AS x FROM ({DOUBLED}) AS q") == "staged"


def test_a_text_that_grows_in_a_condition_is_staged(gateway: Gateway) -> None:
    """Behind an OR the engine evaluates it on rows that nobody sees: one with an S took all memory."""
    grown = STAGED["a text that grows with each letter"]
    sql = f"SELECT t.id FROM event AS t WHERE t.grade = 1 OR length({grown}) > 0"
    assert gateway.explain(gateway.session("or", PURPOSE), sql).way == "staged"
