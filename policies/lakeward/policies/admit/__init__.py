"""The first step of a query: one statement that reads, made of listed words only, or a refusal.

Nothing here looks at names of tables or at who asks. A query that is admitted is *harmless*: it reads nothing
but the tables it names and changes nothing. That is what the bench may run. What comes out is a tree; the
text it came from is never run.
"""

from collections.abc import Sequence

from sqlglot import exp

from lakeward.policies.admit.characters import PLAIN_SPACES, refuse_odd_characters, refuse_odd_spaces
from lakeward.policies.admit.engine_size import is_too_large_to_read
from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.admit.foreign_words import refuse_foreign_words
from lakeward.policies.admit.forget_places import forget_places
from lakeward.policies.admit.name_inner_columns import name_inner_columns
from lakeward.policies.admit.parameters import bind_parameters, number_parameters
from lakeward.policies.admit.parse import has_tail, parse_one_statement
from lakeward.policies.admit.shorten_names import shorten_names
from lakeward.policies.admit.spelled_out import refuse_what_grows
from lakeward.policies.admit.translate import translate
from lakeward.policies.admit.vocabulary import refuse_unlisted_words


def admit(text: str, dialect: str = "duckdb", parameters: Sequence[exp.Expr] = ()) -> exp.Query:
    """Return the tree of the one query in `text`.

    Args:
        text: SQL as the principal sent it.
        dialect: How it is written: `duckdb`, `postgres`, `spark` or `trino`.
        parameters: What to put in the places of `?` or `$1`; it is held to the same lists.

    Raises:
        ParameterCountError: There are more or fewer values than parameters.
        NamedParameterError: A parameter is neither `?` nor a number.
        NotAdmittedError: It holds anything that is not on a list; the construct is named, a literal never.
    """
    tree = parse_with_parameters(text, dialect)
    bind_parameters(tree, parameters)
    tree = translate(tree, dialect)
    shorten_names(tree)
    refuse_unlisted_words(tree)
    refuse_what_grows(tree)
    if is_too_large_to_read(tree):
        raise NotAdmittedError("forms inside one another that are too large in the engine's words")
    return tree


def parse_with_parameters(text: str, dialect: str) -> exp.Query:
    """Return the tree of the one query in `text`, its parameters numbered and open, its words not yet judged.

    Raises:
        NamedParameterError: A parameter is neither `?` nor a number.
        NotAdmittedError: It does not parse, or not safely.
    """
    refuse_odd_characters(text.translate(PLAIN_SPACES))
    numbered = number_parameters(text, dialect)
    tree = parse_one_statement(numbered, dialect)
    refuse_odd_spaces(tree, text)
    if dialect == "postgres":
        name_inner_columns(tree, numbered)
    if dialect == "duckdb" and not has_tail(numbered):
        refuse_foreign_words(tree, numbered)
    forget_places(tree)
    return tree
