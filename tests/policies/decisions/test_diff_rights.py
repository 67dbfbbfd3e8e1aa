"""The law of rights in `policy diff`: it tells of a gain exactly where somebody may do more somewhere."""

import json
import tempfile
from itertools import product
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policies.decisions.building import compiled, context

from lakeward.catalog.names import TableName
from lakeward.policies.decide import CompiledPolicies
from lakeward.policies.diff_rights import RightChange, diff_rights
from lakeward.policies.principal import Principal

WHO = {"ada": (), "bob": ("x",), "group:x": ("x",), "group:y": ("y",)}
KNOWN = [Principal(name="bob", groups=frozenset({"x"}))]
ACTS = ("tag.apply", "tag.remove", "tag.of_later", "policy.read", "of_later")
TABLES = (None, "main.visit", "main.visits", "main.other", "lab.test")

rights = st.lists(
    st.fixed_dictionaries(
        {
            "to": st.lists(st.sampled_from(["one", "two"]), min_size=1, max_size=2, unique=True),
            "may": st.lists(
                st.sampled_from(["*", "tag.*", "tag.apply", "tag.remove", "policy.read"]),
                min_size=1,
                max_size=2,
            ),
        },
        optional={
            "tables": st.lists(
                st.sampled_from(["*", "main.*", "main.visit", "main.visit*"]), min_size=1, max_size=2
            )
        },
    ),
    max_size=3,
)
documents: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {
        "one": st.lists(st.sampled_from(["ada", "group:x"]), max_size=2),
        "two": st.lists(st.sampled_from(["ada", "group:y"]), max_size=2),
        "includes": st.booleans(),
        "rights": rights,
    }
)


def read(directory: Path, drawn: dict[str, Any]) -> CompiledPolicies:
    includes = {"includes": ["two"]} if drawn["includes"] else {}
    text = {
        "version": 1,
        "roles": {"one": {"members": drawn["one"], **includes}, "two": {"members": drawn["two"]}},
        "rights": [{"id": f"a{number}", **each} for number, each in enumerate(drawn["rights"])],
    }
    return compiled(directory, json.dumps(text), head="")


def may(policies: CompiledPolicies, who: str, act: str, table: str | None) -> bool:
    name = f"any of {who}" if who.startswith("group:") else who
    place = TableName.parse(table) if table else None
    return policies.may(context(name, None, groups=WHO[who]), act, place)


def differing(
    change: RightChange, old: CompiledPolicies, new: CompiledPolicies
) -> set[tuple[str, str | None]]:
    more, less = (new, old) if change.gains else (old, new)
    return {
        (act, table)
        for act, table in product(ACTS, TABLES)
        if may(more, change.who, act, table) and not may(less, change.who, act, table)
    }


@settings(max_examples=150, deadline=None)
@given(one=documents, other=documents)
def test_a_right_is_told_exactly_where_somebody_may_do_more(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        old, new = read(Path(folder, "old"), one), read(Path(folder, "new"), other)
    told = list(diff_rights(old, new, KNOWN))
    assert all(differing(each, old, new) for each in told)
    for who, act, table in product(WHO, ACTS, TABLES):
        was, will = (may(policies, who, act, table) for policies in (old, new))
        here = {each.gains for each in told if each.who == who and (act, table) in differing(each, old, new)}
        assert (True in here, False in here) == (will and not was, was and not will), (who, act, table)


def test_a_change_names_the_rights_and_the_roles_that_bring_it(tmp_path: Path) -> None:
    drawn = {"one": ["ada"], "two": ["group:y"], "includes": True}
    old = read(tmp_path / "a", {**drawn, "rights": [{"to": ["one"], "may": ["tag.apply"]}]})
    given_ = [{"to": ["two"], "may": ["tag.*"], "tables": ["main.*"]}]
    new = read(tmp_path / "b", {**drawn, "rights": given_})
    assert {
        (each.who, each.act, each.tables, each.gains, each.by, each.roles) for each in diff_rights(old, new)
    } == {
        ("ada", "tag.*", "main.*", True, ("a0",), ("two",)),
        ("ada", "tag.apply", "*", False, ("a0",), ("one",)),
        ("group:y", "tag.*", "main.*", True, ("a0",), ("two",)),
    }
