"""Functions of other dialects in a text of the engine's own, which sqlglot would put into its words.

`iif(a, b, c)` means one thing wherever there is such a function. But the engine has none, and a statement
that it would not run is no statement of its dialect; whoever writes another names it.
"""

import functools
import re
from typing import Final

from sqlglot import exp

from lakeward.catalog.names import as_written
from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.lists import allow_lists

_GRAMMAR: Final = frozenset(
    {
        *("all", "any", "array", "case", "cast", "coalesce", "columns", "date", "exists", "extract", "if"),
        *("ifnull", "interval", "map", "not", "percentile_cont", "percentile_disc", "position"),
        *("row", "some", "struct", "substring", "time", "timestamp", "trim", "try", "try_cast", "unnest"),
        *("current_catalog", "current_database", "current_role", "current_schema", "current_schemas"),
        *("current_user", "session_user", "user", "version"),
    }
)
"""What the engine's grammar knows as a call, or takes for one, though it lists no such function."""


def refuse_foreign_words(tree: exp.Expr, text: str) -> None:
    """Require that each function that sqlglot has a class for is called as the engine calls it.

    Raises:
        NotAdmittedError: A function that the engine does not have, or BETWEEN SYMMETRIC.
    """
    for node in tree.find_all(exp.Func, exp.Between):
        if isinstance(node, exp.Between):
            if node.args.get("symmetric"):
                raise NotAdmittedError("BETWEEN SYMMETRIC, which DuckDB does not run")
            continue
        word = _word(node, text)
        if word is not None and word not in _known() and not isinstance(node, exp.Anonymous):
            raise NotAdmittedError(f"the function {as_written(word)}, which DuckDB does not have")


@functools.cache
def _known() -> frozenset[str]:
    """What the engine has, whether or not a query may call it: that is for another list to say."""
    lists = allow_lists()
    refused = lists.refused_functions | lists.refused_table_functions
    return lists.functions | lists.table_functions | refused | _GRAMMAR


def _word(node: exp.Expr, text: str) -> str | None:
    """The word of the text that a function was read from, where its place is known."""
    start, end = node.meta.get("start"), node.meta.get("end")
    if not (isinstance(start, int) and isinstance(end, int)):
        return None
    word = text[start : end + 1].strip('"').lower()
    return word if re.fullmatch(r"\w+", word) else None
