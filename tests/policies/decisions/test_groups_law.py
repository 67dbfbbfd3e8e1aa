"""The laws of who is in several groups: `policy diff` and `policy who-can` leave out no set of memberships.

The other side is enumerated by brute force: every principal or none in every set of groups, each decided on
its own. What anyone of them sees, or gains, must be told of a part of its memberships; and what is told is
true of those whom it is told of, and of no part of their memberships alone.
"""

import json
import re
import tempfile
from collections.abc import Iterator
from functools import cache
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.policies.decisions.building import NOW, compiled, context, table_of
from tests.policies.decisions.test_diff_laws import MADE_FROM

from lakeward.catalog.pin import PinnedColumn
from lakeward.policies import together
from lakeward.policies.decide import CompiledPolicies
from lakeward.policies.decision import ReadRestrictions
from lakeward.policies.diff import Change, diff_policies
from lakeward.policies.errors import TooManyGroupsError
from lakeward.policies.who_can import Access, who_can

Document = dict[str, Any]
Who = frozenset[str]
Cells = set[tuple[str, str | None, frozenset[str]]]
"""Masks, with the rows of their grants and the conditions of restrictions."""

TABLE = table_of({"id": ["sensitivity.none"], "name": ["phi.name"]})
MEMBERS = ("ada", "bob", "group:x", "group:y", "group:z")
GROUPS = MEMBERS[2:]
ROLES = ("one", "two", "three", "four")
PURPOSES = ("research", "treatment")
EVERYBODY = [
    frozenset((*name, *some))
    for name in ((), ("ada",), ("bob",))
    for size in range(len(GROUPS) + 1)
    for some in combinations(GROUPS, size)
    if name or some
]

roles = st.lists(st.sampled_from(ROLES), min_size=1, max_size=2, unique=True)
columns = st.lists(
    st.fixed_dictionaries(
        {
            "tags": st.sampled_from([["*"], ["phi.name"]]),
            "mask": st.sampled_from(["clear", "show-first-4", "mask-alphanum", "hidden", "hidden"]),
        }
    ),
    min_size=1,
    max_size=1,
)
purposes = st.sampled_from([["research"], ["treatment"]])
grants = st.lists(
    st.fixed_dictionaries(
        {"to": roles, "columns": columns}, optional={"purposes": purposes, "rows": st.just("id = 1")}
    ),
    min_size=1,
    max_size=3,
)
bounds = {"purposes": purposes, "to": roles}
excepting = {"except": roles}
restrictions = st.lists(
    st.one_of(
        st.fixed_dictionaries({"columns": columns, **excepting}, optional=bounds),
        st.fixed_dictionaries({"columns": columns}, optional={**bounds, **excepting}),
        st.fixed_dictionaries(
            {"rows": st.sampled_from(["id = 2", "id = 3"])}, optional={**bounds, **excepting}
        ),
    ),
    max_size=3,
)
parts = {
    "roles": st.fixed_dictionaries(
        {each: st.lists(st.sampled_from(MEMBERS), min_size=1, max_size=2, unique=True) for each in ROLES}
    ),
    "grants": grants,
    "restrictions": restrictions,
}


one_role = st.lists(st.sampled_from(ROLES), min_size=1, max_size=1)
hidden = [{"tags": ["*"], "mask": "hidden"}]
excepts, binds = (
    st.lists(st.fixed_dictionaries({"columns": st.just(hidden), key: one_role}), min_size=1, max_size=3)
    for key in ("except", "to")
)
knots: dict[str, st.SearchStrategy[Any]] = {
    "roles": st.permutations(MEMBERS).map(
        lambda some: {name: [each] for name, each in zip(ROLES, some, strict=False)}
    ),
    "grants": st.fixed_dictionaries(
        {"to": one_role, "columns": st.just([{"tags": ["*"], "mask": "clear"}])}
    ).map(lambda each: [each]),
    "restrictions": st.one_of(excepts, binds),
}
"""Documents in which it takes several memberships: among others that is rare."""
documents = st.one_of(st.fixed_dictionaries(parts), st.fixed_dictionaries(knots))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Document, Document]:
    """Draw two documents that differ in one part."""
    drawn = draw(st.sampled_from([parts, knots]))
    one: Document = draw(st.fixed_dictionaries(drawn))
    part = draw(st.sampled_from(sorted(drawn)))
    return one, {**one, part: draw(drawn[part])}


def read(directory: Path, drawn: Document) -> CompiledPolicies:
    text = {
        "version": 1,
        "purposes": PURPOSES,
        "roles": {name: {"members": members} for name, members in drawn["roles"].items()},
        "grants": numbered("g", drawn["grants"]),
        "restrictions": numbered("r", drawn["restrictions"]),
    }
    return compiled(directory, json.dumps(text), head="")


def numbered(letter: str, rules: list[Document]) -> list[Document]:
    return [{"id": f"{letter}{number}", "tables": ["*"], **each} for number, each in enumerate(rules)]


def decision(policies: CompiledPolicies, who: Who, purpose: str) -> ReadRestrictions:
    names = [each for each in who if each not in GROUPS] or ["nobody"]
    groups = [each.removeprefix("group:") for each in who if each in GROUPS]
    return policies.weigh(context(names[0], purpose, groups=groups), TABLE)


def cells(policies: CompiledPolicies, who: Who, purpose: str, column: PinnedColumn) -> Cells:
    found = decision(policies, who, purpose)
    bound = frozenset(each.sql for each in found.row_filters)
    return {
        (each.masks[column.field_id].name, each.row_filter.sql if each.row_filter else None, bound)
        for each in found.grants
        if column.field_id in each.masks
    }


def beyond(some: Cells, others: Cells) -> Cells:
    """What cannot be made of others."""
    return {
        (mask, rows, bound)
        for mask, rows, bound in some
        if not any(
            other in MADE_FROM[mask] and theirs in (None, rows) and less <= bound
            for other, theirs, less in others
        )
    }


def smaller(who: Who) -> Iterator[Who]:
    for size in range(1, len(who)):
        yield from map(frozenset, combinations(sorted(who), size))


def told_of(who: str) -> Who:
    return frozenset(re.findall(r"ada|bob|group:\w", re.sub(r"\(.*?\)", "", who)))


def roles_of(both: tuple[CompiledPolicies, ...], who: Who) -> tuple[frozenset[str], ...]:
    return tuple(
        frozenset(name for name, role in each.documents.roles.items() if not who.isdisjoint(role.members))
        for each in both
    )


def among(both: tuple[CompiledPolicies, ...], told: Who, who: Who) -> bool:
    """Whether some memberships come to the same roles as others, or a part of them."""
    theirs = roles_of(both, told)
    return any(roles_of(both, each) == theirs for each in (who, *smaller(who)))


def diff_holds(one: Document, other: Document) -> None:
    with tempfile.TemporaryDirectory() as folder:
        both = read(Path(folder, "old"), one), read(Path(folder, "new"), other)
        old, new = both

        @cache
        def gained(who: Who, purpose: str, column: PinnedColumn) -> Cells:
            return beyond(cells(new, who, purpose, column), cells(old, who, purpose, column))

        told = [each for each in diff_policies(*both, [TABLE], NOW) if each.gains]
        for who, purpose, column in product(EVERYBODY, PURPOSES, TABLE.columns):
            here = [
                each
                for each in told
                if (each.purpose, each.column) == (purpose, column.name)
                and among(both, told_of(each.who), who)
            ]
            left = gained(who, purpose, column)
            for each in here:
                left = beyond(left, gained(told_of(each.who), purpose, column))
            assert not left, (sorted(who), purpose, column.name)
        for each in told:
            is_true(each, gained)


def is_true(change: Change, gained: Any) -> None:  # noqa: ANN401 - a function that keeps its answers
    who = told_of(change.who)
    column = TABLE.column(change.column)
    left = gained(who, change.purpose, column)
    assert left, change
    for part in smaller(who):
        left = beyond(left, gained(part, change.purpose, column))
    assert left, change


def who_can_holds(drawn: Document) -> None:
    with tempfile.TemporaryDirectory() as folder:
        policies = read(Path(folder), drawn)
    for column in TABLE.columns:
        told = list(who_can(policies, TABLE, column, NOW))
        for who, purpose in product(EVERYBODY, PURPOSES):
            here = {
                told_cell(each)
                for each in told
                if each.purpose == purpose and among((policies,), told_of(each.who), who)
            }
            assert not beyond(cells(policies, who, purpose, column), here), (sorted(who), purpose)
        for each in told:
            who = told_of(each.who)
            assert told_cell(each) in cells(policies, who, each.purpose, column)
            apart = set().union(*(cells(policies, part, each.purpose, column) for part in smaller(who)))
            assert beyond({told_cell(each)}, apart), each


def told_cell(access: Access) -> tuple[str, str | None, frozenset[str]]:
    return access.form.mask.name, access.form.row_filter, frozenset(access.row_filters)


few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
many = settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@few
@given(pair=pairs())
def test_diff_leaves_out_no_set_of_groups(pair: tuple[Document, Document]) -> None:
    diff_holds(*pair)


@few
@given(drawn=documents)
def test_who_can_leaves_out_no_set_of_groups(drawn: Document) -> None:
    who_can_holds(drawn)


@pytest.mark.slow
@many
@given(pair=pairs())
def test_diff_leaves_out_no_set_of_groups_in_many_documents(pair: tuple[Document, Document]) -> None:
    diff_holds(*pair)


@pytest.mark.slow
@many
@given(drawn=documents)
def test_who_can_leaves_out_no_set_of_groups_in_many_documents(drawn: Document) -> None:
    who_can_holds(drawn)


CLEAR = [{"tags": ["*"], "mask": "clear"}]
HIDDEN = [{"tags": ["*"], "mask": "hidden"}]


def excepted(exceptions: list[str], granted: list[str]) -> Document:
    """One role each; its last is granted everything, every other is an exception from a denial of its own."""
    return {
        "roles": dict(zip(ROLES, [["group:x"], ["group:y"], ["group:z"], ["ada"]], strict=True)),
        "grants": [{"to": granted, "columns": CLEAR}],
        "restrictions": [{"columns": HIDDEN, "except": [each]} for each in exceptions],
    }


def who_gains(old: CompiledPolicies, new: CompiledPolicies) -> set[str]:
    return {each.who for each in diff_policies(old, new, [TABLE], NOW) if each.gains}


def test_as_many_groups_as_it_takes_are_told_together(tmp_path: Path) -> None:
    denied = {**excepted([], ["three"]), "restrictions": [{"columns": HIDDEN}]}
    nothing = read(tmp_path / "a", denied)
    three = read(tmp_path / "b", excepted(["one", "two"], ["three"]))
    four = read(tmp_path / "c", excepted(["one", "two", "four"], ["three"]))
    assert who_gains(nothing, three) == {"group:x in group:y, group:z"}
    assert who_gains(nothing, four) == {"ada in group:x, group:y, group:z"}
    [access, *_] = who_can(four, TABLE, TABLE.columns[0], NOW)
    assert access.who == "ada in group:x, group:y, group:z"


def test_a_principal_who_is_an_exception_gains_in_a_group_that_is_granted(tmp_path: Path) -> None:
    old = read(tmp_path / "a", excepted(["two"], ["four"]))
    new = read(tmp_path / "b", excepted(["four"], ["one"]))
    assert "ada in group:x" in who_gains(old, new)


def test_who_was_bound_through_several_groups_gains_in_all_of_them(tmp_path: Path) -> None:
    drawn = excepted([], ["three"])
    bound = [{"columns": HIDDEN, "to": [each]} for each in ("one", "two")]
    old = read(tmp_path / "a", {**drawn, "restrictions": bound})
    new = read(tmp_path / "b", drawn)
    assert who_gains(old, new) == {"group:x in group:z", "group:y in group:z"}
    less = read(tmp_path / "c", {**drawn, "restrictions": bound[:1]})
    assert who_gains(old, less) == {"group:y in group:z"}


def test_those_with_the_same_roles_are_told_once_together(tmp_path: Path) -> None:
    drawn = excepted(["one"], ["two"])
    drawn["roles"]["two"] = ["group:y", "group:z"]
    drawn["roles"]["three"] = ["bob"]
    policies = read(tmp_path, drawn)
    told = [
        each.who for each in who_can(policies, TABLE, TABLE.columns[0], NOW) if each.purpose == "research"
    ]
    assert told == ["group:x in group:y (or 1 alike)"]


def test_more_that_one_group_adds_to_what_another_gains_is_told(tmp_path: Path) -> None:
    """Who gains something by themselves gains more together: the second is not covered by the first."""
    masked = [{"columns": [{"tags": ["*"], "mask": "show-first-4"}], "except": ["two"]}]
    old = read(tmp_path / "a", {**excepted([], ["two"]), "grants": [{"to": ["three"], "columns": CLEAR}]})
    new = read(tmp_path / "b", {**excepted([], ["one"]), "restrictions": masked})
    assert who_gains(old, new) == {"group:x", "group:x in group:y"}


def test_too_many_sets_of_groups_are_an_error_and_no_half_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = read(tmp_path / "a", excepted(["one", "two", "four"], ["four"]))
    new = read(tmp_path / "b", excepted(["one", "two", "four"], ["three"]))
    monkeypatch.setattr(together, "MOST_TOGETHER", 4)
    with pytest.raises(TooManyGroupsError, match=r"main\.patient"):
        list(diff_policies(old, new, [TABLE], NOW))
    with pytest.raises(TooManyGroupsError):
        list(who_can(new, TABLE, TABLE.columns[0], NOW))


def test_what_did_not_change_asks_for_no_sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policies = read(tmp_path, excepted(["one", "two", "four"], ["three"]))
    monkeypatch.setattr(together, "MOST_TOGETHER", 1)
    assert list(diff_policies(policies, policies, [TABLE], NOW)) == []
