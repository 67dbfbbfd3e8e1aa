"""What counts as a pattern that the engine surely takes: it does, and finding out takes no time."""

import time
from functools import cache

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from lakeward.policies.rewrite.fuse.patterns import groups_of, is_template

PARTS = st.sampled_from([
    *"ab0 -/é|.^$()[]{}?*+\\", "(", ")", "(?:", "(?i)", "(?P<n>", "(?=a)",
    "[a-z]", "[^0-9]", "[a-z0-9_.]", "[]", "[z-a]",
    "{3}", "{9}", "{0}", "{2,3}", r"\d", r"\w", r"\1", r"\b", r"\pL", "*?", "++", "\n", "\0",
])  # fmt: skip
TEXTS = ["", "a", "ab-0/é", "aaa", "[", "\n"]
SLOW = [
    "/" * 199 + "[",
    "(?:" * 66 + "[",
    "-" * 199 + "\\",
    "[" + "a" * 198 + "(",
    "a?" * 99 + "[",
    "(" * 199,
]
REFUSED = [
    "(((a{9}){9}){9}){9}",
    f"((({'.' * 170}{{9}}){{9}}){{9}})",
    "a**",
    "a{2}{3}",
    "(",
    "[z-a]",
    r"(a)\1",
    "(?=a)",
    "(?i)a",
    "a" * 201,
]
TAKEN = {
    "^H[0-9]+$": 0,
    "(H)([0-9]?)": 2,
    "(?:a|b)*-/": 0,
    "[a-z]{3}": 0,
    "": 0,
    f"({'.' * 190}{{9}}){{9}}": 1,
}


@cache
def engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def groups(text: str) -> int | None:
    return groups_of(exp.Literal.string(text))


@settings(max_examples=2_000)
@given(st.lists(PARTS, max_size=12).map("".join))
def test_the_engine_takes_what_counts_as_taken(text: str) -> None:
    if (found := groups(text)) is not None:
        ask(text, found)


def ask(text: str, group: int) -> None:
    """Have the engine compile a pattern, and read its last group, over texts that it meets when it runs."""
    sql = "SELECT regexp_matches(t, {0}), regexp_extract(t, {0}, {1}) FROM (SELECT unnest($1) AS t)"
    pattern = exp.Literal.string(text).sql("duckdb")
    assert len(engine().execute(sql.format(pattern, group), [TEXTS]).fetchall()) == len(TEXTS)


@pytest.mark.parametrize("text", TAKEN)
def test_what_people_write_is_taken(text: str) -> None:
    assert groups(text) == TAKEN[text]
    ask(text, TAKEN[text])


@pytest.mark.parametrize("text", REFUSED)
def test_what_may_fail_is_not(text: str) -> None:
    assert groups(text) is None


@pytest.mark.parametrize("text", SLOW)
def test_no_pattern_keeps_the_gateway_busy(text: str) -> None:
    began = time.process_time()
    assert groups(text) is None
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    ("text", "taken"), [("%Y-%m-%d %H:%M", True), ("%Q", False), ("%", False), ("é", False)]
)
def test_templates_have_known_fields(text: str, taken: bool) -> None:  # noqa: FBT001  a case's own word
    assert is_template(exp.Literal.string(text)) is taken
