"""Columns of an answer under the names that PostgreSQL would give them.

Only what a client is told changes, never the query: a name put into a query could mean something else in
its ORDER BY.
"""

import functools

import pyarrow as pa

from lakeward.policies.admit.errors import NamedParameterError, NotAdmittedError
from lakeward.policies.admit.parameters import number_parameters
from lakeward.policies.admit.parse import parse_one_statement
from lakeward.policies.rewrite.postgres_names import postgres_names

_DIALECT = "postgres"


def as_postgres_names(schema: pa.Schema, text: str, dialect: str) -> pa.Schema:
    """Return the schema of an answer to `text`; another dialect's keeps the names that it has."""
    names = _asked(text) if dialect == _DIALECT else None
    if names is None or len(names) > len(schema) + names.count(None):
        return schema
    known = schema.names
    told = [_name(name, names, place, len(known)) for place, name in enumerate(known)]
    if told == known:
        return schema
    return pa.schema([field.with_name(name) for field, name in zip(schema, told, strict=True)])


def _name(known: str, names: tuple[str | None, ...], place: int, count: int) -> str:
    """Find a place's name, counted from the left up to the first star, from the right after the last."""
    before = names.index(None) if None in names else len(names)
    after = names[::-1].index(None) if None in names else 0
    if place < before:
        found = names[place]
    elif count - place <= after:
        found = names[place - count]
    else:
        found = None
    return known if found is None or found.casefold() == known.casefold() else found


@functools.lru_cache(maxsize=512)
def _asked(text: str) -> tuple[str | None, ...] | None:
    try:
        numbered = number_parameters(text, _DIALECT)
        names = postgres_names(parse_one_statement(numbered, _DIALECT), numbered)
    except (NotAdmittedError, NamedParameterError):
        return None
    return None if names is None else tuple(names)
