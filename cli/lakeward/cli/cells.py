"""One value, as text for a reader or as JSON for a program."""

import json
import math
import re
from datetime import date, datetime, time

# What a terminal would obey instead of showing: control characters, line separators, and marks that turn the
# direction of writing. A value of the data must not move the cursor or hide a part of a line.
_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_NAMED_NUMBERS = {math.inf: "Infinity", -math.inf: "-Infinity"}


def printable(text: str) -> str:
    """Show what a terminal would obey as an escape, a line feed as a backslash and `n`."""
    return _OBEYED.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), text)


def as_text(value: object) -> str:
    """Give a value as text; NULL is the empty text, a nested value is JSON."""
    plain = as_json(value)
    if plain is None:
        return ""
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def as_json(value: object) -> object:
    """Give a value as JSON can hold it: dates and decimals as text, bytes as hexadecimal digits."""
    if isinstance(value, float) and not math.isfinite(value):
        return _NAMED_NUMBERS.get(value, "NaN")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        return {as_text(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=as_text) if isinstance(value, set | frozenset) else value
        return [as_json(item) for item in items]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)
