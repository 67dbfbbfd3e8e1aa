"""Rarer functions of texts on the no-throw list: told by literals that surely are right."""

from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp

from lakeward.policies.rewrite.fuse.expressions import Place, Prove
from lakeward.policies.rewrite.fuse.kinds import (
    INT32_WIDTH,
    INT64_WIDTH,
    Kind,
    NotProvenError,
    Value,
    put_together,
)
from lakeward.policies.rewrite.fuse.patterns import groups_of

_MOST_PARTS = 1_000


def take_only(node: exp.Expr, takes: set[str]) -> None:
    """Require that a function has no other arguments than some.

    Raises:
        NotProvenError: It has.
    """
    if {key for key, value in node.args.items() if isinstance(value, exp.Expr | list)} - takes:
        raise NotProvenError(f"{type(node).__name__} with more arguments")


def _subject(node: exp.Expr, place: Place, takes: set[str]) -> Value:
    take_only(node, {"this", *takes})
    value = place.prove(node.this)
    if value.kind is not Kind.STRING:
        raise NotProvenError(f"{type(node).__name__} of no text")
    return value


def _matches(node: exp.Expr, place: Place) -> Value:
    text = _subject(node, place, {"expression"})
    if groups_of(node.args.get("expression")) is None:
        raise NotProvenError("a pattern of a rarer form")
    return Value(Kind.BOOLEAN, fresh=text.is_visible)


def _extracted(node: exp.Expr, place: Place) -> Value:
    text = _subject(node, place, {"expression", "group"})
    groups, group = groups_of(node.args.get("expression")), node.args.get("group")
    if groups is None or not (group is None or _number(group, groups)):
        raise NotProvenError("a pattern of a rarer form, or a group that it has not")
    return put_together(text)


def _part(node: exp.Expr, place: Place) -> Value:
    text = _subject(node, place, {"delimiter", "part_index"})
    if not (_is_text(node.args.get("delimiter")) and _number(node.args.get("part_index"), _MOST_PARTS)):
        raise NotProvenError("a computed part of a text")
    return put_together(text)


def _padded(node: exp.Expr, place: Place) -> Value:
    """A literal length, and something to fill with: an empty filling is an error."""
    text = _subject(node, place, {"expression", "fill_pattern"})
    fill, length = node.args.get("fill_pattern"), node.args.get("expression")
    if not (fill is not None and _is_text(fill) and fill.name and _number(length, _MOST_PARTS)):
        raise NotProvenError("a computed length or filling")
    return put_together(text, Value(Kind.STRING, literal=True, copies=0, constant=_MOST_PARTS))


def _joined(node: exp.Expr, place: Place) -> Value:
    """CONCAT_WS: the separator stands between all."""
    separator, *parts = node.expressions
    values = [place.prove(each) for each in parts]
    if not _is_text(separator) or not all(each.kind in {Kind.STRING, Kind.NULL} for each in values):
        raise NotProvenError("CONCAT_WS of other things than texts")
    between = Value(Kind.STRING, literal=True, copies=0, constant=len(separator.name) * len(values))
    return put_together(between, *values)


def _position(node: exp.Expr, place: Place) -> Value:
    text, part = _subject(node, place, {"substr"}), place.prove(node.args["substr"])
    if part.kind is not Kind.STRING:
        raise NotProvenError("the position of no text")
    fresh = text.is_visible and part.is_visible
    return Value(Kind.INTEGER, digits=INT32_WIDTH, width=INT64_WIDTH, fresh=fresh)


def _code(node: exp.Expr, place: Place) -> Value:
    text = _subject(node, place, set())
    return Value(Kind.INTEGER, digits=INT32_WIDTH, width=INT32_WIDTH, fresh=text.is_visible)


def _digest(node: exp.Expr, place: Place) -> Value:
    return replace(_subject(node, place, set()), literal=False, text=None, copies=1, constant=64)


def _same(node: exp.Expr, place: Place) -> Value:
    return put_together(_subject(node, place, set()))


def _is_text(node: exp.Expr | None) -> bool:
    return isinstance(node, exp.Literal) and node.is_string


def _number(node: exp.Expr | None, most: int) -> bool:
    """Whether a node is a whole number in plain digits, not above a number."""
    is_number = isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit()
    return is_number and node is not None and int(node.name) <= most


TEXT_FUNCTIONS: Mapping[type[exp.Expr], Prove] = {
    exp.RegexpLike: _matches,
    exp.RegexpExtract: _extracted,
    exp.SplitPart: _part,
    exp.Pad: _padded,
    exp.ConcatWs: _joined,
    exp.StrPosition: _position,
    exp.Ascii: _code,
    exp.Unicode: _code,
    exp.MD5: _digest,
    exp.Reverse: _same,
}
