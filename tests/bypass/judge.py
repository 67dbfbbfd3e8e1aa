"""What came of a query: the copy's answer, a refusal, or something that must not be."""

import collections
import functools
import math
import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from tests.bypass import hospital
from tests.bypass.copies import Copies, strings
from tests.bypass.lake import Answer, Governed

from lakeward.catalog.errors import DeniedError, LakewardError
from lakeward.policies.admit.errors import NamedParameterError, ParameterCountError

CORPUS = Path(__file__).parent / "corpus"
REFUSALS = (DeniedError, ParameterCountError, NamedParameterError)
"""A statement with a parameter that nobody gave never runs either."""
ACCEPTED = {
    "equal": {"equal", "both-fail"},
    "deny": {"refused"},
    "either": {"equal", "both-fail", "refused", "fails"},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One query of the corpus."""

    title: str
    family: str
    principal: str
    expect: str
    dialect: str
    sql: str
    means: str
    ordered: bool


def load(folder: str) -> list[Item]:
    """Read every `.sql` file of a folder of the corpus.

    An item begins with `-- # title`; words in brackets behind it say who asks (grace), what is expected
    (equal, deny, either), the dialect, and `ordered`. A line `-- means:` gives the query for the copy in
    DuckDB's SQL.
    """
    items: list[Item] = []
    for path in sorted((CORPUS / folder).glob("*.sql")):
        blocks = re.split(r"^-- # ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]
        items.extend(_item(path.stem, folder, block) for block in blocks)
    return items


def _item(family: str, folder: str, block: str) -> Item:
    head, _, sql = block.partition("\n")
    title, _, rest = head.partition("[")
    words = set(rest.rstrip("] ").split())
    lines = sql.strip().split("\n")
    means = [line.removeprefix("-- means: ") for line in lines if line.startswith("-- means: ")]
    text = "\n".join(line for line in lines if not line.startswith("-- means: "))
    return Item(
        title=title.strip(),
        family=family,
        principal=next(iter(words & set(hospital.PRINCIPALS)), "grace"),
        expect=next(iter(words & set(ACCEPTED)), "equal" if folder == "honest" else "either"),
        dialect=next(iter(words & {"postgres", "spark", "trino"}), "duckdb"),
        sql=text,
        means="\n".join(means) or text,
        ordered="ordered" in words,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What came of an item, and what shows it."""

    item: Item
    outcome: str
    detail: str = ""

    @property
    def is_right(self) -> bool:
        """Whether the outcome is one that the item accepts."""
        return self.outcome in ACCEPTED[self.item.expect]

    def __str__(self) -> str:
        item = self.item
        return (
            f"{self.outcome}: [{item.family}] {item.title} as {item.principal}: {item.sql}\n    {self.detail}"
        )


class Judge:
    """Judges queries of one governed lake by its sanitised copies."""

    def __init__(self, governed: Governed, copies: Copies) -> None:
        self.governed = governed
        self.copies = copies
        self._secrets: dict[str, frozenset[str]] = {}

    def judge(self, item: Item) -> Verdict:
        """Run one item and compare."""
        want = self._expected(item)
        try:
            got = self.governed.run(item.principal, item.sql, item.dialect)
        except LakewardError as error:
            return self._failed(item, want, error)
        if found := self.leaked(item, got):
            return Verdict(item=item, outcome="leak", detail=found)
        if not isinstance(want, duckdb.Error) and (words := _foreign_words(item, got, want)):
            return Verdict(item=item, outcome="leak", detail=f"the names of columns hold {words}")
        if isinstance(want, duckdb.Error) or not same(got[1], want[1], ordered=item.ordered):
            return Verdict(
                item=item, outcome="difference", detail=f"got {got[1][:3]}\n    want {_shown(want)}"
            )
        if item.dialect == "duckdb" and item.expect == "equal" and _words(got[0]) != _words(want[0]):
            return Verdict(item=item, outcome="names", detail=f"got {got[0]}\n    want {want[0]}")
        return Verdict(item=item, outcome="equal")

    def _expected(self, item: Item) -> Answer | duckdb.Error:
        if item.expect == "deny":
            return duckdb.Error("not run: it may change the copy")
        try:
            result = self.copies.of(item.principal).execute(item.means)
            return [each[0] for each in result.description or ()], result.fetchall()
        except duckdb.Error as error:
            return error

    def _failed(self, item: Item, want: Answer | duckdb.Error, error: LakewardError) -> Verdict:
        text = f"{error} {error.hint or ''}"
        if found := self.leaked(item, ([text], [])):
            return Verdict(item=item, outcome="leak", detail=found)
        if isinstance(error, REFUSALS) and not (isinstance(want, duckdb.Error) and item.expect == "equal"):
            return Verdict(item=item, outcome="refused", detail=str(error))
        outcome = "both-fail" if isinstance(want, duckdb.Error) else "fails"
        return Verdict(item=item, outcome=outcome, detail=f"{error} / {_shown(want)}")

    def leaked(self, item: Item, answer: Answer) -> str | None:
        """Return a raw text that is nowhere in the principal's copy but in an answer, or a hidden name."""
        secrets, own = self.secrets(item.principal), item.sql
        for text in strings([list(answer[0]), *[list(row) for row in answer[1]]]):
            words: set[str] = {text, *re.findall(r"[A-Za-z0-9_./+@\-]+", text)}
            for word in words:
                if word in secrets and word not in own:
                    return word
        return None

    def secrets(self, principal: str) -> frozenset[str]:
        """Return the texts of six characters or more that are in the lake and not in the principal's copy."""
        if principal not in self._secrets:
            con = self.copies.of(principal)
            tables = con.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
            shown = "\0".join(
                text
                for schema, table in tables
                for row in con.execute(f"FROM lake.{schema}.{table}").fetchall()
                for text in strings(list(row))
            )
            raw = {text for rows in self.copies.made.values() for row in rows for text in strings(row)}
            self._secrets[principal] = frozenset(
                text
                for text in raw
                if len(text) >= 6 and any(c.isdigit() for c in text) and text not in shown
            )
        return self._secrets[principal]


def _foreign_words(item: Item, got: Answer, want: Answer) -> set[str]:
    """Words of the lake in the names of an answer that neither the query nor the copy's names hold."""
    seen = _all_words(*got[0])
    return (seen & _words_of_the_lake()) - _all_words(item.sql, *want[0])


def _all_words(*texts: str) -> set[str]:
    return set(re.findall(r"\w+", " ".join(texts).casefold()))


@functools.cache
def _words_of_the_lake() -> frozenset[str]:
    """Names of tables and columns, and words of the SQL that reads them: no column's name may show one."""
    columns = {column.casefold() for columns in hospital.SCHEMA.values() for column in columns}
    tables = {table.partition(".")[2] for table in hospital.SCHEMA}
    return frozenset(columns | tables | {"iceberg_scan", "_raw", "lakeward_keys"})


def _shown(want: Answer | duckdb.Error) -> str:
    return str(want)[:300] if isinstance(want, duckdb.Error) else str(want[1][:3])


def _words(names: list[str]) -> list[str | None]:
    """The names that are plain words; how DuckDB spells an expression to name it differs from way to way."""
    return [name if re.fullmatch(r"\w+", name) else None for name in names]


def same(got: list[tuple[Any, ...]], want: list[tuple[Any, ...]], *, ordered: bool = False) -> bool:
    """Whether two answers hold the same rows; floats to nine digits."""
    a, b = [_normal(row) for row in got], [_normal(row) for row in want]
    return a == b if ordered else collections.Counter(a) == collections.Counter(b)


def _normal(value: Any) -> Any:  # noqa: ANN401 - any cell
    match value:
        case bool() | str() | None:
            return value
        case int() | float() | Decimal():
            return _normal_number(value)
        case dict():
            return ("map", *sorted(((str(key), _normal(each)) for key, each in value.items()), key=repr))
        case list() | tuple():
            return ("list", *(_normal(each) for each in value))
        case _:
            return str(value)


def _normal_number(value: float | Decimal) -> int | float | str:
    match value:
        case int():
            return value if abs(value) > 2**53 else float(value)
        case Decimal() if value == value.to_integral_value() and abs(value) > 2**53:
            return int(value)
        case _:
            return "nan" if math.isnan(value) else float(f"{value:.9g}")
