"""What every mask keeps to: the type, its word on NULL, no failure on any value, no key in the text."""

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.bypass.extreme_cells import COLUMNS, extreme_cells
from tests.policies.masks.running import ARROW, KEYS, connection, masked_sql, show, type_of

from lakeward.catalog.types import Field, ListType, MapType, PrimitiveType, StructType
from lakeward.policies.masks import MASKS, Mask, fits
from lakeward.policies.masks.mask import Argument

ARGUMENTS: dict[str, tuple[tuple[str, Argument], ...]] = {
    "constant": (("value", 7),),
    "date-shift": (("by", "by"),),
    "prefix": (("length", 3),),
    "round": (("digits", 1),),
}
SHOW_ALWAYS = {"constant", "mask-to-fixed-value"}
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "int": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(width=32),
    "double": st.floats(),
    "decimal": st.decimals(-9_999_999, 9_999_999, places=2, allow_nan=False),
    "date": st.dates(),
    "time": st.times(),
    "timestamp": st.datetimes(),
    "timestamptz": st.datetimes(timezones=st.just(dt.UTC)),
    "string": st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    "binary": st.binary(),
}


def mask(name: str) -> Mask:
    return Mask(name, ARGUMENTS.get(name, ()))


FITTING = [
    (each, type_)
    for each in sorted(MASKS)
    for type_ in sorted(ARROW)
    if each != "hidden" and fits(mask(each), type_of(type_))
]
quick = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_every_mask_is_tried() -> None:
    assert {name for name, _ in FITTING} == MASKS.keys() - {"hidden"}


@pytest.mark.parametrize(("name", "type_"), FITTING)
@quick
@given(data=st.data())
def test_no_value_fails_and_the_type_and_null_are_kept(name: str, type_: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(VALUES[type_], max_size=20))
    shown = show(mask(name), type_, [*values, None])
    assert len(shown) == len(values) + 1
    assert (shown[-1] is not None) == (name in SHOW_ALWAYS)


@pytest.mark.parametrize(("name", "type_"), FITTING)
@quick
@given(data=st.data())
def test_the_same_value_shows_alike_whatever_is_beside_it(name: str, type_: str, data: st.DataObject) -> None:
    value, *others = data.draw(st.lists(VALUES[type_], min_size=1, max_size=10))
    [alone] = show(mask(name), type_, [value])
    assert repr(show(mask(name), type_, [value, *others, value])[-1]) == repr(alone)


@pytest.mark.parametrize(("name", "type_"), FITTING)
def test_no_key_stands_in_the_text(name: str, type_: str) -> None:
    text = masked_sql(mask(name), type_of(type_))
    assert not any(key in text for key in KEYS.values())


@pytest.mark.parametrize(
    "value", [dt.date.min, dt.date.max, dt.date(1, 12, 31), dt.date(9999, 1, 1), dt.date(2024, 2, 29)]
)
@pytest.mark.parametrize("name", ["date-shift", "truncate-to-year", "truncate-to-month", "age-90-plus"])
def test_the_ends_of_the_calendar_do_not_fail(name: str, value: dt.date) -> None:
    assert len(show(mask(name), "date", [value])) == 1


@pytest.mark.parametrize(("name", "type_"), FITTING)
def test_no_extreme_cell_fails_a_mask(name: str, type_: str) -> None:
    cells = extreme_cells(200, random.Random(3))  # noqa: S311  the same draws each time
    for column, (word, _) in COLUMNS.items():
        if word == str(type_of(type_)).replace(" ", ""):
            connection().register("t", pa.table({"v": cells.column(column), "by": ["p"] * cells.num_rows}))
            shown = connection().execute(masked_sql(mask(name), type_of(type_))).to_arrow_table()
            assert shown.num_rows == cells.num_rows


@pytest.mark.parametrize(
    "name", ["pseudonym", "mask-alphanum", "sha-256-global", "zip3", "date-shift", "round"]
)
def test_a_mask_never_fits_a_nested_type(name: str) -> None:
    text = PrimitiveType("string")
    for nested in (ListType(2, text), MapType(2, text, 3, text), StructType((Field(2, "a", text),))):
        assert not fits(mask(name), nested)


@pytest.mark.parametrize(
    ("value", "type_", "is_right"),
    [
        ("x", "string", True),
        ("x", "int", False),
        (2**31, "int", False),
        (2**31, "long", True),
        (True, "int", False),
        (True, "boolean", True),
        ("2020-02-30", "date", False),
        ("2020-02-29", "date", True),
        (12345678.5, "decimal", False),
    ],
)
def test_a_constant_fits_only_where_it_surely_casts(value: Any, type_: str, *, is_right: bool) -> None:  # noqa: ANN401
    assert fits(Mask("constant", (("value", value),)), type_of(type_)) is is_right


def test_an_unknown_mask_hides_and_fits_nothing() -> None:
    assert not fits(Mask("rot13"), PrimitiveType("string"))
    assert Mask("rot13").rank == MASKS["hidden"].rank


def test_ranks_run_from_clear_to_hidden() -> None:
    assert min(MASKS, key=lambda name: MASKS[name].rank) == "clear"
    assert max(MASKS, key=lambda name: MASKS[name].rank) == "hidden"
    assert Decimal(MASKS["clear"].rank) == 0
