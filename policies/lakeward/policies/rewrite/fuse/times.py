"""Rarer functions of dates and moments on the no-throw list."""

from collections.abc import Mapping

from sqlglot import exp

from lakeward.policies.rewrite.fuse.expressions import Place, Prove
from lakeward.policies.rewrite.fuse.guards import FIRST_MOMENT, FIRST_MONTH, LAST_DAY, LAST_DAYS, guard
from lakeward.policies.rewrite.fuse.kinds import INT32_WIDTH, INT64_WIDTH, Kind, NotProvenError, Value
from lakeward.policies.rewrite.fuse.patterns import is_template
from lakeward.policies.rewrite.fuse.texts import take_only

_BOTH = (Kind.DATE, Kind.TIMESTAMP)
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
    name = "DAY" if unit is None else unit.name.upper() if isinstance(unit, exp.Var) else ""
    if name not in units or len(kinds) > 1:
        raise NotProvenError("a difference of other things than two dates or two moments")
    fresh = a.is_visible and b.is_visible
    return Value(Kind.INTEGER, digits=_MOST_DIGITS, width=INT64_WIDTH, fresh=fresh)


def _day_of(node: exp.Expr, place: Place) -> Value:
    """The day of a moment, or a day itself."""
    take_only(node, {"this"})
    value = place.prove(node.this)
    if value.kind not in _BOTH:
        raise NotProvenError("the day of no moment")
    return Value(Kind.DATE, fresh=value.is_visible)


def _written(node: exp.Expr, place: Place) -> Value:
    """STRFTIME by a template that stands in the query."""
    take_only(node, {"this", "format"})
    value = _within_the_calendar(node, place, first=FIRST_MOMENT)
    if not is_template(node.args.get("format")):
        raise NotProvenError("a template of a rarer form")
    return Value(Kind.STRING, fresh=value.is_visible)


def _truncated(node: exp.Expr, place: Place) -> Value:
    """DATE_TRUNC: the first days that there are have no beginning of their month."""
    take_only(node, {"this", "unit"})
    unit = node.args.get("unit")
    if not isinstance(unit, exp.Var) or unit.name.upper() not in _UNITS:
        raise NotProvenError("the beginning of a rarer unit")
    last = LAST_DAYS.get(unit.name.upper())
    first = FIRST_MONTH if last else FIRST_MOMENT
    value = _within_the_calendar(node, place, first=first, last=last or LAST_DAY)
    return Value(Kind.TIMESTAMP, fresh=value.is_visible)


def _within_the_calendar(node: exp.Expr, place: Place, *, first: str, last: str | None = None) -> Value:
    """Prove a day or a moment, and put a guard before one that the calendar may not have, see `guards.py`.

    It fails over such a cell, and the engine does not know that it can: so it tells even where it surely
    runs, since the engine runs it on each entry of a dictionary, or when it plans, on the bounds of a file.

    Args:
        node: What takes it.
        place: Where that stands.
        first: The first moment that it takes.
        last: The last day that it takes, where it does not take every one.
    """
    if (known := place.prover.guarded.get(id(node.this))) is not None:
        return known
    value, column = place.prove(node.this), node.this
    is_day = value.kind is Kind.DATE
    if value.kind not in _BOTH:
        raise NotProvenError(f"{type(node).__name__} of another type")
    if place.prover.shows_all or (is_day and last is None):
        return value
    if not (place.prover.may_rewrite and isinstance(column, exp.Column)):
        raise NotProvenError(f"{type(node).__name__} of cells beside hidden ones")
    guarded = guard(column, first=first, last=last if is_day else None)
    for each in guarded.walk():
        place.look_through(each)
    place.prover.guarded[id(guarded)] = value
    return value


def _like(node: exp.Expr, place: Place) -> Value:
    """CAST_TO_TYPE of a moment: what other dialects' DATE_TRUNC gives, of the type of what it is of."""
    values = [place.prove(each) for each in node.expressions]
    kinds = [each.kind for each in values]
    if kinds not in ([Kind.TIMESTAMP, each] for each in _BOTH):
        raise NotProvenError("a cast to the type of another column")
    return Value(kinds[1], fresh=values[0].is_visible)


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
    exp.TsOrDsToDate: _day_of,
}
TIME_NAMES: Mapping[str, Prove] = {"cast_to_type": _like}
"""Functions that have no node of their own."""
