"""Lists on the no-throw list: how long one is, what it holds, one of its elements."""

from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp

from lakeward.policies.rewrite.fuse.expressions import Place, Prove
from lakeward.policies.rewrite.fuse.kinds import INT32_WIDTH, INT64_WIDTH, Kind, NotProvenError, Value
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


def _holds(node: exp.Expr, place: Place) -> Value:
    take_only(node, {"this", "expression"})
    value, wanted = _list(node, place), place.prove(node.args["expression"])
    if value.element is None or value.element.kind is not wanted.kind or wanted.kind not in _ALIKE:
        raise NotProvenError("a list that is asked for another type")
    return Value(Kind.BOOLEAN, fresh=value.is_visible and wanted.is_visible)


def _element(node: exp.Expr, place: Place) -> Value:
    """`list[n]`, NULL where there is none."""
    take_only(node, {"this", "expressions"})
    value, (index, *others) = _list(node, place), node.expressions
    is_number = isinstance(index, exp.Literal) and not index.is_string and index.name.isdigit()
    if others or not is_number or len(index.name) > _MOST_DIGITS or value.element is None:
        raise NotProvenError("a computed element of a list")
    return replace(value.element, fresh=value.is_visible)


NESTED_FUNCTIONS: Mapping[type[exp.Expr], Prove] = {
    exp.ArraySize: _array_size,
    exp.ArrayContains: _holds,
    exp.Bracket: _element,
}
