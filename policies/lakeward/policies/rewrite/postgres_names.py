"""The names that PostgreSQL gives the columns of an answer that the query names none.

After `FigureColname` of its parser: a function gives its own name and a column its own, a cast gives that
of what is in it or else its type's, a CASE that of its ELSE. Everything else is `?column?`.
"""

import re

from sqlglot import exp

_NOTHING = "?column?"
_SPELLED = {
    "GroupConcat": "string_agg",
    "TimestampTrunc": "date_trunc",
    "DateTrunc": "date_trunc",
    "CurrentVersion": "version",
    "StrPosition": "position",
    "AtTimeZone": "timezone",
    "ArrayAgg": "array_agg",
    "Tuple": "row",
    "Overlaps": "overlaps",
    "CountIf": "count",
    "StddevSamp": "stddev",
    "JSONArrayAgg": "json_agg",
    "JSONObjectAgg": "json_object_agg",
    "Sqrt": _NOTHING,
    "Cbrt": _NOTHING,
}
"""What sqlglot knows under another name, where a form of its own leaves no word of the text to take."""
_TWO_FORMS = {"Extract": ("date_part", "extract", "extract"), "Mod": ("mod", "%", _NOTHING)}
"""What a function and another form make alike: the function's name where the text has no other."""
_TRIMMED = {"LEADING": "ltrim", "TRAILING": "rtrim"}
_TYPES = {
    "INT": "int4", "BIGINT": "int8", "SMALLINT": "int2", "FLOAT": "float4", "DOUBLE": "float8",
    "DECIMAL": "numeric", "CHAR": "bpchar", "BOOLEAN": "bool", "VARBINARY": "bytea",
}  # fmt: skip
_FIRM, _FAINT = 2, 1
"""How much a name is worth: a cast and a CASE keep a firm one that comes from inside."""


def postgres_names(tree: exp.Query, text: str = "") -> list[str | None] | None:
    """Give the name of each column of the outermost SELECT; None for one that expands.

    Args:
        tree: What sqlglot read in PostgreSQL's dialect, before anything was translated.
        text: Where it read it: a function bears the name that stands there.
    """
    while isinstance(tree, exp.SetOperation | exp.Subquery):
        tree = tree.this
    return [_output(each, text) for each in tree.expressions] if isinstance(tree, exp.Select) else None


def _output(projection: exp.Expr, text: str) -> str | None:
    if isinstance(projection, exp.Alias):
        alias = projection.args["alias"]
        return str(alias.name if alias.args.get("quoted") else alias.name.lower())
    last = projection.expression if isinstance(projection, exp.Dot) else projection
    is_starred = isinstance(last, exp.Column) and isinstance(last.this, exp.Star)
    return None if is_starred or isinstance(last, exp.Star | exp.Aliases) else _named(projection, text)[0]


def _named(node: exp.Expr, text: str) -> tuple[str, int]:
    """Give a name and how firm it is."""
    match node:
        case exp.Alias() | exp.Column():
            return str(node.output_name) or _NOTHING, _FIRM
        case exp.Paren() | exp.Bracket() | exp.Collate() | exp.Window() | exp.Filter() | exp.WithinGroup():
            return _named(node.this, text)
        case exp.Cast() | exp.Case():
            return _from_inside(node, text)
        case exp.Subquery():
            return (postgres_names(node, text) or [None])[0] or _NOTHING, _FIRM
        case exp.Dot():
            return str(node.expression.name) or _NOTHING, _FIRM
        case _:
            return _function(node, text)


def _from_inside(node: exp.Expr, text: str) -> tuple[str, int]:
    """A cast and a CASE: the name of what is in it, if that is a firm one."""
    if isinstance(node, exp.Cast):
        if isinstance(node.this, exp.IntDiv):
            return "div", _FIRM
        inner, own = node.this, _type(node.to)
    else:
        inner, own = node.args.get("default"), "case"
    found = _named(inner, text) if inner else (_NOTHING, 0)
    return found if found[1] == _FIRM else (own, _FAINT)


def _type(to: exp.Expr) -> str:
    while isinstance(to, exp.DataType) and to.is_type("array") and to.expressions:
        to = to.expressions[0]
    kind = to.this.name if isinstance(to.this, exp.DType) else ""
    written = str(to.sql("postgres")).lower().split("(")[0].rpartition(".")[2].strip('" ')
    return _TYPES.get(kind) or written or _NOTHING


def _function(node: exp.Expr, text: str) -> tuple[str, int]:
    if isinstance(node, exp.Interval):
        return "interval", _FAINT
    name = _written(node, text) or _two_forms(node, text) or _known(node)
    return name, 0 if name == _NOTHING else _FIRM


def _written(node: exp.Expr, text: str) -> str | None:
    """The word of the text that a function was read from, where its place is known."""
    start, end = node.meta.get("start"), node.meta.get("end")
    if not (isinstance(node, exp.Func) and isinstance(start, int) and isinstance(end, int)):
        return None
    word = text[start : end + 1]
    return word.strip('"').lower() if re.fullmatch(r'"?\w+"?', word) else None


def _two_forms(node: exp.Expr, text: str) -> str | None:
    if (forms := _TWO_FORMS.get(type(node).__name__)) is None:
        return None
    name, other, otherwise = forms
    return name if name in text.lower() and other not in text.lower() else otherwise


def _known(node: exp.Expr) -> str:
    if isinstance(node, exp.Trim):
        return _TRIMMED.get(str(node.args.get("position") or ""), "btrim")
    if found := _SPELLED.get(type(node).__name__):
        return found
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower()
    is_call = isinstance(node, exp.Func) and not isinstance(node, exp.Binary | exp.Connector | exp.Not)
    return str(node.sql_name()).lower() if is_call and isinstance(node, exp.Func) else _NOTHING
