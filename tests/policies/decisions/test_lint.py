"""What valid documents say in vain or by mistake; who can see; who gains by a change; cases as tests."""

import datetime as dt
from pathlib import Path

import pytest
from tests.policies.decisions.building import NOW, compiled, context, table_of

from lakeward.policies.diff import diff_policies
from lakeward.policies.explain import explain_table
from lakeward.policies.lint import lint_policies
from lakeward.policies.policy_test import Case, Outcome, judge
from lakeward.policies.principal import Principal
from lakeward.policies.who_can import who_can

PATIENT = table_of({"id": ["sensitivity.none"], "name": ["phi.name"], "new": []})
GRANT = """
grants:
  - id: g
    to: [researcher]
    tables: [main.patient]
    columns: [{tags: [phi.name], mask: pseudonym}, {tags: [sensitivity.none], mask: clear}]
"""
HIDES = "tables: ['*'], columns: [{tags: ['*'], mask: hidden}]"


def said(directory: Path, text: str) -> list[tuple[str, str]]:
    findings = lint_policies(compiled(directory, text), NOW, [PATIENT])
    assert all(each.place for each in findings)
    return [(each.level, each.text) for each in findings]


def other(columns: str, table: str = "main.patient") -> str:
    return f"  - {{id: h, to: [researcher], tables: [{table}], columns: [{columns}]}}\n"


def test_sound_documents_have_no_findings(tmp_path: Path) -> None:
    assert said(tmp_path, GRANT) == []


@pytest.mark.parametrize(
    ("more", "level", "text"),
    [
        ("    until: 2026-11-23\n", "warning", "has been over"),
        ('    rows: "id IN (SELECT id FROM main.consent)"\n', "error", "`main.consent`"),
        ("    tagged: [genomic]\n", "note", "tagged `genomic`"),
        (other("{names: [id], mask: clear}", "main.visit"), "warning", "main.visit"),
        (other("{names: [id], mask: clear}, {names: [id], mask: hidden}"), "error", "two masks"),
        (other("{names: [id], mask: round}"), "error", "does not fit main.patient.id"),
        (other("{names: [id], mask: {date-shift: {by: pat}}}"), "error", "main.patient.id"),
        (other("{names: [id, ID2], mask: clear}"), "warning", "no table of its has a column `ID2`"),
        (other("{tags: [health], mask: clear}"), "warning", "shows no column of main.patient"),
        (
            f"restrictions: [{{id: r, to: [researcher], {HIDES}}}]\n",
            "warning",
            "shows nothing to anybody",
        ),
    ],
)
def test_what_is_said_in_vain_is_found(tmp_path: Path, more: str, level: str, text: str) -> None:
    findings = said(tmp_path, GRANT + more)
    assert any(each[0] == level and text in each[1] for each in findings), findings


CONSENT = table_of(
    {each: ["sensitivity.none"] for each in ("pid", "level", "until", "scope")},
    name="main.consent",
    types={"until": "date"},
)


@pytest.mark.parametrize(
    ("condition", "is_fragile"),
    [
        ("CAST(level AS INT) > 2", True),
        ("until > level", True),
        ("TRY_CAST(level AS INT) > 2", False),
        ("level = attribute('level') AND until > current_date - INTERVAL 1 YEAR", False),
        ("list_contains(attribute('levels'), level)", False),
        ("level IN (SELECT unnest(attribute('levels')))", False),
        ("pid = principal()", False),
    ],
)
def test_what_may_fail_beside_a_subquery_is_found(
    tmp_path: Path, condition: str, *, is_fragile: bool
) -> None:
    rows = f'    rows: "id IN (SELECT pid FROM main.consent WHERE {condition})"\n'
    found = lint_policies(compiled(tmp_path, GRANT + rows), NOW, [PATIENT, CONSENT])
    assert [each.level for each in found if "TRY_CAST gives NULL" in each.text] == ["warning"] * is_fragile


def test_what_may_fail_without_a_subquery_is_no_finding(tmp_path: Path) -> None:
    assert said(tmp_path, GRANT + '    rows: "CAST(id AS INT) > 2"\n') == []


def test_a_grant_that_some_purpose_or_member_is_left_of_is_not_in_vain(tmp_path: Path) -> None:
    for number, bound in enumerate(("to: [clinician]", "purposes: [research]", "except: [researcher]")):
        text = f"{GRANT}restrictions: [{{id: r, {bound}, {HIDES}}}]\n"
        findings = lint_policies(compiled(tmp_path / str(number), text), NOW, [PATIENT])
        assert not [each for each in findings if "shows nothing" in each.text], bound


def test_a_grant_that_reaches_nobody_is_found(tmp_path: Path) -> None:
    head = "version: 1\nroles: {researcher: {}, boss: {members: [eve]}}\npurposes: [research]\n"
    found = lint_policies(compiled(tmp_path / "a", GRANT, head=head), NOW)
    assert ["reaches nobody" in each.text for each in found] == [True]
    included = head.replace("members: [eve]", "members: [eve], includes: [researcher]")
    assert lint_policies(compiled(tmp_path / "b", GRANT, head=included), NOW) == ()


def test_a_restriction_that_adds_nothing_is_found_once(tmp_path: Path) -> None:
    twin = "{tables: [main.patient], columns: [{tags: [phi.name], mask: hidden}]"
    rules = f"  - {twin}, id: one}}\n  - {twin}, id: two}}\n  - {twin}, id: three, to: [clinician]}}\n"
    text = f"{GRANT}restrictions:\n{rules}"
    found = lint_policies(compiled(tmp_path, text), NOW, [PATIENT])
    assert [(each.rule, each.text) for each in found] == [
        ("two", "adds nothing to one"),
        ("three", "adds nothing to one"),
    ]


def test_explain_says_what_would_lift_a_denial(tmp_path: Path) -> None:
    text = GRANT + "restrictions: [{id: r, tables: ['*'], columns: [{tags: [phi.name], mask: hidden}]}]\n"
    columns = {
        each.name: each for each in explain_table(compiled(tmp_path, text), context(), PATIENT).columns
    }
    assert columns["name"].lift == ("an exception from the restriction r",)
    assert columns["id"].forms[0].grant_id == "g"
    assert columns["id"].lift == ()
    assert "classify" in columns["new"].lift[0]


def test_who_can_counts_the_groups_that_the_lake_knows(tmp_path: Path) -> None:
    policies = compiled(tmp_path, GRANT)
    column = PATIENT.columns[1]
    known = [Principal(name="eve", groups=frozenset({"genomics"})), Principal(name="mallory")]
    found = {each.who for each in who_can(policies, PATIENT, column, NOW, known)}
    assert found == {"ada", "eve", "grace", "group:genomics"}


CHANGES = [
    ("mask: pseudonym", "mask: clear", True, False),
    ("mask: pseudonym", "mask: hidden", False, True),
    ("mask: pseudonym", "mask: show-last-4", True, True),
    ("    columns:", '    rows: "id = 1"\n    columns:', False, True),
    ("    columns:", "    study: other\n    columns:", True, True),
    ("    columns:", "    until: 2026-11-23\n    columns:", False, True),
    ("    columns:", "    purposes: [research]\n    columns:", False, True),
]


@pytest.mark.parametrize(("before", "after", "gains", "loses"), CHANGES)
def test_a_change_is_a_gain_or_a_loss(
    tmp_path: Path, before: str, after: str, *, gains: bool, loses: bool
) -> None:
    old, new = compiled(tmp_path / "a", GRANT), compiled(tmp_path / "b", GRANT.replace(before, after))
    there = [each for each in diff_policies(old, new, [PATIENT], NOW) if each.column == "name"]
    back = [each for each in diff_policies(new, old, [PATIENT], NOW) if each.column == "name"]
    assert {(each.gains, each.loses) for each in there} == {(gains, loses)}
    assert {(each.gains, each.loses) for each in back} == {(loses, gains)}


@pytest.mark.parametrize(
    ("past", "told"),
    [("erased", "(before erasures)"), ("dropped", "(once dropped)")],
)
def test_a_grant_that_reaches_further_into_the_past_is_a_gain(tmp_path: Path, past: str, told: str) -> None:
    wider = GRANT.replace("    columns:", f"    past: [{past}]\n    columns:", 1)
    old, new = compiled(tmp_path / "a", GRANT), compiled(tmp_path / "b", wider)
    there, back = (list(diff_policies(*both, [PATIENT], NOW)) for both in ((old, new), (new, old)))
    assert there
    assert back
    assert all(each.gains and not each.loses and each.column.endswith(told) for each in there)
    assert all(each.loses and not each.gains and each.column.endswith(told) for each in back)


def test_a_restriction_lifted_is_a_gain(tmp_path: Path) -> None:
    bound = GRANT + "restrictions: [{id: r, tables: ['*'], rows: \"id = 1\"}]\n"
    found = list(
        diff_policies(compiled(tmp_path / "a", bound), compiled(tmp_path / "b", GRANT), [PATIENT], NOW)
    )
    assert found
    assert all(each.gains and not each.loses for each in found)


def spans(directory: Path, old: str, new: str) -> set[tuple[bool, bool, str]]:
    both = compiled(directory / "old", old), compiled(directory / "new", new)
    return {(each.gains, each.loses, each.when()) for each in diff_policies(*both, [PATIENT], NOW)}


def ending(day: str) -> str:
    return GRANT.replace("    columns:", f"    until: {day}\n    columns:")


def test_a_later_end_is_a_gain_and_an_earlier_one_a_loss(tmp_path: Path) -> None:
    short, long = ending("2026-12-31"), ending("2027-03-31")
    assert spans(tmp_path / "a", short, long) == {(True, False, "from 2027-01-01 until 2027-03-31")}
    assert spans(tmp_path / "b", long, short) == {(False, True, "from 2027-01-01 until 2027-03-31")}
    assert spans(tmp_path / "c", short, GRANT) == {(True, False, "from 2027-01-01")}
    assert spans(tmp_path / "d", GRANT, short) == {(False, True, "from 2027-01-01")}


def test_a_restriction_that_ends_sooner_is_a_gain(tmp_path: Path) -> None:
    bound = GRANT + "restrictions: [{id: r, tables: ['*'], rows: \"id = 1\", until: 2026-12-31}]\n"
    endless = bound.replace(", until: 2026-12-31", "")
    assert spans(tmp_path / "a", endless, bound) == {(True, False, "from 2027-01-01")}
    assert spans(tmp_path / "b", bound, GRANT) == {(True, False, "from now until 2026-12-31")}


def test_an_end_that_is_past_in_both_changes_nothing(tmp_path: Path) -> None:
    assert spans(tmp_path, ending("2026-11-22"), ending("2026-11-23")) == set()


def test_emergency_access_that_lasts_longer_is_a_gain(tmp_path: Path) -> None:
    short = GRANT.replace("    columns:", "    break_glass: {minutes: 15}\n    columns:")
    long = short.replace("15", "600")
    assert spans(tmp_path / "a", short, long) == {(True, False, "from now")}
    assert spans(tmp_path / "b", long, short) == {(False, True, "from now")}


def test_a_past_that_two_grants_had_in_parts_is_a_gain_as_a_whole(tmp_path: Path) -> None:
    dropped = GRANT.replace("    columns:", "    past: [dropped]\n    columns:")
    parts = dropped + other("{tags: [phi.name], mask: pseudonym}").replace("id: h", "id: h, past: [erased]")
    whole = parts.replace("past: [dropped]", "past: [dropped, erased]")
    both = compiled(tmp_path / "a", parts), compiled(tmp_path / "b", whole)
    told = {each.column for each in diff_policies(*both, [PATIENT], NOW) if each.gains}
    assert "name (once dropped) (before erasures)" in told


def test_who_gains_only_by_being_in_two_groups_is_told(tmp_path: Path) -> None:
    head = "version: 1\npurposes: [research]\nroles:\n  researcher: {members: ['group:x']}\n"
    head += "  barred: {members: ['group:y']}\n"
    bound = GRANT + "restrictions: [{id: r, to: [barred], tables: ['*'], rows: \"id = 1\"}]\n"
    old = compiled(tmp_path / "a", bound, head=head)
    new = compiled(tmp_path / "b", GRANT, head=head)
    found = {(each.who, each.gains, each.loses) for each in diff_policies(old, new, [PATIENT], NOW)}
    assert found == {("group:x in group:y", True, False)}


ANSWER = Outcome(columns=("id",), rows=(("1",), ("2",)))


@pytest.mark.parametrize(
    ("expect", "outcome", "failures"),
    [
        ({"denied": True}, Outcome(denied=True), 0),
        ({"denied": True}, ANSWER, 1),
        ({"denied": False}, Outcome(denied=True), 1),
        ({"rows": 2, "shows": ["ID"], "hides": ["name"]}, ANSWER, 0),
        ({"rows": 1, "shows": ["name"], "hides": ["id"]}, ANSWER, 3),
        ({"answer": [["2"], ["1"]]}, ANSWER, 0),
        ({"answer": [["1"], ["1"]]}, ANSWER, 1),
        ({"rows": 0}, Outcome(denied=True), 1),
    ],
)
def test_a_case_is_judged_without_a_value(expect: dict[str, object], outcome: Outcome, failures: int) -> None:
    case = Case.model_validate(
        {"name": "n", "as": "ada", "purpose": "p", "query": "SELECT 1", "expect": expect}
    )
    found = judge(case, outcome)
    assert len(found) == failures
    assert not any("'1'" in each or "('" in each for each in found)


def test_a_case_that_could_not_fail_is_refused() -> None:
    with pytest.raises(ValueError, match="could not fail"):
        Case.model_validate({"name": "n", "as": "a", "purpose": "p", "query": "q", "expect": {}})
    assert dt.UTC is NOW.tzinfo
