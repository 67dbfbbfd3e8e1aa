"""The engine's opinion of a text, from an instance that holds nothing."""

import contextlib
import json
import threading
from collections.abc import Sequence
from typing import Any, Literal, get_args

import duckdb

from lakeward.gateway.engines.duckdb.connect import connect, lock
from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.verify import DisagreementError, EngineReading, read_duckdb_document

Function = Literal["json_serialize_sql", "json_deserialize_sql", "json_serialize_plan"]


class Parser:
    """An empty, locked instance that parses, and binds what reads nothing; it never runs what it is given."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open()

    def _open(self) -> None:
        self._connection = connect()
        self._connection.execute("PRAGMA disable_optimizer")  # a call with one constant has nothing to gain
        lock(self._connection, memory_limit="256MB", threads=1)
        self._calls: dict[str, duckdb.Statement] = {
            each: self._connection.extract_statements(f"SELECT {each}($1)")[0] for each in get_args(Function)
        }

    def read(self, text: str) -> EngineReading:
        """Return what DuckDB's parser sees in `text`.

        Raises:
            DisagreementError: It sees no single SELECT.
        """
        return read_duckdb_document(self._serialized(text))

    def bind(self, text: str) -> str:
        """Return the plan that DuckDB binds, not yet optimised, for a text that reads nothing, as JSON."""
        return self._ask("json_serialize_plan", text) or '{"error": true}'

    def require_syntax(self, text: str) -> None:
        """Require that DuckDB would read a text at all; what it sees there is another question.

        Raises:
            NotAdmittedError: It would not, though another parser does.
        """
        with self._lock, contextlib.suppress(duckdb.Error):
            try:
                self._connection.extract_statements(text)
            except duckdb.ParserException:
                raise NotAdmittedError("a syntax error for DuckDB") from None

    def output_names(self, text: str) -> Sequence[str | None] | None:
        """Return the name DuckDB gives each column of the outermost SELECT; None for one that it expands.

        Of a set operation the first SELECT gives the names. None as a whole where the text is no SELECT.

        Raises:
            NotAdmittedError: DuckDB would not read the text at all, though another parser does.
        """
        try:
            document = json.loads(self._serialized(text))
            if document.get("error_type") == "parser":
                raise NotAdmittedError("a syntax error for DuckDB")
            node = document["statements"][0]["node"]
        except (DisagreementError, LookupError, TypeError):
            return None
        while node.get("type") == "SET_OPERATION_NODE":
            node = node["left"]
        if node.get("type") != "SELECT_NODE":
            return None
        return [self._name(each) for each in node["select_list"]]

    def _name(self, item: dict[str, Any]) -> str | None:
        if item.get("alias"):
            return str(item["alias"])
        if item.get("class") == "COLUMN_REF":
            names = item["column_names"]
            return str(names[-1]) if isinstance(names, list) else None
        if item.get("class") == "POSITIONAL_REFERENCE" or _expands(item):
            return None
        return self._spelled(item)

    def _spelled(self, item: dict[str, Any]) -> str | None:
        """Let DuckDB spell one expression as it would to name its column."""
        empty = {"type": "EMPTY", "alias": "", "sample": None, "query_location": 0}
        node: dict[str, Any] = {
            "type": "SELECT_NODE",
            "modifiers": [],
            "cte_map": {"map": []},
            "select_list": [_as_written(item)],
        }
        node |= {"from_table": empty, "where_clause": None, "group_expressions": [], "group_sets": []}
        node |= {"aggregate_handling": "STANDARD_HANDLING", "having": None, "sample": None, "qualify": None}
        document = {"error": False, "statements": [{"node": node, "named_param_map": []}]}
        text = self._ask("json_deserialize_sql", json.dumps(document))
        return text.removeprefix("SELECT ") if text else None

    def _serialized(self, text: str) -> str:
        answer = self._ask("json_serialize_sql", text)
        if answer is None:
            raise DisagreementError("the kind of the statement")
        return answer

    def _ask(self, function: Function, argument: str) -> str | None:
        with self._lock:
            try:
                row = self._connection.execute(self._calls[function], [argument]).fetchone()
            except (duckdb.InternalException, duckdb.FatalException):
                self._connection.close()
                self._open()  # the old one answers nobody any more
                return None
            except duckdb.Error:
                return None
        return None if row is None or row[0] is None else str(row[0])

    def close(self) -> None:
        """Close the instance."""
        self._connection.close()


_BY_NAME = frozenset({
    "TINYINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "DOUBLE", "DATE",
    "BLOB", "UUID", "TIMESTAMP WITH TIME ZONE", "TIME WITH TIME ZONE", "TIMESTAMP_S", "TIMESTAMP_MS",
    "TIMESTAMP_NS",
})  # fmt: skip
"""Types that are no words of the engine's grammar: it names a column before it has looked them up."""
_OF_INTERVALS = frozenset({"trunc", "to_seconds", "to_milliseconds"})
"""What `INTERVAL n DAY` and its like are made of; the casts in these are the engine's own."""


def _as_written(item: Any) -> Any:  # noqa: ANN401 - a part of a JSON document
    """Undo, in place, what the engine made of the types of casts while it wrote the document."""
    whole = {"item": item}
    waiting: list[tuple[Any, Any, bool]] = [(whole, "item", False)]
    while waiting:
        holder, key, in_type = waiting.pop()
        part = holder[key]
        if isinstance(part, list):
            waiting += ((part, place, in_type) for place in range(len(part)))
        elif not isinstance(part, dict) or part.get("function_name") in _OF_INTERVALS:
            continue
        elif in_type and part.get("id") in _BY_NAME and not part.get("type_info"):
            holder[key] = _looked_up(part["id"], [])
        elif in_type and part.get("id") == "DECIMAL" and part.get("type_info"):
            info = part["type_info"]
            holder[key] = _looked_up("DECIMAL", [info["width"], info["scale"]])
        else:
            waiting += ((part, each, in_type or each == "cast_type") for each in part)
    return whole["item"]


def _looked_up(name: str, sizes: list[int]) -> dict[str, Any]:
    kind = {"id": "INTEGER", "type_info": None}
    modifiers = [{"type": kind, "is_null": False, "value": each} for each in sizes]
    info = {"type": "UNBOUND_TYPE_INFO", "alias": "", "extension_info": None, "name": name}
    return {
        "id": "UNBOUND",
        "type_info": info | {"catalog": "", "schema": "", "user_type_modifiers": modifiers},
    }


def _expands(item: Any) -> bool:  # noqa: ANN401 - a part of a JSON document
    """Whether an expression holds a star, which stands for several columns; those of subqueries do not."""
    waiting = [item]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            if part.get("class") == "STAR":
                return True
            waiting += (value for key, value in part.items() if key != "subquery")
    return False
