"""The law of `policy diff`: it tells of a gain exactly where somebody sees more at some moment.

The other side of the comparison is enumerated here by brute force: every principal, purpose, table, column,
day, reading of the past and state of the glass, each decided on its own by policies compiled anew.
"""

import datetime as dt
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from tests.policies.decisions.building import NOW, TAXONOMY, context, table_of

from lakeward.catalog.pin import PinnedColumn, PinnedTable
from lakeward.policies.decide import CompiledPolicies, compile_policies
from lakeward.policies.decision import ReadRestrictions
from lakeward.policies.diff import Change, diff_policies
from lakeward.policies.load import load_policies
from lakeward.policies.principal import BrokenGlass, RequestContext

Document = dict[str, Any]
TABLES = (
    table_of({"id": ["sensitivity.none"], "name": ["phi.name"], "new": []}, name="main.patient"),
    table_of({"day": ["phi.name", "health"], "code": ["health"]}, name="lab.test", tags=["genomic"]),
)
PURPOSES = ("research", "treatment")
TODAY = NOW.date()
DAYS = tuple(TODAY + dt.timedelta(days=number) for number in range(5))
MASKS = ("clear", "show-first-4", "show-last-4", "mask-alphanum", "replace-with-null", "hidden")
MADE_FROM = {
    "clear": {"clear"},
    "show-first-4": {"clear", "show-first-4"},
    "show-last-4": {"clear", "show-last-4"},
    "mask-alphanum": {"clear", "show-first-4", "show-last-4", "mask-alphanum"},
    "replace-with-null": {"clear", "show-first-4", "show-last-4", "mask-alphanum", "replace-with-null"},
}
WHO = {"ada": (), "bob": (), "group:x": ("x",), "group:y": ("y",)}

columns = st.lists(
    st.fixed_dictionaries(
        {"mask": st.sampled_from(MASKS)},
        optional={
            "tags": st.sampled_from([["*"], ["*"], ["phi.name"], ["health", "genomic"], ["sensitivity.none"]])
        },
    ).map(lambda each: each if "tags" in each else {**each, "names": ["name"]}),
    min_size=1,
    max_size=2,
)
tables = st.sampled_from([["*"], ["*"], ["main.*"], ["main.patient"], ["lab.t*"]])
roles = st.lists(st.sampled_from(["one", "two", "three"]), min_size=1, max_size=2, unique=True)
members = st.lists(st.sampled_from(sorted(WHO)), max_size=2, unique=True)
BOTH: dict[str, list[Any]] = {
    "purposes": [["research"], ["treatment"], [*PURPOSES]],
    "rows": ["id = 1", "id = 2"],
    "tagged": [["health"], ["phi.name"]],
    "until": [TODAY + dt.timedelta(days=number) for number in (-1, 0, 1, 3)],
}
VALUES: dict[str, dict[str, list[Any]]] = {
    "grants": {
        **BOTH,
        "study": ["s", "t"],
        "break_glass": [{"minutes": 5}, {"minutes": 50}],
        "past": [["dropped"], ["erased"], ["dropped", "erased"]],
    },
    "restrictions": {**BOTH, "to": [["one"], ["two"]], "except": [["one"], ["two"]]},
}
FIELDS = {
    kind: {name: st.sampled_from(values) for name, values in fields.items()}
    for kind, fields in VALUES.items()
}
NEEDED = {"grants": {"to": roles, "tables": tables, "columns": columns}}
NEEDED["restrictions"] = {"tables": tables, "columns": columns}
rules = {
    kind: st.lists(st.fixed_dictionaries(NEEDED[kind], optional=FIELDS[kind]), min_size=least, max_size=2)
    for kind, least in (("grants", 1), ("restrictions", 0))
}
others = {
    **dict.fromkeys(("one", "two", "three"), members),
    "includes": st.booleans(),
    "purposes": st.sampled_from([["research"], [*PURPOSES], [*PURPOSES]]),
}
documents: st.SearchStrategy[Any] = st.fixed_dictionaries({**others, **rules})


PLAIN: dict[str, Document] = {
    "grants": {"to": ["one"], "tables": ["*"], "columns": [{"tags": ["*"], "mask": "show-first-4"}]},
    "restrictions": {"tables": ["*"], "rows": "id = 3"},
}
"""What a rule is next to, so that what one field changes is not hidden by all the others."""


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Document, Document]:
    """Draw two documents: of their own, that differ in one part, or in one field of a plain rule."""
    one: Document = draw(documents)
    kind = draw(st.sampled_from(["all", "part", *["grants"] * 4, *["restrictions"] * 4]))
    if kind == "all":
        return one, draw(documents)
    if kind == "part":
        part = draw(st.sampled_from(sorted(others)))
        return one, {**one, part: draw(others[part])}
    name = draw(st.sampled_from(sorted(VALUES[kind])))
    was, will = (draw(st.sampled_from([None, *VALUES[kind][name]])) for _ in range(2))
    return changed_in(one, kind, name, was), changed_in(one, kind, name, will)


def changed_in(one: Document, kind: str, name: str, value: object) -> Document:
    """Give a document with a plain rule that has a value, or none, in one field."""
    rule = {**PLAIN[kind], **({} if value is None else {name: value})}
    people = {"one": sorted({"ada", *one["one"]}), "purposes": [*PURPOSES]}
    return {**one, **people, "grants": [PLAIN["grants"]], kind: [rule]}


def compiled(drawn: Document, directory: Path) -> CompiledPolicies:
    """Write a document down and read it, as a steward's is."""
    given_roles: dict[str, Document] = {name: {"members": drawn[name]} for name in ("one", "two", "three")}
    if drawn["includes"]:
        given_roles["one"]["includes"] = ["two"]
    text = {
        "version": 1,
        "roles": given_roles,
        "purposes": drawn["purposes"],
        "grants": [{"id": f"g{number}", **each} for number, each in enumerate(drawn["grants"])],
        "restrictions": [{"id": f"r{number}", **each} for number, each in enumerate(drawn["restrictions"])],
    }
    for rule in [*text["grants"], *text["restrictions"]]:
        rule["purposes"] = [each for each in rule.get("purposes", ["research"]) if each in text["purposes"]]
        rule["purposes"] = rule["purposes"] or ["research"]
    directory.mkdir(parents=True)
    with (directory / "policy.yaml").open("w") as file:
        yaml = YAML(typ="safe")
        yaml.default_flow_style = False
        yaml.representer.ignore_aliases = lambda _: True
        yaml.dump(text, file)
    return compile_policies(load_policies(directory, TAXONOMY), TAXONOMY)


def readings(table: PinnedTable) -> Iterator[PinnedTable]:
    """Give the table today and in the past: with rows that were erased, columns that were dropped, both."""
    yield table
    dropped = tuple(replace(each, name_today="") for each in table.columns)
    for erased, gone in ((True, table.columns), (False, dropped), (True, dropped)):
        yield replace(
            table,
            is_past=True,
            holds_erased=erased,
            columns=gone,
            metadata_location=f"{table.name}/{erased}{gone is dropped}",
        )


def requests(who: str, purpose: str, day: dt.date, minutes: int | None) -> RequestContext:
    """Ask at noon, `minutes` after breaking the glass of every grant."""
    now = dt.datetime.combine(day, NOW.timetz())
    glass = [
        BrokenGlass(
            request_id="q",
            grant_id=f"g{number}",
            purpose=purpose,
            since=now - dt.timedelta(minutes=minutes or 0),
            until=now + dt.timedelta(hours=20),
        )
        for number in range(3)
    ]
    name = f"any of {who}" if who.startswith("group:") else who
    return context(name, purpose, groups=WHO[who], now=now, glass=glass if minutes is not None else ())


def cells(decision: ReadRestrictions, column: PinnedColumn) -> list[tuple[str, str | None, str | None]]:
    return [
        (
            each.masks[column.field_id].name,
            each.row_filter.sql if each.row_filter else None,
            each.study,
        )
        for each in decision.grants
        if column.field_id in each.masks
    ]


def sees_more(will: ReadRestrictions, was: ReadRestrictions, column: PinnedColumn) -> bool:
    """Whether a cell shows in a form that cannot be made from what showed before, in those rows."""
    before, after = cells(was, column), cells(will, column)
    bounds = {each.sql for each in was.row_filters} - {each.sql for each in will.row_filters}
    if after and bounds:
        return True
    return not all(
        any(
            other in MADE_FROM[mask] and theirs in (None, rows) and (study == same or other == "clear")
            for other, theirs, same in before
        )
        for mask, rows, study in after
    )


Told = set[tuple[str, str, str, str, dt.date]]


def enumerated(old: CompiledPolicies, new: CompiledPolicies) -> Told:
    """Everybody, everywhere, each day: who sees more of which column under `new`."""
    found: Told = set()
    named = {each for both in (old, new) for role in both.documents.roles.values() for each in role.members}
    takes_glass = any(each.break_glass for both in (old, new) for each in both.documents.grants)
    states = (None, 1, 10) if takes_glass else (None,)
    for who, purpose, day, minutes in product(named, PURPOSES, DAYS, states):
        asking = requests(who, purpose, day, minutes)
        for table, reading in ((each, past) for each in TABLES for past in readings(each)):
            was, will = old.weigh(asking, reading), new.weigh(asking, reading)
            for column in reading.columns:
                if sees_more(will, was, column):
                    found.add((who, purpose, str(table.name), column.name, day))
    return found


def told(changes: list[Change]) -> Told:
    """The gains that `diff` tells of, day by day; those of somebody in two groups left out."""
    return {
        (each.who.removesuffix(" (breaking glass)"), each.purpose, each.table, each.column.split(" ")[0], day)
        for each in changes
        for day in DAYS
        if each.gains and " in " not in each.who
        if (each.since or TODAY) <= day <= (each.until or DAYS[-1])
    }


def holds(one: Document, other: Document) -> None:
    with tempfile.TemporaryDirectory() as folder:
        old, new = compiled(one, Path(folder, "old")), compiled(other, Path(folder, "new"))
        found = told(list(diff_policies(old, new, TABLES, NOW)))
        expected = enumerated(old, new)
    assert found == expected


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pair=pairs())
def test_diff_tells_of_a_gain_exactly_where_somebody_sees_more(pair: tuple[Document, Document]) -> None:
    holds(*pair)


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pair=pairs())
def test_diff_tells_of_every_gain_in_many_documents(pair: tuple[Document, Document]) -> None:
    holds(*pair)


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in VALUES for name in VALUES[kind]])
def test_diff_tells_of_every_gain_by_one_field(kind: str, name: str) -> None:
    """From each value of the field, or none, to each other."""
    base = {"one": ["ada"], "two": ["group:x"], "three": [], "includes": False, "restrictions": []}
    for was, will in permutations([None, *VALUES[kind][name]], 2):
        holds(changed_in(base, kind, name, was), changed_in(base, kind, name, will))
