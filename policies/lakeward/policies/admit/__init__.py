"""The first step of a query: one statement that reads, made of listed words only, or a refusal.

Nothing here looks at names of tables or at who asks. A query that is admitted is *harmless*: it reads nothing
but the tables it names and changes nothing. That is what the bench may run. What comes out is a tree; the
text it came from is never run.
"""

from sqlglot import exp

from lakeward.policies.admit.characters import refuse_odd_characters
from lakeward.policies.admit.parse import parse_one_statement
from lakeward.policies.admit.vocabulary import refuse_unlisted_words


def admit(text: str, dialect: str = "duckdb") -> exp.Query:
    """Return the tree of the one query in `text`.

    Args:
        text: SQL as the principal sent it.
        dialect: How it is written: `duckdb`, `postgres`, `spark` or `trino`.

    Raises:
        NotAdmittedError: It holds anything that is not on a list; the construct is named, a literal never.
    """
    refuse_odd_characters(text)
    tree = parse_one_statement(text, dialect)
    refuse_unlisted_words(tree)
    return tree
