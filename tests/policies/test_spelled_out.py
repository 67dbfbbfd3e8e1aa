"""A line of text does not become more than memory holds when the engine's SQL is written of it."""

import pytest

from lakeward.policies.admit import admit
from lakeward.policies.admit.errors import NotAdmittedError

GROWING = {
    "months_between({}, 1)": "duckdb",
    "length({}, 1)": "duckdb",
    "add_months({}, 1)": "spark",
    "({} BETWEEN SYMMETRIC 1 AND 2)": "postgres",
    "({} LIKE ANY ('a', 'b'))": "duckdb",
    "greatest({}, 1)": "trino",
    "date_add('day', 1, {})": "trino",
    "overlay({} PLACING 'a' FROM 1)": "postgres",
    "array_distinct({}, 1)": "postgres",
}
"""Forms that are written out with arguments repeated, and where."""
ONCE = (
    *("lower({})", "upper({})", "trim({})", "replace({}, 'a', 'b')", "concat({}, 'a')", "abs({})"),
    *("coalesce({}, 1)", "nullif({}, 1)", "CAST({} AS TEXT)", "TRY_CAST({} AS INT)", "round({}, 1)"),
    *("if({}, 1, 2)", "CASE WHEN {} THEN 1 END", "({} AND TRUE)", "regexp_replace({}, 'a', 'b')"),
    *("typeof({})", "starts_with({}, 'a')", "trunc({})", "list_transform({}, lambda x: x)", "reverse({})"),
    *("split_part({}, 'a', 1)", "lpad({}, 5, ' ')", "floor({})", "ceil({})", "substring({}, 1, 2)"),
    *("extract(year FROM {})", "power({}, 2)", "mod({}, 2)", "(SELECT count({}))"),
    *("sqrt({})", "ln({})", "exp({})", "({} || 'a')", "({} + 1)", "(SELECT max({}))", "[{}]"),
)


def nested(form: str, depth: int) -> str:
    inside = "a.b"
    for _ in range(depth):
        inside = form.replace("{}", inside)
    return f"SELECT {inside} AS x FROM a"


@pytest.mark.parametrize("form", GROWING)
def test_what_grows_with_every_level_is_refused(form: str) -> None:
    with pytest.raises(NotAdmittedError):
        admit(nested(form, 24), GROWING[form])


@pytest.mark.slow
@pytest.mark.parametrize("form", GROWING)
def test_what_is_admitted_is_of_the_order_of_what_was_sent(form: str) -> None:
    for depth in range(1, 12):
        try:
            tree = admit(nested(form, depth), GROWING[form])
        except NotAdmittedError:
            return
        assert len(tree.sql("duckdb")) < 10_000_000


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "spark", "trino"])
@pytest.mark.parametrize("form", ONCE)
def test_what_is_listed_is_written_once(form: str, dialect: str) -> None:
    lengths = []
    for depth in (8, 16, 24):
        try:
            lengths.append(len(admit(nested(form, depth), dialect).sql("duckdb")))
        except NotAdmittedError:
            return  # no word of this dialect
    short, middle, long = lengths
    assert long - middle <= 1.1 * (middle - short)
