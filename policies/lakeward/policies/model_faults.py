"""What pydantic finds wrong with a document, in our words, each at its place."""

import difflib
from collections.abc import Iterator, Sequence
from functools import partial

from pydantic import ValidationError

from lakeward.policies.documents import (
    BreakGlass,
    ColumnRule,
    Grant,
    PolicyDocument,
    Restriction,
    Right,
    Role,
)
from lakeward.policies.marks import Fault, Marks

_FIELDS = frozenset(
    {
        each.alias or name
        for kind in (PolicyDocument, Grant, Restriction, Right, Role, ColumnRule, BreakGlass)
        for name, each in kind.model_fields.items()
    }
)


_WORDS = {
    "string_pattern_mismatch": "has characters that do not belong there, or is empty",
    "string_type": "must be a text",
    "string_too_short": "is empty",
    "tuple_type": "must be a list: write `[...]`, or each item on a line of its own after `- `",
    "too_short": "is empty: name at least one, or leave the key out if it may be left out",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "model_type": "must be a mapping: `key: value`",
    "dict_type": "must be a mapping: `key: value`",
}


def faults_of(error: ValidationError, marks: Marks, above: Sequence[object] = ()) -> Iterator[Fault]:
    """Return what pydantic found wrong below a path; not that a list is short for want of bad items."""
    found = error.errors(include_url=False)
    holders = {each["loc"][:length] for each in found for length in range(len(each["loc"]))}
    for each in found:
        if each["type"] != "too_short" or each["loc"] not in holders:
            path = (*above, *each["loc"])
            where = path[:-1] if each["type"] == "missing" or path[-1:] == ("[key]",) else path
            yield marks.fault(where, partial(_words, each["type"], each["msg"], path))


def _words(kind: str, message: str, path: Sequence[object]) -> str:
    path = path[:-1] if path[-1:] == ("[key]",) else path
    text = message.removeprefix("Value error, ")
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(path[-1]), _FIELDS, n=1)
        text = "is no key here" + (f"; did you mean `{near[0]}`?" if near else "")
    elif kind == "missing":
        return f"`{path[-1]}` is missing"
    elif kind in _WORDS:
        text = _WORDS[kind]
    name = str(path[-1]) if path else "document"
    return f"`{name}` {text[:1].lower() + text[1:]}"
