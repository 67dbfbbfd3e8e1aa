"""Forms of Spark that give rows: generators, lateral views and functions in FROM."""

from collections.abc import Iterator, Sequence

from sqlglot import exp

from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.admit.literals import literal_text
from lakeward.policies.admit.templates import filled

_PAIR = 2


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
            if not (literal_text(key) or "").isidentifier():
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


def outer_exploded(node: exp.Expr) -> exp.Expr | None:
    """`explode_outer(x)`: one row with NULL where there is nothing."""
    return _each(filled("CASE WHEN len(_x) > 0 THEN _x ELSE [NULL] END", _x=node.this))


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
