"""The parts of the leak grid: row filters, expressions that fail on hidden rows or tell of them, query forms.

Every fourth row shows. The others hold what makes an expression fail, marked `HID` where it is a text, in
files laid out to tempt an engine: few values, dictionary encoded, small row groups.
"""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

ROWS = 512
MARK = "HID"
LARGEST = 2**63 - 1
S, L = pa.string(), pa.int64()
COLUMNS: dict[str, tuple[pa.DataType, Any, Any]] = {
    "site": (S, ("H1",), ("S3", "S4")),
    "grade": (L, (1,), (5, 6)),
    "digits": (S, ("7", "12", "305"), ("HID-x", "HID-y")),
    "day": (S, ("2024-03-01", "2023-12-31"), ("HID-day", "HID-night")),
    "json": (S, ('{"a": 1}', '{"a": 22}'), ("{HID", "HID}")),
    "big": (L, (3, 8), (LARGEST, LARGEST - 1)),
    "small": (L, (2, 5), (0, 40_000)),
    "pattern": (S, ("[0-9]+", "1."), ("(HID", "[HID")),
    "escape": (S, ("!", "#"), ("HIDa", "HIDb")),
    "bits": (S, ("abc", "xyz"), ("HIDlonger", "HIDby")),
    "pin": (S, ("7HID", "8HID"), ("HID7", "HID8")),
}
"""Type, values of rows that show, values of rows that do not. `pin` shows one character."""

FILTERS = {
    "equal": "site = 'H1'",
    "expression": "grade * 2 + 1 < 5",
    "in": "site IN ('H1', 'H9')",
    "or": "site = 'H1' OR grade = 2",
    "like": "site LIKE 'H%'",
    "regexp": "regexp_matches(site, '^H[0-9]')",
    "semi": "id IN (SELECT c.id FROM main.consent AS c WHERE c.given)",
    "anti": "id NOT IN (SELECT c.id FROM main.consent AS c WHERE NOT c.given)",
    "exists": "EXISTS (SELECT 1 FROM main.consent AS c WHERE c.id = event.id AND c.given)",
}
EXPRESSIONS = {
    "cast": "CAST(t.digits AS INTEGER)",
    "try_cast": "TRY_CAST(t.digits AS INTEGER)",
    "narrow cast": "CAST(t.big AS SMALLINT)",
    "cast of a mask": "CAST(t.pin AS INTEGER)",
    "error": "CASE WHEN t.digits LIKE 'HID%' THEN error('seen') ELSE t.digits END",
    "error that names": "CASE WHEN t.big > 100 THEN error(t.digits) ELSE t.digits END",
    "bomb": "CASE WHEN t.site LIKE 'S4%' THEN CAST('x' AS INTEGER) ELSE t.grade END",
    "constant sum": "CASE WHEN t.site LIKE 'S4%' THEN 2000000000 + 2000000000 ELSE t.grade END",
    "narrow constant": "CASE WHEN t.digits LIKE 'HID-x%' THEN CAST(9999999999 AS INTEGER) ELSE 1 END",
    "constant in an OR": "(t.site LIKE 'H%' OR CAST('x' AS INTEGER) = t.grade)",
    "constant in coalesce": "coalesce(nullif(t.site, 'S4'), CAST(CAST('x' AS INTEGER) AS TEXT))",
    "strptime": "strptime(t.day, '%Y-%m-%d')",
    "date": "CAST(t.day AS DATE)",
    "json": "json_extract(t.json, '$.a')",
    "json cast": "CAST(t.json AS JSON)",
    "product": "t.big * t.big",
    "sum": "t.big + t.small",
    "division": "100 // t.small",
    "shift": "1 << t.small",
    "lambda": "list_transform([t.digits], lambda x: CAST(x AS INTEGER))",
    "lambda that tells": "list_transform([t.digits], "
    "lambda x: CASE WHEN x LIKE 'HID%' THEN error('') ELSE x END)",
    "list_filter": "list_filter([t.small], lambda x: 10 // x > 1)",
    "list_reduce": "list_reduce([t.big, t.big], lambda x, y: x * y)",
    "comprehension": "[CAST(x AS INTEGER) FOR x IN [t.digits]]",
    "regexp_replace": "regexp_replace('a1', t.pattern, 'z')",
    "regexp_extract_all": "regexp_extract_all('a1', t.pattern)",
    "regexp_matches": "regexp_matches('a1', t.pattern)",
    "similar": "'12' SIMILAR TO t.pattern",
    "like escape": "'a%' LIKE 'a%' ESCAPE t.escape",
    "epoch_ms": "epoch_ms(t.big)",
    "make_date": "make_date(t.big, 1, 1)",
    "substr": "substr(t.digits, t.big, t.big)",
    "repeat": "length(repeat(t.site, t.small))",
    "hamming": "hamming(t.bits, 'abc')",
    "chr": "chr(CAST(t.big AS INTEGER))",
    "interval": "DATE '2024-01-01' + to_days(CAST(t.big AS INTEGER))",
    "strftime": "strftime(DATE '2024-01-01', t.pattern)",
    "decode": "unhex(t.digits)",
    "scalar subquery": "(SELECT max(CAST(u.digits AS INTEGER)) FROM event AS u WHERE u.id = t.id)",
    "plain": "t.digits",
}
FORMS = {
    "select": "SELECT t.id, {0} AS x FROM event AS t",
    "where": "SELECT t.id FROM event AS t WHERE {0} IS NOT NULL",
    "where, staged": "SELECT list_transform([t.id], lambda x: x + 1) AS l FROM event AS t "
    "WHERE {0} IS NOT NULL",
    "order": "SELECT t.id FROM event AS t ORDER BY {0}, t.id LIMIT 5",
    "group": "SELECT {0} AS x, count(*) AS n FROM event AS t GROUP BY {0}",
    "having": "SELECT t.site, count(*) AS n FROM event AS t GROUP BY t.site HAVING max({0}) IS NOT NULL",
    "aggregate": "SELECT min({0}) AS a, max({0}) AS b, count({0}) AS n FROM event AS t",
    "join": "SELECT t.id, v.site FROM event AS t JOIN event AS v ON t.id = v.id AND {0} IS NOT NULL",
    "outer join": "SELECT t.id, v.id AS w FROM event AS v "
    "LEFT JOIN event AS t ON t.id = v.id AND {0} IS NULL",
    "window": "SELECT t.id, row_number() OVER (PARTITION BY t.site ORDER BY {0}, t.id) AS n FROM event AS t",
    "subquery": "SELECT count(q.x) AS n FROM (SELECT {0} AS x FROM event AS t) AS q",
    "materialized": "WITH q AS MATERIALIZED (SELECT t.id, {0} AS x FROM event AS t) "
    "SELECT q.id, q.x FROM q WHERE q.x IS NOT NULL",
    "union": "SELECT {0} AS x FROM event AS t UNION SELECT {0} AS x FROM event AS t WHERE t.grade = 1",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the grid; the filter's name is the principal's."""

    filter: str
    expression: str
    form: str

    @property
    def sql(self) -> str:
        """The query."""
        return FORMS[self.form].format(EXPRESSIONS[self.expression])


def cells() -> list[Cell]:
    """The whole grid."""
    return [Cell(*each) for each in itertools.product(FILTERS, EXPRESSIONS, FORMS)]


def slice_of(count: int, seed: int = 7) -> list[Cell]:
    """A sample of the grid, every filter, expression and form in it as often as any other."""
    draw = random.Random(seed)  # noqa: S311 - a sample, no secret
    lists = [_shuffled(draw, list(part)) for part in (FILTERS, EXPRESSIONS, FORMS)]
    rounds = zip(*(itertools.cycle(part) for part in lists), strict=False)
    return [Cell(*each) for each in itertools.islice(_drifting(rounds, lists[2]), count)]


def _shuffled(draw: random.Random, part: list[str]) -> list[str]:
    draw.shuffle(part)
    return part


def _drifting(rounds: Iterator[tuple[str, ...]], forms: list[str]) -> Iterator[tuple[str, str, str]]:
    """Move the forms on by one each time they came round, so that they meet other partners."""
    for number, (where, expression, form) in enumerate(rounds):
        moved = forms.index(form) + number // len(forms)
        yield where, expression, forms[moved % len(forms)]


def events(*, hidden: bool) -> pa.Table:
    """The rows, or only those that show as they show."""
    numbers = [i for i in range(ROWS) if hidden or i % 4 == 0]
    columns = {"id": pa.array(numbers, L)}
    for name, (type_, shown, others) in COLUMNS.items():
        values = [shown[i // 4 % len(shown)] if i % 4 == 0 else others[i % len(others)] for i in numbers]
        columns[name] = pa.array([v[:1] for v in values] if name == "pin" and not hidden else values, type_)
    return pa.table(columns)


def consents() -> pa.Table:
    """Who agreed: the rows that show."""
    return pa.table({"id": pa.array(range(ROWS), L), "given": [i % 4 == 0 for i in range(ROWS)]})


def documents(purpose: str) -> dict[str, Any]:
    """A principal for each filter, who sees every column but `pin` in clear."""
    columns: list[dict[str, Any]] = [{"names": ["id", *(set(COLUMNS) - {"pin"})], "mask": "clear"}]
    columns.append({"names": ["pin"], "mask": {"prefix": {"length": 1}}})
    grants = [
        {"id": f"sees-{who}", "to": [who], "tables": ["main.event"], "columns": columns, "rows": rows}
        for who, rows in FILTERS.items()
    ]
    roles = {who: {"members": [who]} for who in FILTERS}
    return {"version": 1, "roles": roles, "purposes": [purpose], "grants": grants}
