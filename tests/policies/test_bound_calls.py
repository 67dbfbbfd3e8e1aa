"""The list of calls: each fails for no cell of its types, and what the engine bound otherwise is seen."""

from collections.abc import Iterator
from itertools import product

import duckdb
import pytest
from sqlglot import exp, parse_one
from tests.bypass.extreme_cells import extreme_engine

from lakeward.gateway.engines.duckdb.parser import Parser
from lakeward.policies.lists import bound_list
from lakeward.policies.rewrite.fuse import NotProvenError
from lakeward.policies.rewrite.fuse.ask_engine import require_harmless_plan
from lakeward.policies.rewrite.fuse.bound_calls import doubtful_calls
from lakeward.policies.rewrite.fuse.bound_casts import doubtful_casts
from lakeward.policies.rewrite.fuse.bound_plan import read_plan

LISTED = [(name, each) for name, every in sorted(bound_list().calls.items()) for each in every]
NOT_CALLED = frozenset({"error", "row"})
"""What the engine puts in itself, and what has no name that could be written."""
COUNTED = frozenset({"+", "-", "*", "%", "sum", "avg", "sum OVER", "avg OVER"})
"""Whether these overflow hangs on how large values are, which the rules count."""
CELLS = {
    "BOOLEAN": ["flag"], "INTEGER": ["small"], "BIGINT": ["big"], "FLOAT": ["single"], "DOUBLE": ["ratio"],
    "VARCHAR": ["text", "word"], "DATE": ["day"], "TIMESTAMP": ["moment"],
    "TIMESTAMP_WITH_TIME_ZONE": ["instant"], "NULL": ["NULL"], "LIST": ["words", "days"],
    "STRUCT": ["home", "visit"], "EXACT": ["small", "big", "whole", "fine"],
    "FIXED": ["small", "big", "cents", "whole"], "NUMBER": ["small", "big", "price", "ratio", "single"],
    "*": ["flag", "small", "whole", "ratio", "text", "day", "moment", "instant", "raw", "words", "home"],
}  # fmt: skip
FROM = "DATE '290300-01-01 (BC)'"
GUARDED = f"CASE WHEN {{0}} > {FROM} THEN least(greatest({{0}}, {FROM}), DATE '9999-01-01') END"
CELLS["DATE^"] = [GUARDED.format("day")]
CELLS["TIMESTAMP^"] = [GUARDED.format("moment").replace("DATE", "TIMESTAMP")]
CONSTANTS = {"VARCHAR!": ["'a%'", "''"], "INTEGER!": ["0", "3"], "BIGINT!": ["0", "-2"], "DOUBLE!": ["1e1"]}
OF_A_CALL = {
    **{key: {"VARCHAR!": ["'month'", "'hour'", "'dow'"]} for key in ("date_part", "date_diff")},
    "strftime": {"VARCHAR!": ["'%Y-%m-%d'"]},
    "struct_extract": {"VARCHAR!": ["'street'", "'since'"]},
    "WINDOW_NTILE": {"BIGINT!": ["3"]},
    **{key: {"VARCHAR!": ["'x'"]} for key in ("lpad", "rpad")},
    "array_extract": {"BIGINT!": ["1", "-1", "0"], "VARCHAR!": ["'street'", "'since'"]},
    "date_trunc": {"VARCHAR!": ["'month'", "'hour'", "'week'"]},
}
FRAMED = " OVER (ORDER BY small ROWS 3 PRECEDING)"
WINDOWS = {"WINDOW_RANK_DENSE": "dense_rank"}


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with extreme_engine() as opened:
        yield opened


def spellings(name: str, signature: str) -> Iterator[str]:
    """Write a call of a signature over columns and constants of every kind that it takes."""
    words = signature.split()
    if words[-1:] == ["..."]:
        words = [*words[:-1], words[-2]]
    some = CONSTANTS | OF_A_CALL.get(name, {})
    for given in product(*(CELLS.get(each) or some[each] for each in words)):
        called, over = name.removesuffix(" OVER"), FRAMED if name.endswith(" OVER") else ""
        if (called, given) == ("count", ()):
            yield f"count(*){over}"
        elif called.startswith("quantile"):
            yield f"{called}({given[0]}, 0.5){over}"
        elif name.startswith("WINDOW_"):
            called = WINDOWS.get(name, name.removeprefix("WINDOW_"))
            yield f"{called}({', '.join(given)}) OVER (ORDER BY small)"
        elif name.strip("!~*|/&"):
            yield f"{called}({', '.join(given)}){over}"
        else:
            yield f" {name} ".join(given)


@pytest.mark.parametrize(
    ("name", "signature"), [each for each in LISTED if each[0] not in NOT_CALLED | COUNTED]
)
def test_what_is_listed_fails_on_no_cell(
    engine: duckdb.DuckDBPyConnection, name: str, signature: str
) -> None:
    ran = 0
    for call in spellings(name, signature):
        sql = f"SELECT {call} AS x FROM t"
        row = engine.execute("SELECT json_serialize_plan($1)", [sql]).fetchone()
        assert row is not None
        try:
            plan = read_plan(row[0])
        except NotProvenError:
            continue  # a field that this struct does not have, or a unit that this type does not
        if name in {each.name for each in plan.calls} and not [*doubtful_calls(plan), *doubtful_casts(plan)]:
            engine.execute(sql).to_arrow_table()
            ran += 1
    assert ran, "the engine binds none of these"


@pytest.fixture
def parser() -> Iterator[Parser]:
    made = Parser()
    yield made
    made.close()


T = "(SELECT NULL::INT AS a, NULL::VARCHAR AS s, NULL::DECIMAL(9, 2) AS n, NULL::DATE AS d) AS t"


def selected(sql: str) -> exp.Query:
    query = parse_one(f"SELECT {sql} AS x FROM {T}", dialect="duckdb")
    assert isinstance(query, exp.Query)
    return query


@pytest.mark.parametrize(
    ("sql", "is_fine"),
    [
        ("lower(s)", True),
        ("s LIKE 'a%'", True),
        ("s LIKE s", False),
        ("abs(a::DOUBLE)", True),
        ("abs(a)", False),
        ("abs(n)", False),
        ("round(n, 1)", False),
        ("sqrt(a)", False),
        ("stddev(a)", True),
        ("count(*) OVER ()", True),
        ("median(a) OVER (ORDER BY a)", True),
        ("median(a::DOUBLE)", True),
        ("median(a::DOUBLE) OVER (ORDER BY a)", False),
        ("kurtosis(a) OVER ()", False),
        ("stddev(a::DOUBLE * 2)", False),
        ("d + 1", False),
        ("lpad(s, a, 'x')", False),
        ("[s, s]", True),
        ("unnest([s])", True),
        ("{'a': s}", False),
        ("date_trunc('month', d)", False),
        ("date_trunc('month', CASE WHEN d > DATE '2026-01-31' THEN d END)", False),
        ("date_trunc('month', greatest(d, DATE '2026-01-31'))", False),
        (f"date_trunc('month', {GUARDED.format('d')})", True),
        ("random() < 0.5", False),
        ("a ** 2", False),
    ],
)
def test_the_engine_is_asked_what_it_would_call(parser: Parser, sql: str, *, is_fine: bool) -> None:
    query = selected(sql)
    if is_fine:
        require_harmless_plan(query, parser.bind)
    else:
        with pytest.raises(NotProvenError):
            require_harmless_plan(query, parser.bind)


def test_one_that_may_fail_is_counted(parser: Parser) -> None:
    query = selected("d + 1")
    require_harmless_plan(query, parser.bind, calls_may_fail=1)
    with pytest.raises(NotProvenError, match="INTEGER"):
        require_harmless_plan(query, parser.bind, calls_may_fail=0, casts_may_fail=1)


def test_a_part_of_a_plan_that_nobody_thought_about_is_named(parser: Parser) -> None:
    query = parse_one(f"SELECT * FROM {T} TABLESAMPLE 10%", dialect="duckdb")
    assert isinstance(query, exp.Query)
    with pytest.raises(NotProvenError, match="LOGICAL_SAMPLE"):
        require_harmless_plan(query, parser.bind, calls_may_fail=9, casts_may_fail=9)
