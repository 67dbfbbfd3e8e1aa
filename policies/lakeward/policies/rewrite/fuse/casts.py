"""What a cast gives, and whether it can fail on any value of a type."""

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from lakeward.policies.rewrite.fuse.bound_plan import BoundType
from lakeward.policies.rewrite.fuse.kinds import (
    EXACT_DIGITS,
    INT32_WIDTH,
    INT64_WIDTH,
    MAX_DIGITS,
    NUMBERS,
    Kind,
    NotProvenError,
    Value,
    is_date,
    is_instant,
    is_timestamp,
)
from lakeward.policies.rewrite.fuse.widen import is_divided, widen_cast

if TYPE_CHECKING:
    from lakeward.policies.rewrite.fuse.expressions import Place

TEXT = Value(Kind.STRING)
_TARGETS = {
    "TEXT": TEXT,
    "VARCHAR": TEXT,
    "DOUBLE": Value(Kind.DOUBLE),
    "INT": Value(Kind.INTEGER, digits=INT32_WIDTH, width=INT32_WIDTH),
    "BIGINT": Value(Kind.INTEGER, digits=INT64_WIDTH, width=INT64_WIDTH),
    "DATE": Value(Kind.DATE),
    "TIMESTAMP": Value(Kind.TIMESTAMP),
    "TIMESTAMPNTZ": Value(Kind.TIMESTAMP),
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


_TRIED_IN_VAIN = frozenset({Kind.OTHER, Kind.TIMESTAMPTZ})
"""The engine fails over an instant that has no local time, whether or not it is asked to try."""
_WIDER = {
    Kind.STRING: frozenset(Kind) - {Kind.TIMESTAMP, Kind.TIMESTAMPTZ, Kind.OTHER},
    Kind.DOUBLE: NUMBERS | {Kind.NULL},
    Kind.DATE: frozenset({Kind.DATE, Kind.TIMESTAMP, Kind.NULL}),
}


def prove_cast(node: exp.Expr, place: "Place") -> Value:
    """Prove a cast, and say what it gives.

    Raises:
        NotProvenError: It may fail.
    """
    if {key for key, part in node.args.items() if isinstance(part, exp.Expr | list)} - {"this", "to"}:
        raise NotProvenError("a cast with more arguments")
    value = place.prove(node.this)
    if node.is_type("timestamptz"):
        return _instant(value)
    target, text = target_of(node.args["to"]), value.text
    if value.literal and text is not None and target.kind in {Kind.DATE, Kind.TIMESTAMP}:
        if not (is_date(text) or (target.kind is Kind.TIMESTAMP and is_timestamp(text))):
            raise NotProvenError("a date literal of another form than 2026-01-31")
        return replace(target, literal=True, text=text)
    harmless = value.is_visible or (value.kind in NUMBERS and target.kind in NUMBERS)
    tried = (
        isinstance(node, exp.TryCast) and value.kind not in _TRIED_IN_VAIN and target.kind is not Kind.STRING
    )
    if not (widens(value, target) or tried):
        if harmless and place.may_fail:
            place.prover.risked_casts.add(id(node))
        else:
            target = _wider(node, value, target, place)
    elif type(node) is exp.Cast and _is_cut_short(value, target):
        one, other = (BoundType(_WHOLE[each.width]) for each in (value, target))
        place.prover.counted[id(node)] = one, other
        target = replace(target, digits=value.digits)
    return replace(target, fresh=value.is_visible, copies=value.copies, constant=value.constant)


def _instant(value: Value) -> Value:
    if not (value.literal and value.kind is Kind.STRING and is_instant(value.text)):
        raise NotProvenError("a cast to a moment with a zone")
    return Value(Kind.TIMESTAMPTZ, literal=True, text=value.text)


def _is_cut_short(value: Value, target: Value) -> bool:
    """Whether a whole number, whose digits fit, goes into a type with less room than its own."""
    is_whole = value.kind is target.kind is Kind.INTEGER and {value.width, target.width} <= _WHOLE.keys()
    return is_whole and value.width > target.width


_WHOLE = {INT32_WIDTH: "INTEGER", INT64_WIDTH: "BIGINT"}


def _wider(node: exp.Expr, value: Value, target: Value, place: "Place") -> Value:
    """Cast to the widest decimal what is divided: the quotient is a double, of whatever type it is made.

    Raises:
        NotProvenError: It is not divided, or there is no room.
    """
    # A double has so many digits of each part, before the point and behind it, however wide the decimal.
    is_exact = max(target.digits, target.scale) <= EXACT_DIGITS and value.kind in {
        Kind.INTEGER,
        Kind.DECIMAL,
    }
    has_room = value.digits + 1 <= MAX_DIGITS - target.scale
    is_hidden = type(node) is exp.Cast and place.prover.may_widen and is_divided(node)
    if not (is_hidden and is_exact and has_room and target.kind is Kind.DECIMAL):
        raise NotProvenError("a cast that may fail")
    widen_cast(node, MAX_DIGITS, target.scale)
    if value.kind is Kind.DECIMAL:  # of a sum, its type does not tell that it has fewer digits
        scales = (value.scale, target.scale)
        one, other = (BoundType("DECIMAL", MAX_DIGITS, each) for each in scales)
        place.prover.counted[id(node)] = one, other
    return replace(target, digits=value.digits + 1, width=MAX_DIGITS)
