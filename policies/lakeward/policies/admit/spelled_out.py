"""How long a statement may get when the engine's SQL is written of it.

Some forms are spelled out in words that repeat their arguments: `months_between` names each four times. So
one in another, and that in a third, grow with every level: a line of text would fill all memory of whoever
writes it. A form is taken to repeat what stands in it unless it is listed here.
"""

import functools
from collections import defaultdict
from typing import Any, Final

from sqlglot import exp

from lakeward.policies.admit.errors import NotAdmittedError

_TIMES: Final = 5
_MOST: Final = 1_000_000
_ONCE: Final = frozenset(
    {
        *(exp.And, exp.Or, exp.Xor, exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Cast, exp.TryCast),
        *(exp.Exists, exp.Anonymous, exp.Replace, exp.Lower, exp.Upper, exp.Trim, exp.Concat, exp.Abs),
        *(exp.Array, exp.Struct, exp.Round, exp.RegexpReplace, exp.Explode, exp.Unnest),
        *(exp.Typeof, exp.StartsWith, exp.Trunc, exp.Transform, exp.SplitPart, exp.Reverse, exp.Pad),
        *(exp.Floor, exp.Ceil, exp.Substring, exp.Extract, exp.Pow, exp.Mod, exp.Count),
        *(exp.Sum, exp.Avg, exp.Min, exp.Max, exp.AnyValue, exp.Sqrt, exp.Ln, exp.Exp),
    }
)
"""Functions whose arguments are written once each; `tests/policies/test_spelled_out.py` nests them."""


def refuse_what_grows(tree: exp.Expr) -> None:
    """Require that a tree stays of the order of what was sent when it is written out.

    Raises:
        NotAdmittedError: It holds forms inside one another that may repeat each other too often.
    """
    inside: defaultdict[int, int] = defaultdict(int)
    for node in reversed(list(tree.bfs())):  # what stands inside a node comes before it
        size = 1 + inside.pop(id(node), 0)
        if _may_repeat(node):
            size *= _TIMES
        if size > _MOST:
            raise NotAdmittedError("forms inside one another that are too large in the engine's words")
        inside[id(node.parent)] += size


def _may_repeat(node: exp.Expr) -> bool:
    kind: Any = type(node)
    if kind is exp.Between:
        return bool(node.args.get("symmetric"))
    if kind in _PATTERNS:
        return isinstance(node.expression, exp.Any | exp.All)
    return _is_repeating(kind)


_PATTERNS: Final = frozenset({exp.Like, exp.ILike})


@functools.cache
def _is_repeating(kind: type[exp.Expr]) -> bool:
    return issubclass(kind, exp.Func) and kind not in _ONCE
