"""Forms of PostgreSQL that one line cannot translate."""

import re
from collections.abc import Callable

from sqlglot import exp

from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.admit.literals import is_null, literal_text
from lakeward.policies.admit.templates import (
    computed_once,
    filled,
    is_number_template,
    read_date,
    written_date,
    written_number,
)
from lakeward.policies.admit.values_columns import name_values

Form = Callable[[exp.Expr], exp.Expr | None]
_PAIR = 2
_INTERVAL = re.compile(r"\s*+([+-]?)\s*+(\d++(?:\.\d++)?)\s*+([A-Za-z]++)")
_UNITS = {
    "y": "YEAR", "yr": "YEAR", "year": "YEAR", "mon": "MONTH", "month": "MONTH", "w": "WEEK", "week": "WEEK",
    "d": "DAY", "day": "DAY", "h": "HOUR", "hr": "HOUR", "hour": "HOUR", "m": "MINUTE", "min": "MINUTE",
    "minute": "MINUTE", "s": "SECOND", "sec": "SECOND", "second": "SECOND",
}  # fmt: skip


def to_char(node: exp.Expr) -> exp.Expr | None:
    """`to_char` of a date, time or number, by what its template has places for."""
    if is_null(node.args.get("format")):
        return exp.cast(exp.null(), "text")
    template = literal_text(node.args.get("format"))
    if template is None:
        raise NotAdmittedError("`to_char` with a computed template")
    if is_number_template(template):
        return written_number(node.this, template)
    return written_date(node.this, template, "postgres")


def to_date(node: exp.Expr) -> exp.Expr | None:
    """`to_date` and `to_timestamp` of a text."""
    kind = "date" if isinstance(node, exp.StrToDate) else "timestamp"
    if is_null(node.args.get("format")):
        return exp.cast(exp.null(), kind)
    template = literal_text(node.args.get("format"))
    if template is None:
        raise NotAdmittedError("a date read by a computed template")
    found = read_date(node.this, template, "postgres")
    return exp.cast(found, "date") if isinstance(node, exp.StrToDate) else found


def format_(node: exp.Expr) -> exp.Expr | None:
    """`format('%s …', …)`: pieces of text, where a NULL is none."""
    if is_null(node.this):
        return exp.cast(exp.null(), "text")
    template = literal_text(node.this)
    pieces = re.split(r"(%%|%s)", template or "")
    values = list(node.expressions)
    if template is None or "%" in "".join(pieces[::2]) or pieces.count("%s") > len(values):
        raise NotAdmittedError("`format` with another part than %s")
    parts = [
        exp.cast(values.pop(0).copy(), "text")
        if each == "%s"
        else exp.Literal.string(each.replace("%%", "%"))
        for each in pieces
        if each
    ]
    return exp.Anonymous(this="concat", expressions=[*parts, exp.Literal.string("")])


def interval(node: exp.Expr) -> exp.Expr | None:
    """`interval '1 month - 1 day'`: the sum of its parts."""
    text = literal_text(node.this)
    if text is None or node.args.get("unit") or re.fullmatch(r"[-+]?\s*[\d.]+", text):
        return None
    found, at = [], 0
    while (match := _INTERVAL.match(text, at)) is not None:
        found.append(match.groups())
        at = match.end()
    if text[at:].strip() or len(found) < _PAIR:
        return None
    total: exp.Expr | None = None
    for sign, count, word in found:
        unit = _UNITS.get(word.lower()) or _UNITS.get(word.lower().removesuffix("s"))
        if unit is None:
            return None
        part = exp.Interval(this=exp.Literal.string(count), unit=exp.Var(this=unit))
        signed = exp.Neg(this=part) if sign == "-" and total is None else part
        joined = exp.Sub if sign == "-" else exp.Add
        total = signed if total is None else joined(this=total, expression=part)
    return exp.Paren(this=total)


def refuse_json_sum(node: exp.Expr) -> exp.Expr | None:
    """`||` and `-` of JSON merge and remove; the engine would join texts."""
    if any(
        isinstance(each, exp.Cast) and each.is_type("json", "jsonb") for each in (node.this, node.expression)
    ):
        raise NotAdmittedError("`||` or `-` of JSON")
    return None


def appended(node: exp.Expr) -> exp.Expr | None:
    """`ARRAY[1, 2] || 3` and `0 || ARRAY[1]`: an element joins a list."""
    first, second = node.this, node.expression
    if isinstance(first, exp.Array) and isinstance(second, exp.Literal):
        return exp.Anonymous(this="list_append", expressions=[first.copy(), second.copy()])
    if isinstance(second, exp.Array) and isinstance(first, exp.Literal):
        return exp.Anonymous(this="list_prepend", expressions=[first.copy(), second.copy()])
    return None


def any_of_text(node: exp.Expr) -> exp.Expr | None:
    """`x = ANY ('{a,b}')`, an array written as text."""
    found = node.expression
    inner = found.this.unnest() if isinstance(found, exp.Any) else None
    values = _array(literal_text(inner))
    if values is None:
        return None
    return exp.In(this=node.this.copy(), expressions=values)


def array_of_text(node: exp.Expr) -> exp.Expr | None:
    """`'{1,2}'::int[]`."""
    values = _array(literal_text(node.this)) if node.args["to"].is_type("array") else None
    return None if values is None else exp.cast(exp.Array(expressions=values), node.args["to"].copy())


def _array(text: str | None) -> list[exp.Expr] | None:
    if text is None or not re.fullmatch(r"\{\s*[\w.+-]+(\s*,\s*[\w.+-]+)*\s*\}", text):
        return None
    values = [each.strip() for each in text[1:-1].split(",")]
    return None if any(each.upper() == "NULL" for each in values) else [exp.Literal.string(e) for e in values]


def braced(node: exp.Expr) -> exp.Expr | None:
    """`labels @> '{a,b}'`, an array written as text."""
    values = _array(literal_text(node.expression))
    if values is None:
        return None
    return type(node)(this=node.this.copy(), expression=exp.Array(expressions=values))


def all_of_array(node: exp.Expr) -> exp.Expr | None:
    """`x <> ALL (array)`, with the NULL that a NULL among them makes."""
    call = node.expression
    if not (
        isinstance(call, exp.Anonymous) and str(call.this).lower() == "all" and len(call.expressions) == 1
    ):
        return None
    test = type(node)(this=node.this.copy(), expression=exp.column("lakeward_each"))
    listed = "list_transform(_list, lambda lakeward_each: _test)"
    return filled(
        f"CASE WHEN NOT coalesce(list_bool_and({listed}), TRUE) THEN FALSE "
        f"WHEN _list IS NULL OR list_count({listed}) < len(_list) THEN NULL ELSE TRUE END",
        _list=call.expressions[0],
        _test=test,
    )


def lateral(node: exp.Expr) -> exp.Expr | None:
    """`LATERAL unnest(x) AS t`: the alias names its one column too."""
    inner, alias = node.this.unnest(), node.args.get("alias")
    if isinstance(inner, exp.Explode):
        inner = exp.Unnest(expressions=[inner.this.copy()])
    if not isinstance(inner, exp.Unnest) or alias is None or inner.args.get("offset"):
        return None
    if len(inner.expressions) != 1:
        return None
    columns = alias.columns or [alias.this.copy()]
    return exp.Unnest(
        expressions=[each.copy() for each in inner.expressions],
        alias=exp.TableAlias(this=alias.this.copy(), columns=[each.copy() for each in columns]),
        offset=False,
    )


_PAIRS = {
    "json_each": "json_extract(_1, '$.*')", "jsonb_each": "json_extract(_1, '$.*')",
    "json_each_text": "json_extract_string(_1, '$.*')", "jsonb_each_text": "json_extract_string(_1, '$.*')",
}  # fmt: skip


def pairs(node: exp.Expr) -> exp.Expr | None:
    """`json_each(x) AS e` in FROM: a row for each key."""
    inner = node.this
    if not isinstance(inner, exp.Anonymous) or len(inner.expressions) != 1:
        return None
    if (values := _PAIRS.get(str(inner.this).lower())) is None:
        return None
    keys = exp.alias_(exp.Explode(this=filled("json_keys(_1)", _1=inner.expressions[0])), "key")
    value = exp.alias_(exp.Explode(this=filled(values, _1=inner.expressions[0])), "value")
    alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(str(inner.this).lower()))
    table = exp.Subquery(this=exp.select(keys, value), alias=alias.copy())
    return (
        exp.Lateral(this=table.this.subquery(copy=False), alias=alias.copy())
        if isinstance(node, exp.Lateral)
        else table
    )


def grouped_rows(node: exp.Expr) -> None:
    """`SELECT unnest(labels) AS l, count(*) … GROUP BY l`: the rows are there before they are grouped."""
    projections = node.expressions
    made = [each for each in projections if isinstance(each.unalias().unnest(), exp.Explode | exp.Unnest)]
    if len(made) != 1 or not node.args.get("group") or not node.args.get("from_"):
        return
    inner = made[0].unalias().unnest()
    listed = inner.expressions[0] if isinstance(inner, exp.Unnest) else inner.this
    columns = [exp.to_identifier("lakeward_each")]
    alias = exp.TableAlias(this=exp.to_identifier("lakeward_rows"), columns=columns)
    rows = exp.Unnest(expressions=[listed.copy()], alias=alias, offset=False)
    node.append("joins", exp.Join(this=rows, kind="CROSS"))
    taken = exp.column("lakeward_each", table="lakeward_rows")
    name = made[0].args.get("alias") or exp.to_identifier("unnest")
    made[0].replace(exp.Alias(this=taken, alias=name.copy()))


_BUILT = {
    "json_build_object": "json_object", "jsonb_build_object": "json_object",
    "json_build_array": "json_array", "jsonb_build_array": "json_array",
}  # fmt: skip


def built(node: exp.Expr) -> exp.Expr | None:
    """`json_build_object('a', 1, …)`, of any number of pairs."""
    name = _BUILT.get(str(node.this).lower())
    return (
        None if name is None else exp.Anonymous(this=name, expressions=[e.copy() for e in node.expressions])
    )


_HOLDERS = (exp.Func, exp.Predicate)
_NUMBERED = (
    *_HOLDERS,
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Div,
    exp.Mod,
    exp.Limit,
    exp.Offset,
    exp.Fetch,
    exp.WindowSpec,
)
_LARGEST = 2**31 - 1


def plain_constant(node: exp.Expr) -> exp.Expr | None:
    """`to_char(x, 'YYYY'::varchar)` and `LIMIT 5::integer`: drivers say of what type is what they put in.

    `labels || 'x'::text` appends an element, and in a column of its own a constant shows its type.
    """
    value: exp.Expr = node.this
    if literal_text(value) is not None:
        is_same = node.is_type("text", "varchar") and not node.args["to"].expressions
        holders: tuple[type, ...] = _HOLDERS
    else:
        is_same = node.is_type("int") and value.is_int and int(value.name or -1) in range(_LARGEST)
        holders = _NUMBERED
    if not is_same or not isinstance(node.parent, holders):
        return None
    plain = value.copy()
    plain.meta.update(node.meta)
    return plain


def part_of_text(node: exp.Expr) -> exp.Expr | None:
    """`date_part('year'::varchar, x)` and `date_trunc('year'::varchar, x)`."""
    if isinstance(node, exp.Extract) and is_null(node.this):
        return exp.cast(exp.null(), "double")
    key = "this" if isinstance(node, exp.Extract) else "unit"
    if (word := literal_text(node.args.get(key))) is not None:
        node.set(key, exp.Var(this=word.upper()))
    return None


_WHOLE_PARTS = frozenset(
    {"YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "DOW", "ISODOW", "DOY", "HOUR", "MINUTE"}
)


def whole_part(node: exp.Expr) -> exp.Expr | None:
    """`TRUNC(EXTRACT(YEAR FROM x))`, as Tableau asks for a part that is whole by itself."""
    inner = node.this.unnest()
    is_whole = isinstance(inner, exp.Extract) and inner.this.name.upper() in _WHOLE_PARTS
    return exp.paren(inner) if is_whole and not node.args.get("decimals") else None


def switched(node: exp.Expr) -> exp.Expr | None:
    """`'on'::boolean`, a word for true that the engine does not take."""
    word = (literal_text(node.this) or "").strip().lower()
    if not node.is_type("boolean") or word not in {"on", "off"}:
        return None
    return exp.Boolean(this=word == "on")


def before_first(node: exp.Expr) -> exp.Expr | None:
    """`(ARRAY[1, 2])[-1]` is no element; the engine would count from the end."""
    index = node.expressions[0] if len(node.expressions) == 1 else None
    if not isinstance(index, exp.Neg) or not index.this.is_int:
        return None
    return filled("CASE WHEN FALSE THEN list_extract(_x, 1) END", _x=node.this)


_VALUES = frozenset(
    {"jsonb_array_elements", "json_array_elements", "jsonb_array_elements_text", "json_array_elements_text"}
)


def valued(node: exp.Expr) -> None:
    """The column of `jsonb_array_elements(x)` in FROM is `value`; its alias means it too."""
    table = node.parent
    if not isinstance(table, exp.Table) or str(node.this).lower() not in _VALUES:
        return
    select, alias = table.find_ancestor(exp.Select), table.args.get("alias")
    known = {each.name.lower() for each in select.find_all(exp.Column)} if select is not None else set()
    if (alias is None or not alias.columns) and "value" in known:
        name = alias.this.copy() if alias is not None else exp.to_identifier(str(node.this).lower())
        table.set("alias", exp.TableAlias(this=name, columns=[exp.to_identifier("value")]))


def to_number(node: exp.Expr) -> exp.Expr | None:
    """`to_number('1,234.5', '9G999D9')`.

    Raises:
        NotAdmittedError: The template holds more than digits, a point and groups.
    """
    template = literal_text(node.args.get("format")) or ""
    found = re.fullmatch(r"(?:FM)?S?[09][09,G]*(?:[.D]([09]+))?S?", template)
    if found is None:
        raise NotAdmittedError("a template of a number that holds more than digits, a point and groups")
    kind = f"DECIMAL(38, {len(found[1] or '')})"
    return filled(f"CAST(regexp_replace(_x, '[^0-9.-]', '', 'g') AS {kind})", _x=node.this)


def named_values(node: exp.Expr) -> None:
    """The columns of VALUES are `column1`, `column2` and so on."""
    name_values(node, "column")


def contained(node: exp.Expr) -> exp.Expr | None:
    """`@>` of JSON, which a cast or a text in braces tells from that of arrays."""
    text = literal_text(node.expression)
    is_json = any(
        isinstance(each, exp.Cast) and each.is_type("json", "jsonb") for each in (node.this, node.expression)
    )
    if not (is_json or (text is not None and ":" in text and text.startswith("{"))):
        return None
    return exp.Anonymous(this="json_contains", expressions=[node.this.copy(), node.expression.copy()])


def object_of_rows(node: exp.Expr) -> exp.Expr | None:
    """`json_object_agg(key, value)`."""
    values = [each.copy() for each in node.expressions]
    if len(values) != _PAIR or node.args.get("null_handling"):
        return None
    return exp.Anonymous(this="json_group_object", expressions=values)


def _is_numeric(node: exp.Expr) -> bool:
    """Whether a division is of numerics, by how it is written; the engine's is of doubles."""
    inner = node.unnest()
    if isinstance(inner, exp.Literal):
        return re.fullmatch(r"\d*\.\d*", inner.name) is not None and not inner.is_string
    if isinstance(inner, exp.Cast):
        return inner.is_type("decimal")
    is_computed = isinstance(inner, exp.Add | exp.Sub | exp.Mul | exp.Div | exp.Neg)
    return is_computed and any(_is_numeric(each) for each in inner.iter_expressions())


def whole_number(node: exp.Expr) -> exp.Expr | None:
    """`(5 / 2.0)::int` is 3: a numeric rounds away from zero."""
    is_whole = node.is_type("int", "bigint", "smallint")
    if not is_whole or not isinstance(node.this.unnest(), exp.Div) or not _is_numeric(node.this):
        return None
    return exp.cast(exp.Round(this=node.this.copy()), node.args["to"].copy())


def round_(node: exp.Expr) -> exp.Expr | None:
    """A double rounds to the even neighbour, a numeric away from zero."""
    if node.args.get("decimals") or _is_numeric(node.this):
        return None
    return computed_once(
        "CASE WHEN typeof(_x) IN ('DOUBLE', 'FLOAT') THEN round_even(_x, 0) ELSE round(_x) END", node.this
    )


def any_pattern(node: exp.Expr) -> exp.Expr | None:
    """`x LIKE ANY (ARRAY['a%', 'b%'])` and `NOT LIKE ALL (…)`: one test for each pattern.

    Raises:
        NotAdmittedError: The patterns are a computed array, or an array as text that is not read here.
    """
    found = node.expression
    if not isinstance(found, exp.Any | exp.All) or isinstance(found.this.unnest(), exp.Query):
        return None
    inner = found.this.unnest()
    inner = inner.this if isinstance(inner, exp.Cast) else inner
    patterns = inner.expressions if isinstance(inner, exp.Array) else _patterns(literal_text(inner))
    if not patterns:
        raise NotAdmittedError("LIKE with ANY or ALL of a computed array")
    negate = bool(node.args.get("negate"))
    tests = [type(node)(this=node.this.copy(), expression=each.copy(), negate=negate) for each in patterns]
    joined = exp.or_(*tests) if isinstance(found, exp.Any) else exp.and_(*tests)
    return exp.paren(joined, copy=False)


def _patterns(text: str | None) -> list[exp.Expr]:
    if text is None or not re.fullmatch(r"\{[^{}\"\\,]+(,[^{}\"\\,]+)*\}", text):
        return []
    values = [each.strip() for each in text[1:-1].split(",")]
    is_plain = all(each and each.upper() != "NULL" for each in values)
    return [exp.Literal.string(each) for each in values] if is_plain else []


def nothing_selected(node: exp.Expr) -> None:
    """`EXISTS (SELECT FROM t)`: rows without a column."""
    if isinstance(node.this, exp.Select) and not node.this.expressions:
        node.this.set("expressions", [exp.Literal.number(1)])


def framed(node: exp.Expr) -> None:
    """`RANGE BETWEEN '7 days' PRECEDING …`: a text there is an interval."""
    for side in ("start", "end"):
        value = node.args.get(side)
        if isinstance(value, exp.Expr) and _INTERVAL.match(literal_text(value) or ""):
            node.set(side, exp.cast(value, "interval"))
