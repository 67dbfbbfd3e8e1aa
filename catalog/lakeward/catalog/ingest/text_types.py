"""The type of a column of text, found by looking at every value of it.

A type is taken only when all values are spelled the way that type is written. So `02139` stays text: as a
number it would lose its zero, and no sample of the first rows could promise that none comes later.
"""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

_DATE = r"\d{4}-\d{2}-\d{2}"
_TIME = r"[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?"
_SPELLINGS: dict[str, tuple[str, pa.DataType]] = {
    "long": (r"^-?(0|[1-9]\d{0,17})$", pa.int64()),
    "double": (r"^-?(0|[1-9]\d{0,14})(\.\d+)?([eE][+-]?\d{1,3})?$", pa.float64()),
    "boolean": (r"^([Tt]rue|TRUE|[Ff]alse|FALSE)$", pa.bool_()),
    "date": (rf"^{_DATE}$", pa.date32()),
    "timestamp": (rf"^{_DATE}{_TIME}$", pa.timestamp("us")),
    "timestamptz": (rf"^{_DATE}{_TIME}(Z|[+-]\d{{2}}:?\d{{2}})$", pa.timestamp("us", "UTC")),
}
_TEMPORAL = ("date", "timestamp", "timestamptz")
_EXACT_DIGITS = 15  # of a whole number that a double still holds


class TextColumn:
    """What is known so far of one column: nothing, one type that all values fit, or text."""

    def __init__(self, kinds: Iterable[str] = _SPELLINGS) -> None:
        self._kinds = tuple(kinds)
        self._kind: str | None = None
        self._is_text = False
        self._has_long_numbers = False

    @classmethod
    def temporal(cls) -> "TextColumn":
        """Look for dates and times only: JSON marks numbers and truth values itself."""
        return cls(_TEMPORAL)

    @property
    def type(self) -> pa.DataType:
        """The type, after all values were seen."""
        return pa.string() if self._is_text or self._kind is None else _SPELLINGS[self._kind][1]

    def see(self, values: pa.Array | pa.ChunkedArray) -> None:
        """Look at some more values; NULL fits every type."""
        if self._is_text or values.null_count == len(values):
            return
        kinds = (
            (self._kind, "double") if self._kind == "long" else (self._kind,) if self._kind else self._kinds
        )
        self._kind = next((each for each in kinds if each in self._kinds and _is_spelled(values, each)), None)
        if self._kind == "long":
            self._has_long_numbers |= pc.max(pc.binary_length(values)).as_py() > _EXACT_DIGITS
        self._is_text = self._kind is None or (self._kind == "double" and self._has_long_numbers)


def _is_spelled(values: pa.Array | pa.ChunkedArray, kind: str) -> bool:
    pattern, type_ = _SPELLINGS[kind]
    if not pc.all(pc.match_substring_regex(values, pattern)).as_py():
        return False
    return kind not in _TEMPORAL or _is_valid(values, type_)


def _is_valid(values: pa.Array | pa.ChunkedArray, type_: pa.DataType) -> bool:
    try:
        pc.cast(values, type_)
    except pa.ArrowInvalid:  # spelled like a date, but there is no such day
        return False
    return True
