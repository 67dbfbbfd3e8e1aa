"""Texts made to break a parser: a clear refusal within a second, and the process lives on."""

import time

import pytest

from lakeward.policies.admit import admit
from lakeward.policies.admit.errors import NotAdmittedError

HOSTILE = {
    "a megabyte": "SELECT '" + "x" * 1_000_000 + "'",
    "a megabyte of columns": "SELECT " + "a, " * 350_000 + "a",
    "nested brackets": "SELECT " + "(" * 10_000 + "1" + ")" * 10_000,
    "nested lists": "SELECT " + "[" * 10_000 + "]" * 10_000,
    "CTEs": "WITH "
    + ", ".join(f"c{i} AS (SELECT {i} AS x FROM t JOIN u USING (k))" for i in range(5_000))
    + " TABLE c1",
    "operators": "SELECT " + "1 + " * 10_000 + "1",
    "negations": "SELECT " + "NOT " * 10_000 + "TRUE",
    "a lone surrogate": "SELECT '\udc80'",
    "a null byte": "SELECT '\0'",
    "an open string": "SELECT 'abc",
}


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_text_is_refused_within_a_second(title: str) -> None:
    start = time.thread_time()
    with pytest.raises(NotAdmittedError):
        admit(HOSTILE[title])
    assert time.thread_time() - start < 1
