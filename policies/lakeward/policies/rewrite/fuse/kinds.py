"""What is known of a value without seeing it: enough to tell whether an operator can fail on it."""

import datetime as dt
import enum
import re
from dataclasses import dataclass, replace

from lakeward.catalog.types import DataType, ListType, PrimitiveType, StructType

MAX_DIGITS = 38
"""Digits of DuckDB's widest DECIMAL."""
INT32_WIDTH, INT64_WIDTH, INT128_WIDTH = 10, 19, 39
"""Digits of the largest integers of a type; every integer of one digit fewer is of the type."""


class NotProvenError(Exception):
    """A construct whose harmlessness is not proven; `str()` names it, and holds no literal."""


class Kind(enum.Enum):
    """A family of types inside which comparing needs no cast that could fail."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DOUBLE = "double"
    STRING = "string"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TIMESTAMPTZ = "timestamptz"
    INTERVAL = "interval"
    NULL = "null"
    OTHER = "other"


NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.DOUBLE})
_ORDERED = frozenset(Kind) - {Kind.OTHER, Kind.NULL}


@dataclass(frozen=True, slots=True)
class Value:
    """What is known of an expression's values.

    Attributes:
        kind: Its family.
        digits: Digits before the point, at most, that an integer or decimal can have.
        scale: Digits after it.
        width: Digits that its type has room for, before the point and after it; of an integer of 32 bits 10,
            of 64 bits 19, of 128 bits 39, and of one in the query's text as many as it has.
        fresh: It exists only after an aggregation or a window, so it was made of visible rows alone.
        literal: It is a constant of the query, and `text` what it says when it is a string.
        risky: Making it may fail, so nothing may refer to it but what may fail too.
        copies: How many cells a text can be as long as, together.
        constant: How many characters of the query's own text it can have beside them.
        element: What is known of the elements of a list.
        fields: What is known of the fields of a struct, by folded name.
        nature: The one type that a column of a rarer type has; empty where that is not known.
        wider: Its type is wider than the query's own, so nobody may see it.
        total: It is the sum of a group of its relation's rows, and `digits` hold that of all groups.
    """

    kind: Kind
    digits: int = 0
    scale: int = 0
    width: int = 0
    fresh: bool = False
    literal: bool = False
    text: str | None = None
    risky: bool = False
    copies: int = 1
    constant: int = 0
    element: "Value | None" = None
    fields: "tuple[tuple[str, Value], ...]" = ()
    nature: str = ""
    wider: bool = False
    total: bool = False

    @property
    def is_visible(self) -> bool:
        """Whether no cell of a hidden row can have gone into it."""
        return self.fresh or self.literal


_KINDS = {
    "boolean": Value(Kind.BOOLEAN),
    "int": Value(Kind.INTEGER, digits=INT32_WIDTH, width=INT32_WIDTH),
    "long": Value(Kind.INTEGER, digits=INT64_WIDTH, width=INT64_WIDTH),
    "float": Value(Kind.DOUBLE),
    "double": Value(Kind.DOUBLE),
    "string": Value(Kind.STRING),
    "date": Value(Kind.DATE),
    "timestamp": Value(Kind.TIMESTAMP),
    "timestamptz": Value(Kind.TIMESTAMPTZ),
}


def value_of(type_: DataType) -> Value:
    """Return what a column's type says of its cells."""
    if isinstance(type_, ListType):
        return Value(Kind.OTHER, element=value_of(type_.element), nature=str(type_))
    if isinstance(type_, StructType):
        fields = tuple((each.name.casefold(), value_of(each.type)) for each in type_.fields)
        return Value(Kind.OTHER, fields=fields, nature=str(type_))
    if not isinstance(type_, PrimitiveType):
        return Value(Kind.OTHER, nature=str(type_))
    if type_.name == "decimal":
        scale, width = type_.scale or 0, type_.precision or MAX_DIGITS
        return Value(Kind.DECIMAL, digits=width - scale, scale=scale, width=width)
    return _KINDS.get(type_.name) or Value(Kind.OTHER, nature=str(type_))


def are_comparable(a: Value, b: Value) -> bool:
    """Whether DuckDB compares two values without a cast that could fail on either."""
    if Kind.NULL in {a.kind, b.kind}:
        return True
    if a.kind in NUMBERS and b.kind in NUMBERS:
        return _numbers_fit(a, b)
    if a.kind is b.kind:
        return a.kind in _ORDERED
    return _literal_fits(a, b) or _literal_fits(b, a)


def _numbers_fit(a: Value, b: Value) -> bool:
    if Kind.DOUBLE in {a.kind, b.kind}:
        return not (is_rounded_otherwise(a) or is_rounded_otherwise(b))
    if a.kind is b.kind is Kind.INTEGER:
        return True
    scale = max(a.scale, b.scale)
    return all(each.digits + scale <= MAX_DIGITS for each in (a, b))


EXACT_DIGITS = 15
"""So many digits a double has of every number."""


def is_rounded_otherwise(value: Value) -> bool:
    """Whether a number that was made wider could become another double than it would have.

    The engine rounds one of 128 bits in two steps: -18014398509481987 comes to another double than of 64.
    """
    return value.wider and value.digits + value.scale > EXACT_DIGITS


def _literal_fits(literal: Value, other: Value) -> bool:
    """A literal is cast to the other's type when the query is planned; it must be one that surely can be."""
    if not literal.literal:
        return False
    if other.kind is Kind.DATE:
        return literal.kind is Kind.STRING and is_date(literal.text)
    if other.kind is Kind.TIMESTAMP:
        return literal.kind is Kind.DATE or (literal.kind is Kind.STRING and is_timestamp(literal.text))
    if other.kind is Kind.TIMESTAMPTZ:
        return literal.kind is Kind.STRING and is_instant(literal.text)
    return False


def is_date(text: str | None) -> bool:
    """Whether a text is a date in the one form that every engine reads alike, `2026-01-31`."""
    try:
        return text is not None and len(text) == len("2026-01-31") and bool(dt.date.fromisoformat(text))
    except ValueError:
        return False


_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d{1,6})?", re.ASCII)
_ZONE = re.compile(r"(Z|[+-](0\d|1[0-3])(:[0-5]\d)?)?\Z", re.ASCII)


def is_timestamp(text: str | None) -> bool:
    """Whether a text is a date, or a date and a time, to the microsecond, without a zone."""
    found = _MOMENT.fullmatch(text or "")
    if found is None:
        return is_date(text)
    try:
        dt.time.fromisoformat(found[2])
    except ValueError:
        return False
    return is_date(found[1])


def is_instant(text: str | None) -> bool:
    """Whether a text is a date, or a date and a time, with a zone by its distance from UTC or with none."""
    found = _MOMENT.match(text or "")
    if found is None:
        return is_date(text)
    return is_timestamp(found[0]) and _ZONE.match((text or "")[found.end() :]) is not None


def joined(a: Value, b: Value) -> Value:
    """Return what is known of a value that is either `a` or `b` (a CASE, a COALESCE, a set operation).

    Raises:
        NotProvenError: The engine would have to cast one of them in a way that can fail.
    """
    fresh = a.is_visible and b.is_visible
    risky = a.risky or b.risky
    copies, constant = max(a.copies, b.copies), max(a.constant, b.constant)
    if a.kind is Kind.NULL or b.kind is Kind.NULL:
        known = b if a.kind is Kind.NULL else a
        found = replace(known, fresh=fresh, risky=risky, literal=False, text=None)
        return replace(found, copies=copies, constant=constant)
    if a.kind in NUMBERS and b.kind in NUMBERS and _numbers_fit(a, b):
        kind = max(a.kind, b.kind, key=[Kind.INTEGER, Kind.DECIMAL, Kind.DOUBLE].index)
        digits, scale = max(a.digits, b.digits), max(a.scale, b.scale)
        width = max(a.width - a.scale, b.width - b.scale) + scale
        wider = a.wider or b.wider
        return Value(kind, digits, scale, min(width, INT128_WIDTH), fresh=fresh, risky=risky, wider=wider)
    if a.kind is b.kind is Kind.OTHER and a.nature and a.nature == b.nature:
        return replace(a, fresh=fresh, risky=risky)
    if a.kind is b.kind and a.kind not in NUMBERS | {Kind.OTHER}:
        return Value(a.kind, fresh=fresh, risky=risky, copies=copies, constant=constant)
    raise NotProvenError("values of several types in one place")


_MOST_COPIES = 8
_MOST_CONSTANT = 1 << 16


def put_together(*parts: Value) -> Value:
    """Return what is known of a text made of others, one behind the other.

    A text that doubles with each subquery, or grows with each letter of a cell, takes all memory on hidden
    cells as on others, and that tells of them. So it must stay of the order of what is read.

    Raises:
        NotProvenError: It could be too long.
    """
    copies, constant = sum(each.copies for each in parts), sum(each.constant for each in parts)
    if copies > _MOST_COPIES or constant > _MOST_CONSTANT:
        raise NotProvenError("a text that may grow long")
    return Value(Kind.STRING, fresh=all(each.is_visible for each in parts), copies=copies, constant=constant)
