"""Many nodes replaced at once: one at a time, each of a long list costs as much as the list is long."""

from collections.abc import Iterable

from sqlglot import exp


def replace_all(pairs: Iterable[tuple[exp.Expr, exp.Expr]]) -> None:
    """Put the second of each pair into the place of the first, which is no root and in no other that goes."""
    lists: dict[tuple[int, str], tuple[exp.Expr, list[exp.Expr]]] = {}
    for old, new in pairs:
        parent, key, index = old.parent, old.arg_key, old.index
        if parent is None or key is None or index is None:
            old.replace(new)
            continue
        _, items = lists.setdefault((id(parent), key), (parent, list(parent.args[key])))
        items[index] = new
    for (_, key), (parent, items) in lists.items():
        parent.set(key, items)
