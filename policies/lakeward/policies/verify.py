"""The second opinion: what the engine's own parser sees in the final text must be what we think is there.

Two parsers that disagree about one text are how rewriters leak. The engine's reading comes in as a value (for
DuckDB the document of `json_serialize_sql`), so that this room needs no engine and every engine is asked the
same.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lakeward.catalog.errors import DeniedError
from lakeward.policies.lists import allow_lists

Node = dict[str, Any]
"""An object of the engine's document."""
_RELATIONS = frozenset(
    {"BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EMPTY", "EXPRESSION_LIST", "PIVOT"}
)
_QUERIES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_MODIFIERS = frozenset({"LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "ORDER_MODIFIER", "DISTINCT_MODIFIER"})
_ORDERS = frozenset({"ASCENDING", "DESCENDING", "ORDER_DEFAULT"})
_TYPE_INFO = "_TYPE_INFO"
_PARTS = ("catalog_name", "schema_name", "table_name")
_KNOWN = _RELATIONS | _QUERIES | _MODIFIERS | _ORDERS


class DisagreementError(DeniedError):
    """The engine reads the final text in another way than lakeward does."""

    code = "not-verified"

    def __init__(self, where: str) -> None:
        super().__init__(
            f"The statement is refused: the engine's parser and lakeward's disagree about {where}.",
            hint="Write the query in a simpler form; tell the makers of lakeward, it should not happen.",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class EngineReading:
    """What an engine's parser saw: base tables as (catalog, schema, table), functions by its names.

    `bare_names` are the names that stand alone where a value is wanted: columns, and words such as
    `current_date`.
    """

    tables: frozenset[tuple[str, str, str]]
    cte_names: frozenset[str]
    functions: frozenset[str]
    table_functions: frozenset[str]
    bare_names: frozenset[str] = frozenset()


def read_duckdb_document(document: str) -> EngineReading:
    """Read the document, JSON, that DuckDB's `json_serialize_sql` made of a text.

    Raises:
        DisagreementError: It is no single SELECT, or holds a kind of node that no list knows.
    """
    nodes: list[Node] = []

    def noted(node: Node) -> Node:
        nodes.append(node)
        return node

    whole = json.loads(document, object_hook=noted)
    statements = whole.get("statements")
    if whole.get("error") or not isinstance(statements, list) or len(statements) != 1:
        raise DisagreementError("the kind of the statement")
    return _read(nodes)


def _read(nodes: Sequence[Node]) -> EngineReading:
    relations: dict[str, list[Node]] = {}
    functions: set[str] = set()
    cte_names: set[str] = set()
    bare_names: set[str] = set()
    for node in nodes:
        if node.get("class") == "COLUMN_REF":
            if len(node["column_names"]) == 1:
                bare_names.add(str(node["column_names"][0]).lower())
        elif (kind := _kind(node)) is not None:
            relations.setdefault(kind, []).append(node)
        if "function_name" in node:
            functions.add(_called(node))
        if "cte_map" in node or "cte_name" in node:
            cte_names.update(_cte_names(node))
    table_functions = frozenset(_called(each["function"]) for each in relations.get("TABLE_FUNCTION", ()))
    return EngineReading(
        tables=frozenset(_table(each) for each in relations.get("BASE_TABLE", ())),
        cte_names=frozenset(cte_names),
        functions=frozenset(functions - table_functions),
        table_functions=table_functions,
        bare_names=frozenset(bare_names),
    )


def verify_reading(
    reading: EngineReading,
    expected: Sequence[tuple[str, str, str]],
    own_table_functions: frozenset[str] = frozenset(),
) -> None:
    """Require that an engine saw no table but the expected ones and CTEs, and no function off the lists.

    Args:
        reading: What the engine's parser saw in the final text.
        expected: Every spelling (catalog, schema, table; empty where not written) that may stand for a table.
        own_table_functions: Table functions that lakeward itself put in.

    Raises:
        DisagreementError: It saw something else.
    """
    allowed = set(expected) | {("", "", name) for name in reading.cte_names}
    lists = allow_lists()
    if not reading.tables <= allowed:
        raise DisagreementError("the tables that it reads")
    if not reading.functions <= lists.functions:
        raise DisagreementError("the functions that it calls")
    if not reading.table_functions <= lists.table_functions | own_table_functions:
        raise DisagreementError("the table functions that it calls")


def _kind(node: Node) -> str | None:
    """Return what a node that is no expression is; such a node must be of a kind that we know."""
    kind = node.get("type")
    if node.get("class") is not None or not isinstance(kind, str):
        return None
    if kind not in _KNOWN and not kind.endswith(_TYPE_INFO):
        raise DisagreementError("a part of the statement")
    return kind


def _called(node: Node) -> str:
    return str(node.get("function_name")).lower()


def _cte_names(node: Node) -> Iterator[str]:
    if "cte_map" in node:
        yield from (str(entry["key"]).casefold() for entry in node["cte_map"]["map"])
    if "cte_name" in node:
        yield str(node["cte_name"]).casefold()


def _table(node: Node) -> tuple[str, str, str]:
    catalog, schema, table = (str(node.get(name) or "").casefold() for name in _PARTS)
    return catalog, schema, table
