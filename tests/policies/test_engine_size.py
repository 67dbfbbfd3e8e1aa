"""What the engine puts down several times does not grow, in its parser, beyond what memory holds."""

import random
import time
from collections import Counter
from collections.abc import Callable

import pytest
import sqlglot

from lakeward.gateway.engines.duckdb.parser import Parser
from lakeward.policies.admit import admit
from lakeward.policies.admit.engine_size import is_too_large_to_bind, is_too_large_to_read, times_named
from lakeward.policies.admit.errors import NotAdmittedError

SOURCE = "(SELECT NULL AS x) AS t"


def _nested(form: str) -> Callable[[int], str]:
    def write(depth: int) -> str:
        inside = "x"
        for _ in range(depth):
            inside = form.replace("{}", inside)
        return f"SELECT {inside} AS z FROM {SOURCE}"

    return write


def _aliases(form: str) -> Callable[[int], str]:
    def write(depth: int) -> str:
        named = [f"{form.replace('{}', f'a{each}')} AS a{each + 1}" for each in range(depth)]
        return f"SELECT x AS a0, {', '.join(named)} FROM {SOURCE}"

    return write


BOUND: dict[str, Callable[[int], str]] = {
    "nullif": _nested("nullif({}, 1)"),
    "split_part": _nested("split_part({}, 'a', 1)"),
    "between": _nested("({} BETWEEN 1 AND 2)"),
    "an alias": _aliases("coalesce({}, {})"),
    "an alias in a subquery": _aliases("(SELECT coalesce({}, {}))"),
    "aliases of one name": lambda depth: (
        f"SELECT x AS a, {', '.join(['coalesce(a, a) AS a'] * depth)} FROM {SOURCE}"
    ),
    "a long alias, again and again": lambda depth: (
        f"SELECT coalesce({'x, ' * 20 * depth}1) AS a FROM {SOURCE} ORDER BY {'a, ' * 9 * depth}1"
    ),
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


@pytest.mark.parametrize("depth", [20, 60])
@pytest.mark.parametrize("source", [SOURCE, "t"])
@pytest.mark.parametrize("name", [*BOUND, *READ])
def test_what_grows_with_every_level_is_found(name: str, source: str, depth: int) -> None:
    text = (BOUND | READ)[name](depth).replace(SOURCE, source)
    tree = sqlglot.parse_one(text, dialect="duckdb")
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


def _drawn(chance: random.Random) -> str:
    """Statements in which aliases, forms and subqueries stand in one another, or nearly do."""
    names = ["x", "y", "a", "b", "c"]
    forms = [
        "{} + {}", "t.x", "nullif({}, {})", "({} BETWEEN 1 AND {})", "(SELECT {} + {} AS {})", "sum({})",
        "CASE {} WHEN 1 THEN {} END", "CASE WHEN {} THEN {} END", "split_part({}, {}, 1)",
        "coalesce({}, {}, {})",
    ]  # fmt: skip

    def part(depth: int) -> str:
        if depth == 0 or chance.random() < 0.2:
            return chance.choice(names)
        form = chance.choice(forms)
        if " AS {}" in form:
            return form.format(part(depth - 1), part(depth - 1), chance.choice(names))
        return form.format(*(part(depth - 1) for _ in range(form.count("{}"))))

    columns = [
        f"{part(chance.randint(0, 6))} AS {chance.choice(names)}" for _ in range(chance.randint(1, 12))
    ]
    order = chance.choices(names, k=chance.randint(1, 40))
    return f"SELECT {', '.join(columns)} FROM t ORDER BY {', '.join(order)}"


def test_what_is_not_counted_would_not_count() -> None:
    chance, seen = random.Random(5), Counter[bool]()  # noqa: S311  a draw, no secret
    for _ in range(600):
        tree = sqlglot.parse_one(_drawn(chance), dialect="duckdb")
        counted = is_too_large_to_bind(tree, {"nowhere": 2})
        assert is_too_large_to_bind(tree) == counted, tree.sql("duckdb")
        seen[counted] += 1
    assert min(seen[True], seen[False]) > 20, seen
