"""Every node of a tree against the lists: its exact class, its arguments, names of functions, bare words."""

import functools
import re
from collections.abc import Callable

from sqlglot import exp

from lakeward.catalog.names import as_written
from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.lists import AllowLists, allow_lists

Check = Callable[[exp.Expr, AllowLists], None]
_FUNCTION_NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")
_FRAME_WORDS = frozenset({"all", "ties", "group", "current row", "no others"})
_PSEUDO_COLUMNS = frozenset({"rowid", "filename", "file_row_number", "file_index", "file_name"})


_BARE_FUNCTIONS = frozenset(
    {"user", "current_user", "session_user", "current_role", "current_schema", "current_catalog"}
)
"""Names that the engine takes for a function of the session where no column bears them, quoted or not."""


def refuse_unlisted_words(tree: exp.Expr) -> None:
    """Walk the whole tree and refuse what is on no list.

    Raises:
        NotAdmittedError: At the first such word; it names the construct, never a literal.
    """
    lists = allow_lists()
    for node in tree.walk():
        arguments, check = _rule(type(node).__name__)
        if arguments is not None:
            _check_arguments(node, arguments)
        if check is not None:
            check(node, lists)


@functools.cache
def _rule(name: str) -> tuple[frozenset[str] | None, Check | None]:
    """Return the arguments that nodes of a class may have, None where any, and what else is to be checked.

    Raises:
        NotAdmittedError: No list has the class.
    """
    lists = allow_lists()
    if name not in lists.nodes and name != exp.Anonymous.__name__:
        raise NotAdmittedError(f"`{_spelled(name)}`")
    return lists.arguments.get(name), _CHECKS.get(name)


def _check_arguments(node: exp.Expr, allowed: frozenset[str]) -> None:
    for argument, value in node.args.items():
        if value and argument not in allowed:
            raise NotAdmittedError(f"`{argument.rstrip('_')}` of `{_spelled(type(node).__name__)}`")


def _spelled(class_name: str) -> str:
    """Return a function's name as it is written, of anything else the words of its class."""
    kind: type = getattr(exp, class_name, exp.Expr)
    if issubclass(kind, exp.Func):
        return str(kind.sql_name()).lower()
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", class_name).upper()


def _check_function(node: exp.Expr, lists: AllowLists) -> None:
    """Check a function that sqlglot has no class for by its name; the engine's parser sees all again."""
    name = str(node.this).lower()
    if not _FUNCTION_NAME.match(name):
        raise NotAdmittedError("a function whose name is no plain word")
    if name not in lists.functions and name not in lists.table_functions:
        raise NotAdmittedError(f"the function {as_written(name)}")


def _check_word(node: exp.Expr, lists: AllowLists) -> None:
    word = str(node.this).lower()
    if word not in lists.units and word not in lists.collations and word not in _FRAME_WORDS:
        raise NotAdmittedError("a bare word that is no unit, collation or frame")


def _check_type(node: exp.Expr, lists: AllowLists) -> None:
    kind = node.this
    if not isinstance(kind, exp.DType) or kind.name.lower() not in lists.types:
        raise NotAdmittedError("a type that is not on the list")


def _check_column(node: exp.Expr, _lists: AllowLists) -> None:
    if node.name.casefold() in _PSEUDO_COLUMNS:
        raise NotAdmittedError("a pseudo column")
    refuse_bare_function(node)


def refuse_bare_function(node: exp.Expr) -> None:
    """Refuse a column without its table whose name the engine takes for a function of the session.

    Raises:
        NotAdmittedError: It is one.
    """
    if not node.args.get("table") and node.name.casefold() in _BARE_FUNCTIONS:
        raise NotAdmittedError(
            "a name that is a function of the session; write a column so called as `table.column`"
        )


def _check_collation(node: exp.Expr, lists: AllowLists) -> None:
    """`a COLLATE x.y` chains with dots, each part a word."""
    collation = node.expression
    text = collation.sql(dialect="duckdb") if collation else ""
    if not all(part.strip('"').lower() in lists.collations for part in text.split(".")):
        raise NotAdmittedError("a collation that is not on the list")


def _check_literal(node: exp.Expr, _lists: AllowLists) -> None:
    if not node.args.get("is_string") and not re.fullmatch(r"[0-9_.]+([eE][+-]?[0-9]+)?", str(node.this)):
        raise NotAdmittedError("a number that is not written in digits")


_CHECKS: dict[str, Check] = {
    exp.Anonymous.__name__: _check_function,
    exp.Var.__name__: _check_word,
    exp.DataType.__name__: _check_type,
    exp.Column.__name__: _check_column,
    exp.Collate.__name__: _check_collation,
    exp.Literal.__name__: _check_literal,
}
