"""The names that PostgreSQL gives the columns of an answer that the query names none."""

from sqlglot import exp

_NOTHING = "?column?"
_SPELLED = {
    "Case": "case",
    "If": "case",
    "CountIf": "count",
    "ArrayAgg": "array_agg",
    "GroupConcat": "string_agg",
}
_SPELLED |= {
    "TimestampTrunc": "date_trunc",
    "DateTrunc": "date_trunc",
    "CurrentVersion": "version",
    "Not": _NOTHING,
}
_SPELLED |= {"StrPosition": "position", "CurrentTimestamp": "now", "StddevSamp": "stddev", "Tuple": "row"}


def postgres_names(tree: exp.Query) -> list[str | None] | None:
    """Give the name of each column of the outermost SELECT; None for one that expands."""
    while isinstance(tree, exp.SetOperation | exp.Subquery):
        tree = tree.this
    return [_name(each) for each in tree.expressions] if isinstance(tree, exp.Select) else None


def _name(projection: exp.Expr) -> str | None:  # noqa: PLR0911  one for each kind
    """A column keeps its name, a function gives its own, a cast what is in it or else its type."""
    match projection:
        case exp.Alias() | exp.Column():
            return str(projection.output_name) or None
        case exp.Star() | exp.Aliases():
            return None
        case exp.Paren() | exp.Bracket() | exp.Collate():
            return _name(projection.this)
        case exp.Cast():
            inner = _name(projection.this)
            return _type(projection) if inner in {_NOTHING, None} else inner
        case exp.Subquery():
            return (postgres_names(projection) or [_NOTHING])[0] or _NOTHING
        case exp.Window() | exp.Filter() | exp.WithinGroup():
            return _name(projection.this)
        case exp.Dot():
            return _name(projection.expression)
        case _:
            return _function(projection)


def _type(cast: exp.Cast) -> str:
    return (
        str(cast.args["to"].sql("postgres")).lower().split("(")[0].rpartition(".")[2].strip('"') or _NOTHING
    )


def _function(node: exp.Expr) -> str:
    if found := _SPELLED.get(type(node).__name__):
        return found
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower()
    if isinstance(node, exp.Func) and not isinstance(node, exp.Binary | exp.Connector):
        return str(node.sql_name()).lower()
    return _NOTHING
