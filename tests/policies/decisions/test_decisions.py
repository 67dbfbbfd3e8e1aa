"""What shows: grants add up, restrictions bind, what nobody classified stays hidden."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from tests.policies.decisions.building import HEAD, NOW, compiled, context, forms, table_of

from lakeward.policies.decision import NothingVisibleError

GRANT = """
grants:
  - id: g
    to: [researcher]
    purposes: [research]
    tables: [main.*]
    columns: [COLUMNS]
"""
PATIENT = table_of({"id": ["sensitivity.none"], "name": ["phi.name"], "illness": ["health"], "new": []})


def grant(columns: str) -> str:
    return GRANT.replace("COLUMNS", columns)


def test_empty_documents_show_nothing(tmp_path: Path) -> None:
    with pytest.raises(NothingVisibleError):
        compiled(tmp_path, "").decide(context(), PATIENT)


def test_any_classified_column_is_not_an_unclassified_one(tmp_path: Path) -> None:
    policies = compiled(tmp_path, grant('{tags: ["*"], mask: clear}'))
    assert forms(policies.decide(context(), PATIENT)).keys() == {"id", "name", "illness"}


def test_a_name_does_not_show_what_nobody_classified(tmp_path: Path) -> None:
    policies = compiled(tmp_path, grant("{names: [new, ID], mask: clear}"))
    decision = policies.decide(context(), PATIENT)
    assert forms(decision) == {"id": {"clear"}}
    assert "nobody has classified" in decision.reasons[4][0].text


@pytest.mark.parametrize(
    ("who", "purpose", "groups"),
    [
        ("eve", "research", ()),
        ("Ada", "research", ()),
        ("ada", "treatment", ()),
        ("ada", None, ()),
        ("ada", "marketing", ()),
        ("", "research", ()),
        ("group:genomics", "research", ()),
        ("eve", "research", ("Genomics",)),
        ("role:researcher", "research", ()),
    ],
)
def test_nothing_for_others(tmp_path: Path, who: str, purpose: str | None, groups: tuple[str, ...]) -> None:
    policies = compiled(tmp_path, grant('{tags: ["*"], mask: clear}'))
    with pytest.raises(NothingVisibleError):
        policies.decide(context(who, purpose, groups=groups), PATIENT)


@pytest.mark.parametrize(("who", "groups"), [("ada", ()), ("eve", ("genomics",)), ("grace", ())])
def test_members_groups_and_included_roles_are_reached(
    tmp_path: Path, who: str, groups: tuple[str, ...]
) -> None:
    policies = compiled(tmp_path, grant('{tags: ["*"], mask: clear}'))
    assert policies.decide(context(who, groups=groups), PATIENT).visible_columns


def test_a_harmless_tag_does_not_carry_a_sensitive_one(tmp_path: Path) -> None:
    table = table_of({"note": ["health", "phi.name"], "illness": ["health"]})
    decision = compiled(tmp_path, grant("{tags: [health], mask: clear}")).decide(context(), table)
    assert forms(decision) == {"illness": {"clear"}}
    assert "phi.name" in decision.reasons[1][0].text


def test_the_most_protective_entry_of_a_grant_counts(tmp_path: Path) -> None:
    table = table_of({"note": ["health", "phi.name"]})
    columns = "{tags: [health], mask: clear}, {tags: [phi.name], mask: pseudonym}"
    assert forms(compiled(tmp_path, grant(columns)).decide(context(), table)) == {"note": {"pseudonym"}}


def test_a_tag_that_the_taxonomy_lost_counts_as_sensitive(tmp_path: Path) -> None:
    table = table_of({"note": ["health", "lost.tag"], "illness": ["health"]})
    decision = compiled(tmp_path, grant("{tags: [health], mask: clear}")).decide(context(), table)
    assert forms(decision) == {"illness": {"clear"}}


def test_a_mask_that_does_not_fit_hides(tmp_path: Path) -> None:
    columns = "{tags: [phi.name], mask: truncate-to-year}, {tags: [health], mask: clear}"
    assert forms(compiled(tmp_path, grant(columns)).decide(context(), PATIENT)) == {"illness": {"clear"}}


def test_a_shift_by_a_column_that_is_not_there_hides(tmp_path: Path) -> None:
    table = table_of({"id": ["sensitivity.none"], "born": ["phi.date"]}, types={"born": "date"})
    columns = "{tags: [sensitivity.none], mask: clear}, {tags: [phi.date], mask: {date-shift: {by: BY}}}"
    here = compiled(tmp_path / "a", grant(columns.replace("BY", "ID")))
    gone = compiled(tmp_path / "b", grant(columns.replace("BY", "patient")))
    assert forms(here.decide(context(), table))["born"] == {"date-shift(by: ID)"}
    assert forms(gone.decide(context(), table)) == {"id": {"clear"}}


def test_grants_add_up_cell_by_cell(tmp_path: Path) -> None:
    text = (
        grant("{tags: [phi.name], mask: pseudonym}")
        + """
  - id: own
    to: [researcher]
    tables: [main.patient]
    rows: "id = principal()"
    columns: [{tags: [phi.name], mask: clear}]
"""
    )
    decision = compiled(tmp_path, text).decide(context(), PATIENT)
    assert forms(decision) == {"name": {"pseudonym", "clear"}}
    assert {each.row_filter.sql if each.row_filter else None for each in decision.grants} == {
        None,
        "id = principal()",
    }


RESTRICTED = (
    grant('{tags: ["*"], mask: clear}')
    + """
restrictions:
  - {id: r, SCOPE tables: ["*"], columns: [{tags: [phi.name], mask: MASK}]}
"""
)


@pytest.mark.parametrize(
    ("scope", "mask", "expected"),
    [
        ("", "hidden", None),
        ("", "pseudonym", "pseudonym"),
        ("except: [researcher],", "hidden", "clear"),
        ("except: [clinician],", "hidden", None),
        ("to: [clinician],", "hidden", "clear"),
        ("to: [researcher],", "replace-with-null", "replace-with-null"),
        ("purposes: [treatment],", "hidden", "clear"),
        ("tagged: [genomic],", "hidden", "clear"),
        ("tagged: [phi.*],", "hidden", None),
        ("until: 2026-11-23,", "hidden", "clear"),
        ("until: 2026-11-24,", "hidden", None),
        ("", "truncate-to-year", None),
    ],
)
def test_restrictions_bind_whom_they_name(
    tmp_path: Path, scope: str, mask: str, expected: str | None
) -> None:
    policies = compiled(tmp_path, RESTRICTED.replace("SCOPE", scope).replace("MASK", mask))
    assert forms(policies.decide(context(), PATIENT)).get("name") == ({expected} if expected else None)


def test_a_grant_counts_to_the_end_of_its_last_day(tmp_path: Path) -> None:
    text = grant('{tags: ["*"], mask: clear}') + "    until: 2026-11-24\n"
    policies = compiled(tmp_path, text)
    midnight = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
    for _ in range(2):  # the second time, what was decided for another time is at hand
        with pytest.raises(NothingVisibleError):
            policies.decide(context(now=midnight), PATIENT)
        last = policies.decide(context(now=midnight - dt.timedelta(microseconds=1)), PATIENT)
        assert last.grants[0].until == midnight


def test_a_decision_is_not_kept_for_other_tags(tmp_path: Path) -> None:
    policies = compiled(tmp_path, RESTRICTED.replace("SCOPE", "tagged: [hl7.sud],").replace("MASK", "hidden"))
    before = policies.decide(context(), PATIENT)
    tagged = replace(PATIENT, tags=frozenset({"hl7.sud"}))
    assert "name" in forms(before)
    assert "name" not in forms(policies.decide(context(), tagged))
    assert policies.decide(context(), tagged) is policies.decide(context(), tagged)


def test_every_column_has_a_reason(tmp_path: Path) -> None:
    policies = compiled(tmp_path, RESTRICTED.replace("SCOPE", "").replace("MASK", "hidden"))
    decision = policies.weigh(context(), PATIENT)
    assert all(decision.reasons[each.field_id] for each in PATIENT.columns)
    assert {each.id for each in decision.reasons[2]} == {"g", "r"}


def test_the_safe_harbor_profile_masks_each_identifier(tmp_path: Path) -> None:
    table = table_of({"name": ["phi.name"], "zip": ["phi.geo"], "age": ["phi.date"]}, types={"age": "int"})
    decision = compiled(tmp_path, grant("{profile: safe-harbor}")).decide(context(), table)
    assert forms(decision) == {"name": {"replace-with-null"}, "zip": {"zip3"}, "age": {"age-90-plus"}}


def test_rights_are_given_by_role_act_and_table(tmp_path: Path) -> None:
    from lakeward.catalog.names import TableName

    text = "rights: [{id: w, to: [clinician], may: [policy.read, tag.*], tables: [main.*]}]\n"
    policies = compiled(tmp_path, text)
    here, there = TableName("main", "a"), TableName("other", "a")
    assert policies.may(context("grace"), "tag.set", here)
    assert not policies.may(context("grace"), "tag.set", there)
    assert not policies.may(context("grace"), "audit.read", here)
    assert not policies.may(context("ada"), "policy.read")


def test_heads_alone_are_valid_documents(tmp_path: Path) -> None:
    assert compiled(tmp_path, "", head=HEAD).purposes == {"research", "treatment"}
    assert NOW.tzinfo is dt.UTC
