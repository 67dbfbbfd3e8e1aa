"""A literal behind INTERVAL that is too long to be one.

sqlglot looks for a number and a unit in it from each place on, which takes the square of its length: one of
two hundred thousand digits or spaces would keep everybody waiting for minutes.
"""

from itertools import pairwise
from typing import Final

import sqlglot
from sqlglot.dialects.dialect import Dialect

from lakeward.policies.admit.errors import NotAdmittedError

_LONGEST: Final = 1_000


def refuse_long_intervals(text: str, dialect: str | type[Dialect]) -> None:
    """Require that no literal behind INTERVAL is longer than any that means something.

    Raises:
        NotAdmittedError: One is.
    """
    if len(text) <= _LONGEST or "interval" not in text.casefold():
        return
    for word, literal in pairwise(sqlglot.tokenize(text, dialect=dialect)):
        if word.text.casefold() == "interval" and len(literal.text) > _LONGEST:
            raise NotAdmittedError(f"an interval of more than {_LONGEST} characters")
