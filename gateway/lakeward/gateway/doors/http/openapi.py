"""The HTTP door described in OpenAPI 3.1; `make docs` writes it to docs/reference."""

from typing import Any

from lakeward.gateway.doors.http.requests import ARROW, JSON, QueryRequest

_SCHEMA = "#/components/schemas/"


def openapi_document() -> dict[str, Any]:
    """Describe every path, what it takes and what it answers."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "lakeward",
            "version": "1",
            "description": "Governed SQL over HTTP. Every answer holds what the principal may see for the "
            "purpose, and nothing else.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"password": []}, {"bearer": []}, {"certificate": []}],
        "paths": {
            "/v1/query": {"post": _query()},
            "/v1/explain": {"post": _explain()},
            "/v1/tables": {"get": _tables()},
            "/v1/statements/{id}": {"delete": _cancel()},
            "/health": {"get": _open("Whether the process lives.", {"200": "It does."})},
            "/ready": {
                "get": _open(
                    "Whether statements are taken.", {"200": "They are.", "503": "They are not now."}
                )
            },
            "/metrics": {"get": _open("Counters for Prometheus, without names.", {"200": "The counters."})},
        },
        "components": {"securitySchemes": _schemes(), "schemas": _schemas()},
    }


def _query() -> dict[str, Any]:
    answer = {
        "description": "The rows. A body that breaks off (the client reports it as incomplete; it has no "
        "Arrow end of stream and no closing JSON bracket) is not whole: the statement failed or was ended on "
        "the way.",
        "headers": {
            "X-Lakeward-Statement": {"description": "Its id in the audit log.", "schema": {"type": "string"}}
        },
        "content": {
            ARROW: {"schema": {"type": "string", "format": "binary"}},
            JSON: {"schema": _ref("Rows")},
        },
    }
    return {
        "operationId": "query",
        "summary": "Run one query and stream its rows, as Arrow or JSON by the Accept header.",
        "parameters": [_purpose()],
        "requestBody": {"required": True, "content": {JSON: {"schema": _ref("QueryRequest")}}},
        "responses": {
            "200": answer,
            **_errors("400", "401", "403", "406", "408", "409", "413", "415", "422", "429", "503"),
        },
    }


def _explain() -> dict[str, Any]:
    answer = {"description": "The decision on each table.", "content": {JSON: {"schema": {"type": "object"}}}}
    return {
        "operationId": "explain",
        "summary": "Say what would be decided for a query and why, without running it.",
        "parameters": [_purpose()],
        "requestBody": {"required": True, "content": {JSON: {"schema": _ref("QueryRequest")}}},
        "responses": {"200": answer, **_errors("400", "401", "403", "413", "415", "429", "503")},
    }


def _tables() -> dict[str, Any]:
    return {
        "operationId": "tables",
        "summary": "List the tables and columns that the principal may read for the purpose.",
        "parameters": [_purpose()],
        "responses": {
            "200": {"description": "The tables.", "content": {JSON: {"schema": _ref("Tables")}}},
            **_errors("401", "403", "429", "503"),
        },
    }


def _cancel() -> dict[str, Any]:
    named = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "operationId": "cancel",
        "summary": "Cancel a running statement of one's own, by the audit log's id or the client's.",
        "parameters": [named],
        "responses": {"204": {"description": "It ends now."}, **_errors("401", "404", "503")},
    }


def _open(summary: str, responses: dict[str, str]) -> dict[str, Any]:
    described = {status: {"description": text} for status, text in responses.items()}
    return {"summary": summary, "security": [], "responses": described}


def _purpose() -> dict[str, Any]:
    return {
        "name": "X-Lakeward-Purpose",
        "in": "header",
        "required": True,
        "description": "What for: one of the purposes that the policies declare. It is recorded.",
        "schema": {"type": "string"},
    }


def _errors(*statuses: str) -> dict[str, Any]:
    meanings = {
        "400": "The request or its SQL is not valid, or the statement failed on the visible cells.",
        "401": "Sign-in failed: one answer for every cause.",
        "403": "Denied by policy, or not there: one answer for both.",
        "404": "No statement of the principal's runs under this id.",
        "406": "Neither Arrow nor JSON is accepted.",
        "408": "The body came too slowly.",
        "409": "A statement of this id runs already, or it was cancelled.",
        "413": "The body is too long.",
        "415": "The body is not declared as JSON.",
        "422": "The statement went over a limit.",
        "429": "You have as many statements as you may have at once; Retry-After says when to come again.",
        "503": "Out of reach or overloaded; Retry-After says when to come again.",
    }
    return {
        each: {"description": meanings[each], "content": {JSON: {"schema": _ref("Error")}}}
        for each in statuses
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": _SCHEMA + name}


def _schemes() -> dict[str, Any]:
    return {
        "password": {"type": "http", "scheme": "basic", "description": "A user's name and password."},
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "A token of `lakeward user token`, or a JWT of the identity provider.",
        },
        "certificate": {
            "type": "mutualTLS",
            "description": "A certificate of an authority that the lake trusts.",
        },
    }


def _schemas() -> dict[str, Any]:
    asked = QueryRequest.model_json_schema(ref_template=_SCHEMA + "{model}")
    inner = asked.pop("$defs", {})
    text = {"type": "string"}
    column = {"type": "object", "required": ["name", "type"], "properties": {"name": text, "type": text}}
    columns = {"type": "array", "items": column}
    rows = {"type": "array", "items": {"type": "array", "items": {}}}
    table = {
        "type": "object",
        "required": ["name", "columns"],
        "properties": {"name": text, "columns": columns},
    }
    error = {"code": text, "message": text, "hint": {"type": ["string", "null"]}}
    return {
        "QueryRequest": asked,
        **inner,
        "Rows": {
            "type": "object",
            "required": ["columns", "rows"],
            "properties": {"columns": columns, "rows": rows},
        },
        "Tables": {
            "type": "object",
            "required": ["tables"],
            "properties": {"tables": {"type": "array", "items": table}},
        },
        "Error": {
            "type": "object",
            "required": ["error"],
            "properties": {
                "error": {"type": "object", "required": ["code", "message", "hint"], "properties": error}
            },
        },
    }
