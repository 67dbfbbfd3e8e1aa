"""Where a failure tells nothing: parts of a query that surely run, on all of their visible rows.

That an expression fails tells nothing when it would on the visible rows alone. But whether it is evaluated at
all can hang on hidden rows: their number decides which side of a join is read first, and an empty one spares
the other; their least and greatest values prove a condition never true before a row is read; where none of
them is NULL, `count(x)` is the number of rows, and nobody makes `x`; how many of them lie between the visible
rows decides what a LIMIT, or a client, has got before a later row fails. And the order in which visible rows
come decides which of them a LIMIT or `any_value` picks, and how a sum of doubles is rounded.

So an expression may fail only in what is the whole query, or is drawn to its end by it with nothing in
between, only of rows that no order has picked or made, and only where what is made of it cannot be had
without it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp

_FILTERS = ("where", "having", "qualify")
_ENDS_EARLY = ("limit", "offset")


@dataclass(frozen=True, slots=True)
class Course:
    """How a SELECT runs.

    Attributes:
        aggregates: The arguments of its aggregates are evaluated, each on every row that is let through.
        rows: So is its projection, on every row or group, and none is given away before the last is made.
    """

    aggregates: bool = False
    rows: bool = False


NOWHERE, EVERYWHERE = Course(), Course(aggregates=True, rows=True)


def courses(tree: exp.Query) -> Mapping[int, Course]:
    """Return the courses of those SELECTs that surely run, by the ids of their nodes."""
    if any(_hangs_on_order(each) for each in tree.find_all(exp.CTE)):
        return {}
    return dict(_walk(tree, is_drained=True, is_held=False))


def _walk(query: exp.Expr, *, is_drained: bool, is_held: bool) -> Iterator[tuple[int, Course]]:
    """Follow a query to where it draws its rows from.

    `is_drained` says whether all of its rows are taken, `is_held` whether none is given away before.
    """
    ends_early = any(query.args.get(each) for each in _ENDS_EARLY)
    is_held = is_held or bool(query.args.get("order"))
    if isinstance(query, exp.Select):
        yield id(query), _course(query, is_drained=is_drained, is_held=is_held, ends_early=ends_early)
        parts = [source] if (source := _only_source(query)) is not None else []
        is_barrier = _gathers(query) or bool(query.args.get("distinct"))
    elif isinstance(query, exp.Union) and not any(query.args.get(each) for each in ("by_name", "on")):
        parts, is_barrier = [query.this, query.expression], bool(query.args.get("distinct"))
    else:
        parts, is_barrier = [query.this] if isinstance(query, exp.Subquery) else [], False
    is_drained = is_barrier or (is_drained and not ends_early)
    for each in parts:
        yield from _walk(each, is_drained=is_drained, is_held=is_held or is_barrier)


_MULTIPLY = (exp.Explode, exp.Unnest)
"""Of what they give a row for each element, none may be evaluated: the list may be empty."""


def _course(select: exp.Select, *, is_drained: bool, is_held: bool, ends_early: bool) -> Course:
    inside = (each for each in select.find_all(exp.Query) if each is not select)
    if any(select.args.get(each) for each in ("having", "qualify")) or select.find(exp.Window, *_MULTIPLY):
        return NOWHERE
    if any(_hangs_on_order(each) for each in inside):
        return NOWHERE
    if _gathers(select):
        return Course(aggregates=True)
    return Course(rows=is_drained and is_held and not ends_early)


_ORDERED = (exp.AggFunc, exp.Window, exp.Limit, exp.Offset, exp.Fetch)


def _hangs_on_order(node: exp.Expr) -> bool:
    """Whether the order of rows has a say in a part of a query: in a LIMIT, a sum of doubles, a tie."""
    chosen = any(each.args.get("on") for each in node.find_all(exp.Distinct))
    return chosen or node.find(*_ORDERED) is not None


def _gathers(select: exp.Select) -> bool:
    """Whether it aggregates: then it reads all rows before it gives anything."""
    return bool(select.args.get("group")) or any(
        each.find(exp.AggFunc) is not None and aggregates(each) for each in select.expressions
    )


def aggregates(node: exp.Expr) -> bool:
    """Whether an aggregate that is no window function stands in an expression, outside of subqueries."""
    for part in node.walk(prune=lambda each: isinstance(each, exp.Query)):
        if isinstance(part, exp.AggFunc) and not over_a_window(part):
            return True
    return False


def over_a_window(node: exp.Expr) -> bool:
    """Whether a function is a window's own: `sum(x) OVER (…)`, with FILTER or without."""
    parent = node.parent
    while isinstance(parent, exp.Filter | exp.IgnoreNulls | exp.RespectNulls):
        parent = parent.parent
    return isinstance(parent, exp.Window)


def _only_source(select: exp.Select) -> exp.Expr | None:
    """Return the subquery from which a SELECT draws all rows, where nothing has a say in whether it does."""
    source = select.args["from_"].this if select.args.get("from_") else None
    if not isinstance(source, exp.Subquery) or source.args.get("joins") or select.args.get("joins"):
        return None
    if any(select.args.get(each) for each in _FILTERS):
        return None
    inside = {id(each) for each in source.find_all(exp.Query)}
    return (
        source if all(each is select or id(each) in inside for each in select.find_all(exp.Query)) else None
    )


_FOLDS = (
    *(exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Stddev, exp.StddevSamp, exp.StddevPop),
    *(exp.Variance, exp.VariancePop),
)
"""Aggregates that need every argument. COUNT does not: of a value that is never NULL it counts rows."""
_STRICT = (
    *(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg, exp.Paren, exp.Alias, exp.Cast, exp.TryCast),
    *(exp.Coalesce, exp.Round, exp.Abs, exp.Floor, exp.Ceil, *_FOLDS),
)
_BRANCHES: dict[type[exp.Expr], tuple[str, ...]] = {exp.Case: ("ifs", "default"), exp.If: ("true", "false")}
"""By node, the arguments from which its value is made; a condition beside them may be known beforehand."""


def is_needed(node: exp.Expr) -> bool:
    """Whether no engine can tell the value of what stands around an expression without its own."""
    parent = node.parent
    is_branch = parent is not None and node.arg_key in _BRANCHES.get(type(parent), ())
    return isinstance(parent, (exp.Select, *_STRICT)) or is_branch


def is_needed_by_its_select(node: exp.Expr) -> bool:
    """Whether a SELECT cannot give what it projects without the value of an expression in its projection."""
    while is_needed(node):
        if isinstance(node.parent, exp.Select):
            return node.arg_key == "expressions"
        node = node.parent or node
    return False
