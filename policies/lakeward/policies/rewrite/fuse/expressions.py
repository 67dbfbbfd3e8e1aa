"""Expressions: what each operator of the list needs to be harmless, and what it then gives."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations, product
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from lakeward.policies.rewrite.fuse.casts import TEXT, prove_cast, widens
from lakeward.policies.rewrite.fuse.days import compare_days, moved_day
from lakeward.policies.rewrite.fuse.kinds import (
    INT32_WIDTH,
    INT64_WIDTH,
    INT128_WIDTH,
    MAX_DIGITS,
    NUMBERS,
    Kind,
    NotProvenError,
    Value,
    are_comparable,
    is_rounded_otherwise,
    joined,
    put_together,
)
from lakeward.policies.rewrite.fuse.scope import Scope, field_of
from lakeward.policies.rewrite.fuse.single import gives_one_row
from lakeward.policies.rewrite.fuse.sure import is_needed
from lakeward.policies.rewrite.fuse.widen import is_free, is_passed_on, widen

if TYPE_CHECKING:
    from lakeward.policies.rewrite.fuse.prove import Prover

_INTERVAL_DIGITS = 5
"""An interval of up to this many digits is one, whatever its unit."""
INT64_DIGITS = 18
"""A DECIMAL of up to this many digits lives in 64 bits; DuckDB checks a wider result of two such for
overflow.
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands; `may_fail` says whether it may without telling of a hidden row.

    What goes into it is not enough: `CASE WHEN cell LIKE 'x%' THEN CAST('y' AS INT) END` is made of a
    constant, and that it fails tells of the cell. So all that stands around it counts, see `sure.py`.
    """

    prover: "Prover"
    scope: Scope
    may_fail: bool = False

    def prove(self, node: exp.Expr) -> Value:
        """Prove an expression in this place."""
        return prove_expression(node, self)

    def look_through(self, node: exp.Expr) -> None:
        """Say of a node that what stands in it is proven, and it is nothing by itself."""
        self.prover.proven.add(id(node))


Prove = Callable[[exp.Expr, Place], Value]


def prove_expression(node: exp.Expr, place: Place) -> Value:
    """Prove one expression and all in it.

    Raises:
        NotProvenError: It is not on the list, or not with these types.
    """
    if place.may_fail and not (place.prover.shows_all or is_needed(node)):
        place = replace(place, may_fail=False)
    prove = _OPERATORS.get(type(node))
    if prove is None:
        prove = _function_operator(type(node))
    if prove is None:
        raise NotProvenError(type(node).__name__)
    place.look_through(node)
    return prove(node, place)


def _function_operator(kind: type[exp.Expr]) -> Prove | None:
    from lakeward.policies.rewrite.fuse.functions import FUNCTIONS  # noqa: PLC0415 - functions prove expressions

    return FUNCTIONS.get(kind)


def _column(node: Any, place: Place) -> Value:  # noqa: ANN401 - a Column
    """Resolve a column by its name and the relation that it is qualified with."""
    parts = [part.name for part in node.parts]
    if isinstance(node.this, exp.Star):
        raise NotProvenError("a star inside an expression")
    if len(parts) == 3:  # noqa: PLR2004 - table.column.field, or a namespace's
        return _field(parts, place)
    if len(parts) > 2:  # noqa: PLR2004 - table.column; whether a namespace fits is for the bench to say
        raise NotProvenError("a column with the name of a namespace")
    qualifier = parts[-2] if len(parts) > 1 else None
    value = place.scope.column(parts[-1], qualifier)
    if value.risky and not place.may_fail:
        raise NotProvenError("a reference to an expression that may fail")
    return _unseen(value, node)


def _unseen(value: Value, node: exp.Expr) -> Value:
    """Require that nobody sees a type which is wider than the query's own."""
    if value.wider and not (is_free(node) or is_passed_on(node)):
        raise NotProvenError("arithmetic that may overflow")
    return value


def _field(parts: Sequence[str], place: Place) -> Value:
    """`table.column.field` of a struct."""
    relation, column, field = parts
    if not place.scope.names(relation.casefold()):
        raise NotProvenError("a column with the name of a namespace")
    value = place.scope.column(column, relation)
    if value.risky and not place.may_fail:
        raise NotProvenError("a reference to an expression that may fail")
    return field_of(value, field.casefold())


def _literal(node: exp.Expr, _place: Place) -> Value:
    text = str(node.this)
    if node.args.get("is_string"):
        return Value(Kind.STRING, literal=True, text=text, copies=0, constant=len(text))
    if "e" in text.lower():
        return Value(Kind.DOUBLE, literal=True)
    whole, _, fraction = text.replace("_", "").partition(".")
    if len(whole) + len(fraction) > INT64_DIGITS:
        raise NotProvenError("a number of many digits")
    if fraction or "." in text:
        width = len(whole) + len(fraction)
        return Value(Kind.DECIMAL, digits=len(whole), scale=len(fraction), width=width, literal=True)
    small = min(INT32_WIDTH, len(whole))
    return Value(
        Kind.INTEGER, digits=len(whole), width=small if int(whole) < 1 << 31 else INT64_WIDTH, literal=True
    )


def _raw(node: exp.Expr, _place: Place) -> Value:
    """`$$text$$`, which is written again as a plain one."""
    return Value(Kind.STRING, literal=True, text=node.name, copies=0, constant=len(node.name))


def _constant(kind: Kind) -> Prove:
    return lambda _node, _place: Value(kind, literal=True)


def _both(node: exp.Expr, place: Place) -> tuple[Value, Value]:
    return place.prove(node.this), place.prove(node.expression)


def _connector(node: exp.Expr, place: Place) -> Value:
    """AND and OR chains are long; they are walked without recursion."""
    values = []
    for part in node.dfs(prune=lambda each: type(each) is not type(node)):
        if type(part) is type(node):
            place.look_through(part)
        else:
            values.append(_boolean(place.prove(part)))
    return Value(Kind.BOOLEAN, fresh=all(each.is_visible for each in values))


def _boolean(value: Value) -> Value:
    if value.kind not in {Kind.BOOLEAN, Kind.NULL}:
        raise NotProvenError("a condition that is no boolean")
    return value


def _not(node: exp.Expr, place: Place) -> Value:
    """NOT NULL is a boolean to the engine, which makes one of a text beside it."""
    return _truth(_boolean(place.prove(node.this)))


def _truth(*values: Value) -> Value:
    return Value(Kind.BOOLEAN, fresh=all(each.is_visible for each in values))


def _comparison(node: exp.Expr, place: Place) -> Value:
    if place.prover.may_rewrite:
        _count_days(node, place)
    a, b = _both(node, place)
    return _compared(a, b)


def _count_days(node: exp.Expr, place: Place) -> None:
    """Where a day is compared with a moved one, compare the days between them, see `days.py`.

    Not where NULL is compared as a value: of two that are NULL, there are no days between.
    """
    if isinstance(node, exp.NullSafeEQ | exp.NullSafeNEQ | exp.Is):
        return
    for key, other in (("this", "expression"), ("expression", "this")):
        moved, day = moved_day(node.args[key]), node.args[other].unnest()
        if moved and isinstance(day, exp.Column):
            if {place.prove(day).kind, place.prove(moved[0]).kind} == {Kind.DATE}:
                compare_days(node, key, moved)
            return


def _compared(*values: Value) -> Value:
    """Every two of them must fit: the engine casts all to one type before it compares any."""
    texts = {each for each in values if each.literal and each.kind is Kind.STRING}
    others = {each if each.text is None else replace(each, text=None) for each in values if each not in texts}
    pairs = chain(combinations(others, 2), product(others, texts))
    if not all(are_comparable(*pair) for pair in pairs):
        raise NotProvenError("a comparison of different types")
    return _truth(*values)


def _between(node: exp.Expr, place: Place) -> Value:
    return _compared(*(place.prove(part) for part in (node.this, node.args["low"], node.args["high"])))


def _in(node: exp.Expr, place: Place) -> Value:
    if any(value for key, value in node.args.items() if key not in {"this", "expressions", "query"}):
        raise NotProvenError("IN of a rarer form")
    if isinstance(node.this, exp.Tuple):
        return _in_rows(node, place)
    tested = place.prove(node.this)
    if query := node.args.get("query"):
        columns = list(place.prover.query(query, place.scope.child()).values())
        if len(columns) != 1:
            raise NotProvenError("IN over several columns")
        return _compared(tested, replace(columns[0], literal=False, text=None))
    return _compared(tested, *(place.prove(each) for each in node.expressions))


def _in_rows(node: exp.Expr, place: Place) -> Value:
    """`(a, b) IN ((1, 2), …)`: the engine compares structs, so that types must be alike from the start."""
    tested = [place.prove(each) for each in node.this.expressions]
    rows = [[place.prove(part) for part in each.expressions] for each in node.expressions]
    if query := node.args.get("query"):
        rows = [list(place.prover.query(query, place.scope.child()).values())]
    if any(len(row) != len(tested) for row in rows) or not all(
        isinstance(each, exp.Tuple) for each in node.expressions
    ):
        raise NotProvenError("IN over rows of other lengths")
    for values in zip(tested, *rows, strict=True):
        kinds = {each.kind for each in values}
        if len(kinds) > 1 or not kinds <= {Kind.STRING, Kind.INTEGER, Kind.BOOLEAN}:
            raise NotProvenError("IN over rows of different types")
    return _truth(*tested, *(each for row in rows for each in row))


def _quantified(node: exp.Expr, place: Place) -> Value:
    """What ALL and ANY compare with: each value of a subquery."""
    subquery = node.this
    while isinstance(subquery, exp.Paren):
        place.look_through(subquery)
        subquery = subquery.this
    if not isinstance(subquery, exp.Query):
        raise NotProvenError(f"{type(node).__name__} of a list")
    columns = list(place.prover.query(subquery, place.scope.child()).values())
    if len(columns) != 1:
        raise NotProvenError("a subquery of several columns")
    return replace(columns[0], literal=False, text=None)


def _is(node: exp.Expr, place: Place) -> Value:
    if not isinstance(node.expression, exp.Null | exp.Boolean):
        return _comparison(node, place)
    value = place.prove(node.this)
    return _truth(_boolean(value) if isinstance(node.expression, exp.Boolean) else value)


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

    It must give one row whatever the data, for another number is a failure; unless nothing is hidden.
    """
    columns = list(place.prover.query(node, place.scope.child()).values())
    if len(columns) != 1:
        raise NotProvenError("a subquery of several columns")
    if not (gives_one_row(node.this) or place.prover.shows_all):
        raise NotProvenError("a subquery that may give several rows")
    return _unseen(columns[0], node)


def _arithmetic(node: exp.Expr, place: Place) -> Value:
    a, b = _both(node, place)
    if a.kind not in NUMBERS | {Kind.NULL} or b.kind not in NUMBERS | {Kind.NULL}:
        return _date_arithmetic(node, place, a, b)
    fresh, wider = a.is_visible and b.is_visible, a.wider or b.wider
    if {a.kind, b.kind} == {Kind.NULL, Kind.DECIMAL} and not isinstance(node, exp.Div):
        return Value(Kind.NULL)  # so the engine types it
    if isinstance(node, exp.Div) and node.args.get("typed") and {a.kind, b.kind} <= {Kind.INTEGER, Kind.NULL}:
        raise NotProvenError("a division of integers in a dialect where it gives one")
    if Kind.DOUBLE in {a.kind, b.kind} or isinstance(node, exp.Div):
        if is_rounded_otherwise(a) or is_rounded_otherwise(b):
            raise NotProvenError("arithmetic that may overflow")
        return Value(Kind.DOUBLE, fresh=fresh)
    kind = Kind.DECIMAL if Kind.DECIMAL in {a.kind, b.kind} else Kind.INTEGER
    digits, scale = _digits(node, a, b)
    most, width = _room(kind, node, a, b)
    if digits + scale > most and not place.may_fail:
        a = _widened(node, a, kind, digits + scale, place)
        most, width = _room(kind, node, a, b)
        wider = True
    if place.may_fail:  # a result that its type has no room for is none
        digits = min(digits, max(most, width) - scale)
    literal = a.literal and b.literal and kind is Kind.INTEGER
    return Value(kind, digits, scale, width, fresh=fresh, literal=literal, wider=wider)


def _digits(node: exp.Expr, a: Value, b: Value) -> tuple[int, int]:
    """How many digits a result can have, before the point and after it."""
    if isinstance(node, exp.Mul):
        return a.digits + b.digits, a.scale + b.scale
    if isinstance(node, exp.Mod) and {a.kind, b.kind} == {Kind.INTEGER} and b.literal and _is_not_zero(node):
        return b.digits, 0
    return max(a.digits, b.digits) + 1, max(a.scale, b.scale)


def _is_not_zero(node: exp.Expr) -> bool:
    """Whether a remainder is by a plain number that is not zero: then it is smaller than that."""
    return isinstance(node.expression, exp.Literal) and node.expression.name.strip("0") != ""


def _room(kind: Kind, node: exp.Expr, a: Value, b: Value) -> tuple[int, int]:
    """How many digits the engine's result surely has room for, and the width of its type.

    Two decimals of at most 18 digits stay in 64 bits, and a result that does not fit is an error; with a
    wider one, the result has 38 digits. Integers keep the wider type of the two.
    """
    if kind is Kind.INTEGER:
        width = next(each for each in _INTEGERS if max(a.width, b.width) <= each)
        return width - 1, width
    whole = max(a.width - a.scale, b.width - b.scale) + 1
    width = a.width + b.width if isinstance(node, exp.Mul) else whole + max(a.scale, b.scale)
    most = INT64_DIGITS if max(a.width, b.width) <= INT64_DIGITS else MAX_DIGITS
    return most, min(width, most)


_INTEGERS = (INT32_WIDTH, INT64_WIDTH, INT128_WIDTH)


def _widened(node: exp.Expr, a: Value, kind: Kind, digits: int, place: Place) -> Value:
    """Give the first operand a type in which no value of the operands can overflow the result.

    Raises:
        NotProvenError: There is none, or the type of the result would be seen.
    """
    is_unseen = is_free(node) or is_passed_on(node)
    if digits > MAX_DIGITS or not (place.prover.may_widen and is_unseen):
        raise NotProvenError("arithmetic that may overflow")
    if kind is Kind.DECIMAL:
        width = min(max(a.width, INT64_DIGITS + 1), MAX_DIGITS)
        widen(node, "DECIMAL", width, a.scale)
        place.look_through(node.this)
        return replace(a, kind=kind, width=width)
    is_long = digits <= INT64_DIGITS
    widen(node, "BIGINT" if is_long else "INT128")
    place.look_through(node.this)
    return replace(a, width=INT64_WIDTH if is_long else INT128_WIDTH)


def _date_arithmetic(node: exp.Expr, place: Place, a: Value, b: Value) -> Value:
    """Dates and intervals may leave the calendar: only where that tells nothing."""
    times = {Kind.DATE, Kind.TIMESTAMP, Kind.INTERVAL, Kind.INTEGER}
    if isinstance(node, exp.Add | exp.Sub) and a.kind in times and b.kind in times and place.may_fail:
        place.prover.risked_calls.add(id(node))
        return Value(Kind.OTHER, fresh=a.fresh and b.fresh)
    raise NotProvenError("arithmetic over dates or other types")


def _negative(node: exp.Expr, place: Place) -> Value:
    value = place.prove(node.this)
    if value.kind is Kind.INTEGER and value.digits >= max(value.width, INT32_WIDTH) and not place.may_fail:
        raise NotProvenError("arithmetic that may overflow")
    if value.kind not in NUMBERS:
        raise NotProvenError("the negative of no number")
    return value


def _interval(node: exp.Expr, _place: Place) -> Value:
    is_count = isinstance(node.this, exp.Literal) and node.name.isdecimal()
    if not is_count or len(node.name) > _INTERVAL_DIGITS:
        raise NotProvenError("a computed interval, or one of more than a few digits")
    return Value(Kind.INTERVAL, literal=True)


def _concatenation(node: exp.Expr, place: Place) -> Value:
    a, b = _both(node, place)
    if Kind.STRING not in {a.kind, b.kind} or not (widens(a, TEXT) and widens(b, TEXT)):
        raise NotProvenError("a concatenation of other things than text")
    return put_together(a, b)


def _case(node: exp.Expr, place: Place) -> Value:
    subject = place.prove(node.this) if node.args.get("this") else None
    results = []
    for branch in node.args["ifs"]:
        place.look_through(branch)
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


_OPERATORS: dict[type[exp.Expr], Prove] = {
    exp.Column: _column,
    exp.Literal: _literal,
    exp.RawString: _raw,
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
    exp.All: _quantified,
    exp.Any: _quantified,
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
    exp.Cast: prove_cast,
    exp.TryCast: prove_cast,
}
