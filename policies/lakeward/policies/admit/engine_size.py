"""How large a statement gets in the engine, which puts some parts of it down several times.

`nullif(a, b)` is a CASE that names `a` twice, `x BETWEEN …` two comparisons, `CASE x WHEN …` one for each
WHEN, and a name that is an alias of its SELECT is what the alias stands for. One in another grows with every
level: of six hundred characters the engine's parser, which all clients share, made more than memory holds. It
makes a CASE so when it reads, all others when it binds.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import sqlglot
from sqlglot import exp

_MOST: Final = 50_000
"""Nodes that parser reads or binds within a second or two."""
_TWICE: Final[dict[type[exp.Expr], frozenset[str]]] = {
    exp.Nullif: frozenset({"this"}),
    exp.Between: frozenset({"this"}),
    exp.SplitPart: frozenset({"this", "delimiter", "part_index"}),
}
_FRESH: Final = frozenset({"with_", "from_", "joins", "laterals"})
"""Where a SELECT knows no alias of the one around it."""
_NONE: Final[Mapping[str, int]] = MappingProxyType({})
_Aliases = dict[str, int]


def is_too_large_to_read(tree: exp.Expr) -> bool:
    """Whether the engine's parser would make far more of a tree than it is."""
    repeats = any(each.args.get("this") for each in tree.find_all(exp.Case))
    return repeats and _size(tree, binds=False) > _MOST + 2 * _own_size(tree)


def is_too_large_to_bind(tree: exp.Expr, macros: Mapping[str, int] = _NONE) -> bool:
    """Whether its binder would.

    Args:
        tree: A statement.
        macros: By the name of a macro, how often it names its arguments.
    """
    is_small = not macros and _stays_small(tree)
    return not is_small and _size(tree, binds=True, macros=macros) > _MOST + 2 * _own_size(tree)


def times_named(body: str, arguments: Collection[str]) -> int:
    """Return how often the body of a macro, an expression in DuckDB's words, names its arguments."""
    tree = sqlglot.parse_one(f"SELECT {body}", dialect="duckdb")
    more = _size(tree, binds=True, known=dict.fromkeys(arguments, 1))
    return max(1, more - _size(tree, binds=True))


def _stays_small(tree: exp.Expr) -> bool:
    """Whether a tree surely does not grow, as nearly none does; to count takes longer than to parse.

    Nothing is put down twice in it but names, and no alias stands in another. So each name that may be an
    alias is no more than the whole tree once.
    """
    size, names = 0, list[str]()
    aliases: dict[str, list[exp.Expr]] = {}
    for node in tree.walk():
        size += 1
        kind = type(node)
        if kind is exp.Column:
            names += () if node.args.get("table") else (node.name.casefold(),)
        elif kind is exp.Alias:
            aliases.setdefault(node.alias.casefold(), []).append(node)
        elif _is_put_down_twice(kind, node):
            return False
    used = sum(each in aliases for each in names)
    return size * used * 2 <= _MOST and not (used and any(_names_another(each, aliases) for each in aliases))


def _is_put_down_twice(kind: type[exp.Expr], node: exp.Expr) -> bool:
    """Whether the engine puts down more than a name of it twice."""
    if kind in _TWICE:
        return kind is exp.SplitPart or type(node.this) is not exp.Column
    return kind is exp.Case and bool(node.args.get("this"))


def _names_another(name: str, aliases: Mapping[str, Sequence[exp.Expr]]) -> bool:
    """Whether an alias may stand in one of this name; where there is but one, that name in it is a column."""
    others = aliases.keys() if len(aliases[name]) > 1 else aliases.keys() - {name}
    columns = (each for alias in aliases[name] for each in alias.find_all(exp.Column))
    return any(not each.args.get("table") and each.name.casefold() in others for each in columns)


def _own_size(tree: exp.Expr) -> int:
    return sum(1 for _ in tree.walk())


def _size(
    tree: exp.Expr, *, binds: bool, macros: Mapping[str, int] = _NONE, known: Mapping[str, int] = _NONE
) -> int:
    """Count what stands in a tree, each part as often as the engine puts it down; it needs no recursion.

    `known` are names that stand for something from outside.
    """
    inside: dict[int, int] = {id(tree): 0}
    aliases: list[_Aliases] = []
    size = 0
    for node, is_over in _visits(tree):
        if not is_over:
            inside[id(node)] = 0
            if isinstance(node, exp.Select):
                aliases.append(dict(known) if not aliases or _is_fresh(node) else dict(aliases[-1]))
            continue
        size = 1 + inside.pop(id(node))
        if isinstance(node, exp.Select):
            aliases.pop()
        elif binds and aliases:
            size += _of_alias(node, aliases[-1], size)
        if node is not tree and id(node.parent) in inside:
            inside[id(node.parent)] += size * _times(node, macros, binds=binds)
    return size


def _visits(tree: exp.Expr) -> Iterator[tuple[exp.Expr, bool]]:
    """Give every node twice, before what is inside it and after, from left to right."""
    waiting = [(tree, False)]
    while waiting:
        node, is_over = waiting.pop()
        yield node, is_over
        if not is_over:
            waiting.append((node, True))
            waiting += [(each, False) for each in reversed(list(node.iter_expressions()))]


def _is_fresh(select: exp.Select) -> bool:
    node: exp.Expr = select
    while node.parent is not None and not isinstance(node.parent, exp.Select):
        node = node.parent
    return node.arg_key in _FRESH


def _of_alias(node: exp.Expr, aliases: _Aliases, size: int) -> int:
    """Note an alias of a SELECT, or give what one stands for."""
    if isinstance(node, exp.Alias) and isinstance(node.parent, exp.Select):
        name = node.alias.casefold()
        aliases[name] = max(aliases.get(name, 0), size)
    if isinstance(node, exp.Column) and not node.table:
        return aliases.get(node.name.casefold(), 0)
    return 0


def _times(node: exp.Expr, macros: Mapping[str, int], *, binds: bool) -> int:
    """How often a node is put down where it stands."""
    parent = node.parent
    if isinstance(parent, exp.Case) and node.arg_key == "this":
        return max(1, len(parent.args["ifs"]))
    if isinstance(parent, exp.Anonymous):
        return macros.get(str(parent.this).lower(), 1)
    return (
        2
        if binds and any(isinstance(parent, kind) and node.arg_key in keys for kind, keys in _TWICE.items())
        else 1
    )
