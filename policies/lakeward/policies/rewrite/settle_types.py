"""What a form of a dialect asks the engine about the type of a column, answered where the type is known.

Forms are read before names are resolved, so they ask `typeof(x)` or cast to the type of another value. With
the types of the visible columns a test becomes the branch that it takes, and the plan is proven as if that
stood there. A name that the query defines itself, or that has two types, is left to the engine.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from sqlglot import exp

from lakeward.catalog.pin import PinnedColumn
from lakeward.catalog.types import DataType, ListType, MapType, PrimitiveType
from lakeward.policies.admit.translate import OWN

_SPELLED = {
    "string": "VARCHAR", "double": "DOUBLE", "float": "FLOAT", "int": "INTEGER", "long": "BIGINT",
    "boolean": "BOOLEAN", "date": "DATE", "timestamp": "TIMESTAMP",
}  # fmt: skip
_MAPS = frozenset({"map", "map_concat", "histogram"})
_SPANS = frozenset({"spark", "trino"})
"""Dialects in which the difference of two dates is an interval; elsewhere it is a number."""

Types = Mapping[str, str]


def settle_types(tree: exp.Expr, columns: Iterable[PinnedColumn], dialect: str) -> None:
    """Settle in place what a tree asks of the types of these columns."""
    if dialect == OWN:
        return
    types, around = _types(tree, columns), _around_queries(tree)
    for node in reversed(list(tree.find_all(*_SETTLED))):
        form = _SETTLED.get(type(node)) if id(node) not in around else None
        if form is not None and (new := form(node, types, dialect)) is not None:
            node.replace(new)


def _around_queries(tree: exp.Expr) -> set[int]:
    """The ids of what holds a query: its tables have been resolved, and stay where they are."""
    found: set[int] = set()
    for each in tree.find_all(exp.Query):
        holder = each.parent
        while holder is not None and id(holder) not in found:
            found.add(id(holder))
            holder = holder.parent
    return found


def _size(node: exp.Expr, types: Types, _dialect: str) -> exp.Expr | None:
    """The engine sizes lists and maps by two names."""
    is_map = _kind(node.this, types) == "MAP"
    return exp.Anonymous(this="cardinality", expressions=[node.this]) if is_map else None


def _reversed(node: exp.Expr, types: Types, _dialect: str) -> exp.Expr | None:
    """And turns lists and texts round by two."""
    is_list = (_kind(node.this, types) or "").endswith("[]")
    return exp.Anonymous(this="list_reverse", expressions=[node.this]) if is_list else None


def _span(node: exp.Expr, types: Types, dialect: str) -> exp.Expr | None:
    """The difference of two dates is an interval in some dialects."""
    sides = (node.this, node.expression)
    if dialect not in _SPANS or not all(_kind(each, types) == "DATE" for each in sides):
        return None
    first, second = (exp.cast(each, "timestamp", copy=False) for each in sides)
    return exp.Sub(this=first, expression=second)


def _divided(node: exp.Expr, types: Types, dialect: str) -> exp.Expr | None:
    """`count(*) * 100 / sum(count(*)) OVER ()` divides a numeric in PostgreSQL, so nothing is cut off."""
    sides = (node.this, node.expression)
    if dialect != "postgres" or not any(_is_numeric(each, types) for each in sides):
        return None
    node.set("this", exp.cast(node.this, "double", copy=False))
    return None


def _is_numeric(node: exp.Expr, types: Types) -> bool:
    """Whether it is no whole number there, though one to the engine: a sum of bigints, a part of a time."""
    inner = node.unnest()
    while isinstance(inner, exp.Window | exp.Filter):
        inner = inner.this
    if isinstance(inner, exp.Mul | exp.Add | exp.Sub):
        return any(_is_numeric(each, types) for each in (inner.this, inner.expression))
    if isinstance(inner, exp.Sum):
        return _kind(inner.this, types) == "BIGINT"
    return isinstance(inner, exp.Extract | exp.Floor | exp.Ceil | exp.Round | exp.Trunc)


def _appended(node: exp.Expr, types: Types, _dialect: str) -> exp.Expr | None:
    """`labels || 'x'`: an element joins a list."""
    first, second = node.this, node.expression
    if (_kind(first, types) or "").endswith("[]") and _is_element(second):
        return exp.Anonymous(this="list_append", expressions=[first, second])
    if (_kind(second, types) or "").endswith("[]") and _is_element(first):
        return exp.Anonymous(this="list_prepend", expressions=[first, second])
    return None


def _compared(node: exp.Expr, types: Types, dialect: str) -> None:
    """`zip > 50000` compares numbers in Spark, and what is none with nothing."""
    sides = (("this", node.this, node.expression), ("expression", node.expression, node.this))
    for key, text, other in sides if dialect == "spark" else ():
        if _kind(text, types) == "VARCHAR" and isinstance(other.unnest(), exp.Literal) and other.is_number:
            number = exp.TryCast(this=text, to=exp.DataType(this=exp.DType.DOUBLE))
            node.set(key, number)


def _is_element(node: exp.Expr) -> bool:
    inner = node.unnest()
    return isinstance(inner, exp.Literal) or (
        isinstance(inner, exp.Cast) and not inner.is_type("array", "list")
    )


def _types(tree: exp.Expr, columns: Iterable[PinnedColumn]) -> Types:
    """Give the type of each name that means one type wherever the query has it."""
    found: dict[str, set[str | None]] = {}
    named = ((each.name, _spelled(each.type)) for each in columns)
    for name, kind in (*named, *_defined(tree)):
        found.setdefault(name.casefold(), set()).add(kind)
    alone = ((name, next(iter(kinds))) for name, kinds in found.items() if len(kinds) == 1)
    return {name: kind for name, kind in alone if kind is not None}


def _defined(tree: exp.Expr) -> Iterator[tuple[str, str | None]]:
    """The names that the query gives, and what type each has by how it is written, if that shows."""
    for each in tree.find_all(exp.Alias, exp.TableAlias, exp.Lambda, exp.PropertyEQ):
        match each:
            case exp.Alias():
                if not isinstance(each.this, exp.Column) or each.this.name.lower() != each.alias.lower():
                    yield each.alias, _made(each.this)
            case exp.PropertyEQ():
                yield each.this.name, None
            case exp.Lambda():
                yield from ((inner.name, None) for inner in each.expressions)
            case _:
                yield from _listed(each)


def _listed(alias: exp.Expr) -> Iterator[tuple[str, str | None]]:
    """The columns of `(VALUES …) AS t(a, b)` by its first row, of any other relation without a type."""
    holder = alias.parent
    rows = holder.expressions if isinstance(holder, exp.Values) else ()
    cells = (
        [_made(each) for each in (rows[0].expressions if isinstance(rows[0], exp.Tuple) else rows)]
        if rows
        else []
    )
    for number, each in enumerate(alias.args.get("columns") or ()):
        yield each.name, cells[number] if number < len(cells) else None


def _made(node: exp.Expr) -> str | None:
    """The type of what is plainly a date, a bigint or a map."""
    inner = node.unnest()
    if isinstance(inner, exp.Map | exp.VarMap | exp.ToMap | exp.MapFromEntries):
        return "MAP"
    if isinstance(inner, exp.Anonymous) and str(inner.this).lower() in _MAPS:
        return "MAP"
    if isinstance(inner, exp.Count | exp.CountIf):
        return "BIGINT"
    if isinstance(inner, exp.Cast) and inner.is_type("date", "bigint"):
        return "DATE" if inner.is_type("date") else "BIGINT"
    return None


def _spelled(kind: DataType) -> str | None:
    if isinstance(kind, MapType):
        return "MAP"
    if isinstance(kind, ListType):
        return f"{_spelled(kind.element) or '?'}[]"
    if not isinstance(kind, PrimitiveType):
        return None
    if kind.name == "decimal":
        return f"DECIMAL({kind.precision},{kind.scale})"
    return _SPELLED.get(kind.name)


def _kind(node: exp.Expr, types: Types) -> str | None:
    inner = node.unnest()
    return types.get(inner.name.casefold()) if isinstance(inner, exp.Column) else _made(inner)


def _branch(case: exp.Expr, types: Types, _dialect: str) -> exp.Expr | None:
    """The branch of the first test that holds, where all before it are known not to."""
    if case.this is not None:
        return None
    for each in case.args["ifs"]:
        holds = _holds(each.this, types)
        if holds is None:
            return None
        if holds:
            return exp.Paren(this=each.args["true"])
    default = case.args.get("default")
    return None if default is None else exp.Paren(this=default)


def _holds(test: exp.Expr, types: Types) -> bool | None:
    asked = test.this if isinstance(test, exp.In | exp.EQ | exp.StartsWith | exp.EndsWith) else None
    kind = _kind(asked.this, types) if isinstance(asked, exp.Typeof) else None
    given = test.expressions if isinstance(test, exp.In) else [test.args.get("expression")]
    words = tuple(str(each.this) for each in given if isinstance(each, exp.Literal))
    if kind is None or len(words) < len(given):
        return None
    if isinstance(test, exp.StartsWith):
        return kind.startswith(words)
    return kind.endswith(words) if isinstance(test, exp.EndsWith) else kind in words


def _cast(call: exp.Expr, types: Types, _dialect: str) -> exp.Expr | None:
    if str(call.this).lower() != "cast_to_type":
        return None
    value, like = call.expressions
    kind = _kind(like, types)
    if kind == "DATE":
        return exp.cast(value, "date", copy=False)
    return exp.Paren(this=value) if kind == "TIMESTAMP" else None


def _same(cast: exp.Expr, types: Types, _dialect: str) -> exp.Expr | None:
    """`CAST(started AS TIMESTAMP)` of a timestamp: Tableau writes all so. What names a column stays."""
    to = cast.args["to"]
    is_projection = isinstance(cast.parent, exp.Select)
    kind = _SAME.get(to.this) if isinstance(to.this, exp.DType) and not to.expressions else None
    is_same = kind is not None and isinstance(cast.this, exp.Column) and _kind(cast.this, types) == kind
    return cast.this if is_same and not is_projection else None


def _written(call: exp.Expr, types: Types, dialect: str) -> None:
    """`substring(started, 1, 7)`: what a function of texts is given becomes one in Spark."""
    if dialect == "spark" and _kind(call.this, types) in _WRITTEN_ALIKE:
        call.set("this", exp.cast(call.this, "text", copy=False))


_WRITTEN_ALIKE = frozenset({"DATE", "TIMESTAMP", "INTEGER", "BIGINT", "BOOLEAN"})
"""Types whose values Spark and the engine write alike."""
_OF_TEXTS = (
    exp.Substring, exp.Left, exp.Right, exp.Length, exp.Upper, exp.Lower, exp.Trim, exp.Like, exp.ILike,
    exp.RegexpLike, exp.RegexpReplace, exp.RegexpExtract, exp.RegexpSplit, exp.Replace, exp.StrPosition,
    exp.SplitPart, exp.StartsWith, exp.EndsWith, exp.Contains,
)  # fmt: skip
_SAME = {exp.DType.TIMESTAMP: "TIMESTAMP", exp.DType.DATE: "DATE"}
_SETTLED: Mapping[type[exp.Expr], Callable[[exp.Expr, Types, str], exp.Expr | None]] = {
    exp.Case: _branch,
    exp.Cast: _same,
    exp.TryCast: _same,
    **dict.fromkeys(_OF_TEXTS, _written),
    exp.Anonymous: _cast,
    exp.ArraySize: _size,
    exp.Reverse: _reversed,
    exp.DPipe: _appended,
    exp.Sub: _span,
    exp.Div: _divided,
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE), _compared),
}
