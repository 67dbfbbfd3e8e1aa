"""Forms of Spark that one line cannot translate."""

import re
from collections.abc import Iterator, Sequence

from sqlglot import exp

from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.admit.templates import computed_once, filled, read_date, written_date
from lakeward.policies.admit.values_columns import name_values

_PAIR = 2
_WHOLE = frozenset({"INT", "BIGINT", "SMALLINT", "TINYINT"})
_DAYS = {"MO": 1, "TU": 2, "WE": 3, "TH": 4, "FR": 5, "SA": 6, "SU": 7}


def _text(node: object) -> str | None:
    return str(node.this) if isinstance(node, exp.Literal) and node.is_string else None


def _pattern(node: exp.Expr) -> str:
    pattern = _text(node.args.get("format"))
    if pattern is None:
        raise NotAdmittedError("a date with a computed pattern")
    return pattern


def written(node: exp.Expr) -> exp.Expr | None:
    """`date_format(x, 'yyyy-MM')`."""
    return written_date(node.this, _pattern(node), "spark")


def written_seconds(node: exp.Expr) -> exp.Expr | None:
    """`from_unixtime(n, pattern)`."""
    moment = filled("CAST(to_timestamp(_x) AS TIMESTAMP)", _x=node.this)
    return written_date(moment, _pattern(node), "spark")


def read(node: exp.Expr) -> exp.Expr | None:
    """`to_date(x, pattern)` and `to_timestamp(x, pattern)`: NULL for what does not fit."""
    if node.args.get("format") is None:
        return None
    found = read_date(node.this, _pattern(node), "spark", function="try_strptime")
    return exp.cast(found, "date") if isinstance(node, exp.TsOrDsToDate) else found


def read_seconds(node: exp.Expr) -> exp.Expr | None:
    """`unix_timestamp(x)` of a time, `unix_timestamp(x, pattern)` of a text."""
    pattern = _text(node.args.get("format"))
    if pattern in {None, "yyyy-MM-dd HH:mm:ss"} and _text(node.this) is None:
        return filled("CAST(epoch(CAST(_x AS TIMESTAMP)) AS BIGINT)", _x=node.this)
    text = read_date(node.this, pattern or "yyyy-MM-dd HH:mm:ss", "spark", function="try_strptime")
    return filled("CAST(epoch(_x) AS BIGINT)", _x=text)


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


def next_day(node: exp.Expr) -> exp.Expr | None:
    """`next_day(x, 'Mon')`: the first such day after it."""
    day = _DAYS.get((_text(node.expression) or "")[:2].upper())
    if day is None:
        raise NotAdmittedError("`next_day` with a computed day")
    return filled(
        "CAST(CAST(_x AS DATE) + CAST((_day + 6 - isodow(CAST(_x AS DATE))) % 7 + 1 AS INTEGER) AS DATE)",
        _x=node.this, _day=exp.Literal.number(day),
    )  # fmt: skip


def months_between(node: exp.Expr) -> exp.Expr | None:
    """Whole months between the same days or last days of months, else parts of 31 days."""
    if node.args.get("roundoff"):
        raise NotAdmittedError("`months_between` without rounding")
    return filled(
        _MONTHS, _x=exp.cast(node.this.copy(), "timestamp"), _y=exp.cast(node.expression.copy(), "timestamp")
    )


_WHOLE_MONTHS = "((year(_x) - year(_y)) * 12 + month(_x) - month(_y))"
_MONTHS = (
    "CASE WHEN day(_x) = day(_y) OR (CAST(_x AS DATE) = last_day(_x) AND CAST(_y AS DATE) = last_day(_y)) "
    f"THEN CAST({_WHOLE_MONTHS} AS DOUBLE) ELSE round({_WHOLE_MONTHS} + (day(_x) - day(_y) + "
    "(epoch(_x - date_trunc('day', _x)) - epoch(_y - date_trunc('day', _y))) / 86400.0) / 31.0, 8) END"
)


_EXTRACTED = {
    "DOW_ISO": "isodow(_x)", "DAYOFWEEK_ISO": "isodow(_x)", "YEAROFWEEK": "isoyear(_x)",
    "SECOND": "microsecond(_x) / 1000000.0", "SECONDS": "microsecond(_x) / 1000000.0",
}  # fmt: skip


def day_of_week(node: exp.Expr) -> exp.Expr | None:
    """`extract(DOW …)` counts from Sunday as 1; ISO's from Monday."""
    word = node.this.name.upper()
    if word in {"DOW", "DAYOFWEEK"}:
        return filled("dayofweek(_x) + 1", _x=node.expression)
    if word in _EXTRACTED:
        return filled(_EXTRACTED[word], _x=node.expression)
    return None


_PREFIXES = {"16": "0x", "2": "0b", "10": ""}


def converted(node: exp.Expr) -> exp.Expr | None:
    """`conv('ff', 16, 10)`.

    Raises:
        NotAdmittedError: A base is computed, or it is read in another than 2, 10 and 16.
    """
    if str(node.this).lower() != "conv" or len(node.expressions) != 3:  # noqa: PLR2004 - a number and two bases
        return None
    value, read, write = node.expressions
    if not (read.is_int and write.is_int and read.name in _PREFIXES):
        raise NotAdmittedError("`conv` from another base than 2, 10 and 16")
    number = "TRY_CAST(_prefix || CAST(_x AS TEXT) AS BIGINT)"
    return filled(
        f"to_base({number}, _to)", _x=value, _prefix=exp.Literal.string(_PREFIXES[read.name]), _to=write
    )


def date_part(node: exp.Expr) -> exp.Expr | None:
    """`date_part('dow', x)` likewise, and other functions that sqlglot knows by name only."""
    name = str(node.this).lower()
    if name == "date_part" and len(node.expressions) == _PAIR and (part := _text(node.expressions[0])):
        return day_of_week(exp.Extract(this=exp.Var(this=part), expression=node.expressions[1]))
    if name == "format_number" and len(node.expressions) == _PAIR and node.expressions[1].is_int:
        digits = exp.Literal.string(f"{{:,.{int(node.expressions[1].name)}f}}")
        return filled("format(_digits, CAST(_x AS DOUBLE))", _x=node.expressions[0], _digits=digits)
    return None


def elapsed(node: exp.Expr) -> exp.Expr | None:
    """`timestampdiff(MONTH, a, b)`: whole ones that have passed, not boundaries crossed."""
    unit = node.args.get("unit")
    if unit is None or (isinstance(node, exp.DateDiff) and unit.name.upper() in {"DAY", "DAYS"}):
        return None
    start, end = _undated(node.expression), _undated(node.this)
    if (months := _MONTHS_IN.get(unit.name.upper().removesuffix("S"))) is not None:
        return filled(_WHOLE_PASSED, _x=_moment(start), _y=_moment(end), _n=exp.Literal.number(months))
    word = exp.Literal.string(unit.name.lower())
    return filled(
        "date_sub(_unit, CAST(_start AS TIMESTAMP), CAST(_end AS TIMESTAMP))",
        _unit=word,
        _start=start,
        _end=end,
    )


_MONTHS_IN = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
_DAY_OF_END = (
    "CAST(CASE WHEN _y >= _x THEN _y - (_x - date_trunc('day', _x)) "
    "ELSE _y - (_x - date_trunc('day', _x)) + INTERVAL '1 day' - INTERVAL '1 microsecond' END AS DATE)"
)
_WHOLE_PASSED = (
    f"CAST(trunc(((year({_DAY_OF_END}) * 12 + month({_DAY_OF_END})) * 32 + day({_DAY_OF_END}) "
    "- (year(_x) * 12 + month(_x)) * 32 - day(_x)) / 32.0) AS BIGINT) // _n"
)
"""From the 31st to the last day of a shorter month, no month has passed, which the engine would count."""


def _moment(node: exp.Expr) -> exp.Expr:
    return exp.cast(node.copy(), "timestamp")


def _undated(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.TsOrDsToDate) and not node.args.get("format") else node


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
    value = _text(node.args.get("replacement"))
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


def unsorted(node: exp.Expr) -> exp.Expr | None:
    """SORT BY, DISTRIBUTE BY and CLUSTER BY order pieces of an answer, which is in no order as a whole.

    A hint says how to run a query, never what it means.
    """
    for clause in ("sort", "distribute", "cluster", "hint"):
        node.set(clause, None)
    generators(node)
    views(node)
    return None


def generators(node: exp.Expr) -> None:
    """`SELECT posexplode(x)`: two columns."""
    projections: list[exp.Expr] = []
    for each in node.expressions:
        inner = each.this if isinstance(each, exp.Alias | exp.Aliases) else each
        columns = list(_columns(inner))
        names = (
            [name.name for name in each.args.get("expressions") or ()]
            if isinstance(each, exp.Aliases)
            else []
        )
        if not columns:
            projections.append(each)
            continue
        given = names or [name for name, _ in columns]
        projections += [
            exp.alias_(value, name, quoted=True) for name, (_, value) in zip(given, columns, strict=False)
        ]
    node.set("expressions", projections)


def views(node: exp.Expr) -> None:
    """`LATERAL VIEW stack(…)` and its like: a lateral join of what they give."""
    laterals = node.args.get("laterals") or ()
    if not any(_is_rewritten(each) for each in laterals):
        return
    node.set("laterals", None)
    for each in laterals:
        alias = each.args["alias"].copy()
        wanted = len(alias.columns) or (type(each.this) is exp.Explode)
        values = [exp.alias_(value, name, quoted=True) for name, value in _columns(each.this, wanted)]
        if not values:
            raise NotAdmittedError("LATERAL VIEW of a generator that is not known")
        table = exp.Lateral(this=exp.Subquery(this=exp.select(*values)), alias=alias)
        outer = bool(each.args.get("outer")) or isinstance(each.this, exp.PosexplodeOuter)
        join = (
            exp.Join(this=table, side="LEFT", on=exp.true()) if outer else exp.Join(this=table, kind="CROSS")
        )
        node.append("joins", join)


def _is_rewritten(lateral: exp.Expr) -> bool:
    columns, is_plain = len(lateral.args["alias"].columns), type(lateral.this) is exp.Explode
    if is_plain and columns < _PAIR:
        return bool(lateral.args.get("outer"))
    return any(True for _ in _columns(lateral.this, columns))


def _columns(node: exp.Expr, wanted: int = 0) -> Iterator[tuple[str, exp.Expr]]:
    """The columns that a generator gives, by Spark's names."""
    if isinstance(node, exp.Posexplode | exp.PosexplodeOuter):
        yield "pos", _each(filled("range(len(_x))", _x=node.this))
        yield "col", _each(node.this)
    elif isinstance(node, exp.Explode) and (wanted == _PAIR or isinstance(node.this, exp.Map | exp.VarMap)):
        yield "key", _each(filled("map_keys(_x)", _x=node.this))
        yield "value", _each(filled("map_values(_x)", _x=node.this))
    elif type(node) is exp.Explode and wanted == 1:
        yield "col", _each(node.this)
    elif (
        isinstance(node, exp.Stack) and node.this.is_int and 0 < int(node.this.name) <= len(node.expressions)
    ):
        yield from _stacked(int(node.this.name), node.expressions)
    elif isinstance(node, exp.Anonymous) and str(node.this).lower() == "json_tuple":
        for number, key in enumerate(node.expressions[1:]):
            if not (_text(key) or "").isidentifier():
                raise NotAdmittedError("`json_tuple` of a key that is no plain word")
            path = exp.Literal.string(f"$.{key.name}")
            yield f"c{number}", filled("json_extract_string(_x, _path)", _x=node.expressions[0], _path=path)


def _stacked(rows: int, values: Sequence[exp.Expr]) -> Iterator[tuple[str, exp.Expr]]:
    width = -(-len(values) // rows)
    for column in range(width):
        cells = [each.copy() for each in values[column::width]]
        cells += [exp.null() for _ in range(rows - len(cells))]
        yield f"col{column}", _each(exp.Array(expressions=cells))


def _each(listed: exp.Expr) -> exp.Expr:
    return exp.Explode(this=listed.copy())


def hashed(node: exp.Expr) -> exp.Expr | None:
    """`sha2(x, 256)`; the engine has no other length.

    Raises:
        NotAdmittedError: Another length.
    """
    length = node.args.get("length")
    if length is not None and not (length.is_int and length.name in {"0", "256"}):
        raise NotAdmittedError("SHA-2 of another length than 256")
    return None


def of_text(node: exp.Expr) -> None:
    """`last_day('2024-02-10')`: a text there is a time."""
    if _text(node.this) is not None:
        node.set("this", _moment(node.this))


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
    plain = _plain(by) if isinstance(node, exp.RegexpSplit) else _text(by)
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
    text = _text(pattern)
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


def outer_exploded(node: exp.Expr) -> exp.Expr | None:
    """`explode_outer(x)`: one row with NULL where there is nothing."""
    return _each(filled("CASE WHEN len(_x) > 0 THEN _x ELSE [NULL] END", _x=node.this))


def named_values(node: exp.Expr) -> None:
    """The columns of VALUES are `col1`, `col2` and so on."""
    name_values(node, "col")


def table_function(node: exp.Expr) -> exp.Expr | None:
    """`range(n)` in FROM has the column `id`; `explode(x)` there is `unnest`."""
    inner, alias = node.this, node.args.get("alias")
    if isinstance(inner, exp.Explode):
        return exp.Unnest(
            expressions=[inner.this.copy()],
            alias=alias
            or exp.TableAlias(this=exp.to_identifier("explode"), columns=[exp.to_identifier("col")]),
            offset=False,
        )
    if (
        isinstance(inner, exp.Anonymous)
        and str(inner.this).lower() == "range"
        and not (alias and alias.columns)
    ):
        named = alias.copy() if alias else exp.TableAlias(this=exp.to_identifier("range"))
        named.set("columns", [exp.to_identifier("id")])
        node.set("alias", named)
    return None


def interval(node: exp.Expr) -> exp.Expr | None:
    """`INTERVAL '1-2' YEAR TO MONTH`."""
    unit, text = node.args.get("unit"), _text(node.this)
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
