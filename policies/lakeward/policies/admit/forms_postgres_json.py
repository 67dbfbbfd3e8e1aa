"""PostgreSQL's paths into JSON, as the engine writes them."""

import re
from collections.abc import Callable, Sequence

from sqlglot import exp

from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.admit.literals import is_null, literal_text

_BY_KEYS = {"jsonb_extract_path": "json_extract", "jsonb_extract_path_text": "json_extract_string"}


def at_path(function: str) -> Callable[[exp.Expr], exp.Expr | None]:
    """`#>` and `#>>` with a path written as `'{a, b}'` or `ARRAY['a', 'b']`."""

    def form(node: exp.Expr) -> exp.Expr:
        if is_null(node.expression):
            return exp.cast(exp.null(), "text" if function.endswith("string") else "json")
        found = _along(function, node.this, _path(node.expression))
        if found is None:
            raise NotAdmittedError("a path into JSON that is computed, or holds quotes or brackets")
        return found

    return form


def _path(node: exp.Expr) -> Sequence[str | None]:
    inner = node.this if isinstance(node, exp.Cast) else node
    if isinstance(inner, exp.Array):
        return [literal_text(each) for each in inner.expressions]
    text = literal_text(inner) or ""
    is_list = text.startswith("{") and text.endswith("}")
    return [each.strip() for each in text[1:-1].split(",")] if is_list else []


def by_keys(node: exp.Expr) -> exp.Expr | None:
    """`jsonb_extract_path(x, 'a', 'b')`, of any number of keys."""
    function = _BY_KEYS.get(str(node.this).lower())
    if function is None or not node.expressions:
        return None
    return _along(function, node.expressions[0], [literal_text(each) for each in node.expressions[1:]])


def _along(function: str, subject: exp.Expr, keys: Sequence[str | None]) -> exp.Expr | None:
    steps = [_step(key) for key in keys if key and not re.search(r'["\\{}]', key)]
    if not keys or len(steps) < len(keys):
        return None
    path = exp.Literal.string("$" + "".join(steps))
    return exp.Anonymous(this=function, expressions=[subject.copy(), path])


def _step(key: str) -> str:
    if key.isdigit():
        return f"[{key}]"
    return f".{key}" if re.fullmatch(r"\w+", key) else f'."{key}"'
