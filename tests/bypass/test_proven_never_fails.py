"""The law of the no-throw list: what is proven fails on no cell, however extreme, wherever it is evaluated.

Random queries that count as proven with nothing sure to be evaluated run on the extreme cells themselves, as
no user's query ever does: none may fail. `LAKEWARD_RANDOM_PROOFS` says how many the long test draws.
"""

import json
import os
import random
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import duckdb
import pytest
from sqlglot import exp
from tests.bypass.extreme_cells import COLUMNS, extreme_engine
from tests.bypass.random_nesting import Queries

from lakeward.catalog.errors import LakewardError
from lakeward.catalog.types import DataType, Field, ListType, PrimitiveType, StructType
from lakeward.policies.admit import admit
from lakeward.policies.rewrite.fuse import NotProvenError
from lakeward.policies.rewrite.fuse import expressions as operators
from lakeward.policies.rewrite.fuse.bound_calls import doubtful_calls, unknown_parts
from lakeward.policies.rewrite.fuse.bound_casts import is_total
from lakeward.policies.rewrite.fuse.bound_plan import read_plan
from lakeward.policies.rewrite.fuse.fold_dates import fold_dates
from lakeward.policies.rewrite.fuse.functions import FUNCTIONS
from lakeward.policies.rewrite.fuse.kinds import Kind, Value
from lakeward.policies.rewrite.fuse.prove import Prover

NUMBERS = frozenset({"INTEGER", "BIGINT", "HUGEINT", "DECIMAL", "FLOAT", "DOUBLE"})
PLANNED = (
    duckdb.BinderException,
    duckdb.ParserException,
    duckdb.CatalogException,
    duckdb.NotImplementedException,
)
"""What the engine says when it plans: whatever the cells are."""
FAMOUS = {
    "truth of a text": "SELECT 1 AS x FROM t WHERE text IS TRUE",
    "truth of a time": "SELECT CASE WHEN day IS NOT FALSE THEN 1 END AS x FROM t",
    "three of several scales": "SELECT big IN (cents, big, whole) AS x FROM t",
    "between a date and a moment": "SELECT DATE '2026-01-31' BETWEEN day AND moment AS x FROM t",
    "either of two scales": "SELECT avg(CASE WHEN flag THEN fine ELSE price END) AS x FROM t",
    "a week before the first day": "SELECT extract(week FROM day) AS x FROM t",
    "a moment before the calendar": "SELECT moment || '' AS x FROM t",
    "a moment tried": "SELECT TRY_CAST(moment AS TEXT) AS x FROM t",
    "a cast to the type of another": "SELECT cast_to_type(text, day) AS x FROM t",
    "truths and numbers in a list": "SELECT len([flag, small]) AS x FROM t",
    "an instant tried": "SELECT TRY_CAST(instant AS TIMESTAMP) AS x FROM t",
    "moments in one text": "SELECT string_agg(moment, ', ') AS x FROM t",
    "between two days": "SELECT median(day) AS x FROM t GROUP BY small",
    "a single by default": "SELECT lag(single, 1, 1e308) OVER (ORDER BY small) AS x FROM t",
    "a median of what is no number, over a window": (
        "SELECT median(ratio) OVER (ORDER BY small ROWS 5 PRECEDING) AS x FROM t"
    ),
    "one of what is no number, over a window": (
        "SELECT quantile_disc(d.m, 0.5) OVER (ORDER BY d.small ROWS 5 PRECEDING) AS x "
        "FROM (SELECT median(single) AS m, small FROM t GROUP BY small, text, word) AS d"
    ),
    "a day of a subquery": "SELECT moment IN (SELECT DATE '2026-01-31' FROM t) AS x FROM t",
    "another query's sum": "SELECT (SELECT sum(t.small) FROM (SELECT * FROM t) AS i) AS x FROM t",
    "a count under another's condition": (
        "SELECT (SELECT count(*) FILTER (WHERE t.flag) FROM t AS i) AS x FROM t"
    ),
    "an aggregate deeper down": "SELECT (SELECT (SELECT max(j.small) FROM t AS j) FROM t AS i) AS x FROM t",
    "a list of days or of moments": "SELECT CASE WHEN flag THEN days ELSE moments END AS x FROM t",
    "a struct of days or of moments": "SELECT stay AS x FROM t UNION ALL SELECT visit FROM t",
    "a column of a relation beside": (
        "SELECT 1 AS x FROM (SELECT small AS k FROM t) AS a WHERE EXISTS (SELECT 1 FROM "
        "(SELECT text AS k FROM t) AS a, (SELECT CAST(a.k AS BIGINT) AS z) AS b WHERE b.z > 0)"
    ),
    "a group by a column around": (
        "SELECT 1 AS x FROM (SELECT text AS k FROM t) AS o WHERE EXISTS "
        "(SELECT i.small AS k FROM t AS i GROUP BY i.small, CAST(k AS BIGINT))"
    ),
    "a field or a column around": (
        "SELECT 1 AS x FROM (SELECT small AS street FROM t) AS home WHERE EXISTS "
        "(SELECT 1 FROM t AS i WHERE CAST(home.street AS BIGINT) > 0)"
    ),
    "bytes for a struct": "SELECT lag(visit, 1, raw) OVER () AS x FROM t",
    "the last of two aliases": "SELECT small AS k, text AS k FROM t WHERE CAST(k AS BIGINT) > 0",
    "the last of two aliases, in order": "SELECT small AS k, text AS k FROM t ORDER BY CAST(k AS BIGINT)",
    "a name before a star": (
        "SELECT CAST(d.small AS BIGINT) AS x FROM (SELECT t.text AS small, t.* FROM t) AS d"
    ),
    "a name of two stars": (
        "SELECT CAST(d.k AS BIGINT) AS x FROM (SELECT a.*, b.* FROM (SELECT text AS k FROM t) AS a, "
        "(SELECT small AS k FROM t) AS b) AS d"
    ),
    "a name that two columns have, renamed": (
        "SELECT 1 AS x FROM (SELECT text AS a, small AS b FROM t) AS d(b) WHERE CAST(d.b AS BIGINT) > 0"
    ),
    "a name that the engine makes up": (
        "SELECT 1 AS x FROM (SELECT small AS k_1 FROM t) AS o WHERE EXISTS "
        "(SELECT 1 FROM (SELECT small AS k, text AS k FROM t) AS d WHERE CAST(k_1 AS BIGINT) > 0)"
    ),
    "a name that looks made up": (
        'SELECT 1 AS x FROM (SELECT small AS k, text AS "k#2", big AS k FROM t) AS d '
        'WHERE CAST("k#2" AS BIGINT) > 0'
    ),
    "a name that folds into another": (
        'SELECT 1 AS x FROM (SELECT text AS "ß" FROM t) AS o WHERE EXISTS '
        '(SELECT 1 FROM (SELECT small AS "ss" FROM t) AS d WHERE CAST("ß" AS BIGINT) > 0)'
    ),
    "a whole row": "SELECT text AS i FROM t AS i WHERE i || '' = 'a'",
    "a relation of the other side": (
        "SELECT 1 AS x FROM (SELECT text AS k FROM t) AS c WHERE EXISTS (SELECT 1 FROM t AS a "
        "SEMI JOIN (SELECT small AS k FROM t) AS b JOIN (SELECT small AS k FROM t) AS c ON b.k = c.k "
        "ON a.small = b.k WHERE CAST(c.k AS BIGINT) > 0)"
    ),
    "three scales in one column": (
        "SELECT 1 AS x FROM (SELECT 1 AS k) AS a RIGHT JOIN (SELECT fine AS k FROM t) AS b USING (k) "
        "LEFT JOIN (SELECT whole AS k FROM t) AS c USING (k)"
    ),
    "no truth beside a text": (
        "SELECT 1 AS x FROM (SELECT NOT NULL AS k, text FROM t) AS d WHERE d.k = d.text"
    ),
    "a share of rows or a price": (
        "SELECT CAST(greatest(cume_dist() OVER (ORDER BY small), price) AS DECIMAL(18, 4)) AS x FROM t"
    ),
    "a merged column": (
        "SELECT k + 1 AS x FROM (SELECT small AS k FROM t) AS a "
        "FULL JOIN (SELECT big AS k FROM t) AS b USING (k)"
    ),
}


OPERATORS = operators._OPERATORS
ELSEWHERE = {
    *("StddevSamp", "Corr", "CovarSamp", "CovarPop", "RegrSlope", "Kurtosis", "Skewness"),
    *("AnyValue", "TimestampTrunc", "DateTrunc", "Interval", "ArraySize", "DayOfMonth", "CountIf", "Median"),
    "TsOrDsToDate",
}
UNPROVEN = (
    "SELECT 1 AS x FROM t WHERE current_date(text) > DATE '2020-01-01'",
    "SELECT current_date('no zone') AS x FROM t",
    "SELECT CAST(small AS INT DEFAULT 1 ON CONVERSION ERROR) AS x FROM t",
    "SELECT covar_samp(NULL % 0.5, 1.5) AS x FROM t",
    "SELECT list_has_any(words, [small]) AS x FROM t",
    "SELECT len([]) AS x FROM t",
    "SELECT d.z AS x FROM t AS a RIGHT JOIN LATERAL (SELECT a.small AS z) AS d ON TRUE",
    "SELECT 1 AS x FROM t WHERE EXISTS (SELECT 1 FROM unnest(t.words) AS u(k) WHERE k = 'a')",
    "SELECT text AS small, sum(CAST(small AS BIGINT)) OVER () AS r FROM t",
    "SELECT max(text) AS small FROM t HAVING sum(CAST(small AS BIGINT)) > 0",
    "SELECT max(text) AS small, raw FROM t GROUP BY raw ORDER BY max(CAST(small AS BIGINT))",
)
"""Arguments that an entry of the list passed over or took for something else; names that may mean two."""


def hidden(name: str) -> DataType:
    """The Iceberg type of a column of the table, all of whose cells are hidden from somebody."""
    word = COLUMNS[name][0]
    if word.startswith("list"):
        return ListType(1, PrimitiveType(word.removeprefix("list<").removesuffix(">")))
    if word.startswith("struct"):
        parts = re.findall(r"(\w+): (\w+)", word)
        return StructType(
            tuple(Field(at, part, PrimitiveType(type_)) for at, (part, type_) in enumerate(parts))
        )
    sizes = [int(each) for each in re.findall(r"\d+", word)]
    return PrimitiveType("decimal", *sizes) if sizes else PrimitiveType(word)


TABLE = cast(
    "Any",
    SimpleNamespace(
        visible_columns=[SimpleNamespace(name=each, type=hidden(each)) for each in COLUMNS], shows_all=False
    ),
)


def proven(sql: str) -> str | None:
    """Return the statement that would run over hidden rows, or nothing where there is no proof."""
    try:
        tree = admit(sql)
        fold_dates(tree)
        Prover(
            tables={id(each): TABLE.visible_columns for each in tree.find_all(exp.Table) if each.name},
            may_rewrite=True,
        ).prove(tree)
    except (LakewardError, NotProvenError):
        return None
    return tree.sql("duckdb")


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with extreme_engine() as opened:
        yield opened


def failures(engine: duckdb.DuckDBPyConnection, seed: int, count: int) -> tuple[int, list[str]]:
    """Draw queries; return how many are proven, and those of them that fail, or hold a cast that could."""
    queries = Queries(random.Random(seed))  # noqa: S311  the same draws each time
    found = [sql for _ in range(count) if (sql := proven(queries.query()))]
    return len(found), [f"{sql}\n  {error}" for sql in found if (error := failure(engine, sql))]


def is_one_found(engine: duckdb.DuckDBPyConnection, seed: int, count: int) -> bool:
    """Draw queries until one that is proven fails."""
    queries = Queries(random.Random(seed))  # noqa: S311  the same draws each time
    return any(failure(engine, sql) for _ in range(count) if (sql := proven(queries.query())))


def failure(engine: duckdb.DuckDBPyConnection, sql: str) -> str | None:
    """Run a statement to its end; return what it fails of, unless the engine refuses to plan it."""
    if doubt := doubtful(engine, sql):
        return doubt
    try:
        engine.execute(sql).to_arrow_table()
    except PLANNED:
        return None
    except duckdb.Error as error:
        return str(error).splitlines()[0]
    return None


def doubtful(engine: duckdb.DuckDBPyConnection, sql: str) -> str | None:
    """Return what the engine would make of a statement that could fail on cells which are not there.

    A cast between numbers may hang on how large they can be, which rules count and types do not tell.
    """
    plan = engine.execute("SELECT json_serialize_plan($1)", [sql]).fetchone()
    assert plan is not None
    if json.loads(plan[0])["error"]:
        return None
    found = read_plan(plan[0])
    casts = [f"{a} to {b}" for a, b in found.casts if not is_total(a, b) and not {a.id, b.id} <= NUMBERS]
    return next(
        iter([*casts, *doubtful_calls(found), *(unknown_parts(found) - {"LOGICAL_GET seq_scan"})]), None
    )


def test_what_is_proven_fails_on_no_cell(engine: duckdb.DuckDBPyConnection) -> None:
    proofs, failed = failures(engine, seed=1, count=2_500)
    assert proofs > 400
    assert not failed, "\n".join(failed[:5])


@pytest.mark.slow
def test_many_are_proven_and_none_fails(engine: duckdb.DuckDBPyConnection) -> None:
    count = int(os.environ.get("LAKEWARD_RANDOM_PROOFS", "15000"))
    proofs, failed = failures(engine, seed=2, count=count)
    assert proofs > count // 8
    assert not failed, "\n".join(failed[:5])


@pytest.mark.slow
def test_the_draws_reach_the_whole_list() -> None:
    """But for what is proven only where it surely runs, or not as these queries spell it."""
    queries = Queries(random.Random(4))  # noqa: S311  the same draws each time
    drawn = {
        type(node)
        for _ in range(15_000)
        if proven(sql := queries.query())
        for node in admit(sql).find_all(*OPERATORS, *FUNCTIONS)
    }
    assert {each.__name__ for each in {*OPERATORS, *FUNCTIONS} - drawn} <= ELSEWHERE


@pytest.mark.parametrize("name", FAMOUS)
def test_what_has_failed_is_not_proven(engine: duckdb.DuckDBPyConnection, name: str) -> None:
    assert failure(engine, FAMOUS[name])
    widened = proven(FAMOUS[name])
    assert widened is None or not failure(engine, widened)


@pytest.mark.parametrize("sql", UNPROVEN)
def test_what_no_rule_looks_at_is_not_proven(sql: str) -> None:
    assert proven(sql) is None


def test_an_argument_that_an_entry_forgets_is_not_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FUNCTIONS, exp.Sqrt, lambda _node, _place: Value(Kind.DOUBLE))
    assert proven("SELECT sqrt(4) AS x FROM t")
    for forgotten in ("small", "CAST('x' AS INT)", "(SELECT max(small) FROM t)"):
        assert proven(f"SELECT sqrt({forgotten}) AS x FROM t") is None


def _whatever(node: exp.Expr, place: operators.Place) -> Value:
    place.prove(node.this)
    return Value(Kind.DOUBLE)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [exp.Sqrt, exp.Ln])
def test_a_careless_entry_is_found(
    engine: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, kind: type[exp.Expr]
) -> None:
    monkeypatch.setitem(FUNCTIONS, kind, _whatever)
    assert is_one_found(engine, seed=3, count=6_000)
