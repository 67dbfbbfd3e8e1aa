"""Forms of Spark that one line cannot translate."""

import re

from sqlglot import exp

from lakeward.policies.admit import forms_spark_dates as dates
from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.admit.literals import base_prefix, literal_text
from lakeward.policies.admit.templates import computed_once, filled
from lakeward.policies.admit.values_columns import name_values

_PAIR = 2
_WHOLE = frozenset({"INT", "BIGINT", "SMALLINT", "TINYINT"})


_CUT = (
    "CASE WHEN typeof(_x) IN ('DOUBLE', 'FLOAT') THEN TRY_CAST(trunc(TRY_CAST(_x AS DOUBLE)) AS {kind}) "
    "WHEN starts_with(typeof(_x), 'DECIMAL') "
    "THEN TRY_CAST(trunc(TRY_CAST(_x AS DECIMAL(38, 9))) AS {kind}) WHEN typeof(_x) = 'VARCHAR' "
    "THEN TRY_CAST(regexp_replace(CAST(_x AS TEXT), '[.][0-9]*\\s*$', '') AS {kind}) "
    "WHEN starts_with(typeof(_x), 'TIMESTAMP') "
    "THEN TRY_CAST(floor(epoch(TRY_CAST(_x AS TIMESTAMP))) AS {kind}) ELSE {plain}(_x AS {kind}) END"
)


def whole_number(node: exp.Expr) -> exp.Expr | None:
    """A cast to a whole number cuts off what is behind the point, and counts the seconds of a moment."""
    to = node.args["to"]
    is_whole = isinstance(to.this, exp.DType) and to.this.name in _WHOLE
    if not is_whole or (isinstance(node.this, exp.Literal) and "." not in node.this.name):
        return None
    plain = "TRY_CAST" if isinstance(node, exp.TryCast) else "CAST"
    return computed_once(_CUT.format(kind=to.this.name, plain=plain), node.this)


def named_fields(node: exp.Expr) -> None:
    """`CAST(struct(a, b) AS STRUCT<x: INT, y: INT>)` goes by the order of fields, the engine by names."""
    made, fields = node.this, node.args["to"].expressions
    if not isinstance(made, exp.Struct) or not node.is_type("struct") or len(made.expressions) != len(fields):
        return
    for each, field in zip(made.expressions, fields, strict=True):
        if isinstance(each, exp.PropertyEQ):
            each.set("this", field.this.copy())


def converted(node: exp.Expr) -> exp.Expr | None:
    """`conv('ff', 16, 10)`.

    Raises:
        NotAdmittedError: A base is computed, or it is read in another than 2, 10 and 16.
    """
    if str(node.this).lower() != "conv" or len(node.expressions) != 3:  # noqa: PLR2004 - a number and two bases
        return None
    value, read, write = node.expressions
    prefix = base_prefix(read)
    if prefix is None or not write.is_int:
        raise NotAdmittedError("`conv` from another base than 2, 10 and 16")
    number = "TRY_CAST(_prefix || CAST(_x AS TEXT) AS BIGINT)"
    return filled(f"to_base({number}, _to)", _x=value, _prefix=exp.Literal.string(prefix), _to=write)


def date_part(node: exp.Expr) -> exp.Expr | None:
    """`date_part('dow', x)` likewise, and other functions that sqlglot knows by name only."""
    name = str(node.this).lower()
    if name == "date_part" and len(node.expressions) == _PAIR and (part := literal_text(node.expressions[0])):
        return dates.day_of_week(exp.Extract(this=exp.Var(this=part), expression=node.expressions[1]))
    if name == "format_number" and len(node.expressions) == _PAIR and node.expressions[1].is_int:
        digits = exp.Literal.string(f"{{:,.{int(node.expressions[1].name)}f}}")
        return filled("format(_digits, CAST(_x AS DOUBLE))", _x=node.expressions[0], _digits=digits)
    return None


def from_first(node: exp.Expr) -> exp.Expr | None:
    """`substring(x, 0, n)` begins at the first character."""
    start = node.args.get("start")
    if isinstance(start, exp.Literal) and start.name == "0":
        node.set("start", exp.Literal.number(1))
    return None


def split_index(node: exp.Expr) -> exp.Expr | None:
    """`substring_index(x, '.', -1)` counts from the right."""
    count = node.args["count"]
    if not (isinstance(count, exp.Neg) and count.this.is_int):
        return None
    parts = "string_split(_x, _by)"
    return filled(
        f"array_to_string(list_slice({parts}, greatest(len({parts}) - _n + 1, 1), len({parts})), _by)",
        _x=node.this, _by=node.args["delimiter"], _n=count.this,
    )  # fmt: skip


def replaced_groups(node: exp.Expr) -> exp.Expr | None:
    r"""Groups are `$1` in what a match is replaced by; the engine writes `\1`."""
    value = literal_text(node.args.get("replacement"))
    if value is None or ("$" not in value and "\\" not in value):
        return None
    if "\\" in value or re.search(r"\$(?!\d(?!\d))", value):
        raise NotAdmittedError("a replacement of another form than $1")
    node.set("replacement", exp.Literal.string(re.sub(r"\$(\d)", r"\\\1", value)))
    return None


def several_counted(node: exp.Expr) -> exp.Expr | None:
    """`count(a, b)` and `count(DISTINCT a, b)`: rows in which all are there."""
    inner = node.this
    values = inner.expressions if isinstance(inner, exp.Distinct) else [inner, *node.expressions]
    if len(values) < _PAIR:
        return None
    here = exp.and_(*[exp.Is(this=each.copy(), expression=exp.Null()).not_() for each in values])
    row = exp.Anonymous(this="row", expressions=[each.copy() for each in values])
    counted: exp.Expr = exp.Case(ifs=[exp.If(this=here, true=row)])
    return exp.Count(this=exp.Distinct(expressions=[counted]) if isinstance(inner, exp.Distinct) else counted)


def hashed(node: exp.Expr) -> exp.Expr | None:
    """`sha2(x, 256)`; the engine has no other length.

    Raises:
        NotAdmittedError: Another length.
    """
    length = node.args.get("length")
    if length is not None and not (length.is_int and length.name in {"0", "256"}):
        raise NotAdmittedError("SHA-2 of another length than 256")
    return None


def split_first(node: exp.Expr) -> exp.Expr | None:
    """`split(x, ',', 2)`: at most two parts, the last with all that is left.

    Raises:
        NotAdmittedError: The limit is computed, or goes with a pattern that is no plain text.
    """
    limit, by = node.args.get("limit"), node.expression
    if limit is None:
        return None
    count = int(str(limit.to_py())) if limit.is_int else 0
    if count <= 0 and limit.is_int:
        node.set("limit", None)
        return None
    plain = _plain(by) if isinstance(node, exp.RegexpSplit) else literal_text(by)
    if count == 0 or plain is None:
        raise NotAdmittedError("`split` with a computed limit, or with a limit and a pattern")
    parts = "string_split(_x, _by)"
    return filled(
        f"CASE WHEN len({parts}) > _n THEN list_append(list_slice({parts}, 1, _n - 1), "
        f"array_to_string(list_slice({parts}, _n, len({parts})), _by)) ELSE {parts} END",
        _x=node.this, _by=exp.Literal.string(plain), _n=exp.Literal.number(count),
    )  # fmt: skip


def _plain(pattern: exp.Expr) -> str | None:
    """The text that a pattern without any wildcard stands for."""
    text = literal_text(pattern)
    if text is None or not re.fullmatch(r"(?:[^\\.^$*+?()\[\]{}|]|\\[^A-Za-z0-9])+", text):
        return None
    return re.sub(r"\\(.)", r"\1", text)


def all_grouped(node: exp.Expr) -> None:
    """`grouping_id()` is of all that the query groups by."""
    select = node.find_ancestor(exp.Select)
    group = select.args.get("group") if select is not None else None
    if node.expressions or group is None:
        return
    sets = [*(group.args.get("rollup") or ()), *(group.args.get("cube") or ())]
    keys = [inner for each in sets for inner in each.expressions] or group.expressions
    node.set("expressions", [each.copy() for each in keys])


def one_of(node: exp.Expr) -> exp.Expr | None:
    """`elt(n, a, b)`: the n-th of them."""
    listed = exp.Array(expressions=[each.copy() for each in node.expressions])
    return filled("CASE WHEN _n > 0 THEN list_extract(_listed, _n) END", _n=node.this, _listed=listed)


def named_values(node: exp.Expr) -> None:
    """The columns of VALUES are `col1`, `col2` and so on."""
    name_values(node, "col")


def interval(node: exp.Expr) -> exp.Expr | None:
    """`INTERVAL '1-2' YEAR TO MONTH`."""
    unit, text = node.args.get("unit"), literal_text(node.this)
    if not isinstance(unit, exp.IntervalSpan):
        return None
    years, _, months = (text or "").partition("-")
    if (unit.this.name.upper(), unit.expression.name.upper()) != ("YEAR", "MONTH") or not (
        years + months
    ).isdigit():
        raise NotAdmittedError("an interval over several units")
    return exp.Interval(
        this=exp.Literal.number(int(years) * 12 + int(months or 0)), unit=exp.Var(this="MONTH")
    )


def refuse_names_of_types(_node: exp.Expr) -> exp.Expr | None:
    """`typeof` names the engine's types, not the dialect's."""
    raise NotAdmittedError("`typeof`, which would name the engine's types")


def any_(node: exp.Expr) -> exp.Expr | None:
    """`any(condition)` is an aggregate where nothing is compared with it."""
    if isinstance(node.parent, exp.Binary) or not isinstance(node.this, exp.Paren):
        return None
    return exp.LogicalOr(this=node.this.this.copy())


def skewness(node: exp.Expr) -> exp.Expr | None:
    """The skewness of what is there; the engine's estimates that of what it was drawn from."""
    if isinstance(node.parent, exp.Filter | exp.Window):
        raise NotAdmittedError("`skewness` over a window or with a filter")
    return filled("skewness(_x) * (count(_x) - 2) / sqrt(count(_x) * (count(_x) - 1.0))", _x=node.this)


def chosen(node: exp.Expr) -> exp.Expr | None:
    """`decode(x, 'a', 1, 'b', 2, 0)`: a CASE in which NULL equals NULL."""
    subject, *rest = node.expressions
    pairs = list(zip(rest[::2], rest[1::2], strict=False))
    tests = [
        exp.If(
            this=(exp.EQ if isinstance(value, exp.Literal) else exp.NullSafeEQ)(
                this=subject.copy(), expression=value.copy()
            ),
            true=result.copy(),
        )
        for value, result in pairs
    ]
    return exp.Case(ifs=tests, default=rest[-1].copy() if len(rest) % _PAIR else None)


def last_that_is(node: exp.Expr) -> exp.Expr | None:
    """`last(x, true)`: the last value that is not NULL."""
    if not isinstance(node.this, exp.Last):
        return None
    value = node.this.this
    if isinstance(node.parent, exp.Window):
        return exp.IgnoreNulls(this=exp.LastValue(this=value.copy()))
    is_there = exp.Is(this=value.copy(), expression=exp.Null()).not_()
    return exp.Filter(this=node.this.copy(), expression=exp.Where(this=is_there))


_TEXTS = (exp.Literal, exp.Upper, exp.Lower, exp.Trim, exp.Concat, exp.Substring, exp.Pad, exp.Null)
_JOINED = (
    "CASE WHEN ends_with(typeof(_x), '[]') THEN CASE WHEN list_count(TRY_CAST(_x AS TEXT[])) > 0 "
    "THEN array_to_string(TRY_CAST(_x AS TEXT[]), _by) END ELSE CAST(_x AS TEXT) END"
)


def joined(node: exp.Expr) -> exp.Expr | None:
    """`concat_ws(',', a, list)`: each value of a list counts as one; the engine would write the list out."""
    by, *values = node.expressions
    if all(isinstance(each, _TEXTS) for each in values):
        return None
    parts = [each if isinstance(each, _TEXTS) else filled(_JOINED, _x=each, _by=by) for each in values]
    return exp.Anonymous(this="concat_ws", expressions=[each.copy() for each in (by, *parts)])


_CASTS = {"bigint": "BIGINT", "int": "INT", "smallint": "SMALLINT", "tinyint": "TINYINT"}


def cast_by_name(node: exp.Expr) -> exp.Expr | None:
    """`int(x)` is a cast."""
    kind = _CASTS.get(str(node.this).lower())
    if kind is None or len(node.expressions) != 1:
        return None
    cast = exp.TryCast(this=node.expressions[0].copy(), to=exp.DataType(this=exp.DType[kind]))
    return whole_number(cast) or cast
