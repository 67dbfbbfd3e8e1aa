"""What a cast gives, and whether it can fail on any value of a type."""

from sqlglot import exp

from lakeward.policies.rewrite.fuse.kinds import (
    INT32_WIDTH,
    INT64_WIDTH,
    NUMBERS,
    Kind,
    NotProvenError,
    Value,
)

TEXT = Value(Kind.STRING)
_TARGETS = {
    "TEXT": TEXT,
    "VARCHAR": TEXT,
    "DOUBLE": Value(Kind.DOUBLE),
    "INT": Value(Kind.INTEGER, digits=INT32_WIDTH, width=INT32_WIDTH),
    "BIGINT": Value(Kind.INTEGER, digits=INT64_WIDTH, width=INT64_WIDTH),
    "DATE": Value(Kind.DATE),
    "TIMESTAMP": Value(Kind.TIMESTAMP),
    "BOOLEAN": Value(Kind.BOOLEAN),
}


def target_of(to: exp.Expr) -> Value:
    """Return what is known of the values of a type that a cast names.

    Raises:
        NotProvenError: It is none of those that are known.
    """
    name = to.this.name if isinstance(to.this, exp.DType) else ""
    if name == "DECIMAL":
        sizes = [int(each.name) for each in to.expressions] or [18, 3]
        scale = sizes[1] if len(sizes) > 1 else 0
        return Value(Kind.DECIMAL, digits=sizes[0] - scale, scale=scale, width=sizes[0])
    if name not in _TARGETS or to.expressions:
        raise NotProvenError("a cast to a rarer type")
    return _TARGETS[name]


def widens(value: Value, target: Value) -> bool:
    """Whether every value of the one type is a value of the other.

    A file can hold moments before the calendar begins; they compare, but cannot be written out.
    """
    if target.kind is Kind.OTHER:
        return value.kind is Kind.NULL or (value.nature != "" and value.nature == target.nature)
    if target.kind in _WIDER:
        return value.kind in _WIDER[target.kind]
    if target.kind not in NUMBERS or value.kind is Kind.NULL:
        return value.kind in {target.kind, Kind.NULL}
    whole = value.kind in {Kind.INTEGER, Kind.DECIMAL} and target.kind in {Kind.INTEGER, Kind.DECIMAL}
    if value.kind is target.kind is Kind.INTEGER and INT32_WIDTH <= value.width <= target.width:
        return True
    room = target.digits if target.kind is Kind.DECIMAL else target.digits - 1
    return whole and room >= value.digits and target.scale >= value.scale


_WIDER = {
    Kind.STRING: frozenset(Kind) - {Kind.TIMESTAMP, Kind.TIMESTAMPTZ, Kind.OTHER},
    Kind.DOUBLE: NUMBERS | {Kind.NULL},
    Kind.DATE: frozenset({Kind.DATE, Kind.TIMESTAMP, Kind.NULL}),
}
