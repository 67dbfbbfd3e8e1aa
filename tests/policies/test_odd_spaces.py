r"""A vertical tab and a form feed may stand in a literal, where libraries strip a text, and nowhere else."""

import pytest

from lakeward.policies.admit import admit
from lakeward.policies.admit.errors import NotAdmittedError

DIALECTS = ("duckdb", "postgres", "spark", "trino")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_they_may_stand_in_a_literal(dialect: str) -> None:
    tree = admit("SELECT trim(BOTH ' \t\n\r\v\f' FROM name) FROM patient WHERE name <> '\v'", dialect)
    assert "\v\f" in tree.sql("duckdb")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "text",
    [
        "SELECT\fname FROM patient",
        "SELECT name FROM\vpatient",
        "SELECT name -- a\f\nFROM patient",
        "SELECT name /* \v */ FROM patient",
        "SELECT '\f' FROM\fpatient",
        "SELECT name FROM patient\f",
        "SELECT '\0\f' FROM patient",
    ],
)
def test_they_stand_nowhere_else(text: str, dialect: str) -> None:
    with pytest.raises(NotAdmittedError, match="character"):
        admit(text, dialect)


@pytest.mark.parametrize("quoted", ['"a\f"', '"a\v"'])
def test_nor_in_a_name(quoted: str) -> None:
    with pytest.raises(NotAdmittedError, match="character"):
        admit(f"SELECT {quoted} FROM patient")
