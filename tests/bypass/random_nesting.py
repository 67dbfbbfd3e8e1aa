"""Random queries over the extreme cells: joins, set operations, derived tables, subqueries as values."""

import random

from tests.bypass.extreme_cells import COLUMNS
from tests.bypass.random_expression import KINDS, NAMES, Expressions, Names, kind_of


class Queries:
    """Draws queries over the table `t`: joins, set operations, derived tables, subqueries as values."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._shapes = (
            *(self._plain, self._plain, self._joined, self._united, self.derived, self._correlated),
            *(self._shadowing, self._doubled, self._unnested, self._lateral),
        )

    def query(self) -> str:
        """Draw one."""
        return self._draw.choice(self._shapes)()

    def _over(self, source: str, names: Names) -> str:
        """Draw a query over a relation of which it can name some columns."""
        some = Expressions(self._draw, names)
        named = f"sum({some.of('number', 1)})"
        left_out, other = self._draw.sample(sorted(each for every in names.values() for each in every), 2)
        return self._draw.choice(
            (
                f"SELECT {some.scalar(2)} AS x FROM {source}",
                f"SELECT 1 AS x FROM {source} WHERE {some.truth()}",
                f"SELECT {some.aggregate()} AS x FROM {source}",
                f"SELECT {some.aggregate()} AS x FROM {source} GROUP BY {some.scalar(1)}",
                f"SELECT 1 AS x FROM {source} GROUP BY {some.scalar(1)} HAVING {some.aggregate()} > 1",
                f"SELECT {some.windowed()} AS x FROM {source}",
                f"SELECT 1 AS x FROM {source} ORDER BY {some.scalar(2)}",
                f"SELECT DISTINCT {some.scalar(2)} AS x FROM {source}",
                f"SELECT {named} OVER w AS x FROM {source} WINDOW w AS (ORDER BY {some.scalar(1)})",
                f"SELECT grouping({other}) AS x FROM {source} GROUP BY ROLLUP ({left_out}, {other})",
                f"SELECT * EXCLUDE ({left_out}) REPLACE ({some.scalar(1)} AS {other}) FROM {source}",
                f"SELECT {some.aggregate(1)} AS {_own(other)}, {some.aggregate()} AS x FROM {source}",
            )
        )

    def _plain(self) -> str:
        return self._over("t", NAMES)

    def _joined(self) -> str:
        """A join of two parts of the table by a column of the same name, and it may be of different types."""
        one, two = (self._draw.sample(list(COLUMNS), 3) for _ in range(2))
        names: dict[str, list[str]] = {}
        for number, column in enumerate((one[0], *one[1:], *two[1:])):
            names.setdefault(kind_of(column), []).append(("k", "a1", "a2", "b1", "b2")[number])
        left = f"(SELECT {one[0]} AS k, {one[1]} AS a1, {one[2]} AS a2 FROM t LIMIT 30) AS a"
        right = f"(SELECT {two[0]} AS k, {two[1]} AS b1, {two[2]} AS b2 FROM t LIMIT 30) AS b"
        join = self._draw.choice(("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "SEMI JOIN"))
        condition = f"ON {Expressions(self._draw, names).truth(2)}"
        return self._over(f"{left} {join} {right} {self._draw.choice(('USING (k)', condition))}", names)

    def _united(self) -> str:
        kind = self._draw.choice(KINDS)
        parts = [
            self._column_of(kind if self._draw.random() < 0.9 else self._draw.choice(KINDS)) for _ in range(2)
        ]
        word = self._draw.choice(("UNION", "UNION ALL", "EXCEPT", "INTERSECT"))
        return self._over(
            f"(SELECT {parts[0]} AS k FROM t {word} SELECT {parts[1]} FROM t) AS u", {kind: ["k", "u.k"]}
        )

    def _column_of(self, kind: str) -> str:
        return Expressions(self._draw).of(kind, 1)

    def derived(self) -> str:
        """What groups and windows give, worked with further."""
        every = Expressions(self._draw)
        key = self._draw.choice((every.scalar(1), every.scalar(1), "flag, word", "ROLLUP (flag, word)"))
        inner = self._draw.choice(
            (
                f"SELECT {every.aggregate(1)} AS k, {every.aggregate(1)} AS m FROM t GROUP BY {key}",
                f"SELECT {every.windowed(1)} AS k, {every.windowed(1)} AS m FROM t",
                f"SELECT {every.scalar(2)} AS k, {every.scalar(2)} AS m FROM t",
                f"SELECT {self._worked_out(every)} AS k, {self._worked_out(every)} AS m FROM t",
                f"SELECT sum({every.of('number', 1)}) AS k, {every.scalar(1)} AS m FROM t GROUP BY ALL",
            )
        )
        if self._draw.random() < 0.2:
            inner = f"{inner} {self._draw.choice(('UNION', 'UNION ALL'))} {inner}"
        kind = self._draw.choice(("number", "number", "text", "time"))
        if self._draw.random() < 0.1:
            return f"SELECT * FROM ({inner}) AS d"
        beside = self._draw.choice(("", "", ", (SELECT 1 AS one FROM t LIMIT 9) AS b"))
        return self._over(f"({inner}) AS d{beside}", {kind: ["k", "m", "d.k"]})

    def _worked_out(self, some: Expressions) -> str:
        """A sum, difference or product, whose type may be seen or not."""
        sign = self._draw.choice("+-*")
        other = self._draw.choice(("small", "big", "cents", "price", some.of("number", 1)))
        return f"{self._draw.choice(('small', 'big', 'cents', 'price'))} {sign} {other}"

    def _unnested(self) -> str:
        """Lists, of which each element becomes a row."""
        every = Expressions(self._draw)
        lists = (("words", "text"), ("words", "text"), ("days", "time"), ("moments", "time"))
        nested, kind = self._draw.choice((*lists, (every.of("nested", 2), "text")))
        source = self._draw.choice(
            (
                f"(SELECT unnest({nested}) AS k, {every.scalar(1)} AS m FROM t) AS d",
                f"(SELECT sum({every.of('number', 1)}) AS k, unnest({nested}) AS m FROM t GROUP BY ALL) AS d",
                f"t, unnest({nested}) AS d(k)",
                f"t LEFT JOIN unnest(t.{nested}) AS d(k) ON {every.truth(1)}",
                "(SELECT words AS k FROM t LIMIT 9) AS o, unnest(o.k) AS d(k)",
                "generate_series(1, 5) AS d(k)",
            )
        )
        value = f"(SELECT unnest({self._draw.choice(('max', 'min', 'any_value', 'list'))}({nested})) FROM t)"
        value = self._draw.choice((value, value.replace("FROM t", "FROM t WHERE words IS NULL")))
        return self._draw.choice(
            (
                self._over(source, {kind: ["k", "d.k"]}),
                self._over(source, {kind: ["k", "m"]}),
                f"SELECT d.k AS x, k AS y FROM {source}",
                f"SELECT 1 AS x FROM {source} WHERE d.k = {every.of(kind, 1)}",
                f"SELECT {value} AS x FROM t",
                f"SELECT 1 AS x FROM t WHERE {every.of(kind, 1)} = {value}",
                f"SELECT 1 AS x FROM t WHERE {every.of(kind, 1)} IN (SELECT unnest({nested}) FROM t)",
            )
        )

    def _lateral(self) -> str:
        """A relation that names columns of one beside it, and it may be that both have them."""
        outer, inner = self._draw.sample([each for each in COLUMNS if each != "raw"], 2)
        some = Expressions(self._draw, {kind_of(outer): ["k", "o.k"], kind_of(inner): ["i.k", "k"]})
        value = self._draw.choice((some.scalar(2), some.aggregate(1), some.windowed(1)))
        where = self._draw.choice(("", f" WHERE {some.truth(2)}"))
        end = self._draw.choice(("", " ORDER BY 1 LIMIT 2"))
        beside = f"(SELECT {inner} AS {self._draw.choice(('k', 'm'))} FROM t LIMIT 9) AS i"
        lateral = f"LATERAL (SELECT {value} AS z FROM {beside}{where}{end}) AS d"
        joined = self._draw.choice((",", " LEFT JOIN", " JOIN"))
        condition = "" if joined == "," else " ON TRUE"
        source = f"(SELECT {outer} AS k FROM t LIMIT 9) AS o{joined} {lateral}{condition}"
        kind = self._draw.choice(("number", "text", "time"))
        return self._over(source, {kind: ["z", "d.z"], kind_of(outer): ["k", "o.k"]})

    def _correlated(self) -> str:
        """A subquery as a value, that may name columns of the query around it."""
        both = {
            kind: [f"{part}.{name}" for name in names for part in ("i", "i", "t")]
            for kind, names in NAMES.items()
        }
        inner = Expressions(self._draw, both)
        where = self._draw.choice(("", f" WHERE {inner.truth(2)}"))
        outer = inner.scalar(1).replace("i.", "t.")
        value = f"(SELECT {inner.aggregate(1)} FROM (SELECT * FROM t LIMIT 9) AS i{where})"
        key, fixed = self._draw.choice((("small", "7"), ("i.text", "'a'"), ("ratio", "0"), ("word", "'x'")))
        group = self._draw.choice((key, key, f"ROLLUP ({key})", f"{key}, i.flag", "i.small", "ALL"))
        of_one = f"(SELECT {inner.aggregate(1)} FROM t AS i WHERE {key} = {fixed} GROUP BY {group})"
        return self._draw.choice(
            (
                f"SELECT {value} AS x FROM t",
                f"SELECT {of_one} AS x FROM t",
                f"SELECT 1 AS x FROM t WHERE {value} > t.{self._draw.choice(NAMES['number'])}",
                f"SELECT 1 AS x FROM t WHERE EXISTS (SELECT 1 FROM t AS i WHERE {inner.truth(2)})",
                f"SELECT 1 AS x FROM t WHERE {outer} IN (SELECT {inner.scalar(1)} FROM t AS i)",
            )
        )

    def _shadowing(self) -> str:
        """Names that mean one thing in the query around, and another one in that where they stand."""
        outer, inner = self._draw.sample([each for each in COLUMNS if each != "raw"], 2)
        struct, field = self._draw.choice((("home", "street"), ("home", "unit"), ("stay", "since")))
        some = Expressions(self._draw, {kind_of(outer): ["k", "o.k"]})
        fielded = Expressions(self._draw, {kind_of(outer): [f"{struct}.{field}"]})
        around = f"SELECT 1 AS x FROM (SELECT {outer} AS k FROM t LIMIT 9) AS o WHERE EXISTS"
        beside = f"(SELECT {inner} AS k FROM t LIMIT 9) AS o"
        grouped = f"(SELECT i.{inner} AS k FROM t AS i"
        return self._draw.choice(
            (
                f"{around} (SELECT 1 FROM {beside}, (SELECT {some.scalar(2)} AS z) AS b WHERE z = z)",
                f"{around} (SELECT 1 FROM {beside} JOIN (SELECT 1 AS z WHERE {some.truth(2)}) AS b ON TRUE)",
                f"{around} {grouped} GROUP BY i.{inner}, {some.scalar(2)})",
                f"{around} {grouped} WHERE {some.truth(2)} ORDER BY {some.scalar(1)})",
                f"SELECT 1 AS x FROM (SELECT {outer} AS {field} FROM t LIMIT 9) AS {struct} "
                f"WHERE EXISTS (SELECT 1 FROM t AS i WHERE {fielded.truth(2)})",
            )
        )

    def _doubled(self) -> str:
        """Names that several columns have, or that something is renamed to."""
        one, two = self._draw.sample([each for each in COLUMNS if each != "raw"], 2)
        some = Expressions(self._draw, {kind_of(self._draw.choice((one, two))): ["k"]})
        pair = f"SELECT {one} AS k, {two} AS k FROM t"
        star = Expressions(self._draw, {kind_of(two): [two, f"d.{two}"]})
        relation = self._draw.choice(
            (
                f"({pair}) AS d",
                f"(SELECT {one} AS o, {two} AS k FROM t) AS d(k)",
                f"(SELECT a.*, b.* FROM (SELECT {one} AS k FROM t LIMIT 9) AS a, "
                f"(SELECT {two} AS k FROM t LIMIT 9) AS b) AS d",
                f"(SELECT * FROM (SELECT {one} AS k FROM t LIMIT 9) AS a, "
                f"(SELECT {two} AS m FROM t LIMIT 9) AS b) AS d(m, k)",
            )
        )
        return self._draw.choice(
            (
                f"{pair} WHERE {some.truth(2)}",
                f"{pair} ORDER BY {some.scalar(2)}",
                f"{pair} GROUP BY {one}, {two}, {some.scalar(1)}",
                f"SELECT {two} AS k, {some.scalar(2)} AS x, {one} AS k FROM t",
                f"SELECT {one} AS k FROM t AS k WHERE {some.truth(2)}",
                f"SELECT {some.scalar(2)} AS x FROM {relation}",
                f"SELECT 1 AS x FROM (SELECT {one} AS {two}, t.* FROM t) AS d WHERE {star.truth(2)}",
                f"SELECT * REPLACE ({one} AS {two}) FROM t ORDER BY {star.scalar(2)}",
            )
        )


def _own(name: str) -> str:
    """A column's name as an alias: without what it is of."""
    return name.rpartition(".")[2].partition("[")[0]
