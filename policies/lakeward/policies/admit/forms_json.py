"""Spark's `from_json(x, 'a INT, b ARRAY<STRING>')`: what a schema says in the engine's words."""

import json

from sqlglot import exp
from sqlglot.errors import SqlglotError

from lakeward.policies.admit.bounded_parse import parse_bounded_type
from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.admit.templates import filled

_DEEPEST = 8


def read_json(node: exp.Expr) -> exp.Expr | None:
    """NULL for what is no JSON, and for a value of another type than the schema says.

    Raises:
        NotAdmittedError: The schema is computed, or has a type that is not known here.
    """
    written = node.expression
    if not isinstance(written, exp.Literal) or node.args.get("options"):
        raise NotAdmittedError("`from_json` with a computed schema or options")
    schema = exp.Literal.string(json.dumps(_structure(_schema(written.name), _DEEPEST)))
    return filled("CASE WHEN json_valid(_x) THEN from_json(_x, _schema) END", _x=node.this, _schema=schema)


def _schema(text: str) -> exp.Expr | None:
    for each in (text, f"STRUCT<{text}>"):
        try:
            return parse_bounded_type(each, "spark")
        except SqlglotError:
            continue
    raise NotAdmittedError("`from_json` with a schema that cannot be read")


def _structure(kind: exp.Expr | None, depth: int) -> object:
    if not isinstance(kind, exp.DataType) or depth == 0:
        raise NotAdmittedError("`from_json` with a type that is not known")
    if kind.is_type("array"):
        return [_structure(kind.expressions[0], depth - 1)]
    if kind.is_type("struct"):
        return {each.name: _structure(each.args.get("kind"), depth - 1) for each in kind.expressions}
    if kind.is_type("map") or kind.is_type(exp.DType.USERDEFINED, exp.DType.UNKNOWN):
        raise NotAdmittedError("`from_json` with a type that is not known")
    return kind.sql("duckdb")
