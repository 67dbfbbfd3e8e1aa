"""Functions, aggregates and windows of the no-throw list, with the types for which they are on it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from lakeward.policies.rewrite.fuse.casts import TEXT, widens
from lakeward.policies.rewrite.fuse.expressions import Place, Prove
from lakeward.policies.rewrite.fuse.kinds import (
    INT32_WIDTH,
    INT64_WIDTH,
    INT128_WIDTH,
    MAX_DIGITS,
    NUMBERS,
    Kind,
    NotProvenError,
    Value,
    joined,
    put_together,
)
from lakeward.policies.rewrite.fuse.nested import NESTED_FUNCTIONS, NESTED_NAMES, size
from lakeward.policies.rewrite.fuse.sure import is_needed_by_its_select, over_a_window
from lakeward.policies.rewrite.fuse.texts import TEXT_FUNCTIONS, take_only
from lakeward.policies.rewrite.fuse.times import TIME_FUNCTIONS, TIME_NAMES
from lakeward.policies.rewrite.fuse.totals import adds_totals

_TIMES = frozenset({Kind.DATE, Kind.TIMESTAMP})
_TEXT = frozenset({Kind.STRING})
_PARTS = frozenset(
    {"year", "month", "day", "quarter", "dow", "dayofweek", "doy", "dayofyear", "week", "hour"}
)
"""Of them a week fails on the first days that there are, where it would begin before the calendar."""
_YEAR_DIGITS = 7
"""Of the last year that a date can have; every other part has fewer."""
_MAX_LENGTH = 1_000_000


def _of_text(kind: Kind) -> Prove:
    """A function of texts alone."""

    def prove(node: exp.Expr, place: Place) -> Value:
        values = _arguments(node, place)
        if any(each.kind not in _TEXT | {Kind.NULL} for each in values):
            raise NotProvenError(f"{type(node).__name__} of other things than text")
        if kind is Kind.STRING:
            return put_together(*values)
        return Value(kind, digits=INT32_WIDTH, width=INT64_WIDTH, fresh=_all_fresh(values))

    return prove


def _replaced(node: exp.Expr, place: Place) -> Value:
    """REPLACE by what is not longer: else a text grows with each place that matches."""
    old, new = node.args.get("expression"), node.args.get("replacement")
    literals = [each for each in (old, new) if isinstance(each, exp.Literal) and each.is_string]
    if len(literals) < len((old, new)) or len(literals[1].name.encode()) > len(literals[0].name.encode()):
        raise NotProvenError("REPLACE by a longer text, or a computed one")
    text = place.prove(node.this)
    if text.kind is not Kind.STRING:
        raise NotProvenError("REPLACE in no text")
    return put_together(text)


def _cut(node: exp.Expr, place: Place) -> Value:
    """LEFT, RIGHT and SUBSTRING: of a text, by small literal numbers."""
    text, *bounds = _arguments(node, place)
    if text.kind is not Kind.STRING or not all(_is_small(each) for each in _nodes(node)[1:]):
        raise NotProvenError(f"{type(node).__name__} with computed bounds")
    return replace(put_together(text), fresh=_all_fresh([text, *bounds]))


def _is_small(node: exp.Expr) -> bool:
    return (
        isinstance(node, exp.Literal)
        and not node.is_string
        and node.name.isdigit()
        and int(node.name) < _MAX_LENGTH
    )


def _part(node: exp.Expr, place: Place) -> Value:
    """A part of a date: YEAR(x), EXTRACT(year FROM x)."""
    subject = node.expression if isinstance(node, exp.Extract) else node.this
    if isinstance(node, exp.Extract) and node.name.lower() not in _PARTS:
        raise NotProvenError("a rarer part of a date")
    while isinstance(subject, exp.TsOrDsToDate | exp.TimeStrToTime):
        place.look_through(subject)
        subject = subject.this
    value = place.prove(subject)
    if value.kind not in _TIMES or (value.kind is Kind.DATE and node.name.lower() == "week"):
        raise NotProvenError("a part of no date, or a week of a date")
    return Value(Kind.INTEGER, digits=_YEAR_DIGITS, width=INT64_WIDTH, fresh=value.fresh)


def _rounding(node: exp.Expr, place: Place) -> Value:
    value = place.prove(node.this)
    others = [each for key, each in node.args.items() if key != "this" and each]
    if value.kind is not Kind.DOUBLE and not (value.kind is Kind.DECIMAL and place.may_fail):
        raise NotProvenError(f"{type(node).__name__} of no double")
    if not all(isinstance(each, exp.Expr) and _is_small(each) for each in others):
        raise NotProvenError(f"{type(node).__name__} with computed digits")
    if value.kind is Kind.DECIMAL:
        place.prover.risked_calls.add(id(node))
    return value


def _choice(node: exp.Expr, place: Place) -> Value:
    """GREATEST and LEAST."""
    first, *rest = _arguments(node, place)
    for each in rest:
        first = joined(first, each)
    return first


def _today(node: exp.Expr, _place: Place) -> Value:
    """CURRENT_DATE; that of a zone fails where there is no such zone."""
    take_only(node, set())
    return Value(Kind.DATE, literal=True)


def _inside(node: exp.Expr, place: Place) -> Place:
    """Where the arguments of an aggregate stand.

    Raises:
        NotProvenError: It has others than are known: `max(x, 0)` is an error, and `max(x, 2)` a list. Or it
            names a column of a query around its own, and so may be an aggregate of that one.
    """
    whole = node.parent if isinstance(node.parent, exp.Filter) else node
    if not all(place.scope.owns(each.name, each.table or None) for each in whole.find_all(exp.Column)):
        raise NotProvenError("an aggregate of another query's column")
    if not {key for key, value in node.args.items() if value} <= _TAKES.get(type(node), _ONE):
        raise NotProvenError(f"{type(node).__name__} with more arguments")
    may_fail = place.prover.course_of(node).aggregates and is_needed_by_its_select(node)
    scope = replace(place.scope, aliases={}) if _knows_no_alias(whole) else place.scope
    return replace(place, may_fail=place.prover.shows_all or may_fail, scope=scope)


def _knows_no_alias(aggregate: exp.Expr) -> bool:
    """Whether the engine takes a name in an aggregate for a column, though an alias of its SELECT bears it.

    So it does in the SELECT list, where the name is not a window's, a subquery's or another clause's.
    """
    if over_a_window(aggregate) or aggregate.find(exp.Query):
        return False
    part = aggregate
    while part.parent is not None and not isinstance(part.parent, exp.Query):
        part = part.parent
    return part.arg_key == "expressions"


def _may_end_badly(inside: Place) -> bool:
    """Whether an aggregate may fail of what its rows come to, though not of any one of them.

    Of `-x, x, x` a sum overflows in one order and not in another; the order, how rows are shared out among
    threads, and which groups are finished before a LIMIT is reached, all hang on hidden rows.
    """
    return inside.prover.shows_all


def _aggregate(result: Value | None) -> Prove:
    """An aggregate that cannot fail by itself; its result is of its argument's type unless one is given."""

    def prove(node: exp.Expr, place: Place) -> Value:
        values = _arguments(node, _inside(node, place))
        if result is not None:
            return replace(result, fresh=True)
        first = values[0] if values else Value(Kind.OTHER)
        return replace(first, fresh=True, literal=False, text=None, risky=False)

    return prove


_ONE, _TWO = frozenset({"this"}), frozenset({"this", "expression"})
_TAKES: dict[type[exp.Expr], frozenset[str]] = {
    **dict.fromkeys((exp.ArgMax, exp.ArgMin, exp.Corr, exp.CovarSamp, exp.CovarPop, exp.RegrSlope), _TWO),
    **dict.fromkeys((exp.PercentileCont, exp.PercentileDisc, exp.WithinGroup), _TWO),
    **dict.fromkeys((exp.Lag, exp.Lead), frozenset({"this", "offset", "default"})),
    exp.GroupConcat: frozenset({"this", "separator"}),
    exp.Count: frozenset({"this", "big_int"}),
}
"""The arguments of aggregates that take others than one."""


def _truths(result: Value) -> Prove:
    """An aggregate of conditions: of a text, it would cast it."""

    def prove(node: exp.Expr, place: Place) -> Value:
        values = _arguments(node, _inside(node, place))
        if any(each.kind not in {Kind.BOOLEAN, Kind.NULL} for each in values):
            raise NotProvenError(f"{type(node).__name__} of no condition")
        return replace(result, fresh=True)

    return prove


def _texts(node: exp.Expr, place: Place) -> Value:
    """STRING_AGG."""
    if not all(widens(each, TEXT) for each in _arguments(node, _inside(node, place))):
        raise NotProvenError("a text of other things than texts")
    separator = node.args.get("separator")
    if separator is not None and not (isinstance(separator, exp.Literal) and separator.is_string):
        raise NotProvenError("a computed separator")
    return Value(Kind.STRING, fresh=True)


def _shifted(node: exp.Expr, place: Place) -> Value:
    """LAG and LEAD: the default is cast to the type of the value."""
    offset, default = node.args.get("offset"), node.args.get("default")
    if offset is not None and not _is_small(offset):
        raise NotProvenError(f"{type(node).__name__} by a computed number of rows")
    inside = _inside(node, place)
    value = inside.prove(node.this)
    other = value if default is None else inside.prove(default)
    if default is not None and not _fits_exactly(other, value):
        raise NotProvenError(f"{type(node).__name__} with a default of another type")
    return replace(
        value,
        digits=max(value.digits, other.digits),
        copies=max(value.copies, other.copies),
        constant=max(value.constant, other.constant),
        fresh=True,
        literal=False,
        text=None,
        risky=False,
    )


def _fits_exactly(default: Value, value: Value) -> bool:
    """Whether a default is a value of the type; a double may be too large for a single."""
    return widens(default, value) and default.kind is not Kind.DOUBLE


def _median(node: exp.Expr, place: Place) -> Value:
    inside = _inside(node, place)
    value, *others = _arguments(node, inside)
    if others:
        raise NotProvenError("a median with more arguments")
    return _one_of(value, inside, node, between=True)


def _quantile(*, between: bool) -> Prove:
    """A quantile by a literal part of one, which may lie between two values."""

    def prove(node: exp.Expr, place: Place) -> Value:
        inside = _inside(node, place)
        if not _is_fraction(node.args.get("expression")):
            raise NotProvenError("a computed quantile")
        return _one_of(inside.prove(node.this), inside, node, between=between)

    return prove


def _ordered_set(node: exp.Expr, place: Place) -> Value:
    """PERCENTILE_CONT(...) WITHIN GROUP (ORDER BY ...) and its like."""
    inside, call, by = _inside(node, place), node.this, node.expression.expressions
    is_known = isinstance(call, exp.PercentileCont | exp.PercentileDisc) and not call.args.get("expression")
    if not is_known or not _is_fraction(call.this) or len(by) != 1:
        raise NotProvenError("WITHIN GROUP of a rarer form")
    place.look_through(call)
    return _one_of(inside.prove(by[0].this), inside, node, between=isinstance(call, exp.PercentileCont))


_MAY_BE_NAN = frozenset({Kind.DOUBLE, Kind.OTHER})


def _one_of(value: Value, inside: Place, node: exp.Expr, *, between: bool) -> Value:
    """One of some values, or what lies between two: of dates and long decimals that may not be there.

    Over a window the engine keeps the values in an order, and fails where it is to take a NaN out of it.
    """
    if over_a_window(node) and value.kind in _MAY_BE_NAN and not _may_end_badly(inside):
        raise NotProvenError("a median of doubles over a window")
    if not between:
        return replace(value, fresh=True, literal=False, text=None, risky=False)
    has_room = value.kind in NUMBERS and value.digits + value.scale < MAX_DIGITS
    if not (has_room or _may_end_badly(inside)):
        raise NotProvenError("a median of other things than numbers")
    return Value(Kind.OTHER, fresh=True)


def _is_fraction(node: exp.Expr | None) -> bool:
    is_number = isinstance(node, exp.Literal) and not node.is_string
    return is_number and node is not None and _FRACTION.fullmatch(node.name) is not None


_FRACTION = re.compile(r"0?\.\d{1,9}|[01](\.0{1,9})?")


def _spread(*, of_whole_numbers: bool) -> Prove:
    """A variance and its like, which fail when a double gets out of range; of whole numbers some cannot."""

    def prove(node: exp.Expr, place: Place) -> Value:
        inside = _inside(node, place)
        values = _arguments(node, inside)
        is_bounded = all(each.kind in {Kind.INTEGER, Kind.DECIMAL} for each in values)
        if not (_may_end_badly(inside) or (of_whole_numbers and is_bounded)):
            raise NotProvenError(f"{type(node).__name__} of doubles")
        return Value(Kind.DOUBLE, fresh=True)

    return prove


def _total(node: exp.Expr, place: Place) -> Value:
    """SUM and AVG, which both add up in 128 bits: what can the total of so many rows be?"""
    inside = _inside(node, place)
    value, *others = _arguments(node, inside)
    if value.kind not in NUMBERS or others:
        raise NotProvenError("a sum of no numbers")
    is_counted = _adds_groups(node) or adds_totals(node, value, place.scope)
    digits = value.digits if is_counted else value.digits + _COUNT_DIGITS
    if value.kind is not Kind.DOUBLE and digits + value.scale > MAX_DIGITS and not _may_end_badly(inside):
        raise NotProvenError("a sum that may overflow")
    if isinstance(node, exp.Avg):
        return Value(Kind.DOUBLE, fresh=True)
    width = MAX_DIGITS if value.kind is Kind.DECIMAL else INT128_WIDTH
    return Value(value.kind, min(digits, MAX_DIGITS - value.scale), value.scale, width, fresh=True)


_COUNT_DIGITS = 14
"""More rows than that no engine has counted before its time is up."""


def _adds_groups(node: exp.Expr) -> bool:
    """Whether a window adds up sums of its SELECT's groups: no more than the sum over all of their rows."""
    return over_a_window(node) and isinstance(node.this, exp.Sum) and not over_a_window(node.this)


def _filtered(node: exp.Expr, place: Place) -> Value:
    """`aggregate(…) FILTER (WHERE …)`: the condition may be evaluated early."""
    if place.prove(node.expression.this).kind is not Kind.BOOLEAN:
        raise NotProvenError("a condition that is no boolean")
    return place.prove(node.this)


def prove_frame(node: exp.Expr, place: Place) -> None:
    """Prove how a window, or the definition of a named one, parts and orders rows.

    Raises:
        NotProvenError: In a way that is not known to be harmless.
    """
    place.look_through(node)
    if node.args.get("first") or isinstance(node.this, exp.IgnoreNulls | exp.RespectNulls):
        raise NotProvenError("a window of a rarer form")
    for each in node.args.get("partition_by") or ():
        place.prove(each)
    for each in node.args["order"].expressions if node.args.get("order") else ():
        place.prove(each.this)
    for bound in ("start", "end"):
        spec = node.args["spec"].args if node.args.get("spec") else {}
        value = spec.get(bound)
        if isinstance(value, exp.Expr) and not (_is_small(value) and str(spec["kind"]).upper() == "ROWS"):
            raise NotProvenError("a window frame with a computed bound, or one of values")


def _window(node: exp.Expr, place: Place) -> Value:
    prove_frame(node, place)
    if node.args.get("this") is None:
        return Value(Kind.NULL)
    return place.prove(node.this)


def _ranking(node: exp.Expr, _place: Place) -> Value:
    if not all(_is_small(each) and int(each.name) > 0 for each in _nodes(node)):
        raise NotProvenError(f"{type(node).__name__} with arguments")
    return Value(Kind.INTEGER, digits=_COUNT_DIGITS, width=INT64_WIDTH, fresh=True)


def _share(node: exp.Expr, place: Place) -> Value:
    """PERCENT_RANK and CUME_DIST."""
    _ranking(node, place)
    return Value(Kind.DOUBLE, fresh=True)


def _grouping(node: exp.Expr, place: Place) -> Value:
    """GROUPING: a bit for each argument."""
    if not all(isinstance(each, exp.Column) for each in _nodes(node)):
        raise NotProvenError("GROUPING of other things than columns")
    for each in _nodes(node):
        place.look_through(each)
    return Value(Kind.INTEGER, digits=len(_nodes(node)), width=INT32_WIDTH, fresh=True)


def _named(node: exp.Expr, place: Place) -> Value:
    """A function that has no node of its own."""
    if (prove := NAMED.get(node.name.lower())) is None:
        raise NotProvenError("a function of a rarer kind")
    return prove(node, place)


NAMED = {**TIME_NAMES, **NESTED_NAMES}


def _nodes(node: exp.Expr) -> list[exp.Expr]:
    found: list[exp.Expr] = []
    for value in node.args.values():
        parts: list[Any] = value if isinstance(value, list) else [value]
        found += [each for each in parts if isinstance(each, exp.Expr)]
    return found


def _arguments(node: exp.Expr, place: Place) -> list[Value]:
    """Prove every argument; DISTINCT and ORDER BY inside a call are looked through, `count(*)` has none."""
    values: list[Value] = []
    for each in _nodes(node):
        if isinstance(each, exp.Star):
            continue
        if isinstance(each, exp.Distinct | exp.Order):
            values += _arguments(each, place)
        elif isinstance(each, exp.Ordered):
            values.append(place.prove(each.this))
        else:
            values.append(place.prove(each))
    return values


def _all_fresh(values: Sequence[Value]) -> bool:
    return all(each.is_visible for each in values)


_COUNT = Value(Kind.INTEGER, digits=_COUNT_DIGITS, width=INT64_WIDTH)
FUNCTIONS: dict[type[exp.Expr], Prove] = {
    exp.Lower: _of_text(Kind.STRING),
    exp.Upper: _of_text(Kind.STRING),
    exp.Trim: _of_text(Kind.STRING),
    exp.Replace: _replaced,
    exp.Concat: _of_text(Kind.STRING),
    exp.Length: size(_of_text(Kind.INTEGER)),
    exp.StartsWith: _of_text(Kind.BOOLEAN),
    exp.EndsWith: _of_text(Kind.BOOLEAN),
    exp.Contains: _of_text(Kind.BOOLEAN),
    exp.Left: _cut,
    exp.Right: _cut,
    exp.Substring: _cut,
    exp.Extract: _part,
    exp.Year: _part,
    exp.Month: _part,
    exp.Day: _part,
    exp.Quarter: _part,
    exp.Round: _rounding,
    exp.Abs: _rounding,
    exp.Floor: _rounding,
    exp.Ceil: _rounding,
    exp.Greatest: _choice,
    exp.Least: _choice,
    exp.CurrentDate: _today,
    exp.Count: _aggregate(_COUNT),
    exp.CountIf: _truths(replace(_COUNT, width=INT128_WIDTH)),
    exp.ApproxDistinct: _aggregate(_COUNT),
    exp.Sum: _total,
    exp.Avg: _total,
    exp.Stddev: _spread(of_whole_numbers=True),
    exp.StddevSamp: _spread(of_whole_numbers=True),
    exp.StddevPop: _spread(of_whole_numbers=True),
    exp.Variance: _spread(of_whole_numbers=True),
    exp.VariancePop: _spread(of_whole_numbers=True),
    exp.Corr: _spread(of_whole_numbers=True),
    exp.CovarSamp: _spread(of_whole_numbers=True),
    exp.CovarPop: _spread(of_whole_numbers=True),
    exp.RegrSlope: _spread(of_whole_numbers=True),
    exp.Kurtosis: _spread(of_whole_numbers=False),
    exp.Skewness: _spread(of_whole_numbers=False),
    exp.Median: _median,
    exp.Min: _aggregate(None),
    exp.Max: _aggregate(None),
    exp.AnyValue: _aggregate(None),
    exp.Mode: _aggregate(None),
    exp.ArgMax: _aggregate(None),
    exp.ArgMin: _aggregate(None),
    exp.LogicalAnd: _truths(Value(Kind.BOOLEAN)),
    exp.LogicalOr: _truths(Value(Kind.BOOLEAN)),
    exp.GroupConcat: _texts,
    exp.ArrayAgg: _aggregate(Value(Kind.OTHER)),
    exp.Grouping: _grouping,
    exp.Filter: _filtered,
    exp.Window: _window,
    exp.RowNumber: _ranking,
    exp.Rank: _ranking,
    exp.DenseRank: _ranking,
    exp.PercentRank: _share,
    exp.CumeDist: _share,
    exp.Ntile: _ranking,
    exp.Lag: _shifted,
    exp.Lead: _shifted,
    exp.FirstValue: _aggregate(None),
    exp.LastValue: _aggregate(None),
    exp.PercentileCont: _quantile(between=True),
    exp.PercentileDisc: _quantile(between=False),
    exp.WithinGroup: _ordered_set,
    **TEXT_FUNCTIONS,
    **TIME_FUNCTIONS,
    **NESTED_FUNCTIONS,
    exp.Anonymous: _named,
}
