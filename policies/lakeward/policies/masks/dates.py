"""Masks over dates and ages."""

from sqlglot import exp

from lakeward.catalog.types import PrimitiveType
from lakeward.policies.masks.definition import Build, MaskDefinition, call, case, cast, number, of_types, text
from lakeward.policies.masks.environment import MaskEnvironment
from lakeward.policies.masks.hashes import keyed_number
from lakeward.policies.masks.mask import Mask

_TIMES = ("date", "timestamp", "timestamptz")
_OLDEST, _SHORTEST_SHIFT, _SHIFTS = 89, 30, 336
_ICEBERG = "Iceberg REST catalog, read restrictions"
_SAFE_HARBOR = "45 CFR 164.514(b)(2)(i)(C)"


_FIRST, _LAST = "0002-01-01", "9998-12-31"


def _in_calendar(column: exp.Expr, then: exp.Expr) -> exp.Expr:
    """Show `then` only for a date between the years 2 and 9998; for any other, and for NULL, show NULL."""
    day = cast(column, "DATE")
    bounds = {"low": cast(text(_FIRST), "DATE"), "high": cast(text(_LAST), "DATE")}
    return case(exp.Between(this=day, **bounds), then)


def _bounded(column: exp.Expr, type_: PrimitiveType) -> exp.Expr:
    """Return the date moved into those years, so that no function over it can fail.

    The CASE around it is not enough: to plan, the engine computes a function's value for the least and the
    greatest date of a file, hidden ones too.
    """
    kind = type_.name.upper()
    return call("least", call("greatest", column, cast(text(_FIRST), kind)), cast(text(_LAST), kind))


def _truncate(unit: str) -> Build:
    def build(_mask: Mask, column: exp.Expr, type_: PrimitiveType, _env: MaskEnvironment) -> exp.Expr:
        return _in_calendar(column, call("date_trunc", text(unit), _bounded(column, type_)))

    return build


def _ninety(_mask: Mask, column: exp.Expr, type_: PrimitiveType, _env: MaskEnvironment) -> exp.Expr:
    """An age over 89 is 90; a date is its year, and a year 90 or more ago is the year 90 years ago."""
    if type_.name not in _TIMES:
        return case(exp.GT(this=column.copy(), expression=number(_OLDEST)), number(_OLDEST + 1), column)
    this_year = call("date_trunc", text("year"), exp.CurrentDate())
    oldest = exp.Sub(this=cast(this_year, "TIMESTAMP"), expression=call("to_years", number(_OLDEST + 1)))
    year = cast(call("date_trunc", text("year"), _bounded(column, type_)), "TIMESTAMP")
    return _in_calendar(column, call("greatest", year, oldest))


def _shift(mask: Mask, column: exp.Expr, type_: PrimitiveType, env: MaskEnvironment) -> exp.Expr:
    """Move every date of one subject by the same secret number of days, 30 to 365 either way."""
    subject = exp.column(str(mask.argument("by")), table=column.args["table"].copy(), quoted=True)
    drawn = exp.Mod(
        this=keyed_number(subject, env.study_key("date-shift"), 7), expression=number(2 * _SHIFTS)
    )
    later = exp.Add(this=exp.paren(drawn), expression=number(_SHORTEST_SHIFT))
    earlier = exp.Sub(this=number(_SHIFTS - _SHORTEST_SHIFT), expression=exp.paren(drawn.copy()))
    is_later = exp.LT(this=exp.paren(drawn.copy()), expression=number(_SHIFTS))
    days = cast(case(is_later, later, earlier), "INT")
    step = days if type_.name == "date" else call("to_days", days)
    return _in_calendar(column, exp.Add(this=_bounded(column, type_), expression=step))


DATES = {
    "truncate-to-year": MaskDefinition(
        rank=42,
        summary="The first day of the year.",
        fits=of_types(*_TIMES),
        build=_truncate("year"),
        source=_ICEBERG,
    ),
    "truncate-to-month": MaskDefinition(
        rank=32,
        summary="The first day of the month.",
        fits=of_types(*_TIMES),
        build=_truncate("month"),
        source=_ICEBERG,
    ),
    "age-90-plus": MaskDefinition(
        rank=43,
        summary="An age over 89 as 90. A date as the first day of its year, none further back than 90 years.",
        fits=of_types("int", "long", *_TIMES),
        build=_ninety,
        source=_SAFE_HARBOR,
    ),
    "date-shift": MaskDefinition(
        rank=20,
        summary="Moved by 30 to 365 days, alike for all dates of the subject in column `by`: intervals stay.",
        fits=of_types(*_TIMES),
        build=_shift,
        required={"by": str},
        source="Not Safe Harbor by itself: 45 CFR 164.514(b)(1) asks for an expert",
    ),
}
