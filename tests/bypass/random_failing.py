"""Random queries that may fail where they surely run: nested relations, joins, unions, groups, subqueries.

Each draws on two tables of the columns of `extreme_cells.py`. Whether it may run fused is for the prover to
say; here expressions that can fail stand wherever one can.
"""

import random

from tests.bypass.random_expression import NAMES, Expressions

TABLES = ("event", "rare")
GATES = (
    *("t.grade > 1", "t.grade = 1", "t.id < 0", "t.id > 117", "t.id IN (4, 8)", "t.never IS NULL", "TRUE"),
    *("t.id IN (SELECT v.id FROM rare AS v WHERE v.grade > 1)", "t.never > 1", "t.grade <> 1"),
)
"""Conditions that let few visible rows through or none, and by hidden rows look otherwise to a plan."""
_RISKS = {
    "number": (
        *("{number} * {number}", "{number} + {number}", "{number} * {number} * t.never", "-{number}"),
        *("CAST({number} AS INT)", "CAST({number} AS DECIMAL(9, 2))", "CAST('x' AS INT)", "{number} - 1"),
        *("round({number}, 1)", "{number} * 92233720368", "{number} * 1e300", "CAST({truth} AS INT) * t.big"),
        *("abs({number})", "ceil({number})", "{number} % {number}", "CAST({number} AS BIGINT)"),
        "CASE WHEN {truth} THEN {number} * {number} ELSE 1 END",
        "CASE WHEN t.id > 100 THEN CAST('x' AS INT) ELSE 1 END",
    ),
    "time": (
        *("{time} + INTERVAL 90000 YEAR", "{time} - INTERVAL 1 DAY", "t.day + 1", "t.day + t.small"),
        *("date_trunc('month', {time})", "date_trunc('week', t.moment)"),
    ),
    "truth": ("({number} * {number}) IS NULL", "{number} * {number} > {number}"),
    "text": ("CAST({number} * {number} AS TEXT)", "strftime({time}, '%Y-%m')"),
}
_TOTALS = (
    *("sum({number})", "avg({number})", "min({number})", "max({number})", "count({number})", "max({time})"),
    *("stddev({number})", "var_pop({number})", "corr({number}, {number})", "kurtosis({number})"),
    *("median({time})", "median({number})", "sum({number}) + 1", "sum({number}) FILTER (WHERE {truth})"),
    *(
        "-max({number})",
        "max({number}) * max({number})",
        "CAST(max({number}) AS INT)",
        "avg(DISTINCT {number})",
    ),
    *("count(DISTINCT {number})", "arg_max({number}, {number})", "any_value({number})", "max({truth})"),
    *("CASE WHEN max(t.grade) > 1 THEN {number2} ELSE 1 END", "coalesce(max(t.never), {number2})"),
    *("max(t.never) * {number2}", "skewness({number})", "covar_samp({number}, {number})", "max({text})"),
)
_KEYS = (
    "t.id",
    "t.grade",
    "t.word",
    "t.small",
    "t.flag",
    "t.id, t.word",
    "t.never",
    "ALL",
    "ROLLUP (t.grade, t.flag)",
)
_TYPED = {"small": "number", "big": "number", "price": "number", "ratio": "number", "day": "time"}


class FailingQueries:
    """Draws queries; those of a seed are always the same."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)  # noqa: S311  the same draws each time
        names = {kind: [f"t.{name}" for name in names] for kind, names in NAMES.items()}
        self._some = Expressions(self._draw, names | {"number": [*names["number"], "t.id", "t.never"]})

    def query(self) -> str:
        """Draw one."""
        body = self._select(depth=self._draw.choice((0, 1, 1, 2)), single=True)
        if self._chance(0.15):
            word = self._draw.choice(("UNION ALL", "UNION", "EXCEPT", "INTERSECT"))
            body = f"{body} {word} {self._select(depth=0, single=True)}"
            return (
                f"SELECT t.x FROM ({body}) AS t{self._end('t.x')}"
                if self._chance(0.5)
                else body + self._end("x")
            )
        return body + self._end("x")

    def simple(self) -> str:
        """Draw one of one table on whose visible rows little fails: a cell of every row, or a total."""
        if self._chance(0.5):
            return f"SELECT {self._total()} AS x FROM event AS t"
        return f"SELECT {self._scalar()} AS x FROM event AS t ORDER BY x"

    def _chance(self, share: float) -> bool:
        return self._draw.random() < share

    def _select(self, *, depth: int, single: bool) -> str:
        """A SELECT of one column `x`, or of the columns that a relation `t` needs, without an end."""
        source, where = self._source(depth), f" WHERE {self._gate()}" if self._chance(0.3) else ""
        shape = self._draw.random()
        if shape < 0.45:
            distinct = "DISTINCT " if self._chance(0.1) else ""
            return f"SELECT {distinct}{self._row(single=single)} FROM {source}{where}"
        if shape < 0.55:
            window = f"{self._total(simple=True)} OVER (PARTITION BY t.grade)"
            return f"SELECT {window} AS x{'' if single else self._others()} FROM {source}{where}"
        group = f" GROUP BY {self._draw.choice(_KEYS)}" if self._chance(0.5) else ""
        having = f" HAVING {self._draw.choice(('max(t.grade) > 1', 'max(t.id) > 60', 'count(*) > 0'))}"
        having = having if self._chance(0.15) else ""
        return f"SELECT {self._groups(single=single)} FROM {source}{where}{group}{having}"

    def _row(self, *, single: bool) -> str:
        if not single:
            return (
                ", ".join(
                    [
                        f"{self._scalar(kind) if self._chance(0.4) else f't.{name}'} AS {name}"
                        for name, kind in _TYPED.items()
                    ]
                )
                + self._others()
            )
        value = self._scalar()
        if self._chance(0.15):
            value = f"(SELECT {self._total()} FROM {self._draw.choice(TABLES)} AS t)"
        return f"{value} AS x" + (f", {self._scalar()} AS y" if self._chance(0.2) else "")

    def _others(self) -> str:
        return ", t.id, t.grade, t.never, t.flag, t.word"

    def _groups(self, *, single: bool) -> str:
        if single:
            return f"{self._total()} AS x" + (f", {self._total()} AS y" if self._chance(0.2) else "")
        made = [f"{self._total() if self._chance(0.4) else f'max(t.{name})'} AS {name}" for name in _TYPED]
        return ", ".join((*made, *(f"max(t.{name}) AS {name}" for name in ("id", "grade", "never", "word"))))

    def _source(self, depth: int) -> str:
        table = f"{self._draw.choice(TABLES)} AS t"
        if depth:
            inner = self._select(depth=depth - 1, single=False)
            if self._chance(0.2):
                word = self._draw.choice(("UNION ALL", "UNION"))
                inner = f"{inner} {word} {self._select(depth=0, single=False)}"
            table = f"({inner}{self._end('t.id', 0.15)}) AS t"
        if self._chance(0.25):
            join = self._draw.choice(
                ("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "SEMI JOIN", "ANTI JOIN")
            )
            other = self._draw.choice(
                ("rare AS u", "(SELECT t.id, t.grade FROM rare AS t WHERE t.grade > 1) AS u")
            )
            table = f"{table} {join} {other} ON t.id = u.id AND u.grade = {self._draw.choice('12')}"
        return table

    def _gate(self) -> str:
        return self._draw.choice(GATES) if self._chance(0.8) else self._some.truth(1)

    def _end(self, key: str, share: float = 0.5) -> str:
        order = f" ORDER BY {key}" if self._chance(share) else ""
        return order + (f" LIMIT {self._draw.choice((1, 3, 200))}" if self._chance(share / 3) else "")

    def _scalar(self, kind: str | None = None) -> str:
        kind = kind or self._draw.choice(("number", *_RISKS))
        if self._chance(0.5):
            return self._some.of(kind, 2)
        return f"({self._filled(self._draw.choice(_RISKS[kind]))})"

    def _total(self, *, simple: bool = False) -> str:
        form = self._draw.choice(_TOTALS[:11] if simple else _TOTALS)
        form = form.replace("{number2}", self._draw.choice(("sum({number})", "max({number})")))
        return self._filled(form) if self._chance(0.85) or simple else self._some.aggregate(1)

    def _filled(self, form: str) -> str:
        for kind in _RISKS:
            while f"{{{kind}}}" in form:
                form = form.replace(f"{{{kind}}}", self._part(kind), 1)
        return form

    def _part(self, kind: str) -> str:
        if kind != "truth" and self._chance(0.25):
            return f"({self._filled(self._draw.choice(_RISKS[kind]))})"
        return self._some.of(kind, 1)
