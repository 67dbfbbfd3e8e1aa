"""Forms of Trino that one line cannot translate."""

from sqlglot import exp

from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.admit.literals import base_prefix, literal_text
from lakeward.policies.admit.templates import computed_once, filled, read_date, written_date

_PAIR = 2
_WHOLE = frozenset({"INT", "BIGINT", "SMALLINT", "TINYINT"})
_PARTS = {
    "YEAR_OF_WEEK": "isoyear", "YOW": "isoyear", "DAY_OF_YEAR": "doy", "DAY_OF_MONTH": "day", "DOW": "isodow",
    "DAYOFWEEK": "isodow", "DAY_OF_WEEK": "isodow",
}  # fmt: skip


def _pattern(node: object) -> str:
    pattern = literal_text(node)
    if pattern is None:
        raise NotAdmittedError("a date with a computed pattern")
    return pattern


def named(node: exp.Expr) -> exp.Expr | None:
    """Functions that are known to sqlglot by name only."""
    if str(node.this).lower() == "at_timezone" and len(node.expressions) == _PAIR:
        value, zone = node.expressions
        return _in_zone(value, zone, node.parent)
    return _templated(node)


def _templated(node: exp.Expr) -> exp.Expr | None:
    """`format_datetime(x, pattern)` and `json_exists(x, 'lax $.a')`, known to sqlglot by name only."""
    name = str(node.this).lower()
    if len(node.expressions) != _PAIR:
        return None
    if name == "format_datetime":
        return written_date(node.expressions[0], _pattern(node.expressions[1]), "joda")
    path = node.expressions[1]
    if name == "json_exists" and isinstance(path, exp.Literal) and path.name.startswith("lax $"):
        path.set("this", path.name.removeprefix("lax "))
    return None


def parsed(node: exp.Expr) -> exp.Expr | None:
    """`parse_datetime(x, pattern)`."""
    return read_date(node.this, _pattern(node.args.get("format")), "joda")


def written(node: exp.Expr) -> exp.Expr | None:
    """`date_format(x, '%Y-%m')`."""
    return written_date(node.this, _pattern(node.args.get("format")), "mysql")


def read(node: exp.Expr) -> exp.Expr | None:
    """`date_parse(x, '%Y-%m-%d')`."""
    return read_date(node.this, _pattern(node.args.get("format")), "mysql")


def elapsed(node: exp.Expr) -> exp.Expr | None:
    """`date_diff('month', a, b)`: whole ones that have passed, not boundaries crossed."""
    unit = node.args.get("unit")
    if unit is None:
        return None
    word = exp.Literal.string(unit.name.lower())
    return filled("date_sub(_unit, _start, _end)", _unit=word, _start=node.expression, _end=node.this)


def part(node: exp.Expr) -> exp.Expr | None:
    """`extract(YEAR_OF_WEEK FROM x)` and other parts that the engine calls otherwise."""
    word = _PARTS.get(node.this.name.upper())
    return None if word is None else filled(f"date_part('{word}', _x)", _x=node.expression)


def whole_number(node: exp.Expr) -> exp.Expr | None:
    """A cast of a double to a whole number rounds halves away from zero; the engine's to the even one."""
    to = node.args["to"]
    if not (isinstance(to.this, exp.DType) and to.this.name in _WHOLE):
        return None
    if node.this.is_int or node.this.is_string or isinstance(node.this, exp.Boolean):
        return None
    cast = "TRY_CAST" if isinstance(node, exp.TryCast) else "CAST"
    kind = to.this.name
    return computed_once(
        f"CASE WHEN typeof(_x) IN ('DOUBLE', 'FLOAT') THEN {cast}(round(TRY_CAST(_x AS DOUBLE)) AS {kind}) "
        f"ELSE {cast}(_x AS {kind}) END",
        node.this,
    )


def extracted(node: exp.Expr) -> exp.Expr | None:
    """`regexp_extract` is NULL where nothing matches; the engine's is an empty text."""
    group = node.args.get("group") or exp.Literal.number(0)
    return filled(
        "CASE WHEN regexp_matches(_x, _pattern) THEN regexp_extract(_x, _pattern, _group) END",
        _x=node.this,
        _pattern=node.expression,
        _group=group,
    )


_CAPITALISED = (
    "array_to_string(list_transform(regexp_extract_all(_x, '[\\p{L}\\p{N}_]+|[^\\p{L}\\p{N}_]+'), "
    "lambda lakeward_each: upper(left(lakeward_each, 1)) || lower(substr(lakeward_each, 2))), '')"
)


def capitalised(node: exp.Expr) -> exp.Expr | None:
    r"""`regexp_replace(x, '(\w)(\w*)', x -> upper(x[1]) || lower(x[2]))`: Trino's own way to write `initcap`.

    Raises:
        NotAdmittedError: Another function makes what a match is replaced by.
    """
    made = node.args.get("replacement")
    if not isinstance(made, exp.Lambda):
        return None
    is_known = made.this.sql("trino").replace(made.expressions[0].name, "x") == "UPPER(x[1]) || LOWER(x[2])"
    if not is_known or literal_text(node.expression) != r"(\w)(\w*)":
        raise NotAdmittedError("`regexp_replace` with a function")
    return filled(_CAPITALISED, _x=node.this)


def unnested(node: exp.Expr) -> exp.Expr | None:
    """`UNNEST` of a map into two columns, and of several lists with their places."""
    alias, lists = node.args.get("alias"), node.expressions
    if alias is None:
        return None
    offset = node.args.get("offset")
    count = len(alias.columns) - (isinstance(offset, exp.Identifier) and offset in alias.columns)
    if len(lists) == 1 and count == 2 and not offset:  # noqa: PLR2004 - a map's keys and values
        values = [filled("map_keys(_x)", _x=lists[0]), filled("map_values(_x)", _x=lists[0])]
    elif len(lists) > 1 and offset:
        lengths = ", ".join(f"coalesce(len(_x{number}), 0)" for number in range(len(lists)))
        given = {f"_x{number}": each for number, each in enumerate(lists)}
        values = [*lists, filled(f"range(1, greatest({lengths}) + 1)", **given)]
    else:
        return None
    named_columns = [each.copy() for each in alias.columns]
    if isinstance(offset, exp.Identifier) and offset not in alias.columns:
        named_columns.append(offset.copy())
    select = exp.select(*[exp.Explode(this=each.copy()) for each in values])
    return exp.Subquery(this=select, alias=exp.TableAlias(this=alias.this.copy(), columns=named_columns))


def of_base(node: exp.Expr) -> exp.Expr | None:
    """`from_base('ff', 16)`."""
    prefix = base_prefix(node.expression)
    if prefix is None:
        raise NotAdmittedError("`from_base` of another base than 2, 10 and 16")
    return filled("CAST(_prefix || _x AS BIGINT)", _prefix=exp.Literal.string(prefix), _x=node.this)


def nth_place(node: exp.Expr) -> exp.Expr | None:
    """`strpos(x, 'a', 2)`: where the second one is."""
    count = node.args.get("occurrence")
    if count is None:
        return None
    if not (count.is_int and int(str(count.to_py())) > 0):
        raise NotAdmittedError("`strpos` of a computed occurrence, or from the end")
    parts = "string_split(_x, _part)"
    return filled(
        f"CASE WHEN len({parts}) > _n "
        f"THEN len(array_to_string(list_slice({parts}, 1, _n), _part)) + 1 ELSE 0 END",
        _x=node.this, _part=node.args["substr"], _n=count,
    )  # fmt: skip


_ZONED = (
    exp.Cast, exp.Extract, exp.TimestampTrunc, exp.DateTrunc, exp.TimeToStr, exp.Date, exp.Hour, exp.Minute,
    exp.Day, exp.DayOfMonth, exp.DayOfWeek, exp.DayOfWeekIso, exp.DayOfYear, exp.Week, exp.Month,
    exp.Quarter, exp.Year,
)  # fmt: skip


def in_zone(node: exp.Expr) -> exp.Expr | None:
    """`x AT TIME ZONE 'Europe/Paris'` where a part, a date or a text is taken of it.

    Raises:
        NotAdmittedError: A moment that bears its zone would be the answer; the engine's bear none.
    """
    return _in_zone(node.this, node.args.get("zone"), node.parent)


def _in_zone(value: exp.Expr, zone: exp.Expr | None, holder: exp.Expr | None) -> exp.Expr:
    while isinstance(holder, exp.Paren):
        holder = holder.parent
    is_named = isinstance(holder, exp.Anonymous) and str(holder.this).lower() == "format_datetime"
    if zone is None or not (is_named or isinstance(holder, _ZONED)):
        raise NotAdmittedError("a moment with a zone of its own, other than inside a function of dates")
    return filled("timezone(_zone, CAST(_x AS TIMESTAMPTZ))", _zone=zone, _x=value)


def several_quantiles(node: exp.Expr) -> exp.Expr | None:
    """`approx_percentile(x, ARRAY[…])`: a list of values."""
    wanted = node.args.get("quantile")
    if not isinstance(wanted, exp.Array):
        return None
    return exp.Anonymous(this="approx_quantile", expressions=[node.this.copy(), wanted.copy()])


def lax_path(node: exp.Expr) -> exp.Expr | None:
    """`json_value(x, 'lax $.a')` and `json_query`."""
    path = node.args.get("path") or node.expression
    if not (isinstance(path, exp.Literal) and path.name.startswith("lax $")):
        return None
    function = "json_extract_string" if isinstance(node, exp.JSONValue) else "json_extract"
    plain = exp.Literal.string(path.name.removeprefix("lax "))
    return exp.Anonymous(this=function, expressions=[node.this.copy(), plain])
