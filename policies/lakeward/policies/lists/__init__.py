"""The allow-lists: which words of SQL a query may hold. Data in TOML beside this file, read once.

`engine.toml` names DuckDB's functions, `tree.toml` the node classes of sqlglot's trees, `words.toml` what
else stays a bare word in the text that runs: types, collations, units. What is on no list is refused. Of
what is allowed, `changing` gives another value every time. `bound.toml` is for what runs where hidden rows
are, as the engine understands it.
"""

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class AllowLists:
    """Every list, as sets of exact words: in lower case, node classes as sqlglot spells them."""

    functions: frozenset[str]
    changing: frozenset[str]
    refused_functions: frozenset[str]
    table_functions: frozenset[str]
    refused_table_functions: frozenset[str]
    nodes: frozenset[str]
    refused_nodes: frozenset[str]
    types: frozenset[str]
    collations: frozenset[str]
    units: frozenset[str]
    arguments: Mapping[str, frozenset[str]]
    refused_arguments: Mapping[str, frozenset[str]]


@functools.cache
def allow_lists() -> AllowLists:
    """Return the lists that ship with this version."""
    engine, tree, words = _read("engine.toml"), _read("tree.toml"), _read("words.toml")
    return AllowLists(
        functions=frozenset(engine["functions"]["harmless"]),
        changing=frozenset(engine["functions"]["changing"]),
        refused_functions=frozenset(engine["functions"]["refused"]),
        table_functions=frozenset(engine["table_functions"]["harmless"]),
        refused_table_functions=frozenset(engine["table_functions"]["refused"]),
        nodes=frozenset(tree["nodes"]["structure"]) | frozenset(tree["nodes"]["functions"]),
        refused_nodes=frozenset(tree["nodes"]["refused"]),
        types=frozenset(words["types"]),
        collations=frozenset(words["collations"]),
        units=frozenset(words["units"]),
        arguments={node: frozenset(names) for node, names in tree["arguments"]["allowed"].items()},
        refused_arguments={node: frozenset(names) for node, names in tree["arguments"]["refused"].items()},
    )


@dataclass(frozen=True, slots=True)
class BoundList:
    """What a plan may hold that runs where hidden rows are: calls by name, each with its types, and parts."""

    calls: Mapping[str, Sequence[str]]
    parts: frozenset[str]


@functools.cache
def bound_list() -> BoundList:
    """Return the list that ships with this version."""
    listed = _read("bound.toml")
    return BoundList(listed["calls"], frozenset(each for every in listed["parts"].values() for each in every))


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath(name).read_text("utf-8"))
