"""Which mask hides as much as another: an order, and one that holds on real values."""

import datetime as dt
from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
from tests.policies.masks.running import show

from lakeward.policies.masks import CLEAR, HIDDEN, REPLACE_WITH_NULL, Mask, hides_as_much, strictest

FIRST, LAST, LETTERS = Mask("show-first-4"), Mask("show-last-4"), Mask("mask-alphanum")
MONTH, YEAR, NINETY = Mask("truncate-to-month"), Mask("truncate-to-year"), Mask("age-90-plus")
SHIFT = Mask("date-shift", (("by", "by"),))
GLOBAL, PSEUDONYM, LOCAL = Mask("sha-256-global"), Mask("pseudonym"), Mask("sha-256-query-local")
TWO, SIX = Mask("prefix", (("length", 2),)), Mask("prefix", (("length", 6),))
TENTHS, WHOLE, TENS = Mask("round", (("digits", 1),)), Mask("round"), Mask("round", (("digits", -1),))
X, Y = Mask("constant", (("value", "x"),)), Mask("constant", (("value", "y"),))
FIXED = Mask("mask-to-fixed-value")
ALL = (
    CLEAR, FIRST, LAST, LETTERS, Mask("zip3"), MONTH, YEAR, NINETY, SHIFT, GLOBAL, PSEUDONYM, LOCAL, TWO, SIX,
    TENTHS, WHOLE, TENS, X, Y, FIXED, REPLACE_WITH_NULL, HIDDEN,
)  # fmt: skip
TEXTS = [
    "12345",
    "12346",
    "1234 6",
    "1234-6",
    "9234-6",
    "ab",
    "abc",
    "abcd",
    "abcde",
    "xbcde",
    "Ab1!",
    "",
    "12345678",
]
DATES = [
    dt.date(year, month, day) for year in (1900, 1920, 1999, 2020) for month in (1, 7) for day in (1, 30)
]
NUMBERS = [0.0, 0.04, 0.06, 0.5, 1.4, 1.6, 4.0, 6.0, 14.9, 15.1, -3.3]
VALUES: dict[str, Sequence[Any]] = {"string": TEXTS, "date": DATES, "double": NUMBERS}
OF_TYPE = {
    "string": (
        CLEAR,
        FIRST,
        LAST,
        LETTERS,
        Mask("zip3"),
        GLOBAL,
        PSEUDONYM,
        LOCAL,
        TWO,
        SIX,
        X,
        FIXED,
        REPLACE_WITH_NULL,
    ),
    "date": (CLEAR, MONTH, YEAR, NINETY, SHIFT, FIXED, REPLACE_WITH_NULL),
    "double": (CLEAR, TENTHS, WHOLE, TENS, FIXED, REPLACE_WITH_NULL),
}


def test_it_is_an_order() -> None:
    assert all(hides_as_much(each, each) for each in ALL)
    for one, other in product(ALL, ALL):
        if one != other:
            assert not (hides_as_much(one, other) and hides_as_much(other, one)), (str(one), str(other))
    for one, other, third in product(ALL, ALL, ALL):
        if hides_as_much(one, other) and hides_as_much(other, third):
            assert hides_as_much(one, third), (str(one), str(other), str(third))


def test_it_agrees_with_the_ranks() -> None:
    for one, other in product(ALL, ALL):
        if hides_as_much(one, other):
            assert one.rank >= other.rank, (str(one), str(other))


@pytest.mark.parametrize("type_", sorted(VALUES))
def test_what_hides_more_tells_no_two_values_apart_that_what_hides_less_does_not(type_: str) -> None:
    """But for rounding: rounded again, a number at the edge may go to the next step."""
    values = VALUES[type_]
    shown = {mask: show(mask, type_, values) for mask in OF_TYPE[type_]}
    compared = 0
    for one, other in product(shown, shown):
        if one != other and hides_as_much(one, other):
            compared += 1
            alike = [
                (i, j) for i, j in product(range(len(values)), repeat=2) if shown[other][i] == shown[other][j]
            ]
            apart = [(shown[one][i], shown[one][j]) for i, j in alike if shown[one][i] != shown[one][j]]
            step = 10.0 ** -int(one.argument("digits") or 0) if one.name == "round" else 0.0
            assert all(step and abs(x - y) <= step for x, y in apart), (str(one), str(other))
    assert compared > len(shown)


@pytest.mark.parametrize(
    ("masks", "expected"),
    [
        ([CLEAR], CLEAR),
        ([CLEAR, FIRST], FIRST),
        ([MONTH, YEAR, CLEAR], YEAR),
        ([GLOBAL, PSEUDONYM], PSEUDONYM),
        ([SIX, TWO], TWO),
        ([FIRST, LAST], REPLACE_WITH_NULL),
        ([SHIFT, MONTH], REPLACE_WITH_NULL),
        ([LETTERS, PSEUDONYM], REPLACE_WITH_NULL),
        ([X, Y], REPLACE_WITH_NULL),
        ([X, PSEUDONYM], X),
        ([FIRST, LAST, HIDDEN], HIDDEN),
        ([Mask("unknown"), CLEAR], HIDDEN),
    ],
    ids=str,
)
def test_where_several_masks_count(masks: list[Mask], expected: Mask) -> None:
    for order in (masks, masks[::-1]):
        found = strictest(order)
        assert found == expected or (expected == HIDDEN and found.rank == HIDDEN.rank)
