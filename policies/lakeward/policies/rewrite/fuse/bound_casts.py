"""The casts that the engine itself puts into a query, and whether one of them could ever fail.

The rules of this folder say what the engine will make of an expression. Where they were wrong, and a hidden
cell told of itself, it was mostly by a cast that nobody wrote: of a text beside a number, of one branch of a
CASE, of a column that set operations join. So the engine is asked: the plan that it binds, over relations
that hold nothing, names every cast with its types. One that could fail on some value is no proof's friend,
whatever the rules say.
"""

import functools
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlglot import exp

from lakeward.catalog.pin import PinnedColumn
from lakeward.catalog.types import DataType
from lakeward.policies.rewrite.duckdb_types import duckdb_type
from lakeward.policies.rewrite.fuse.kinds import NotProvenError

Bind = Callable[[str], str]
"""A text, to the plan that the engine binds for it, not yet optimised, as JSON."""
Node = dict[str, Any]

_INTEGERS: Final = {"TINYINT": 3, "SMALLINT": 5, "INTEGER": 10, "BIGINT": 19, "HUGEINT": 39}
_UNSIGNED: Final = {"UTINYINT": 3, "USMALLINT": 5, "UINTEGER": 10, "UBIGINT": 20, "UHUGEINT": 39}
"""Integers by their digits."""
_WHOLE: Final = _INTEGERS | _UNSIGNED
_WRITTEN: Final = frozenset({"BOOLEAN", "DECIMAL", "FLOAT", "DOUBLE", "DATE", "VARCHAR", "BLOB", *_WHOLE})
"""Types whose every value can be written as a text; a moment before the calendar cannot."""


_WIDENED: Final = {
    "VARCHAR": _WRITTEN,
    "DOUBLE": {"DECIMAL", "FLOAT", *_WHOLE},
    "DATE": {"TIMESTAMP"},
    "FLOAT": {"DECIMAL", *_WHOLE} - {"UHUGEINT"},
    **{
        wide: {each for each, digits in _WHOLE.items() if digits <= most - (each in _UNSIGNED)}
        for wide, most in _INTEGERS.items()
    },
}
"""By a type, those whose every value it has room for; decimals need a closer look."""


@dataclass(frozen=True, slots=True)
class BoundType:
    """A type of the engine, with what its casts depend on."""

    id: str
    width: int = 0
    scale: int = 0
    parts: tuple["BoundType", ...] = ()


Cast = tuple[BoundType, BoundType]


def require_total_casts(
    query: exp.Query, bind: Bind, *, may_fail: int = 0, counted: Iterable[Cast] = ()
) -> None:
    """Require that no cast which the engine puts into a query could fail on any cell.

    Args:
        query: A query whose tables are `empty_relation`s.
        bind: Asks the engine.
        may_fail: How many casts that are written in it may, since they tell nothing where they stand.
        counted: Casts that are written in it and cannot, since the digits were counted of what they are of.

    Raises:
        NotProvenError: More could, or the engine does not bind the query.
    """
    text = query.sql("duckdb", identify=True, comments=False)  # of a copy: to write changes some forms
    found = Counter(each for each in bound_casts(bind(text)) if not is_total(*each))
    doubtful = found - Counter(counted)
    if doubtful.total() > may_fail:
        a, b = next(iter(doubtful))
        raise NotProvenError(f"a cast of the engine's own, such as {a.id} to {b.id}")


def empty_relation(columns: Sequence[PinnedColumn]) -> exp.Expr:
    """Return a relation of one row without a value, whose columns have the names and types of a table's."""
    return exp.Var(this=_empty(tuple((each.name, each.type) for each in columns)))


@functools.lru_cache(maxsize=1_000)
def _empty(columns: tuple[tuple[str, DataType], ...]) -> str:
    values = [
        exp.alias_(exp.cast(exp.null(), duckdb_type(type_)), name, quoted=True, copy=False)
        for name, type_ in columns
    ]
    return exp.select(*values).sql("duckdb", copy=False, identify=True)


def bound_casts(plan: str) -> list[Cast]:
    """Return the types of each cast of a plan, but for those of TRY and of what no cell comes into.

    Raises:
        NotProvenError: It is no plan.
    """
    found: list[Node] = []

    def noted(node: Node) -> Node:
        if node.get("expression_class") == "BOUND_CAST":
            found.append(node)
        return node

    if json.loads(plan, object_hook=noted).get("error"):
        raise NotProvenError("a query that the engine does not bind")
    casts = [each for each in found if not each.get("try_cast") and not _is_constant(each)]
    return [(_type_of(each["child"]), _type_of(each)) for each in casts]


def is_total(source: BoundType, target: BoundType) -> bool:
    """Whether every value of a type can be cast to another."""
    if source == target or source.id == "NULL":
        return True
    if source.parts:
        return _is_total_within(source, target)
    if target.id == "DECIMAL":
        is_rounded = source.scale > target.scale  # which may need one digit more
        return _whole_digits(source) + is_rounded <= target.width - target.scale
    return source.id in _WIDENED.get(target.id, ())


def _is_total_within(source: BoundType, target: BoundType) -> bool:
    if source.id != target.id or len(source.parts) != len(target.parts):
        return False
    return all(is_total(a, b) for a, b in zip(source.parts, target.parts, strict=True))


def _whole_digits(type_: BoundType) -> int:
    """Return how many digits stand before the point at most; a sum has fewer than its type could hold."""
    if type_.id == "HUGEINT":
        return _MOST_OF_A_SUM
    return type_.width - type_.scale if type_.id == "DECIMAL" else _WHOLE.get(type_.id, 99)


_MOST_OF_A_SUM: Final = 28
"""Digits of 2^31 rows of a BIGINT; the rules count those of what is added, and of the rows."""


def _is_constant(expression: Node) -> bool:
    match expression.get("expression_class"):
        case "BOUND_CAST":
            return _is_constant(expression["child"])
        case "BOUND_FUNCTION":
            return all(_is_constant(each) for each in expression["children"])
        case kind:
            return kind == "BOUND_CONSTANT"


def _type_of(expression: Node) -> BoundType:
    if "value" in expression:
        return _type(expression["value"]["type"])
    return _type(expression["return_type"]) if "return_type" in expression else BoundType("BOOLEAN")


def _type(document: Node) -> BoundType:
    info = document.get("type_info") or {}
    return BoundType(document["id"], info.get("width", 0), info.get("scale", 0), tuple(_parts(info)))


def _parts(info: Node) -> Iterator[BoundType]:
    if "child_type" in info:
        yield _type(info["child_type"])
    for each in info.get("child_types", ()):
        yield _type(each["second"])
