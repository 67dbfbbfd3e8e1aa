"""Rarer functions of dates and moments on the no-throw list."""

from collections.abc import Mapping

from sqlglot import exp

from lakeward.policies.rewrite.fuse.expressions import Place, Prove
from lakeward.policies.rewrite.fuse.kinds import INT32_WIDTH, INT64_WIDTH, Kind, NotProvenError, Value
from lakeward.policies.rewrite.fuse.patterns import is_template
from lakeward.policies.rewrite.fuse.texts import take_only

_DAYS = frozenset({"DAY", "WEEK", "MONTH", "QUARTER", "YEAR"})
_UNITS = _DAYS | {"HOUR", "MINUTE", "SECOND"}
_MOST_DIGITS = 15


def part(*kinds: Kind) -> Prove:
    """A part of a time, of these kinds."""

    def prove(node: exp.Expr, place: Place) -> Value:
        take_only(node, {"this"})
        subject = node.this
        while isinstance(subject, exp.TsOrDsToDate | exp.TimeStrToTime):
            place.look_through(subject)
            subject = subject.this
        value = place.prove(subject)
        if value.kind not in kinds:
            raise NotProvenError(f"{type(node).__name__} of another type")
        return Value(Kind.INTEGER, digits=INT32_WIDTH, width=INT64_WIDTH, fresh=value.is_visible)

    return prove


def _difference(node: exp.Expr, place: Place) -> Value:
    """DATE_DIFF of two dates, or two moments, by a unit that stands in the query."""
    take_only(node, {"this", "expression", "unit"})
    unit = node.args.get("unit")
    a, b = place.prove(node.this), place.prove(node.args["expression"])
    kinds = {a.kind, b.kind}
    units = {"DATE": _DAYS, "TIMESTAMP": _UNITS}.get(a.kind.name, frozenset())
    if not isinstance(unit, exp.Var) or unit.name.upper() not in units or len(kinds) > 1:
        raise NotProvenError("a difference of other things than two dates or two moments")
    fresh = a.is_visible and b.is_visible
    return Value(Kind.INTEGER, digits=_MOST_DIGITS, width=INT64_WIDTH, fresh=fresh)


def _is_safely_written(value: Value, place: Place) -> bool:
    """A moment before the calendar fails, and the engine does not know that it can.

    So it tells even where it surely runs: the engine runs it on each entry of a dictionary, whose ever.
    """
    return value.kind is Kind.DATE or (value.kind is Kind.TIMESTAMP and place.prover.shows_all)


def _written(node: exp.Expr, place: Place) -> Value:
    """STRFTIME by a template that stands in the query."""
    take_only(node, {"this", "format"})
    value = place.prove(node.this)
    if not _is_safely_written(value, place):
        raise NotProvenError("a template for no date")
    if not is_template(node.args.get("format")):
        raise NotProvenError("a template of a rarer form")
    return Value(Kind.STRING, fresh=value.is_visible)


def _truncated(node: exp.Expr, place: Place) -> Value:
    """DATE_TRUNC: the first days that there are have no beginning of their month.

    The engine may look for it when it plans, of the least and greatest day of a file, whose ever they are.
    """
    take_only(node, {"this", "unit"})
    value, unit = place.prove(node.this), node.args.get("unit")
    is_time = value.kind in {Kind.DATE, Kind.TIMESTAMP}
    if not (is_time and place.prover.shows_all and isinstance(unit, exp.Var) and unit.name.upper() in _UNITS):
        raise NotProvenError(f"{type(node).__name__} of cells beside hidden ones")
    return Value(Kind.OTHER, fresh=value.is_visible)


_BOTH = (Kind.DATE, Kind.TIMESTAMP)
TIME_FUNCTIONS: Mapping[type[exp.Expr], Prove] = {
    exp.Hour: part(Kind.TIMESTAMP),
    exp.Minute: part(Kind.TIMESTAMP),
    exp.Second: part(Kind.TIMESTAMP),
    exp.DayOfMonth: part(*_BOTH),
    exp.DayOfWeek: part(*_BOTH),
    exp.DayOfWeekIso: part(*_BOTH),
    exp.DayOfYear: part(*_BOTH),
    exp.Week: part(Kind.TIMESTAMP),
    exp.DateDiff: _difference,
    exp.TimeToStr: _written,
    exp.TimestampTrunc: _truncated,
    exp.DateTrunc: _truncated,
}
