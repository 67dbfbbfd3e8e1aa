"""The casts that the engine itself puts into a query, and whether one of them could ever fail.

The rules of this folder say what the engine will make of an expression. Where they were wrong, and a hidden
cell told of itself, it was mostly by a cast that nobody wrote: of a text beside a number, of one branch of a
CASE, of a column that set operations join. The plan that the engine binds names every cast with its types.
One that could fail on some value is no proof's friend, whatever the rules say.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from lakeward.policies.rewrite.fuse.bound_plan import BoundPlan, BoundType, Cast

_INTEGERS: Final = {"TINYINT": 3, "SMALLINT": 5, "INTEGER": 10, "BIGINT": 19, "HUGEINT": 39}
_UNSIGNED: Final = {"UTINYINT": 3, "USMALLINT": 5, "UINTEGER": 10, "UBIGINT": 20, "UHUGEINT": 39}
"""Integers by their digits."""
WHOLE: Final = _INTEGERS | _UNSIGNED
_WRITTEN: Final = frozenset({"BOOLEAN", "DECIMAL", "FLOAT", "DOUBLE", "DATE", "VARCHAR", "BLOB", *WHOLE})
"""Types whose every value can be written as a text; a moment before the calendar cannot."""

_WIDENED: Final = {
    "VARCHAR": _WRITTEN,
    "DOUBLE": {"DECIMAL", "FLOAT", *WHOLE},
    "DATE": {"TIMESTAMP"},
    "FLOAT": {"DECIMAL", *WHOLE} - {"UHUGEINT"},
    **{
        wide: {each for each, digits in WHOLE.items() if digits <= most - (each in _UNSIGNED)}
        for wide, most in _INTEGERS.items()
    },
}
"""By a type, those whose every value it has room for; decimals need a closer look."""


def doubtful_casts(plan: BoundPlan, counted: Iterable[Cast] = ()) -> Iterator[str]:
    """Return words for each cast of a plan that could fail, but for those whose digits were counted."""
    found = Counter(each for each in plan.casts if not is_total(*each))
    return (f"{a.id} to {b.id}" for a, b in (found - Counter(counted)).elements())


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
    return type_.width - type_.scale if type_.id == "DECIMAL" else WHOLE.get(type_.id, 99)


_MOST_OF_A_SUM: Final = 28
"""Digits of 2^31 rows of a BIGINT; the rules count those of what is added, and of the rows."""
