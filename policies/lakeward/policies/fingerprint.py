"""A statement without its literals: what a log may keep of it."""

import hashlib
import re
from collections.abc import Iterable

from sqlglot import ErrorLevel, exp

from lakeward.policies.admit.parameters import is_bound
from lakeward.policies.replace_all import replace_all

_WORDS = frozenset({exp.Identifier, exp.Anonymous, exp.AnonymousAggFunc, exp.Var, exp.DataType})
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}\Z")


def without_literals(tree: exp.Expr, columns: Iterable[str] | None = None) -> str:
    """Return the statement with a question mark for every literal, parameter and name that is no plain word.

    A quoted name may hold anything, a social security number too, so it goes with the literals. So does a
    path into JSON, and whatever else holds a text of its own: only names and words are known to be none.

    Args:
        tree: The statement.
        columns: The names of the columns of its tables, where they are known. Then a quoted column that is
            none of them, and no name that the statement gives, goes too: `code = "Smith"` is a text whose
            writer took the wrong quotes.
    """
    bare = tree.copy()
    nodes = list(bare.walk())
    known = None if columns is None else {each.casefold() for each in columns} | _given(nodes)
    values: list[exp.Expr] = []
    for node in nodes:
        if is_bound(node) or isinstance(node, exp.JSONPath) or _holds_text(node):
            values.append(node)
        elif isinstance(node, exp.Identifier) and not _is_kept(node, known):
            node.set("this", "?")
    replace_all((each, exp.Placeholder()) for each in values)
    return bare.sql("duckdb", copy=False, comments=False, unsupported_level=ErrorLevel.IGNORE)


def _given(nodes: Iterable[exp.Expr]) -> set[str]:
    """Return the names that stand elsewhere than for a column: aliases, tables, arguments of lambdas."""
    names = (each for each in nodes if isinstance(each, exp.Identifier))
    return {
        each.name.casefold() for each in names if not isinstance(each.parent, exp.Column | exp.PropertyEQ)
    }


def _is_kept(name: exp.Identifier, known: set[str] | None) -> bool:
    column = name.parent
    is_bare = isinstance(column, exp.Column) and not column.args.get("table")
    may_be_text = known is not None and is_bare and bool(name.args.get("quoted"))
    means_nothing = may_be_text and name.name.casefold() not in (known or ())
    is_key = isinstance(column, exp.PropertyEQ)  # of a struct, where it stands as a text
    return bool(_PLAIN.match(name.name)) and not (means_nothing or is_key)


def _holds_text(node: exp.Expr) -> bool:
    return type(node) not in _WORDS and isinstance(node.args.get("this"), str)


def fingerprint(statement: str) -> str:
    """Return a stable short name for a statement without literals: 16 hex digits of its SHA-256."""
    return hashlib.sha256(statement.encode()).hexdigest()[:16]
