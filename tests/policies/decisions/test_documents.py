"""Documents: what is refused, and where the fault is said to be."""

import json
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest
from ruamel.yaml import YAML
from tests.policies.decisions.building import HEAD, TAXONOMY, write

from lakeward.policies.errors import PolicyError
from lakeward.policies.load import load_policies
from lakeward.policies.schema import policy_schema, shipped_schema

GRANT = """grants:
  - id: g
    to: [researcher]
    tables: [main.patient]
    columns:
      - {tags: [phi.name], mask: pseudonym}
"""


def faults(directory: Path) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        load_policies(directory, TAXONOMY)
    return [f"{place.line}:{place.column} {text}" for place, text in caught.value.faults]


@pytest.mark.parametrize(
    ("before", "after", "where", "says"),
    [
        ("to: [researcher]", "to: [reseacher]", "9:10", "`researcher`"),
        ("tags: [phi.name]", "tags: [phi.nam]", "12:17", "`phi.name`"),
        ("mask: pseudonym", "mask: pseudonim", "12:28", "pseudonym"),
        ("mask: pseudonym", "mask: {prefix: {}}", "12:28", "needs length"),
        ("mask: pseudonym", "mask: {pseudonym: {salt: x}}", "12:28", "takes no salt"),
        ("mask: pseudonym", "mask: {prefix: {length: [3]}}", "12:28", "another type"),
        ("    tables:", "    purposes: [reserch]\n    tables:", "10:16", "`research`"),
        ("    tables:", "    tabels: [main.x]\n    tables:", "10:5", "`tables`"),
        ("    tables:", "    effect: Deny\n    tables:", "10:5", "effect"),
        ("[main.patient]", '["main.*.x"]', "10:14", "no pattern"),
        ("[main.patient]", '["*.patient"]', "10:14", "no pattern"),
        ("    tables:", '    rows: "a = "\n    tables:', "10:5", "does not parse"),
        ("    tables:", '    rows: "pg_sleep(1)"\n    tables:', "10:5", "`rows`"),
        ("    tables:", '    rows: "id IN (SELECT id FROM consent)"\n    tables:', "10:5", "namespace"),
        ("    tables:", '    rows: "a = attribute(b)"\n    tables:', "10:5", "attribute"),
        ("    tables:", '    rows: "TRUE ORDER BY 1"\n    tables:', "10:5", "not one condition"),
        ("    tables:", '    rows: "TRUE; SELECT 2"\n    tables:', "10:5", "not one condition"),
        ("    tables:", "    until: 20270630\n    tables:", "10:5", "no day"),
        ("    tables:", "    until: 2027-06-30T10:00:00\n    tables:", "10:5", "no day"),
        ("    tables:", "    until: 2027-06-31\n    tables:", "10:5", "until"),
        ("    tables:", "    id: h\n    tables:", "10:5", "there twice"),
        (
            "  - id: g",
            "  - {id: g, to: [researcher], tables: ['*'], columns: [{names: [a], mask: clear}]}\n  - id: g",
            "9:5",
            "twice",
        ),
    ],
)
def test_a_fault_has_its_line_and_column(
    tmp_path: Path, before: str, after: str, where: str, says: str
) -> None:
    assert before in GRANT
    [fault, *_] = faults(write(tmp_path / "p", GRANT.replace(before, after, 1)))
    assert fault.startswith(where + " "), fault
    assert says in fault


@pytest.mark.parametrize(
    "text",
    [
        "version: 2\n",
        "version: 1\nroles: {a: {includes: [a]}}\n",
        "- a\n",
        "a: [",
        "version: 1\nroles: {'a,b': {}}\n",
        "",
        "purposes: [x]\n",
    ],
)
def test_what_is_no_policy_is_refused(tmp_path: Path, text: str) -> None:
    assert faults(write(tmp_path / "p", text, head=""))


@pytest.mark.parametrize("member", ["", " ", "*", "a*", "group:", "role:x", "a,b"])
def test_members_that_could_mean_more_than_one_are_refused(tmp_path: Path, member: str) -> None:
    text = json.dumps({"version": 1, "roles": {"r": {"members": [member]}}})
    assert faults(write(tmp_path / "p", text, head=""))


def test_roles_in_a_circle_are_refused(tmp_path: Path) -> None:
    head = "version: 1\nroles: {a: {includes: [b]}, b: {includes: [c]}, c: {includes: [a]}}\n"
    assert any("includes itself" in each for each in faults(write(tmp_path / "p", "", head=head)))


def test_every_fault_of_every_file_is_said(tmp_path: Path) -> None:
    directory = write(tmp_path / "p", GRANT.replace("phi.name", "phi.nam"))
    write(directory, "grants: [{id: other}]\n", head="version: 1\n", name="b.yaml")
    write(directory, "", head="version: [", name="c.yaml")
    with pytest.raises(PolicyError) as caught:
        load_policies(directory, TAXONOMY)
    assert {place.file.name for place, _ in caught.value.faults} == {"policy.yaml", "b.yaml", "c.yaml"}


def test_files_count_together_and_none_grants_nothing(tmp_path: Path) -> None:
    directory = write(tmp_path / "p", "")
    write(directory, GRANT, head="version: 1\n", name="grants.yml")
    assert [each.id for each in load_policies(directory, TAXONOMY).grants] == ["g"]
    assert load_policies(tmp_path, TAXONOMY).grants == ()


def test_the_fingerprint_follows_the_documents(tmp_path: Path) -> None:
    one = load_policies(write(tmp_path / "a", GRANT), TAXONOMY).fingerprint
    again = load_policies(write(tmp_path / "b", GRANT), TAXONOMY).fingerprint
    other = load_policies(write(tmp_path / "c", GRANT.replace("pseudonym", "clear")), TAXONOMY).fingerprint
    assert one == again != other


def test_the_shipped_schema_is_the_models() -> None:
    assert shipped_schema() == policy_schema(), "run `python -m lakeward.policies.schema`"


def test_the_schema_takes_good_documents_and_refuses_bad_ones() -> None:
    good = YAML(typ="safe").load(HEAD + GRANT)
    jsonschema.validate(good, shipped_schema())
    for bad in (
        GRANT.replace("pseudonym", "rot13"),
        GRANT.replace("main.patient", "SELECT"),
        GRANT + "extra: 1\n",
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(YAML(typ="safe").load(HEAD + bad), shipped_schema())
