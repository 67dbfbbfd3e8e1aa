"""A catalog query of a client -> a query over our relations: admitted by lists, written from the tree.

Relations, functions and types each become one of ours or are refused; whatever stays is on the lists that
every query is held to.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
from sqlglot import exp

from lakeward.gateway.doors.postgres.pg_catalog.bench import SCHEMAS
from lakeward.gateway.doors.postgres.pg_catalog.macros import NAMES, PREFIX, times_named
from lakeward.gateway.doors.postgres.pg_catalog.relations import PG_CATALOG, columns
from lakeward.policies.admit.engine_size import is_too_large_to_bind
from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.admit.spelled_out import refuse_what_grows
from lakeward.policies.admit.vocabulary import refuse_bare_function
from lakeward.policies.lists import allow_lists
from lakeward.policies.rewrite.name_outputs import name_outputs
from lakeward.policies.rewrite.postgres_names import postgres_names
from lakeward.policies.rewrite.resolve import UnknownTableError, cte_references

Relation = tuple[str, str]
EXTRA_NODES = frozenset({"Dot", "SimilarTo"})
_WHOLE = re.compile(r"::\s*(?:pg_catalog\.)?(oid|name|regclass|regtype|xid)\s*\[\]", re.IGNORECASE)
_NUMBERS = frozenset({"oid", "xid", "cid", "tid", "uinteger", "uint", "regoper", "regrole"})
_OPERATORS: dict[str, Callable[..., exp.Expr]] = {
    "~": lambda a, b: exp.RegexpLike(this=a, expression=b),
    "~*": lambda a, b: exp.RegexpILike(this=a, expression=b),
    "!~": lambda a, b: exp.Not(this=exp.Paren(this=exp.RegexpLike(this=a, expression=b))),
    "=": lambda a, b: exp.EQ(this=a, expression=b),
    "<>": lambda a, b: exp.NEQ(this=a, expression=b),
    "~~": lambda a, b: exp.Like(this=a, expression=b),
}
_SESSION: dict[type[exp.Expr], str] = {
    exp.CurrentUser: "current_user", exp.SessionUser: "session_user", exp.CurrentDatabase: "current_database",
    exp.CurrentSchema: "current_schema", exp.CurrentCatalog: "current_catalog", exp.CurrentVersion: "version",
    exp.CurrentSchemas: "current_schemas",
}  # fmt: skip


def readable(text: str) -> str:
    """Spell the types that the parser does not read as lists; the text is admitted like any."""
    return _WHOLE.sub(lambda each: "::UINTEGER[]" if each[1].lower() in _NUMBERS else "::TEXT[]", text)


def relation_of(table: exp.Table, ctes: frozenset[int]) -> Relation | None:
    """Give the relation of the catalog that a table is; None where it is none, or one of the CTEs' names."""
    if not isinstance(table.this, exp.Identifier) or id(table) in ctes:
        return None
    name, schema = table.name.lower(), table.db.lower()
    if schema in SCHEMAS:
        return schema, name
    return (PG_CATALOG, name) if not schema and name.startswith("pg_") else None


def functions_of(tree: exp.Expr) -> set[str]:
    """Give the functions of the catalog that a query calls."""
    found = {str(node.this).lower() for node in tree.find_all(exp.Anonymous)} & NAMES
    found |= {_SESSION[type(node)] for node in tree.walk() if type(node) in _SESSION}
    found |= {
        node.name.lower()
        for node in tree.find_all(exp.Column)
        if node.name.lower() == "user" and not node.table and not node.this.args.get("quoted")
    }
    return found


def translate(tree: exp.Query, parameters: Sequence[pa.Scalar]) -> exp.Query:
    """Rewrite a catalog query.

    Raises:
        NotAdmittedError: It holds something that no list allows.
        UnknownTableError: It reads anything but the catalog.
    """
    tree = name_outputs(tree, tree, postgres_names(tree))
    ctes = cte_references(tree)
    for table in list(tree.find_all(exp.Table)):
        _relation(table, ctes)
    for kind, rewrite in _REWRITES:
        for node in reversed(list(tree.find_all(kind))):  # the innermost first
            _replace(node, rewrite(node))
    for node in list(tree.find_all(exp.Parameter)):
        _replace(node, _literal(node, parameters))
    root = tree
    _check(root)
    return root


def _replace(node: exp.Expr, new: exp.Expr) -> None:
    if new is not node and node.parent is not None:
        node.replace(new)


def _relation(table: exp.Table, ctes: frozenset[int]) -> None:
    if not isinstance(table.this, exp.Identifier):
        _table_function(table)
        return
    found = relation_of(table, ctes)
    if id(table) in ctes:
        return
    if found is None:
        raise UnknownTableError(".".join(part.name for part in table.parts))
    schema, name = found
    if name not in columns()[schema]:
        raise NotAdmittedError("a relation of the catalog that is not there")
    if not table.alias:
        table.set("alias", exp.TableAlias(this=exp.to_identifier(name, quoted=True)))
    table.set("this", exp.to_identifier(name, quoted=True))
    table.set("db", exp.to_identifier(SCHEMAS[schema], quoted=True))
    table.set("catalog", exp.to_identifier("memory", quoted=True))


def _table_function(table: exp.Table) -> None:
    """Take `pg_catalog.` off a function that stands for a table; its alias names its one column too."""
    if table.db.lower() == PG_CATALOG:
        table.set("db", None)
    alias = table.args.get("alias")
    if alias is not None and not alias.args.get("columns"):
        alias.set("columns", [alias.this.copy()])


def _operator(node: exp.Expr) -> exp.Expr:
    written = str(node.args.get("operator") or "").rpartition(".")[2]
    make = _OPERATORS.get(written)
    if make is None:
        raise NotAdmittedError("an operator that is not on the list")
    return make(node.this, node.expression)


def _dot(node: exp.Expr) -> exp.Expr:
    """Take `pg_catalog.` off a function."""
    left, right = node.this, node.expression
    if isinstance(left, exp.Identifier) and left.name.lower() in SCHEMAS and isinstance(right, exp.Func):
        return right
    return node


def _column(node: exp.Expr) -> exp.Expr:
    """Take the schema off a column: its relation's alias is enough. `user` is a function."""
    node.set("db", None)
    node.set("catalog", None)
    if not node.args.get("table") and node.name.lower() == "user" and not node.this.args.get("quoted"):
        called = _call("user", [])
        return exp.alias_(called, "user", quoted=True) if isinstance(node.parent, exp.Select) else called
    refuse_bare_function(node)
    if node.name.lower() == "tableoid":
        return exp.cast(exp.null(), "UINTEGER", dialect="duckdb")
    return node


def _session(node: exp.Expr) -> exp.Expr:
    with_hidden = node.args.get("this") if isinstance(node, exp.CurrentSchemas) else None
    return _call(_SESSION[type(node)], [] if with_hidden is None else [with_hidden])


def _function(node: exp.Expr) -> exp.Expr:
    name = str(node.this).lower()
    return _call(name, node.expressions) if name in NAMES else node


def _call(name: str, arguments: list[exp.Expr]) -> exp.Expr:
    return exp.Anonymous(this=f"{PREFIX}{name}", expressions=arguments)


def _cast(node: exp.Expr) -> exp.Expr:
    """Turn casts to PostgreSQL's own types into what they mean for our relations."""
    name, is_list = _type_name(node.args["to"])
    value = node.this
    inner = value.this if isinstance(value, exp.Paren) else value
    is_text = isinstance(inner, exp.Parameter) or (isinstance(inner, exp.Literal) and inner.is_string)
    if (name, is_list) in _NAMED:
        of_text, of_number = _NAMED[name, is_list]
        if is_text and of_text:
            return _call(of_text, [value])
        return _call(of_number, [value, exp.Literal.number(-1)] if name == "regtype" else [value])
    kind = _DUCKDB.get(name)
    if kind is None:
        raise NotAdmittedError("a type that is not on the list")
    if is_list and isinstance(inner, exp.Literal) and inner.this.startswith("{"):
        items = [each for each in inner.this.strip("{}").split(",") if each]
        value = exp.Array(expressions=[exp.Literal.string(each) for each in items])
    return exp.cast(value, kind + ("[]" if is_list else ""), dialect="duckdb")


_NAMED = {
    ("regclass", False): ("to_regclass", "regclass_name"),
    ("regtype", False): ("to_regtype", "format_type"),
    ("regnamespace", False): (None, "regnamespace_name"),
}
"""Types whose text and number are two forms of one thing: the macro for either."""
_TEXTS = [
    "name", "char", "bpchar", "text", "varchar", "sql_identifier", "character_data", "yes_or_no", "regconfig",
    "regdictionary", "cstring", "pg_node_tree", "regproc", "regprocedure", "aclitem", "json", "jsonb",
    "character",
]  # fmt: skip
_DUCKDB = {
    **dict.fromkeys(_NUMBERS, "UINTEGER"), **dict.fromkeys(_TEXTS, "TEXT"), "int2vector": "BIGINT[]",
    "oidvector": "BIGINT[]", "int2": "SMALLINT", "smallint": "SMALLINT", "int4": "INT", "int": "INT",
    "integer": "INT", "cardinal_number": "INT", "int8": "BIGINT", "bigint": "BIGINT", "bool": "BOOLEAN",
    "boolean": "BOOLEAN", "float4": "FLOAT", "real": "FLOAT", "float8": "DOUBLE", "double precision":
    "DOUBLE", "numeric": "DOUBLE", "decimal": "DOUBLE", "date": "DATE", "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMPTZ", "interval": "INTERVAL", "uuid": "UUID", "bytea": "BLOB",
}  # fmt: skip


def _type_name(kind: Any) -> tuple[str, bool]:  # noqa: ANN401 - sqlglot has several classes for a type
    written = kind.sql("postgres").lower().replace('"', "")
    name = str(written.removesuffix("[]").split("(")[0].rpartition(".")[2].strip())
    return name, written.endswith("[]")


def _compare(node: exp.Expr) -> exp.Expr:
    """Compare the name of a type's function, which PostgreSQL knows by number, with no name instead of 0."""
    pair = node.this, node.expression
    for one, other in (pair, pair[::-1]):
        if isinstance(one, exp.Column) and one.name.lower() in _FUNCTION_COLUMNS and other.is_number:
            other.replace(exp.Literal.string("-"))
    return node


_FUNCTION_COLUMNS = frozenset({"typinput", "typoutput", "typreceive", "typsend", "typsubscript"})


def _collate(node: exp.Expr) -> exp.Expr:
    inner: exp.Expr = node.this
    return inner


_REWRITES: tuple[tuple[Any, Callable[[exp.Expr], exp.Expr]], ...] = (
    (exp.Operator, _operator),
    (exp.Collate, _collate),
    ((exp.EQ, exp.NEQ), _compare),
    (exp.Dot, _dot),
    (exp.Column, _column),
    (exp.Cast, _cast),
    (tuple(_SESSION), _session),
    (exp.Anonymous, _function),
)


def _literal(node: exp.Expr, parameters: Sequence[pa.Scalar]) -> exp.Expr:
    try:
        value = parameters[int(node.this.name) - 1].as_py()
    except (LookupError, ValueError, AttributeError):
        raise NotAdmittedError("a parameter that was not given") from None
    return exp.convert(value)


def _check(tree: exp.Expr) -> None:
    """Refuse what neither the lists of every query nor ours hold."""
    lists = allow_lists()
    refuse_what_grows(tree)
    if is_too_large_to_bind(tree, times_named()):
        raise NotAdmittedError("forms inside one another that are too large in the engine's words")
    for node in tree.walk():
        name = type(node).__name__
        if isinstance(node, exp.Anonymous):
            called = str(node.this).lower()
            if called.removeprefix(PREFIX) not in NAMES and called not in lists.functions:
                raise NotAdmittedError("a function that is not on the list")
        elif name not in lists.nodes and name not in EXTRA_NODES:
            raise NotAdmittedError("a construct that is not on the list")
        if (
            isinstance(node, exp.DataType)
            and str(node.this.name if node.this else "").lower() not in lists.types
        ):
            raise NotAdmittedError("a type that is not on the list")
