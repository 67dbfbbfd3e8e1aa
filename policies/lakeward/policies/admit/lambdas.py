"""Functions of lambdas with two parameters, which the engine has for one: over lists of pairs."""

from collections.abc import Sequence

from sqlglot import exp

from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.admit.templates import EACH, filled

_PAIRS = {
    "map_filter": "map_from_entries(list_filter(map_entries(_x), lambda lakeward_each: _body))",
    "transform_values": "map_from_entries(list_transform(map_entries(_x), "
    "lambda lakeward_each: row(lakeward_each.key, _body)))",
    "transform_keys": "map_from_entries(list_transform(map_entries(_x), "
    "lambda lakeward_each: row(_body, lakeward_each.value)))",
}
_ZIPPED = "list_transform(list_zip(_x, _y), lambda lakeward_each: _body)"


def over_pairs(node: exp.Expr) -> exp.Expr | None:
    """`map_filter(m, (k, v) -> …)`, `zip_with(a, b, (x, y) -> …)` and their like."""
    name, given = str(node.this).lower(), node.expressions
    if name in _PAIRS and len(given) == 2:  # noqa: PLR2004 - a map and a lambda
        body = _body(given[1], [f"{EACH}.key", f"{EACH}.value"])
        return filled(_PAIRS[name], _x=given[0], _body=body)
    if name == "zip_with" and len(given) == 3:  # noqa: PLR2004 - two lists and a lambda
        return filled(_ZIPPED, _x=given[0], _y=given[1], _body=_body(given[2], [f"{EACH}[1]", f"{EACH}[2]"]))
    return None


def counted_from_zero(node: exp.Expr) -> exp.Expr | None:
    """`transform(list, (x, i) -> …)`: places begin at 0; the engine's at 1."""
    given = node.expression
    if not isinstance(given, exp.Lambda) or len(given.expressions) != 2:  # noqa: PLR2004 - a value and its place
        return None
    body = _body(given, [EACH, "lakeward_place - 1"])
    names = [exp.to_identifier(EACH), exp.to_identifier("lakeward_place")]
    return type(node)(this=node.this.copy(), expression=exp.Lambda(this=body, expressions=names))


def refuse_comparator(node: exp.Expr) -> None:
    """`array_sort(list, (a, b) -> …)`, which the engine has no way to do.

    Raises:
        NotAdmittedError: There is such a lambda.
    """
    if isinstance(node.args.get("expression"), exp.Lambda):
        raise NotAdmittedError("`array_sort` with a comparator")


def merged(node: exp.Expr) -> None:
    """`reduce(list, 0, (s, x) -> s + length(x))`: what is added is computed first.

    The engine wants a start of the type of the list.
    """
    merge = node.args.get("merge")
    if not isinstance(merge, exp.Lambda) or len(merge.expressions) != 2:  # noqa: PLR2004 - a sum and a value
        return
    total, value = (each.name.lower() for each in merge.expressions)
    body = merge.this
    if not isinstance(body, exp.Add | exp.Mul | exp.DPipe) or not _is(body.this, total):
        return
    if _is(body.expression, value) or any(
        _is(each, total) for each in body.expression.find_all(exp.Identifier)
    ):
        return
    step = exp.Lambda(this=body.expression.copy(), expressions=[merge.expressions[1].copy()])
    node.set("this", exp.Transform(this=node.this.copy(), expression=step))
    body.set("expression", merge.expressions[1].copy())


_CARRIED = (
    "CASE WHEN _list IS NOT NULL THEN struct_extract(list_reduce(list_concat("
    "[{'value': NULL, 'state': _start}], "
    "list_transform(_list, lambda lakeward_each: {'value': lakeward_each, 'state': _start})), "
    "lambda lakeward_state, lakeward_each: {'value': lakeward_each.value, 'state': _body}), 'state') END"
)


def carried(node: exp.Expr) -> exp.Expr | None:
    """`reduce(list, CAST(row(0, 0) AS row(…)), (s, x) -> …)`: a row of another type is carried along.

    The engine reduces a list to a value of the list's type: here to a row of an element and what is carried.
    """
    start, merge = node.args["initial"], node.args.get("merge")
    if not (isinstance(start, exp.Cast) and start.is_type("struct") and isinstance(merge, exp.Lambda)):
        return None
    body = _body(merge, ["lakeward_state.state", f"{EACH}.value"])
    reduced = filled(_CARRIED, _list=node.this, _start=start, _body=body)
    return _finish(node.args.get("finish"), reduced)


def _is(node: exp.Expr, name: str) -> bool:
    return isinstance(node, exp.Identifier | exp.Column) and node.name.lower() == name


def finished(node: exp.Expr) -> exp.Expr | None:
    """`reduce(list, start, merge, finish)`: the last step is put around what the others give."""
    finish = node.args.get("finish")
    if not isinstance(finish, exp.Lambda):
        return None
    node.set("finish", None)
    return _finish(finish, node.copy())


def _finish(finish: object, reduced: exp.Expr) -> exp.Expr:
    if not isinstance(finish, exp.Lambda):
        return reduced
    template = "list_extract(list_transform([_x], lambda lakeward_each: _body), 1)"
    return filled(template, _x=reduced, _body=_body(finish, [EACH]))


def _body(node: exp.Expr, means: Sequence[str]) -> exp.Expr:
    """Return what a lambda computes, with expressions for its parameters."""
    if not isinstance(node, exp.Lambda) or len(node.expressions) != len(means):
        raise NotAdmittedError("a lambda with other parameters than are given")
    names = {
        each.name.lower(): filled(meaning) for each, meaning in zip(node.expressions, means, strict=True)
    }
    holder = exp.Paren(this=node.this.copy())
    if any(inner.name.lower() in names for each in holder.find_all(exp.Lambda) for inner in each.expressions):
        raise NotAdmittedError("a lambda inside a lambda with a parameter of the same name")
    for each in list(holder.find_all(exp.Identifier)):
        place: exp.Expr = each.parent if isinstance(each.parent, exp.Column) else each
        is_field = isinstance(place.parent, exp.Dot) and place.parent.expression is place
        if (
            each.name.lower() in names
            and not is_field
            and not (place is not each and place.args.get("table"))
        ):
            place.replace(names[each.name.lower()].copy())
    return holder
