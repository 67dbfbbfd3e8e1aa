"""SASLprep (RFC 4013): one spelling of a password, whichever keyboard it was typed on."""

import stringprep
import unicodedata
from collections.abc import Callable

_PROHIBITED: tuple[Callable[[str], bool], ...] = (
    stringprep.in_table_a1,
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


def saslprep(text: str) -> str:
    """Prepare a password; one that may not be prepared stands as it is, as PostgreSQL's clients have it."""
    if text.isascii() and text.isprintable():
        return text
    mapped = "".join(
        " " if stringprep.in_table_c12(each) else each for each in text if not stringprep.in_table_b1(each)
    )
    prepared = unicodedata.ucd_3_2_0.normalize("NFKC", mapped)
    return prepared if prepared and _is_permitted(prepared) else text


def _is_permitted(text: str) -> bool:
    if any(table(each) for each in text for table in _PROHIBITED):
        return False
    if not any(stringprep.in_table_d1(each) for each in text):
        return True
    return (
        not any(stringprep.in_table_d2(each) for each in text)
        and stringprep.in_table_d1(text[0])
        and stringprep.in_table_d1(text[-1])
    )
