"""What the engine puts down several times does not grow, in its parser, beyond what memory holds."""

import time
from collections.abc import Callable

import pytest
import sqlglot

from lakeward.gateway.engines.duckdb.parser import Parser
from lakeward.policies.admit import admit
from lakeward.policies.admit.engine_size import is_too_large_to_bind, is_too_large_to_read, times_named
from lakeward.policies.admit.errors import NotAdmittedError


def _nested(form: str) -> Callable[[int], str]:
    def write(depth: int) -> str:
        inside = "x"
        for _ in range(depth):
            inside = form.replace("{}", inside)
        return f"SELECT {inside} AS z FROM (SELECT NULL AS x) AS t"

    return write


def _aliases(form: str) -> Callable[[int], str]:
    def write(depth: int) -> str:
        named = [f"{form.replace('{}', f'a{each}')} AS a{each + 1}" for each in range(depth)]
        return f"SELECT x AS a0, {', '.join(named)} FROM (SELECT NULL AS x) AS t"

    return write


BOUND: dict[str, Callable[[int], str]] = {
    "nullif": _nested("nullif({}, 1)"),
    "split_part": _nested("split_part({}, 'a', 1)"),
    "between": _nested("({} BETWEEN 1 AND 2)"),
    "an alias": _aliases("coalesce({}, {})"),
    "an alias in a subquery": _aliases("(SELECT coalesce({}, {}))"),
}
READ = {"a CASE of one": _nested("CASE {} WHEN 1 THEN 2 WHEN 2 THEN 3 END")}
HONEST = {
    "many aliases": _aliases("x + 1")(400),
    "a sum of aliases": "SELECT a + b AS c, c * 2 AS d, c + d AS e FROM t",
    "the same name in each subquery": "SELECT coalesce(x, x) AS x FROM (" * 30
    + "SELECT 1 AS x"
    + ") AS t" * 30,
    "a long list": f"SELECT 1 AS one FROM t WHERE x IN ({', '.join(map(str, range(9_000)))})",
    "a CASE of many": f"SELECT CASE x {'WHEN 1 THEN 1 ' * 900} END AS y FROM t",
}


@pytest.mark.parametrize("name", [*BOUND, *READ])
def test_what_grows_with_every_level_is_found(name: str) -> None:
    tree = sqlglot.parse_one((BOUND | READ)[name](60), dialect="duckdb")
    assert is_too_large_to_bind(tree)
    assert is_too_large_to_read(tree) is (name in READ)


@pytest.mark.parametrize("name", READ)
def test_what_would_be_read_so_is_refused(name: str) -> None:
    with pytest.raises(NotAdmittedError):
        admit(READ[name](60))


@pytest.mark.parametrize("name", HONEST)
def test_what_does_not_grow_is_not(name: str) -> None:
    assert not is_too_large_to_bind(sqlglot.parse_one(HONEST[name], dialect="duckdb"))


@pytest.mark.parametrize("name", [*BOUND, *READ])
def test_what_is_not_found_is_bound_soon(name: str) -> None:
    sizes = range(1, 60)
    texts = ((BOUND | READ)[name](each) for each in sizes)
    largest = [each for each in texts if not is_too_large_to_bind(sqlglot.parse_one(each, dialect="duckdb"))][
        -1
    ]
    parser = Parser()
    started = time.monotonic()
    parser.bind(largest)
    assert time.monotonic() - started < 10
    parser.close()


def test_a_macro_is_counted_by_the_names_of_its_arguments() -> None:
    assert times_named("NULL", ["n"]) == 1
    assert times_named("n || upper(n)", ["n"]) == 2
    assert times_named("CASE n WHEN 1 THEN 2 WHEN 2 THEN 3 WHEN 3 THEN n END", ["n"]) == 4
    tree = sqlglot.parse_one(f"SELECT {'f(' * 20}1{')' * 20}", dialect="duckdb")
    assert is_too_large_to_bind(tree, {"f": 4})
    assert not is_too_large_to_bind(tree)
