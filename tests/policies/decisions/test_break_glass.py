"""A grant for emergencies shows nothing without a request, and no longer than documents and request allow."""

import datetime as dt
import itertools
import random
import re
from pathlib import Path

import pytest
from tests.policies.decisions.building import NOW, TAXONOMY, compiled, context, forms, table_of, write
from tests.policies.decisions.test_casbin import PROBE, PURPOSES, WHO, _tables, reference, some_documents

from lakeward.policies.diff import diff_policies
from lakeward.policies.errors import PolicyError
from lakeward.policies.explain import explain_table
from lakeward.policies.lint import lint_policies
from lakeward.policies.load import load_policies
from lakeward.policies.principal import BrokenGlass
from lakeward.policies.rules import Asked
from lakeward.policies.who_can import who_can

GRANTS = """
grants:
  - {id: usual, to: [clinician], tables: ["main.*"], columns: [{tags: [phi.name], mask: replace-with-null}]}
  - id: emergency
    to: [clinician]
    purposes: [treatment]
    tables: ["main.*"]
    columns: [{tags: ["*"], mask: clear}]
    break_glass: {minutes: 60}
"""
TABLE = table_of({"name": ["phi.name"], "code": ["health"]})


def broken(**changes: object) -> BrokenGlass:
    facts: dict[str, object] = {
        "request_id": "r1", "grant_id": "emergency", "purpose": "treatment",
        "since": NOW - dt.timedelta(minutes=5), "until": NOW + dt.timedelta(minutes=5), **changes,
    }  # fmt: skip
    return BrokenGlass(**facts)  # type: ignore[arg-type]


def test_without_a_request_it_shows_nothing(tmp_path: Path) -> None:
    decision = compiled(tmp_path, GRANTS).weigh(context("grace", "treatment"), TABLE)
    assert forms(decision) == {"name": {"replace-with-null"}}


def test_with_a_request_it_shows_until_its_end(tmp_path: Path) -> None:
    policies, glass = compiled(tmp_path, GRANTS), broken()
    shown = {"name": {"clear", "replace-with-null"}, "code": {"clear"}}
    decision = policies.weigh(context("grace", "treatment", glass=[glass]), TABLE)
    assert forms(decision) == shown
    assert decision.until == glass.until
    late = context("grace", "treatment", glass=[glass], now=glass.until)
    assert forms(policies.weigh(late, TABLE)) == {"name": {"replace-with-null"}}
    assert forms(policies.weigh(context("grace", "treatment", glass=[glass]), TABLE)) == shown
    assert forms(policies.weigh(context("grace", "treatment"), TABLE)) == {"name": {"replace-with-null"}}


@pytest.mark.parametrize(
    ("who", "purpose", "glass"),
    [
        ("ada", "treatment", broken()),
        ("grace", "research", broken()),
        ("grace", "research", broken(purpose="research")),
        ("grace", "treatment", broken(purpose="research")),
        ("grace", "treatment", broken(grant_id="usual")),
        ("grace", "treatment", broken(until=NOW)),
        ("grace", "treatment", broken(since=NOW - dt.timedelta(hours=2))),
    ],
    ids=["role", "purpose", "purposes", "request's purpose", "grant", "over", "longer than allowed"],
)
def test_what_does_not_fit_shows_nothing_more(
    tmp_path: Path, who: str, purpose: str, glass: BrokenGlass
) -> None:
    decision = compiled(tmp_path, GRANTS).weigh(context(who, purpose, glass=[glass]), TABLE)
    assert "code" not in forms(decision)


def test_a_restriction_binds_in_an_emergency_too(tmp_path: Path) -> None:
    more = "restrictions: [{id: r, tables: ['*'], columns: [{tags: [health], mask: hidden}]}]\n"
    decision = compiled(tmp_path, GRANTS + more).weigh(context("grace", "treatment", glass=[broken()]), TABLE)
    assert "code" not in forms(decision)


@pytest.mark.parametrize(
    "value", ["true", "{}", "{minutes: 0}", "{minutes: 1441}", "{minutes: '60'}", "{hours: 1}", "60"]
)
def test_a_document_says_how_long(tmp_path: Path, value: str) -> None:
    with pytest.raises(PolicyError, match=r"break_glass|minutes|hours"):
        load_policies(write(tmp_path / "p", GRANTS.replace("{minutes: 60}", value)), TAXONOMY)


def test_snapshots_agree_with_enforce_in_emergencies(tmp_path: Path) -> None:
    opened = 0
    for seed in range(4):
        draw = random.Random(seed)  # noqa: S311  a sample, no secret
        text = re.sub(r"id: (g\d*[02468]),", r"id: \1, break_glass: {minutes: 60},", some_documents(draw))
        policies = compiled(tmp_path / str(seed), "", head=text)
        assert policies.enforcer.add_policy(*PROBE)
        counting = frozenset(draw.sample([f"g{n}" for n in range(0, 16, 2)], 6))
        glass = [broken(grant_id=each, purpose=purpose) for each in counting for purpose in PURPOSES]
        requests = itertools.product(_tables(draw)[::4], WHO, PURPOSES)
        answers: dict[Asked, bool] = {}
        for table, (who, groups), purpose in requests:
            shown = policies.weigh(context(who, purpose, groups=groups, glass=glass), table).visible_columns
            usual = policies.weigh(context(who, purpose, groups=groups), table).visible_columns
            column = table.columns[draw.randrange(4)]
            request = (who, groups, purpose)
            assert (column in shown) == reference(policies, request, table, column, answers, counting)
            assert (column in usual) == reference(policies, request, table, column, answers)
            opened += (column in shown) - (column in usual)
    assert opened > 10


def test_who_can_and_diff_tell_of_it(tmp_path: Path) -> None:
    old = compiled(tmp_path / "old", GRANTS[: GRANTS.index("  - id: emergency")])
    new = compiled(tmp_path / "new", GRANTS)
    code = TABLE.columns[1]
    told = [(each.who, each.form.grant_id) for each in who_can(new, TABLE, code, NOW)]
    assert told == [("grace (breaking glass)", "emergency")]
    changes = list(diff_policies(old, new, [TABLE], NOW))
    assert {each.who for each in changes} == {"grace (breaking glass)"}
    assert all(each.gains for each in changes)
    opened = compiled(tmp_path / "opened", GRANTS.replace("    break_glass: {minutes: 60}\n", ""))
    assert "grace" in {each.who for each in diff_policies(new, opened, [TABLE], NOW)}


def test_explain_says_what_would_lift_it(tmp_path: Path) -> None:
    access = explain_table(compiled(tmp_path, GRANTS), context("grace", "treatment"), TABLE)
    lift = [each.lift for each in access.columns if each.name == "code"]
    assert "break-glass request" in str(lift)


def test_lint_asks_for_a_reviewer(tmp_path: Path) -> None:
    def found(text: str, name: str) -> list[str]:
        policies = compiled(tmp_path / name, text)
        return [each.text for each in lint_policies(policies, NOW) if "break_glass" in each.text]

    right = "rights: [{id: w, to: [researcher], may: [break_glass.review]}]\n"
    assert len(found(GRANTS, "a")) == 1
    assert found(GRANTS + right, "b") == []
