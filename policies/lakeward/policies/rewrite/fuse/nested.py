"""Lists and structs on the no-throw list: how long one is, what it holds, some of its elements."""

import functools
from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp

from lakeward.policies.rewrite.fuse.expressions import Place, Prove
from lakeward.policies.rewrite.fuse.kinds import INT32_WIDTH, INT64_WIDTH, Kind, NotProvenError, Value, joined
from lakeward.policies.rewrite.fuse.scope import field_of, folded
from lakeward.policies.rewrite.fuse.texts import take_only

_ALIKE = frozenset({Kind.STRING, Kind.INTEGER, Kind.BOOLEAN})
_MOST_DIGITS = 9


def size(otherwise: Prove) -> Prove:
    """LENGTH of a list; of anything else, what it is otherwise."""

    def prove(node: exp.Expr, place: Place) -> Value:
        if len(node.args) > 1 and any(value for key, value in node.args.items() if key != "this"):
            return otherwise(node, place)
        value = place.prove(node.this)
        return _size(value) if value.element is not None else otherwise(node, place)

    return prove


def _size(of: Value) -> Value:
    return Value(Kind.INTEGER, digits=INT32_WIDTH, width=INT64_WIDTH, fresh=of.is_visible)


def _array_size(node: exp.Expr, place: Place) -> Value:
    take_only(node, {"this"})
    return _size(_list(node, place))


def _list(node: exp.Expr, place: Place) -> Value:
    value = place.prove(node.this)
    if value.element is None:
        raise NotProvenError(f"{type(node).__name__} of no list")
    return value


def _made(node: exp.Expr, place: Place) -> Value:
    """`[a, b]` of plain values that are alike."""
    values = [place.prove(each) for each in node.expressions]
    element = replace(functools.reduce(joined, values, Value(Kind.NULL)), literal=False, text=None)
    return _alike(Value(Kind.OTHER, fresh=all(each.is_visible for each in values), element=element))


def _sorted(node: exp.Expr, place: Place) -> Value:
    """A list of the elements of one: sorted, or each once."""
    take_only(node, {"this", "nulls_first"})
    return _alike(_list(node, place))


def _alike(value: Value) -> Value:
    if value.element is None or value.element.kind not in _ALIKE:
        raise NotProvenError("a list of other things than texts, whole numbers or truths")
    return value


def _overlap(node: exp.Expr, place: Place) -> Value:
    """Whether two lists share an element, or one has all of the other's."""
    parts = node.expressions if isinstance(node, exp.Anonymous) else [node.this, node.expression]
    match [_alike(place.prove(each)) for each in parts]:
        case [Value(element=Value(kind=one)) as a, Value(element=Value(kind=other)) as b] if one is other:
            return Value(Kind.BOOLEAN, fresh=a.is_visible and b.is_visible)
    raise NotProvenError("lists of several types")


def _each(node: exp.Expr, place: Place) -> Value:
    """`SELECT unnest(list)`: a row for each element."""
    take_only(node, {"this", "expressions"})
    column = node.parent if isinstance(node.parent, exp.Alias) else node
    is_column = isinstance(column.parent, exp.Select) and column.arg_key == "expressions"
    if node.expressions or not is_column:
        raise NotProvenError("the elements of a list inside an expression")
    return elements(_list(node, place))


def elements(of: Value) -> Value:
    """Return what is known of the elements of a list.

    Raises:
        NotProvenError: It is none.
    """
    if of.element is None:
        raise NotProvenError("the elements of no list")
    return replace(of.element, fresh=of.is_visible)


def _holds(node: exp.Expr, place: Place) -> Value:
    take_only(node, {"this", "expression"})
    value, wanted = _list(node, place), place.prove(node.args["expression"])
    if value.element is None or value.element.kind is not wanted.kind or wanted.kind not in _ALIKE:
        raise NotProvenError("a list that is asked for another type")
    return Value(Kind.BOOLEAN, fresh=value.is_visible and wanted.is_visible)


def _element(node: exp.Expr, place: Place) -> Value:
    """`list[n]`, NULL where there is none; `struct['field']`."""
    take_only(node, {"this", "expressions"})
    value, (index, *others) = place.prove(node.this), node.expressions
    if value.fields and not others and isinstance(index, exp.Literal) and index.is_string:
        return field_of(value, folded(index.name))
    is_number = isinstance(index, exp.Literal) and not index.is_string and index.name.isdigit()
    if others or not is_number or len(index.name) > _MOST_DIGITS or value.element is None:
        raise NotProvenError("a computed element of a list")
    return replace(value.element, fresh=value.is_visible)


NESTED_FUNCTIONS: Mapping[type[exp.Expr], Prove] = {
    exp.Array: _made,
    exp.ArraySort: _sorted,
    exp.ArrayDistinct: _sorted,
    exp.ArrayOverlaps: _overlap,
    exp.Explode: _each,
    exp.ArraySize: _array_size,
    exp.ArrayContains: _holds,
    exp.Bracket: _element,
}
NESTED_NAMES: Mapping[str, Prove] = {"list_has_all": _overlap}
"""Functions that have no node of their own."""
