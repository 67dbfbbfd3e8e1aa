"""The hospital in a real lake: Iceberg tables, policy documents, the gateway."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from tests.bypass import hospital
from tests.bypass.hospital import Grant, Mask, Restriction

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake, open_lake
from lakeward.catalog.names import TableName
from lakeward.gateway.answer import Way
from lakeward.gateway.service import Gateway

PURPOSE = "care"
Answer = tuple[list[str], list[tuple[Any, ...]]]


def make_lake(root: Path, tables: Mapping[str, pa.Table], documents: Mapping[str, Any]) -> Lake:
    """Make a lake that holds `tables` under the policies in `documents`."""
    init_lake(root).close()
    with (root / "lakeward.toml").open("a", encoding="utf-8") as config:
        for who, attributes in hospital.ATTRIBUTES.items():
            config.write(f'\n[principals.{who}]\nattributes = {{ site = "{attributes["site"]}" }}\n')
    lake = open_lake(root)
    for name, rows in tables.items():
        tags = {column: ["sensitivity.none"] for column in rows.column_names}
        write_batches(lake, TableName.parse(name), rows.to_reader(), mode="append", tags=tags, actor="suite")
    (root / "policies" / "hospital.yaml").write_text(json.dumps(documents), encoding="utf-8")
    return lake


def documents() -> dict[str, Any]:
    """The hospital's policies as the product's own documents."""
    who = sorted({each.to for each in hospital.GRANTS} - {"*"})
    roles = {name: {"members": [name]} for name in who} | {"all": {"members": list(hospital.PRINCIPALS)}}
    return {
        "version": 1,
        "roles": roles,
        "purposes": [PURPOSE],
        "grants": [_grant(number, each) for number, each in enumerate(hospital.GRANTS)],
        "restrictions": [_restriction(number, each) for number, each in enumerate(hospital.RESTRICTIONS)],
    }


def _grant(number: int, grant: Grant) -> dict[str, Any]:
    document: dict[str, Any] = {
        "id": f"g{number}",
        "to": ["all" if grant.to == "*" else grant.to],
        "tables": [grant.table],
        "columns": _columns(grant.columns),
    }
    return document | ({"rows": grant.rows} if grant.rows else {})


def _restriction(number: int, restriction: Restriction) -> dict[str, Any]:
    document: dict[str, Any] = {"id": f"r{number}", "tables": [restriction.table]}
    if restriction.spared:
        document["except"] = list(restriction.spared)
    if restriction.rows:
        document["rows"] = restriction.rows
    if restriction.columns:
        document["columns"] = _columns(restriction.columns)
    return document


def _columns(columns: Mapping[str, Mask]) -> list[dict[str, Any]]:
    return [{"names": [name], "mask": _mask(mask)} for name, mask in columns.items()]


def _mask(mask: Mask) -> object:
    name, argument = mask
    words = {"prefix": "length", "round": "digits"}
    return {name: {words[name]: argument}} if name in words else name


class Governed:
    """The product over a lake: `run` answers as one principal."""

    def __init__(self, lake: Lake) -> None:
        self.gateway = Gateway(lake)
        self.way: Way | None = None
        self._client = duckdb.connect(config={"threads": 1})

    def run(self, principal: str, sql: str, dialect: str = "duckdb") -> Answer:
        """Answer one query with Python values, as DuckDB's own client gives them."""
        self.way = None
        session = self.gateway.session(principal, PURPOSE, dialect=dialect)
        answer = self.gateway.execute(session, sql)
        self.way = answer.way
        table = answer.table()
        self._client.register("answer", table.rename_columns([f"c{i}" for i in range(table.num_columns)]))
        return table.column_names, self._client.execute("FROM answer").fetchall()
