"""A statement without its literals: what a log may keep of it."""

import hashlib
import re

from sqlglot import ErrorLevel, exp

from lakeward.policies.admit.parameters import is_bound

_WORDS = frozenset({exp.Identifier, exp.Anonymous, exp.AnonymousAggFunc, exp.Var, exp.DataType})
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}\Z")


def without_literals(tree: exp.Expr) -> str:
    """Return the statement with a question mark for every literal, parameter and name that is no plain word.

    A quoted name may hold anything, a social security number too, so it goes with the literals. So does a
    path into JSON, and whatever else holds a text of its own: only names and words are known to be none.
    """
    bare = tree.copy()
    for node in list(bare.walk()):
        if is_bound(node):
            node.replace(exp.Placeholder())
        elif isinstance(node, exp.Identifier) and not _PLAIN.match(node.name):
            node.set("this", "?")
        elif isinstance(node, exp.JSONPath) or _holds_text(node):
            node.replace(exp.Placeholder())
    return bare.sql("duckdb", copy=False, comments=False, unsupported_level=ErrorLevel.IGNORE)


def _holds_text(node: exp.Expr) -> bool:
    return type(node) not in _WORDS and isinstance(node.args.get("this"), str)


def fingerprint(statement: str) -> str:
    """Return a stable short name for a statement without literals: 16 hex digits of its SHA-256."""
    return hashlib.sha256(statement.encode()).hexdigest()[:16]
