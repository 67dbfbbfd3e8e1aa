"""How long it takes to admit a long literal: reading it must keep nobody waiting."""

import contextlib
import time

import pytest

from lakeward.policies.admit import admit
from lakeward.policies.admit.errors import NotAdmittedError

LONG = 100_000


@pytest.mark.parametrize(
    "text", [" " * LONG + "x", "1 day" + " " * LONG + "x", "1" * LONG, "1 day " * (LONG // 6)]
)
@pytest.mark.parametrize(
    "form", ["INTERVAL '{}'", "INTERVAL /* ' */ '{}'", "'{}'::INTERVAL", "CAST('{}' AS INTERVAL)"]
)
@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "spark", "trino"])
def test_an_interval_is_read_at_once(dialect: str, form: str, text: str) -> None:
    started = time.thread_time()
    with contextlib.suppress(NotAdmittedError):
        admit(f"SELECT {form.format(text)} AS x", dialect)
    assert time.thread_time() - started < 5


@pytest.mark.parametrize(
    ("text", "parts"), [("1 month - 1 day", 2), (" 2 hours  3 min ", 2), ("1 day", 1), ("1 day x", 1)]
)
def test_an_interval_of_several_parts_is_their_sum(text: str, parts: int) -> None:
    with contextlib.suppress(NotAdmittedError):
        found = admit(f"SELECT INTERVAL '{text}' AS x", "postgres").sql("duckdb")
        assert found.count("INTERVAL") == parts
