"""Random queries of many shapes over the hospital: joins, subqueries, windows, CTEs, set operations.

Every order that decides which rows show is total over what the query returns: there is one right answer.
"""

import random
from collections.abc import Callable

COLUMNS = {
    "patient": ("sex", "zip", "site", "weight", "seen"),
    "visit": ("site", "dept", "code", "days", "started"),
    "lab": ("test", "unit", "abnormal", "value"),
    "scan": ("modality", "part"),
    "variant": ("gene", "effect", "pos"),
}
"""Columns whose values repeat, of tables that have a `patient_id`."""
CONDITIONS = (
    "t.{0} IS NOT NULL",
    "CAST(t.{0} AS TEXT) LIKE '%1%'",
    "t.{0} IN (SELECT s.{0} FROM {1} AS s WHERE s.patient_id IS NOT NULL)",
    "NOT (t.{0} IS NULL)",
    "length(CAST(t.{0} AS TEXT)) > 2",
    "EXISTS (SELECT 1 FROM {1} AS o WHERE o.{0} = t.{0})",
    "t.{0} >= (SELECT min(m.{0}) FROM {1} AS m)",
    "t.{0} IS DISTINCT FROM (SELECT max(m.{0}) FROM {1} AS m)",
    "CASE WHEN t.{0} IS NULL THEN 1 ELSE 2 END = 2",
)
AGGREGATES = (
    "count(*)",
    "min({0})",
    "max({0})",
    "count(DISTINCT {0})",
    "count({0}) FILTER (WHERE {0} IS NOT NULL)",
)
OPERATIONS = ("UNION", "UNION ALL", "EXCEPT", "INTERSECT")
JOINS = ("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN")


def wide_query(draw: random.Random) -> str:
    """Draw one query."""
    shape: Callable[[random.Random], str] = draw.choice(SHAPES)
    return shape(draw)


def _table(draw: random.Random) -> str:
    return draw.choice(sorted(COLUMNS))


def _where(draw: random.Random, table: str) -> str:
    """One condition or two on the columns of `t`."""
    names = draw.sample(COLUMNS[table], draw.choice((1, 2)))
    parts = [f"({draw.choice(CONDITIONS).format(name, table)})" for name in names]
    return draw.choice((" AND ", " OR ")).join(parts)


def _grouped(draw: random.Random) -> str:
    table = _table(draw)
    key, other = draw.sample(COLUMNS[table], 2)
    value = draw.choice(AGGREGATES).format(f"t.{other}")
    query = (
        f"SELECT t.{key} AS k, {value} AS v FROM {table} AS t WHERE {_where(draw, table)} GROUP BY t.{key}"
    )
    return query + draw.choice(("", " HAVING count(*) > 1", " ORDER BY k"))


def _joined(draw: random.Random) -> str:
    left, right = draw.sample(sorted(COLUMNS), 2)
    key, value = draw.choice(COLUMNS[left]), draw.choice(COLUMNS[right])
    return (
        f"SELECT t.{key} AS k, count(u.{value}) AS v, count(*) AS n FROM {left} AS t "
        f"{draw.choice(JOINS)} {right} AS u ON t.patient_id = u.patient_id "
        f"WHERE {_where(draw, left)} GROUP BY t.{key}"
    )


def _subquery(draw: random.Random) -> str:
    return f"SELECT q.k, count(*) AS n FROM ({_grouped(draw)}) AS q GROUP BY GROUPING SETS ((q.k), ())"


def _windowed(draw: random.Random) -> str:
    table = _table(draw)
    key, other = draw.sample(COLUMNS[table], 2)
    window = draw.choice(("rank()", "dense_rank()", "count(*)", f"max(t.{other})"))
    return (
        f"SELECT t.{key} AS k, t.{other} AS o, {window} OVER (PARTITION BY t.{key} ORDER BY t.{other}) AS w "
        f"FROM {table} AS t WHERE {_where(draw, table)}"
    )


def _cte(draw: random.Random) -> str:
    word = draw.choice(("", "MATERIALIZED "))
    return f"WITH c AS {word}({_grouped(draw)}) SELECT c.k, c.v FROM c WHERE c.v IS NOT NULL"


def _set(draw: random.Random) -> str:
    table = _table(draw)
    key = draw.choice(COLUMNS[table])
    one, two = (f"SELECT t.{key} AS k FROM {table} AS t WHERE {_where(draw, table)}" for _ in range(2))
    return f"{one} {draw.choice(OPERATIONS)} {two}"


def _distinct(draw: random.Random) -> str:
    table = _table(draw)
    key, other = draw.sample(COLUMNS[table], 2)
    limit = draw.choice(("", f" ORDER BY t.{key}, t.{other} LIMIT 5"))
    return f"SELECT DISTINCT t.{key}, t.{other} FROM {table} AS t WHERE {_where(draw, table)}{limit}"


SHAPES = (_grouped, _joined, _subquery, _windowed, _cte, _set, _distinct)
