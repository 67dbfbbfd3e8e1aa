"""What another dialect means, in the engine's own words, where a plain printing of the tree would be wrong.

`translations.toml` holds the rules as data: the name of a function, or the class of a node, to an expression
of DuckDB in which `_1`, `_2` … stand for the arguments of a function, `_this`, `_expression` … for those of a
node. What a rule of one line cannot say is in `translate_forms.py`.
"""

import functools
import re
import tomllib
from collections.abc import Mapping
from importlib import resources

import sqlglot
from sqlglot import exp

from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.admit.templates import put_in
from lakeward.policies.admit.translate_forms import FORMS

Rules = Mapping[str, Mapping[str, exp.Expr]]
_ARGUMENT = re.compile(r"_(?P<name>\w+)\Z")
EVERY = "every"
OWN = "duckdb"
_MOST_GROWN = 100_000
"""Nodes that all forms of a statement may become, together."""
DIVIDES_WHOLE = frozenset({"postgres", "trino"})
"""Dialects in which one integer divided by another is an integer; the engine has a setting for it."""


def translate(tree: exp.Query, dialect: str) -> exp.Query:
    """Put what is the dialect's own into DuckDB's words; the given tree is changed.

    Raises:
        NotAdmittedError: The words are not known, or the tree grows too large.
    """
    grown = 0
    nodes = list(tree.find_all(*_own_forms())) if dialect == OWN else list(tree.walk())
    for node in reversed(nodes):  # what is inside first
        new = _translated(node, dialect)
        if new is not node:
            if isinstance(node.parent, exp.Window | exp.Filter) and node.parent.this is node:
                new = new.unnest()  # an aggregate in brackets is none to the engine's grammar
            grown += sum(1 for _ in new.walk())
            if grown > _MOST_GROWN:
                raise NotAdmittedError("too many forms of another dialect")
            node.replace(new)
    return tree


def _translated(node: exp.Expr, dialect: str) -> exp.Expr:
    forms = FORMS.get((dialect, type(node)), ())
    if forms and node.error_messages():  # inside a type in quotes the parser lets pass what is not whole
        raise NotAdmittedError("a syntax error")
    for form in forms:
        if (new := form(node)) is not None:
            return new
    for part in (dialect, EVERY) if dialect != OWN else ():
        if (rule := _rules(part).get(_key(node))) and (new := _filled(rule, _arguments(node))) is not None:
            return new
    return node


@functools.cache
def _own_forms() -> tuple[type[exp.Expr], ...]:
    """Return the classes of nodes that mean something else than they say in the engine's own dialect too."""
    return tuple(kind for dialect, kind in FORMS if dialect == OWN)


def _key(node: exp.Expr) -> str:
    return str(node.this).lower() if isinstance(node, exp.Anonymous) else type(node).__name__


def _arguments(node: exp.Expr) -> dict[str, exp.Expr]:
    if isinstance(node, exp.Anonymous):
        return {str(number): each for number, each in enumerate(node.expressions, 1)}
    return {name.rstrip("_"): each for name, each in node.args.items() if isinstance(each, exp.Expr)}


def _filled(rules: Mapping[frozenset[str], exp.Expr], arguments: Mapping[str, exp.Expr]) -> exp.Expr | None:
    """Return a rule with the arguments in it; None where it is for others than these."""
    template = rules.get(frozenset(arguments))
    if template is None:
        return None
    return put_in(template, {f"_{name}": each for name, each in arguments.items()})


def _place(column: exp.Column) -> str | None:
    found = _ARGUMENT.match(column.name)
    return found["name"] if found and not column.table else None


@functools.cache
def _rules(dialect: str) -> Mapping[str, Mapping[frozenset[str], exp.Expr]]:
    """Return a dialect's rules, by name, then by which arguments are there."""
    text = resources.files("lakeward.policies.lists").joinpath("translations.toml").read_text("utf-8")
    read: dict[str, dict[frozenset[str], exp.Expr]] = {}
    for key, templates in tomllib.loads(text).get(dialect, {}).items():
        for each in [templates] if isinstance(templates, str) else templates:
            template = sqlglot.parse_one(each, dialect="duckdb")
            places = frozenset(found for column in template.find_all(exp.Column) if (found := _place(column)))
            read.setdefault(key, {})[places] = template
    return read
