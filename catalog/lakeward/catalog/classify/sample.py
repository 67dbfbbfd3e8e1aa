"""What is looked at of a column's values: distinct ones of a sample, and a few figures. None of it leaves.

Detectors see at most `LOOKED_AT` distinct values, so that no Python runs for a row; what must not be missed
is searched for in all distinct values at once (`Sample.share_with`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

LOOKED_AT = 200
_PROBED = 30
_LEAST_SHARE = 0.05
_LONGEST = 2_000  # bytes of a value
_NOTHING = frozenset(
    {"", "na", "n/a", "nan", "null", "none", "nil", "-", "--", "?", ".", "unknown", "nat", "\\n"}
)


@dataclass(frozen=True)
class Sample:
    """What is known of a column's values.

    Attributes:
        rows: How many values were sampled, without NULL.
        distinct: How many different ones there are among them.
        texts: At most `LOOKED_AT` of these as text, cut off when long; empty for dates, binaries and nested.
        every: All different ones, as bytes.
        low: The least number, or None.
        high: The greatest number, or None.
    """

    rows: int
    distinct: int
    texts: tuple[str, ...] = ()
    every: pa.Array | None = field(default=None, repr=False)
    low: float | None = None
    high: float | None = None

    @property
    def uniqueness(self) -> float:
        """The share of distinct values: 1.0 when no value comes twice."""
        return self.distinct / self.rows if self.rows else 0.0

    @property
    def is_categorical(self) -> bool:
        """Whether few values come again and again."""
        return self.rows >= 10 and self.distinct <= max(2, min(50, self.rows // 2))  # noqa: PLR2004

    @cached_property
    def words_per_value(self) -> float:
        """The mean number of words of a distinct value."""
        return sum(len(each.split()) for each in self.texts) / len(self.texts) if self.texts else 0.0

    @cached_property
    def mean_length(self) -> float:
        """The mean length of a distinct value."""
        return sum(map(len, self.texts)) / len(self.texts) if self.texts else 0.0

    def rate(self, shape: "re.Pattern[str] | None", check: Callable[[str], bool] | None = None) -> float:
        """Give the share of distinct values that match as a whole; a few are probed before all are."""

        def fits(text: str) -> bool:
            return (shape is None or shape.fullmatch(text) is not None) and (check is None or check(text))

        probed = sum(map(fits, self.texts[:_PROBED]))
        if not probed or probed < _LEAST_SHARE * min(len(self.texts), _PROBED):
            return 0.0
        return (probed + sum(map(fits, self.texts[_PROBED:]))) / len(self.texts)

    def share_with(self, pattern: str) -> float:
        """Give the share of all distinct values that hold a match of an RE2 pattern anywhere."""
        if self.every is None or not len(self.every):
            return 0.0
        return float(pc.mean(pc.match_substring_regex(self.every, pattern)).as_py() or 0.0)


def take_sample(values: pa.Array | pa.ChunkedArray | None) -> Sample | None:
    """Look at a column's values; None when there are none but NULL."""
    if values is None:
        return None
    array = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if isinstance(array, pa.ChunkedArray):  # too long for one array
        array = array.chunk(0)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    array = array.drop_null()
    if not len(array):
        return None
    type_ = array.type
    if pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_):
        return _of_text(array)
    if pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_):
        return _of_numbers(array)
    if pa.types.is_nested(type_) or pa.types.is_null(type_):
        return Sample(rows=len(array), distinct=0)
    return Sample(rows=len(array), distinct=len(pc.unique(array)))


def _of_text(array: pa.Array) -> Sample | None:
    """Cut long values off before anything else looks; text that is no UTF-8 is read as far as it is."""
    raw = pc.binary_slice(pc.cast(array, pa.large_binary()), 0, _LONGEST)
    every = pc.unique(raw)
    texts = tuple(each.decode("utf-8", "replace").strip() for each in _spread(every).to_pylist())
    texts = tuple(each for each in texts if each.casefold() not in _NOTHING)
    if not texts:
        return None
    return Sample(rows=len(array), distinct=len(every), texts=texts, every=every)


def _of_numbers(array: pa.Array) -> Sample | None:
    numbers = pc.cast(array, pa.float64(), safe=False)
    every = pc.unique(array)
    bounds = pc.min_max(numbers)
    texts = tuple(_digits(each) for each in _spread(every).to_pylist())
    low, high = bounds["min"].as_py(), bounds["max"].as_py()
    return Sample(rows=len(array), distinct=len(every), texts=texts, low=low, high=high)


def _digits(number: object) -> str:
    """Write a number as text; a whole number that came as a float (NULLs do that in CSV) without its `.0`."""
    if isinstance(number, float) and number.is_integer() and abs(number) < 1e15:  # noqa: PLR2004  exact
        return str(int(number))
    return str(number)


def _spread(values: pa.Array) -> pa.Array:
    """Take values evenly from the whole length: the first ones are often of one day or one site."""
    if len(values) <= LOOKED_AT:
        return values
    return values.take(pa.array([index * len(values) // LOOKED_AT for index in range(LOOKED_AT)]))
