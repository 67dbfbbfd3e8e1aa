"""Forms of other dialects that one line cannot translate: each gives the new node, or None to leave it."""

import re
from collections.abc import Callable

from sqlglot import exp
from sqlglot.expressions.array import _ExplodeOuter

from lakeward.policies.admit import forms_aggregates as aggregates
from lakeward.policies.admit import forms_dates as dates
from lakeward.policies.admit import forms_numbers as numbers
from lakeward.policies.admit import forms_patterns as patterns
from lakeward.policies.admit import forms_postgres as postgres
from lakeward.policies.admit import forms_postgres_json as postgres_json
from lakeward.policies.admit import forms_rows as rows
from lakeward.policies.admit import forms_spark as spark
from lakeward.policies.admit import forms_spark_dates as spark_dates
from lakeward.policies.admit import forms_spark_rows as spark_rows
from lakeward.policies.admit import forms_text as text
from lakeward.policies.admit import forms_trino as trino
from lakeward.policies.admit.forms_json import read_json
from lakeward.policies.admit.forms_ties import with_ties
from lakeward.policies.admit.lambdas import (
    carried,
    counted_from_zero,
    finished,
    merged,
    over_pairs,
    refuse_comparator,
)
from lakeward.policies.admit.literals import is_null, literal_text
from lakeward.policies.admit.templates import filled

Form = Callable[[exp.Expr], exp.Expr | None]
_TRUNCATED = {
    "MM": "month", "MON": "month", "MONTH": "month", "YYYY": "year", "YY": "year", "YEAR": "year",
    "Q": "quarter", "QUARTER": "quarter", "DD": "day", "DAY": "day", "WEEK": "week",
}  # fmt: skip


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=[each.copy() for each in arguments])


def _unquoted(node: exp.Expr) -> None:
    """`"add"(a, b)`, as DuckDB writes out a plan: a function is called by its name, quoted or not."""
    if isinstance(node.this, exp.Identifier):
        node.set("this", node.this.name)


def _similar_to(node: exp.Expr) -> exp.Expr | None:
    """SQL's own wildcards in SIMILAR TO; the engine knows regular expressions there."""
    pattern = literal_text(node.expression)
    if pattern is None or "\\" in pattern:
        return None
    written = re.sub(r"[%_.^$]", lambda each: {"%": ".*", "_": "."}.get(each[0], "\\" + each[0]), pattern)
    return _call("regexp_full_match", node.this, exp.Literal.string(written))


def _substring(node: exp.Expr) -> exp.Expr | None:
    """`substring(x FROM pattern)`: the first group of a match, or all of it."""
    if is_null(node.args.get("start")):
        return exp.cast(exp.null(), "text")
    pattern = literal_text(node.args.get("start"))
    if pattern is None or node.args.get("length"):
        return None
    group = 1 if re.search(r"(?<!\\)\((?!\?)", pattern) else 0
    found = _call("regexp_extract", node.this, node.args["start"], exp.Literal.number(group))
    test = _call("regexp_matches", node.this, node.args["start"])
    return exp.Case(ifs=[exp.If(this=test, true=found)])


def _encode(node: exp.Expr) -> exp.Expr | None:
    match literal_text(node.args.get("charset")):
        case "hex":
            return exp.Lower(this=_call("hex", node.this))
        case "base64":
            return _call("to_base64", node.this)
        case _:
            return None


def _overlaps(node: exp.Expr) -> exp.Expr | None:
    a, b = node.this, node.expression
    if not all(isinstance(each, exp.Tuple) and len(each.expressions) == 2 for each in (a, b)):  # noqa: PLR2004
        return None
    (start, end), (other_start, other_end) = map(_ends, (a, b))
    before = exp.LT(this=start.copy(), expression=other_end.copy())
    return exp.paren(exp.and_(before, exp.GT(this=end.copy(), expression=other_start.copy())))


def _ends(period: exp.Expr) -> tuple[exp.Expr, exp.Expr]:
    """The end of a period may be told by how long it lasts."""
    start, end = period.expressions
    return start, exp.Add(this=start.copy(), expression=end.copy()) if isinstance(end, exp.Interval) else end


def _has_key(node: exp.Expr) -> exp.Expr | None:
    if is_null(node.expression):
        return exp.cast(exp.null(), "boolean")
    key = literal_text(node.expression)
    plain = key is not None and re.fullmatch(r"\w+", key)
    return _call("json_exists", node.this, exp.Literal.string(f"$.{key}")) if plain else None


def _column_of_alias(node: exp.Expr) -> exp.Expr | None:
    """`unnest(x) AS t` names its one column too."""
    alias = node.args.get("alias")
    if isinstance(alias, exp.TableAlias) and alias.this and not alias.columns:
        alias.set("columns", [alias.this.copy()])
    return None


def _table_function(node: exp.Expr) -> exp.Expr | None:
    """A function in FROM: its alias names its column, and what became `unnest` stands as such."""
    inner = node.this.unnest() if isinstance(node.this, exp.Paren) else node.this
    if isinstance(inner, exp.Identifier):
        return None
    _column_of_alias(node)
    if not isinstance(inner, exp.Explode | exp.Unnest):
        return None
    lists = inner.expressions if isinstance(inner, exp.Unnest) else [inner.this]
    return exp.Unnest(expressions=[each.copy() for each in lists], alias=node.args.get("alias"))


def _several_lists(node: exp.Expr) -> exp.Expr | None:
    """`UNNEST(a, b)`: side by side in one SELECT."""
    if len(node.expressions) < 2 or node.args.get("offset"):  # noqa: PLR2004 - one list is the engine's own
        return None
    select = exp.select(*[exp.Explode(this=each.copy()) for each in node.expressions])
    return exp.Subquery(this=select, alias=node.args.get("alias"))


def _as_date(node: exp.Expr) -> exp.Expr | None:
    unit = node.args.get("unit")
    if unit is not None and unit.name.upper() not in {"DAY", "DAYS", "MONTH"}:
        return None
    return exp.cast(node.copy(), "date")


def _keep_type(node: exp.Expr) -> exp.Expr | None:
    """The engine makes a timestamp of a date and an interval; elsewhere a date stays one."""
    return _call("cast_to_type", node, node.this)


def _truncated(node: exp.Expr) -> exp.Expr | None:
    unit = node.args.get("unit")
    word = _TRUNCATED.get(unit.name.upper()) if unit is not None else None
    if word is None:
        return None
    cut = exp.TimestampTrunc(this=node.this.copy(), unit=exp.Var(this=word.upper()))
    return exp.cast(cut, "date") if isinstance(node, exp.DateTrunc) else cut


def _any_of_list(node: exp.Expr) -> exp.Expr | None:
    """`exists(list, x -> …)`, which is no subquery."""
    if not isinstance(node.expression, exp.Lambda):
        return None
    tested = "list_transform(_list, _test)"
    return filled(
        f"CASE WHEN list_bool_or({tested}) THEN TRUE WHEN list_count({tested}) = len(_list) THEN FALSE END",
        _list=node.this,
        _test=node.expression,
    )


def _side_by_side(node: exp.Expr) -> exp.Expr | None:
    are_there = [exp.Is(this=each.copy(), expression=exp.Null()).not_() for each in node.expressions]
    zipped = exp.If(this=exp.and_(*are_there), true=_call("list_zip", *node.expressions))
    return exp.Case(ifs=[zipped])


def _is_list(node: exp.Expr) -> bool:
    """Whether a tree is a list by how it is written."""
    inner = node.unnest()
    while isinstance(inner, exp.Coalesce | exp.Filter | exp.Window):
        inner = inner.this.unnest()
    return isinstance(inner, exp.Array | exp.ArrayAgg | exp.ArrayUniqueAgg)


def _list_reverse(node: exp.Expr) -> exp.Expr | None:
    return _call("list_reverse", node.this) if _is_list(node.this) else None


def _joined_list(node: exp.Expr) -> exp.Expr | None:
    """`concat_ws` over one list."""
    values = node.expressions
    if len(values) != 2 or not _is_list(values[1]):  # noqa: PLR2004 - a separator and a list
        return None
    return _call("array_to_string", values[1], values[0])


def _printf(node: exp.Expr) -> exp.Expr | None:
    """A format of several parts; `%s` takes text alone, so each value for one is made text."""
    format_ = literal_text(node.this)
    parts = re.findall(r"%[-0-9.]*([a-z])", format_ or "")
    if format_ is None or len(parts) != len(node.expressions):
        return None
    values = [
        exp.cast(each.copy(), "text") if kind == "s" else each
        for kind, each in zip(parts, node.expressions, strict=True)
    ]
    return _call("printf", node.this, *values)


def _group(node: exp.Expr) -> exp.Expr | None:
    """`GROUP BY a, b WITH ROLLUP`, and GROUPING SETS that name what the list before them lists again."""
    keys = node.expressions
    for name in ("rollup", "cube"):
        empty = [each for each in node.args.get(name) or () if not each.expressions]
        if empty and keys:
            node.set(name, [type(empty[0])(expressions=keys)])
            node.set("expressions", [])
    if node.args.get("grouping_sets"):
        node.set("expressions", [])
    return None


def _without_precision(node: exp.Expr) -> exp.Expr | None:
    if isinstance(node.this, exp.DType) and node.this.name in {"TIMESTAMP", "TIMESTAMPTZ", "TIME"}:
        node.set("expressions", [])
    return None


def _in_the_sessions_zone(node: exp.Expr) -> None:
    """Spark's TIMESTAMP shows the time of the session's zone, and no zone."""
    if isinstance(node.this, exp.DType) and node.this.name in {"TIMESTAMPTZ", "TIMESTAMPLTZ"}:
        node.set("this", exp.DType.TIMESTAMP)


def _top_k(node: exp.Expr) -> exp.Expr | None:
    """The engine's own, which sqlglot would not print for it."""
    counted = node.args.get("expression")
    return _call("approx_top_k", node.this, counted) if isinstance(counted, exp.Expr) else None


def _size(node: exp.Expr) -> exp.Expr | None:
    """Lists and maps have a size by one name; of a literal it shows which it is."""
    return (
        _call("cardinality", node.this) if isinstance(node.this, exp.Map | exp.VarMap | exp.ToMap) else None
    )


def _day_of(node: exp.Expr) -> exp.Expr | None:
    """`date(x)` is a cast."""
    parts = [key for key, each in node.args.items() if each]
    return exp.cast(node.this.copy(), "date") if parts == ["this"] else None


def _fetched(node: exp.Expr) -> exp.Expr | None:
    """`FETCH FIRST 5 ROWS ONLY` is a LIMIT."""
    options = node.args.get("limit_options")
    if options is not None and any(options.args.get(each) for each in ("percent", "with_ties")):
        return None
    return exp.Limit(expression=(node.args.get("count") or exp.Literal.number(1)).copy())


FORMS: dict[tuple[str, type[exp.Expr]], tuple[Form, ...]] = {
    ("duckdb", exp.ApproxTopK): (_top_k,),
    ("duckdb", exp.Anonymous): (_unquoted,),
    ("duckdb", exp.Extract): (dates.of_zoned,),
    ("postgres", exp.Extract): (postgres.part_of_text, dates.of_zoned),
    ("postgres", exp.SimilarTo): (_similar_to,),
    ("postgres", exp.Substring): (_substring,),
    ("postgres", exp.Bracket): (postgres.before_first,),
    ("postgres", exp.Anonymous): (
        _unquoted,
        patterns.matched,
        postgres.valued,
        postgres.built,
        postgres_json.by_keys,
    ),
    ("postgres", exp.TimeToStr): (postgres.to_char,),
    ("postgres", exp.ToChar): (postgres.to_char,),
    ("postgres", exp.StrToDate): (postgres.to_date,),
    ("postgres", exp.StrToTime): (postgres.to_date,),
    ("postgres", exp.Format): (postgres.format_,),
    ("postgres", exp.Interval): (postgres.interval,),
    ("postgres", exp.Concat): (text.joined,),
    ("postgres", exp.ConcatWs): (text.joined,),
    ("postgres", exp.DPipe): (postgres.refuse_json_sum, postgres.appended, text.joined_to),
    ("postgres", exp.Sub): (postgres.refuse_json_sum,),
    ("postgres", exp.Cast): (
        postgres.plain_constant,
        postgres.switched,
        postgres.array_of_text,
        postgres.whole_number,
        text.as_text("postgres"),
    ),
    ("postgres", exp.EQ): (postgres.any_of_text, postgres.all_of_array, rows.compared),
    ("postgres", exp.NEQ): (postgres.all_of_array, rows.compared),
    ("postgres", exp.LT): (postgres.all_of_array, rows.compared),
    ("postgres", exp.LTE): (postgres.all_of_array, rows.compared),
    ("postgres", exp.GT): (postgres.all_of_array, rows.compared),
    ("postgres", exp.GTE): (postgres.all_of_array, rows.compared),
    ("postgres", exp.Like): (postgres.any_pattern, text.escaped),
    ("postgres", exp.ILike): (postgres.any_pattern, text.escaped),
    ("postgres", exp.Select): (with_ties, postgres.grouped_rows),
    ("postgres", exp.WithinGroup): (aggregates.percentile,),
    ("postgres", exp.GroupConcat): (aggregates.in_order,),
    ("postgres", exp.ArrayAgg): (aggregates.in_order,),
    ("spark", exp.WithinGroup): (aggregates.percentile,),
    ("postgres", exp.Exists): (postgres.nothing_selected,),
    ("postgres", exp.WindowSpec): (postgres.framed,),
    ("postgres", exp.Lateral): (postgres.pairs, postgres.lateral),
    ("postgres", exp.Values): (postgres.named_values,),
    ("postgres", exp.ArrayContainsAll): (postgres.contained, postgres.braced),
    ("postgres", exp.ArrayContainedBy): (postgres.braced,),
    ("postgres", exp.ArrayOverlaps): (postgres.braced,),
    ("postgres", exp.JSONObjectAgg): (postgres.object_of_rows,),
    ("postgres", exp.Round): (postgres.round_,),
    ("postgres", exp.Encode): (_encode,),
    ("postgres", exp.Overlaps): (_overlaps,),
    ("postgres", exp.JSONBExtract): (postgres_json.at_path("json_extract"),),
    ("postgres", exp.JSONBExtractScalar): (postgres_json.at_path("json_extract_string"),),
    ("postgres", exp.JSONBContainsTopKey): (_has_key,),
    ("postgres", exp.Unnest): (_column_of_alias, _several_lists),
    ("postgres", exp.Table): (postgres.pairs, _table_function),
    ("postgres", exp.DataType): (_without_precision, numbers.float_of, numbers.decimal_of(38, 9)),
    ("postgres", exp.DateTrunc): (postgres.part_of_text,),
    ("postgres", exp.TimestampTrunc): (postgres.part_of_text,),
    ("postgres", exp.Trunc): (postgres.whole_part,),
    ("postgres", exp.IntDiv): (numbers.whole_quotient,),
    ("spark", exp.IntDiv): (numbers.whole_quotient,),
    ("postgres", exp.Date): (_day_of,),
    ("trino", exp.Date): (_day_of,),
    ("postgres", exp.Fetch): (_fetched,),
    ("trino", exp.Fetch): (_fetched,),
    ("postgres", exp.MakeInterval): (numbers.interval_of_parts,),
    ("postgres", exp.Pad): (numbers.padded,),
    ("spark", exp.MakeInterval): (numbers.interval_of_parts,),
    ("spark", exp.Pad): (numbers.padded, numbers.padded_number),
    ("spark", exp.Add): (dates.moved,),
    ("spark", exp.Sub): (dates.moved,),
    ("spark", exp.GenerateSeries): (dates.series,),
    ("spark", exp.Like): (text.escaped,),
    ("spark", exp.ILike): (text.escaped,),
    ("spark", exp.TsOrDsAdd): (_as_date,),
    ("spark", exp.AddMonths): (_as_date,),
    ("spark", exp.DateSub): (_as_date,),
    ("spark", exp.DateTrunc): (spark_dates.of_text, _truncated),
    ("spark", exp.TimestampTrunc): (spark_dates.of_text, _truncated),
    ("spark", exp.StrToUnix): (spark_dates.read_seconds,),
    ("spark", exp.TimeToStr): (spark_dates.written,),
    ("spark", exp.UnixToStr): (spark_dates.written_seconds,),
    ("spark", exp.TsOrDsToDate): (spark_dates.read,),
    ("spark", exp.StrToTime): (spark_dates.read,),
    ("spark", exp.Cast): (spark.named_fields, spark.whole_number, text.as_text("spark")),
    ("spark", exp.TryCast): (spark.named_fields, spark.whole_number, text.as_text("spark")),
    ("spark", exp.String): (text.string,),
    ("spark", exp.LastDay): (spark_dates.of_text,),
    ("spark", exp.Hour): (spark_dates.of_text,),
    ("spark", exp.Minute): (spark_dates.of_text,),
    ("spark", exp.Second): (spark_dates.of_text,),
    ("spark", exp.Quarter): (spark_dates.of_text,),
    ("spark", exp.DayOfYear): (spark_dates.of_text,),
    ("spark", exp.ArraySort): (refuse_comparator,),
    ("trino", exp.ArraySort): (refuse_comparator,),
    ("spark", exp.ArrayAgg): (aggregates.never_null,),
    ("spark", exp.ArrayUniqueAgg): (aggregates.never_null,),
    ("spark", exp.Filter): (aggregates.never_null,),
    ("spark", exp.Window): (aggregates.never_null,),
    ("spark", exp.SHA2): (spark.hashed,),
    ("spark", exp.SHA2Digest): (spark.hashed,),
    ("trino", exp.SHA2): (spark.hashed,),
    ("trino", exp.SHA2Digest): (spark.hashed,),
    ("spark", exp.RegexpSplit): (spark.split_first,),
    ("trino", exp.Split): (spark.split_first,),
    ("spark", exp.GroupingId): (spark.all_grouped,),
    ("spark", exp.FromJson): (read_json,),
    ("trino", exp.FromBase): (trino.of_base,),
    ("trino", exp.StrPosition): (trino.nth_place,),
    ("trino", exp.ConcatWs): (_joined_list, spark.joined),
    ("trino", exp.DPipe): (postgres.appended,),
    ("trino", exp.AtTimeZone): (trino.in_zone,),
    ("postgres", exp.ToNumber): (postgres.to_number,),
    ("spark", exp.DataType): (_in_the_sessions_zone, numbers.decimal_of(10, 0)),
    ("spark", exp.NextDay): (spark_dates.next_day,),
    ("spark", exp.MonthsBetween): (spark_dates.months_between,),
    ("spark", exp.Extract): (spark_dates.day_of_week, dates.of_zoned),
    ("spark", exp.Anonymous): (spark.date_part, spark.cast_by_name, spark.converted, over_pairs),
    ("spark", exp.Any): (spark.any_,),
    ("spark", exp.Transform): (counted_from_zero,),
    ("spark", exp.ArrayFilter): (counted_from_zero,),
    ("spark", exp.Skewness): (spark.skewness,),
    ("spark", exp.DateDiff): (spark_dates.elapsed,),
    ("spark", exp.TimestampDiff): (spark_dates.elapsed,),
    ("spark", exp.Substring): (spark.from_first,),
    ("spark", exp.SubstringIndex): (spark.split_index,),
    ("spark", exp.RegexpReplace): (spark.replaced_groups,),
    ("spark", exp.Count): (spark.several_counted,),
    ("spark", exp.Reduce): (carried, merged, finished),
    ("spark", exp.Select): (spark_rows.unsorted,),
    ("spark", exp.Elt): (spark.one_of,),
    ("spark", _ExplodeOuter): (spark_rows.outer_exploded,),
    ("spark", exp.Values): (spark.named_values,),
    ("spark", exp.Table): (spark_rows.table_function,),
    ("spark", exp.Interval): (spark.interval,),
    ("spark", exp.Typeof): (spark.refuse_names_of_types,),
    ("spark", exp.ArraySize): (_size,),
    ("spark", exp.Exists): (_any_of_list,),
    ("spark", exp.ArraysZip): (_side_by_side,),
    ("spark", exp.Reverse): (_list_reverse,),
    ("spark", exp.ConcatWs): (_joined_list, spark.joined),
    ("spark", exp.DecodeCase): (spark.chosen,),
    ("spark", exp.IgnoreNulls): (spark.last_that_is,),
    ("spark", exp.Format): (text.grouped_digits, _printf),
    ("spark", exp.Group): (_group,),
    ("trino", exp.EQ): (rows.compared,),
    ("trino", exp.NEQ): (rows.compared,),
    ("trino", exp.LT): (rows.compared,),
    ("trino", exp.LTE): (rows.compared,),
    ("trino", exp.GT): (rows.compared,),
    ("trino", exp.GTE): (rows.compared,),
    ("trino", exp.Pad): (numbers.padded,),
    ("trino", exp.Add): (dates.moved,),
    ("trino", exp.Sub): (dates.moved,),
    ("trino", exp.GenerateSeries): (dates.series,),
    ("trino", exp.DateTrunc): (dates.cut,),
    ("trino", exp.TimestampTrunc): (dates.cut,),
    ("trino", exp.Select): (with_ties,),
    ("trino", exp.ArraySize): (_size,),
    ("trino", exp.DateAdd): (_keep_type,),
    ("trino", exp.Extract): (trino.part, dates.of_zoned),
    ("trino", exp.DateDiff): (trino.elapsed,),
    ("trino", exp.Cast): (trino.whole_number, text.as_text("trino")),
    ("trino", exp.TryCast): (trino.whole_number, text.as_text("trino")),
    ("trino", exp.RegexpExtract): (trino.extracted,),
    ("trino", exp.ApproxQuantile): (numbers.plain_quantile, trino.several_quantiles),
    ("spark", exp.ApproxQuantile): (numbers.plain_quantile, trino.several_quantiles),
    ("trino", exp.JSONValue): (trino.lax_path,),
    ("trino", exp.JSONExtract): (trino.lax_path,),
    ("trino", exp.Reverse): (_list_reverse,),
    ("trino", exp.Format): (text.grouped_digits, _printf),
    ("trino", exp.Unnest): (trino.unnested, _several_lists),
    ("trino", exp.DataType): (_without_precision, numbers.decimal_of(38, 0)),
    ("trino", exp.Reduce): (carried, merged, finished),
    ("trino", exp.RegexpReplace): (trino.capitalised, spark.replaced_groups),
    ("trino", exp.Typeof): (spark.refuse_names_of_types,),
    ("trino", exp.Anonymous): (trino.named, over_pairs),
    ("trino", exp.Skewness): (spark.skewness,),
    ("trino", exp.TimeToStr): (trino.written,),
    ("trino", exp.StrToTime): (trino.read,),
    ("trino", exp.ParseDatetime): (trino.parsed,),
}
"""What stands for a node of a class in a dialect, tried in order, before the rules of translations.toml."""
