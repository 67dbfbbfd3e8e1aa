"""Nothing new gets in unseen: every word of the engine and of the parser is on a list or refused by name."""

import duckdb
from sqlglot import exp

from lakeward.policies.lists import allow_lists


def _functions(kinds: str) -> set[str]:
    asked = f"SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE function_type IN ({kinds})"
    with duckdb.connect() as connection:
        return {row[0] for row in connection.execute(asked).fetchall()}


def _nodes() -> dict[str, type[exp.Expr]]:
    found, pending = {}, [exp.Expr]
    while pending:
        kind = pending.pop()
        found[kind.__name__] = kind
        pending += kind.__subclasses__()
    return found


def test_every_function_of_the_engine_is_allowed_or_refused_by_name() -> None:
    lists = allow_lists()
    there = _functions("'scalar', 'aggregate', 'macro'")
    assert len(there) > 500
    known = lists.functions | lists.refused_functions
    assert there - known == set()
    assert not lists.functions & lists.refused_functions


def test_every_table_function_of_the_engine_is_allowed_or_refused_by_name() -> None:
    lists = allow_lists()
    there = _functions("'table', 'table_macro'")
    assert len(there) > 50
    assert there - lists.table_functions - lists.refused_table_functions == set()
    assert not lists.table_functions & lists.refused_table_functions


def test_every_node_of_the_parser_is_allowed_or_refused_by_name() -> None:
    lists = allow_lists()
    there = set(_nodes())
    assert len(there) > 800
    assert there - lists.nodes - lists.refused_nodes - {"Anonymous"} == set()
    assert not lists.nodes & lists.refused_nodes


def test_every_argument_of_an_allowed_node_is_allowed_or_refused_by_name() -> None:
    lists, nodes = allow_lists(), _nodes()
    unknown = {
        f"{name}.{argument}"
        for name in lists.nodes
        if name in nodes
        for argument in nodes[name].arg_types
        if argument not in lists.arguments.get(name, frozenset())
        and argument not in lists.refused_arguments.get(name, frozenset())
    }
    assert unknown == set()
