"""Why the engine does not bind a statement, in words of ours.

It is asked again, in an instance that holds nothing, about the statement over relations that have no rows and
the columns that the principal sees: no cell can be in what it says. Of that only what is listed here goes on,
with a name that the statement itself has, or with types.
"""

import json
import re
from difflib import get_close_matches
from typing import Final

from sqlglot import exp

from lakeward.catalog.errors import DeniedError
from lakeward.catalog.names import as_written
from lakeward.gateway.errors import MisusedError, UnknownColumnError
from lakeward.gateway.statement import GovernedStatement
from lakeward.policies.admit.engine_size import is_too_large_to_bind
from lakeward.policies.lists import allow_lists
from lakeward.policies.rewrite.fuse.ask_engine import Bind, over_empty_relations

_WORD: Final = r'["\']?([^"\'\n(]+)["\']?'
_NAME: Final = _WORD.replace("(", "(?P<name>", 1)
_TYPE: Final = r"[A-Z][A-Z0-9_ ,()\[\]]*"
_TWO_TYPES: Final = rf"(?P<types>{_TYPE}) and (?:type )?(?P<others>{_TYPE}) (?:in .*)?- an explicit cast"
_UNKNOWN: Final = re.compile(
    rf"Referenced (?:column|table) {_WORD} (?:was )?not found"
    rf'|(?:Values list|Table) "[^"\n]+" does not have a column named {_WORD}$'
    rf"|Could not find key {_WORD} in struct"
    rf"|Column {_WORD} (?:in \w+ list not found|does not exist on)"
)
_MISUSES: Final = {
    rf"column {_NAME} must appear in the GROUP BY": "{name} has to be in GROUP BY or inside an aggregate",
    rf"No function matches .* types {_NAME}\((?P<types>{_TYPE})\)'": "{name} does not take {types}",
    rf"No function matches .* types {_NAME}\(": "{name} does not take such arguments",
    rf"Cannot (?:compare|mix) values of type {_TWO_TYPES}": "{types} and {others} need a cast to go together",
    rf"Cannot concatenate types {_TWO_TYPES}": "{types} and {others} need a cast to go together",
    rf"Ambiguous reference to column name {_NAME} ": "several relations have a column {name}",
    rf"Cannot extract field {_NAME} from": "{name} is asked of what has no fields",
    rf"\w+ Function with name {_NAME} does not exist": "{name} cannot be called in this way",
    r"[A-Z ]+ clause cannot contain aggregates": "an aggregate stands where nothing is grouped yet",
    r"[A-Z ]+ clause cannot contain window": "a window function stands where no window is known yet",
    r"aggregate function calls cannot": "an aggregate or a window function stands inside an aggregate",
    r"at least one window function": "QUALIFY asks for no window function",
    r"Set operations can only apply": "the parts of a set operation have unlike numbers of columns",
    r"[A-Z ]+ term out of range": "ORDER BY or GROUP BY counts to a column that is not there",
    r"Subquery returns \d+ columns": "a subquery has more columns than there is room for",
    r'table "[^"\n]+" has \d+ columns': "an alias names more columns than there are",
    r"UNNEST": "UNNEST is given what is no list",
}
"""How the engine begins, to what it means."""
_OF_TYPES: Final = frozenset(
    each for each in _MISUSES if each.startswith(("No function", "Cannot", "UNNEST"))
)
_LONGEST_NAME: Final = 100


def why_unbound(statement: GovernedStatement, bind: Bind) -> DeniedError:
    """Say why the engine would not bind a statement, as far as that is known.

    Args:
        statement: The statement.
        bind: Asks an instance of the engine that holds nothing.
    """
    return _reason(statement, bind) or UnknownColumnError()


def require_names(statement: GovernedStatement, bind: Bind) -> None:
    """Require that the names of a statement mean something, before any row is read for it.

    Types are not asked for: what they go together with is also a setting of the instance that runs it.

    Raises:
        DeniedError: A name means nothing, or not where it stands.
    """
    if reason := _reason(statement, bind, but=_OF_TYPES):
        raise reason


def _reason(
    statement: GovernedStatement, bind: Bind, but: frozenset[str] = frozenset()
) -> DeniedError | None:
    if is_too_large_to_bind(statement.tree):
        return None
    text = over_empty_relations(statement.tree, statement.references, statement.restrictions)
    said = str(json.loads(bind(text)).get("error_message", ""))
    written = {each.name.casefold() for each in statement.tree.find_all(exp.Identifier)}
    if found := _UNKNOWN.match(said):
        name = next(filter(None, found.groups()))
        return _unknown(name, statement) if name.casefold() in written else None
    for pattern, words in _MISUSES.items():
        if found := re.match(pattern, said):
            return None if pattern in but else _misused(found, words, written)
    return None


def _unknown(name: str, statement: GovernedStatement) -> UnknownColumnError | None:
    """Name what the statement names, unless a column is called so: then the engine means something else."""
    columns = [each.name for table in statement.restrictions.values() for each in table.visible_columns]
    folded = {each.casefold(): each for each in columns}
    if name.casefold() in folded:
        return None
    near = get_close_matches(name.casefold()[:_LONGEST_NAME], folded, 2)
    return UnknownColumnError(name, [folded[each] for each in near])


def _misused(found: re.Match[str], words: str, written: set[str]) -> DeniedError | None:
    said = {key: value.replace("STRING_LITERAL", "VARCHAR") for key, value in found.groupdict().items()}
    name = said.get("name", "").casefold()
    if name and name not in written | allow_lists().functions and any(map(str.isalnum, name)):
        return None
    said["name"] = as_written(said.get("name", ""))
    return MisusedError(words.format(**said).replace("_LITERAL", ""))
