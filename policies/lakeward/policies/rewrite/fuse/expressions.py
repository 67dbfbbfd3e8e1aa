"""Expressions: what each operator of the list needs to be harmless, and what it then gives."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from lakeward.policies.rewrite.fuse.kinds import (
    NUMBERS,
    Kind,
    NotProvenError,
    Value,
    are_comparable,
    is_date,
    is_timestamp,
    joined,
)
from lakeward.policies.rewrite.fuse.scope import Scope
from lakeward.policies.rewrite.fuse.settled import in_settled_condition

if TYPE_CHECKING:
    from lakeward.policies.rewrite.fuse.prove import Prover

INT32_DIGITS = 9
"""Every integer of up to this many digits is an INTEGER, and so is its negative."""
INT64_DIGITS = 18
"""A DECIMAL of up to this many digits lives in 64 bits; DuckDB checks a wider result of two such for
overflow.
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands. `after_filter`: it is evaluated only on rows that were let through."""

    prover: "Prover"
    scope: Scope
    after_filter: bool = False

    def prove(self, node: exp.Expr) -> Value:
        """Prove an expression in this place."""
        return prove_expression(node, self)

    def may_fail(self, node: exp.Expr) -> bool:
        """Whether an operator may fail here without telling of a hidden row.

        What goes into it is not enough: `CASE WHEN cell LIKE 'x%' THEN CAST('y' AS INT) END` is made of a
        constant, and that it fails tells of the cell. So all that stands around it counts.
        """
        return self.after_filter or in_settled_condition(node, self.scope)


Prove = Callable[[exp.Expr, Place], Value]


def prove_expression(node: exp.Expr, place: Place) -> Value:
    """Prove one expression and all in it.

    Raises:
        NotProvenError: It is not on the list, or not with these types.
    """
    prove = _OPERATORS.get(type(node))
    if prove is None:
        prove = _function_operator(type(node))
    if prove is None:
        raise NotProvenError(type(node).__name__)
    return prove(node, place)


def _function_operator(kind: type[exp.Expr]) -> Prove | None:
    from lakeward.policies.rewrite.fuse.functions import FUNCTIONS  # noqa: PLC0415 - functions prove expressions

    return FUNCTIONS.get(kind)


def _column(node: Any, place: Place) -> Value:  # noqa: ANN401 - a Column
    """Resolve a column by its name and the relation that it is qualified with."""
    parts = [part.name for part in node.parts]
    if isinstance(node.this, exp.Star):
        raise NotProvenError("a star inside an expression")
    if len(parts) > 2:  # noqa: PLR2004 - table.column; whether a namespace fits is for the bench to say
        raise NotProvenError("a column with the name of a namespace")
    qualifier = parts[-2] if len(parts) > 1 else None
    value = place.scope.column(parts[-1], qualifier)
    if value.risky and not place.may_fail(node):
        raise NotProvenError("a reference to an expression that may fail")
    return value


def _literal(node: exp.Expr, _place: Place) -> Value:
    text = str(node.this)
    if node.args.get("is_string"):
        return Value(Kind.STRING, literal=True, text=text)
    if "e" in text.lower():
        return Value(Kind.DOUBLE, literal=True)
    whole, _, fraction = text.replace("_", "").partition(".")
    if len(whole) + len(fraction) > INT64_DIGITS:
        raise NotProvenError("a number of many digits")
    if fraction or "." in text:
        return Value(Kind.DECIMAL, digits=len(whole), scale=len(fraction), literal=True)
    digits = len(whole) if len(whole) <= INT32_DIGITS else INT64_DIGITS + 1  # else it may be a BIGINT
    return Value(Kind.INTEGER, digits=digits, literal=True)


def _constant(kind: Kind) -> Prove:
    return lambda _node, _place: Value(kind, literal=True)


def _both(node: exp.Expr, place: Place) -> tuple[Value, Value]:
    return place.prove(node.this), place.prove(node.expression)


def _connector(node: exp.Expr, place: Place) -> Value:
    """AND and OR chains are long; they are walked without recursion."""
    values = [_boolean(place.prove(part)) for part in node.flatten(unnest=False)]
    return Value(Kind.BOOLEAN, fresh=all(each.is_visible for each in values))


def _boolean(value: Value) -> Value:
    if value.kind not in {Kind.BOOLEAN, Kind.NULL}:
        raise NotProvenError("a condition that is no boolean")
    return value


def _not(node: exp.Expr, place: Place) -> Value:
    return _boolean(place.prove(node.this))


def _truth(*values: Value) -> Value:
    return Value(Kind.BOOLEAN, fresh=all(each.is_visible for each in values))


def _comparison(node: exp.Expr, place: Place) -> Value:
    a, b = _both(node, place)
    return _compared(a, b)


def _compared(*values: Value) -> Value:
    first = values[0]
    if not all(are_comparable(first, other) for other in values[1:]):
        raise NotProvenError("a comparison of different types")
    return _truth(*values)


def _between(node: exp.Expr, place: Place) -> Value:
    return _compared(*(place.prove(part) for part in (node.this, node.args["low"], node.args["high"])))


def _in(node: exp.Expr, place: Place) -> Value:
    if any(value for key, value in node.args.items() if key not in {"this", "expressions", "query"}):
        raise NotProvenError("IN of a rarer form")
    tested = place.prove(node.this)
    if query := node.args.get("query"):
        columns = list(place.prover.query(query, place.scope.child()).values())
        if len(columns) != 1:
            raise NotProvenError("IN over several columns")
        return _compared(tested, columns[0])
    return _compared(tested, *(place.prove(each) for each in node.expressions))


def _is(node: exp.Expr, place: Place) -> Value:
    if not isinstance(node.expression, exp.Null | exp.Boolean):
        return _comparison(node, place)
    return _truth(place.prove(node.this))


def _like(node: exp.Expr, place: Place) -> Value:
    text, pattern = _both(node, place)
    if text.kind is not Kind.STRING or not pattern.literal or pattern.text is None or "\\" in pattern.text:
        raise NotProvenError("LIKE with a computed pattern")
    return _truth(text)


def _exists(node: exp.Expr, place: Place) -> Value:
    place.prover.query(node.this, place.scope.child())
    return Value(Kind.BOOLEAN)


def _scalar_subquery(node: exp.Expr, place: Place) -> Value:
    """A subquery as a value.

    One that depends on the row around it must give one row whatever the data: its failure could count hidden
    rows' matches. One that stands alone is evaluated over visible rows only, and may fail as it would on a
    copy of them.
    """
    columns = list(place.prover.query(node, place.scope.child()).values())
    if len(columns) != 1:
        raise NotProvenError("a subquery of several columns")
    if not _gives_one_row(node.this) and not place.prover.stands_alone(node, place.scope):
        raise NotProvenError("a subquery that may give several rows")
    return columns[0]


def _gives_one_row(select: exp.Expr) -> bool:
    if not isinstance(select, exp.Select) or select.args.get("group"):
        return False
    return select.expressions[0].find(exp.AggFunc) is not None and not select.expressions[0].find(exp.Window)


def _arithmetic(node: exp.Expr, place: Place) -> Value:
    a, b = _both(node, place)
    if a.kind not in NUMBERS | {Kind.NULL} or b.kind not in NUMBERS | {Kind.NULL}:
        return _date_arithmetic(node, place, a, b)
    fresh = a.is_visible and b.is_visible
    if isinstance(node, exp.Div) and node.args.get("typed") and {a.kind, b.kind} <= {Kind.INTEGER, Kind.NULL}:
        raise NotProvenError("a division of integers in a dialect where it gives one")
    if Kind.DOUBLE in {a.kind, b.kind} or isinstance(node, exp.Div):
        return Value(Kind.DOUBLE, fresh=fresh)
    if not (place.may_fail(node) or _fits_64_bits(node, a, b) or _are_small(node, a, b)):
        raise NotProvenError("arithmetic that may overflow")
    kind = Kind.DECIMAL if Kind.DECIMAL in {a.kind, b.kind} else Kind.INTEGER
    digits, scale = _width(node, a, b)
    literal = a.literal and b.literal and kind is Kind.INTEGER
    return Value(kind, digits=digits, scale=scale, fresh=fresh, literal=literal)


def _width(node: exp.Expr, a: Value, b: Value) -> tuple[int, int]:
    if isinstance(node, exp.Mul):
        return a.digits + b.digits, a.scale + b.scale
    return max(a.digits, b.digits) + 1, max(a.scale, b.scale)


def _fits_64_bits(node: exp.Expr, a: Value, b: Value) -> bool:
    """Whether a decimal result has so few digits that no value of the operands' types can overflow it."""
    return Kind.DECIMAL in {a.kind, b.kind} and sum(_width(node, a, b)) <= INT64_DIGITS


def _are_small(node: exp.Expr, a: Value, b: Value) -> bool:
    """Whether both are integers of the query's own text whose result surely fits 32 bits."""
    whole = a.kind is b.kind is Kind.INTEGER and a.literal and b.literal
    return whole and not isinstance(node, exp.Mod) and _width(node, a, b)[0] <= INT32_DIGITS


def _date_arithmetic(node: exp.Expr, place: Place, a: Value, b: Value) -> Value:
    """Dates and intervals may leave the calendar: only where that tells nothing."""
    times = {Kind.DATE, Kind.TIMESTAMP, Kind.INTERVAL, Kind.INTEGER}
    if isinstance(node, exp.Add | exp.Sub) and a.kind in times and b.kind in times and place.may_fail(node):
        return Value(Kind.OTHER, fresh=a.fresh and b.fresh)
    raise NotProvenError("arithmetic over dates or other types")


def _negative(node: exp.Expr, place: Place) -> Value:
    value = place.prove(node.this)
    is_small = value.literal and value.digits <= INT32_DIGITS
    if value.kind is Kind.INTEGER and not (is_small or place.may_fail(node)):
        raise NotProvenError("arithmetic that may overflow")
    if value.kind not in NUMBERS:
        raise NotProvenError("the negative of no number")
    return value


def _interval(node: exp.Expr, _place: Place) -> Value:
    if not isinstance(node.this, exp.Literal):
        raise NotProvenError("a computed interval")
    return Value(Kind.INTERVAL, literal=True)


def _concatenation(node: exp.Expr, place: Place) -> Value:
    a, b = _both(node, place)
    if Kind.STRING not in {a.kind, b.kind} or Kind.OTHER in {a.kind, b.kind}:
        raise NotProvenError("a concatenation of other things than text")
    return Value(Kind.STRING, fresh=a.is_visible and b.is_visible)


def _case(node: exp.Expr, place: Place) -> Value:
    subject = place.prove(node.this) if node.args.get("this") else None
    results = []
    for branch in node.args["ifs"]:
        test = place.prove(branch.this)
        _compared(subject, test) if subject else _boolean(test)
        results.append(place.prove(branch.args["true"]))
    results.append(
        place.prove(default) if (default := node.args.get("default")) else Value(Kind.NULL, literal=True)
    )
    return _joined(results)


def _if(node: exp.Expr, place: Place) -> Value:
    _boolean(place.prove(node.this))
    branches = [node.args["true"], node.args.get("false") or exp.null()]
    return _joined([place.prove(each) for each in branches])


def _joined(values: list[Value]) -> Value:
    result = values[0]
    for each in values[1:]:
        result = joined(result, each)
    return replace(result, literal=False, text=None)


def _coalesce(node: exp.Expr, place: Place) -> Value:
    return _joined([place.prove(each) for each in (node.this, *node.expressions)])


def _nullif(node: exp.Expr, place: Place) -> Value:
    a, b = _both(node, place)
    _compared(a, b)
    return replace(a, literal=False, text=None)


def _paren(node: exp.Expr, place: Place) -> Value:
    return place.prove(node.this)


_TARGETS = {
    "TEXT": Value(Kind.STRING),
    "VARCHAR": Value(Kind.STRING),
    "DOUBLE": Value(Kind.DOUBLE),
    "INT": Value(Kind.INTEGER, digits=10),
    "BIGINT": Value(Kind.INTEGER, digits=19),
    "DATE": Value(Kind.DATE),
    "TIMESTAMP": Value(Kind.TIMESTAMP),
    "BOOLEAN": Value(Kind.BOOLEAN),
}


def _cast(node: exp.Expr, place: Place) -> Value:
    value, target = place.prove(node.this), _target(node.args["to"])
    text = value.text
    if value.literal and text is not None and target.kind in {Kind.DATE, Kind.TIMESTAMP}:
        if not (is_date(text) or (target.kind is Kind.TIMESTAMP and is_timestamp(text))):
            raise NotProvenError("a date literal of another form than 2026-01-31")
        return replace(target, literal=True, text=text)
    harmless = value.is_visible or (value.kind in NUMBERS and target.kind in NUMBERS)
    safe = _widens(value, target) or isinstance(node, exp.TryCast) or (harmless and place.may_fail(node))
    if not safe:
        raise NotProvenError("a cast that may fail")
    return replace(target, fresh=value.is_visible)


def _target(to: exp.Expr) -> Value:
    name = to.this.name if isinstance(to.this, exp.DType) else ""
    if name == "DECIMAL":
        sizes = [int(each.name) for each in to.expressions] or [18, 3]
        scale = sizes[1] if len(sizes) > 1 else 0
        return Value(Kind.DECIMAL, digits=sizes[0] - scale, scale=scale)
    if name not in _TARGETS or to.expressions:
        raise NotProvenError("a cast to a rarer type")
    return _TARGETS[name]


def _widens(value: Value, target: Value) -> bool:
    """Whether every value of the one type is a value of the other."""
    if target.kind is Kind.STRING or value.kind is Kind.NULL:
        return True
    if target.kind is Kind.DOUBLE:
        return value.kind in NUMBERS
    if target.kind is Kind.DATE:
        return value.kind in {Kind.DATE, Kind.TIMESTAMP}
    if target.kind is value.kind and target.kind not in NUMBERS:
        return True
    whole = value.kind in {Kind.INTEGER, Kind.DECIMAL} and target.kind in {Kind.INTEGER, Kind.DECIMAL}
    is_cell = value.kind is Kind.INTEGER and not value.literal
    room = target.digits if is_cell or target.kind is Kind.DECIMAL else target.digits - 1
    return whole and room >= value.digits and target.scale >= value.scale


_OPERATORS: dict[type[exp.Expr], Prove] = {
    exp.Column: _column,
    exp.Literal: _literal,
    exp.Boolean: _constant(Kind.BOOLEAN),
    exp.Null: _constant(Kind.NULL),
    exp.And: _connector,
    exp.Or: _connector,
    exp.Not: _not,
    exp.Paren: _paren,
    exp.EQ: _comparison,
    exp.NEQ: _comparison,
    exp.LT: _comparison,
    exp.LTE: _comparison,
    exp.GT: _comparison,
    exp.GTE: _comparison,
    exp.NullSafeEQ: _comparison,
    exp.NullSafeNEQ: _comparison,
    exp.Between: _between,
    exp.In: _in,
    exp.Is: _is,
    exp.Like: _like,
    exp.ILike: _like,
    exp.Exists: _exists,
    exp.Subquery: _scalar_subquery,
    exp.Add: _arithmetic,
    exp.Sub: _arithmetic,
    exp.Mul: _arithmetic,
    exp.Div: _arithmetic,
    exp.Mod: _arithmetic,
    exp.Neg: _negative,
    exp.Interval: _interval,
    exp.DPipe: _concatenation,
    exp.Case: _case,
    exp.If: _if,
    exp.Coalesce: _coalesce,
    exp.Nullif: _nullif,
    exp.Cast: _cast,
    exp.TryCast: _cast,
}
