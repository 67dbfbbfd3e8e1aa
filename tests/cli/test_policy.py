"""`lakeward policy`: documents checked, explained, compared and tested, on a real lake."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from lakeward.catalog.ingest.importing import import_table
from lakeward.catalog.lake import init_lake

Run = Callable[..., Any]
VISITS = "visit_id,name,note\n1,Ada,fine\n2,Ben,ill\n3,Cleo,fine\n"
POLICY = """
version: 1
roles:
  researcher: {members: [ada, "group:genomics"]}
  clinician: {members: [grace]}
purposes: [research, treatment]
grants:
  - id: visits
    to: [researcher]
    purposes: [research]
    tables: [main.visit]
    rows: "visit_id < 3"
    columns:
      - {tags: [sensitivity.none], mask: clear}
      - {tags: [phi.name], mask: pseudonym}
  - id: own-visits
    to: [clinician]
    purposes: [treatment]
    tables: [main.visit]
    columns: [{tags: ["*"], mask: clear}]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    lake = init_lake(tmp_path / "lake")
    (tmp_path / "visit.csv").write_text(VISITS, "utf-8")
    tags = {"visit_id": ["sensitivity.none"], "name": ["phi.name"]}
    import_table(lake, lake.name("main.visit"), tmp_path / "visit.csv", tags=tags, actor="sam")
    (lake.policies_dir / "visits.yaml").write_text(POLICY, "utf-8")
    lake.close()
    return tmp_path / "lake"


def changed(root: Path, before: str, after: str) -> Path:
    copy = root.parent / "changed"
    shutil.copytree(root / "policies", copy)
    text = (copy / "visits.yaml").read_text("utf-8")
    assert before in text
    (copy / "visits.yaml").write_text(text.replace(before, after), "utf-8")
    return copy


def test_check_passes_sound_documents(run: Run, root: Path) -> None:
    result = run("policy", "check", "--lake", root, "--format", "json")
    assert (result.code, result.json()) == (0, [])


def test_check_gives_the_line_and_column_of_a_fault(run: Run, root: Path) -> None:
    faulty = changed(root, "mask: pseudonym", "mask: pseudonim")
    result = run("policy", "check", faulty, "--lake", root)
    assert result.code == 2
    assert "visits.yaml:15:28" in result.err
    assert "pseudonym" in result.err


def test_check_fails_a_mask_that_does_not_fit(run: Run, root: Path) -> None:
    faulty = changed(root, "mask: pseudonym", "mask: truncate-to-year")
    result = run("policy", "check", faulty, "--lake", root, "--format", "json")
    assert result.code == 1
    assert "does not fit main.visit.name" in result.json()[0]["finding"]


def test_list_names_every_rule(run: Run, root: Path) -> None:
    rows = run("policy", "list", "--lake", root, "--format", "json").json()
    assert [each["id"] for each in rows] == ["visits", "own-visits"]


def test_explain_says_why_and_what_would_lift(run: Run, root: Path) -> None:
    words = (
        "policy",
        "explain",
        "ada",
        "main.visit",
        "--purpose",
        "treatment",
        "--lake",
        root,
        "--format",
        "json",
    )
    rows = {each["column"]: each for each in run(*words).json()}
    assert rows["name"]["shows"] == ["hidden"]
    assert "the role clinician: the grant own-visits shows it" in rows["name"]["to lift it"]
    assert rows["note"]["to lift it"] == ["classify the column: `lakeward tag set`"]


def test_explain_shows_the_form_and_rows_of_one_column(run: Run, root: Path) -> None:
    words = ("policy", "explain", "ada", "main.visit.name", "--purpose", "research", "--lake", root)
    result = run(*words, "--format", "json")
    assert [each["shows"] for each in result.json()] == [["pseudonym where visit_id < 3"]]


def test_explain_names_the_nearest_column(run: Run, root: Path) -> None:
    result = run("policy", "explain", "ada", "main.visit.nam", "--purpose", "research", "--lake", root)
    assert result.code == 2
    assert "`name`" in result.err


def test_who_can_names_principals_and_groups(run: Run, root: Path) -> None:
    rows = run("policy", "who-can", "main.visit.name", "--lake", root, "--format", "json").json()
    assert {(each["who"], each["shows"]) for each in rows} == {
        ("ada", "pseudonym"),
        ("group:genomics", "pseudonym"),
        ("grace", "clear"),
    }


def test_diff_exits_5_when_somebody_gains(run: Run, root: Path) -> None:
    looser = changed(root, "mask: pseudonym", "mask: clear")
    result = run("policy", "diff", root / "policies", looser, "--lake", root, "--format", "json")
    assert result.code == 5
    assert {(each["change"], each["who"], each["column"]) for each in result.json()} == {
        ("gains", "ada", "name"),
        ("gains", "group:genomics", "name"),
    }


def test_diff_exits_0_when_somebody_only_loses(run: Run, root: Path) -> None:
    stricter = changed(root, "mask: pseudonym", "mask: replace-with-null")
    result = run("policy", "diff", root / "policies", stricter, "--lake", root, "--format", "json")
    assert result.code == 0
    assert {each["change"] for each in result.json()} == {"loses"}


def test_diff_of_the_same_documents_is_empty(run: Run, root: Path) -> None:
    result = run("policy", "diff", root / "policies", root / "policies", "--lake", root, "--format", "json")
    assert (result.code, result.json()) == (0, [])


def test_diff_exits_5_when_somebody_may_do_more(run: Run, root: Path) -> None:
    right = (
        "grants:",
        "rights: [{id: curators, to: [clinician], may: [tag.remove], tables: [main.*]}]\ngrants:",
    )
    looser = changed(root, *right)
    words = ("--lake", root, "--format", "json")
    result = run("policy", "diff", root / "policies", looser, *words)
    assert (result.code, "1 right" in result.err) == (5, True)
    assert result.json() == [
        {
            "change": "gains",
            "who": "grace",
            "purpose": None,
            "table": "main.*",
            "column": None,
            "when": "from now",
            "before": ["may not"],
            "after": ["may tag.remove by curators as clinician"],
        }
    ]
    back = run("policy", "diff", looser, root / "policies", *words)
    assert (back.code, [each["change"] for each in back.json()]) == (0, ["loses"])


def test_who_can_and_diff_tell_of_members_of_several_groups(run: Run, root: Path) -> None:
    """Three denials, each with a role of its own that is excepted."""
    exceptions = "".join(
        f"  - {{id: r{n}, tables: ['*'], except: [e{n}], columns: [{{names: [name], mask: hidden}}]}}\n"
        for n in range(3)
    )
    excepted = "roles:\n" + "".join(f"  e{n}: {{members: ['group:e{n}']}}\n" for n in range(3))
    text = (root / "policies" / "visits.yaml").read_text("utf-8")
    new = root.parent / "new"
    new.mkdir()
    (new / "visits.yaml").write_text(
        text.replace("roles:\n", excepted) + "restrictions:\n" + exceptions, "utf-8"
    )
    words = ("--lake", root, "--format", "json")
    less = run("policy", "diff", root / "policies", new, *words)
    assert (less.code, {each["change"] for each in less.json()}) == (0, {"loses"})
    more = new.parent / "more"
    shutil.copytree(new, more)
    (more / "visits.yaml").write_text(
        (more / "visits.yaml").read_text("utf-8").replace("members: [grace]", "members: [grace, mary]"),
        "utf-8",
    )
    result = run("policy", "diff", new, more, *words)
    assert (result.code, {each["who"] for each in result.json()}) == (
        5,
        {"mary in group:e0, group:e1, group:e2", "mary"},
    )
    shutil.copytree(new, root / "policies", dirs_exist_ok=True)
    told = {each["who"] for each in run("policy", "who-can", "main.visit.name", *words).json()}
    assert "grace in group:e0, group:e1, group:e2" in told
    assert "grace" not in told


CASES = """
version: 1
cases:
  - name: a researcher counts visits
    as: ada
    purpose: research
    query: "SELECT visit_id FROM main.visit"
    expect: {rows: 2, shows: [visit_id], hides: [note], answer: [["1"], ["2"]]}
  - name: a stranger sees nothing
    as: eve
    purpose: research
    query: "SELECT * FROM main.visit"
    expect: {denied: true}
"""


def test_cases_run_through_the_gateway(run: Run, root: Path) -> None:
    cases = root.parent / "cases.yaml"
    cases.write_text(CASES, "utf-8")
    report = root.parent / "report.xml"
    result = run("policy", "test", cases, "--junit", report, "--lake", root, "--format", "json")
    assert (result.code, [each["result"] for each in result.json()]) == (0, ["passed", "passed"])
    assert ET.parse(report).getroot()[0].attrib == {"name": "cases.yaml", "tests": "2", "failures": "0"}  # noqa: S314  our own


def test_the_cases_of_the_page_hold(run: Run, root: Path) -> None:
    """What docs/how-to/test-policies.md says to copy works as it stands there, and can fail."""
    page = Path(__file__).parents[2] / "docs" / "how-to" / "test-policies.md"
    [text] = re.findall(r"^```yaml\n(.*?)^```$", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    cases = root.parent / "policy-tests" / "cases.yaml"
    cases.parent.mkdir()
    cases.write_text(text, "utf-8")
    words = (
        "policy",
        "test",
        cases,
        "--junit",
        root.parent / "report.xml",
        "--lake",
        root,
        "--format",
        "json",
    )
    good = run(*words)
    assert (good.code, [each["result"] for each in good.json()]) == (0, ["passed"] * text.count("- name:"))
    cases.write_text(text.replace("as: ada", "as: grace").replace("as: eve", "as: ada"), "utf-8")
    bad = run(*words)
    assert (bad.code, {each["result"] for each in bad.json()}) == (1, {"failed"})


def test_a_case_that_does_not_hold_fails_the_command(run: Run, root: Path) -> None:
    cases = root.parent / "cases.yaml"
    cases.write_text(CASES.replace("rows: 2", "rows: 3").replace("denied: true", "rows: 0"), "utf-8")
    result = run("policy", "test", cases, "--lake", root, "--format", "json")
    assert result.code == 1
    assert [each["because it"] for each in result.json()] == [["gave 2 rows, not 3"], ["was denied"]]


@pytest.mark.parametrize(
    ("statement", "because"),
    [
        ("SELECT * FROM main.visitt", "was denied to everybody: the lake has no table main.visitt"),
        ("SELECT * FORM main.visit", "was denied to everybody: the statement cannot be read"),
    ],
)
def test_a_misspelt_statement_proves_no_denial(run: Run, root: Path, statement: str, because: str) -> None:
    cases = root.parent / "cases.yaml"
    cases.write_text(CASES.replace("SELECT * FROM main.visit", statement), "utf-8")
    result = run("policy", "test", cases, "--lake", root, "--format", "json")
    assert (result.code, result.json()[1]["because it"]) == (1, [because])


CASE = (
    "version: 1\ncases:\n  - {name: a, as: ada, purpose: research, query: SELECT 1, expect: {denied: true}}\n"
)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("query:", "qury:", "`qury` is no key here"),
        ("{denied: true}", "{rows: many}", "`rows` must be a whole number"),
        ("{denied: true}", "{shows: id}", "`shows` must be a list"),
        ("{denied: true}", "{}", "could not fail"),
        ("as: ada", "as: [ada]", "`as` must be a text"),
        (CASE, "", "starts with `version: 1`"),
        (CASE, "version: 1\ncases: []\n", "`cases` is empty"),
        (CASE, "version: 1\ncases: [1]\n", "must be a mapping"),
    ],
)
def test_faults_of_cases_are_told_in_our_words(
    run: Run, root: Path, before: str, after: str, told: str
) -> None:
    cases = root.parent / "cases.yaml"
    cases.write_text(CASE.replace(before, after), "utf-8")
    result = run("policy", "test", cases, "--lake", root)
    assert (result.code, told in result.err) == (2, True), result.err
    assert "cases.yaml:" in result.err
    assert "how-to/test-policies.md" in result.err


def test_a_file_of_cases_that_is_not_there_is_said_to_be_so(run: Run, root: Path) -> None:
    result = run("policy", "test", root / "nowhere.yaml", "--lake", root)
    assert (result.code, "does not exist" in result.err) == (2, True)


def test_a_report_that_cannot_be_written_is_said_to_be_so(run: Run, root: Path) -> None:
    cases = root.parent / "cases.yaml"
    cases.write_text(CASES, "utf-8")
    result = run("policy", "test", cases, "--junit", root / "no" / "report.xml", "--lake", root)
    assert (result.code, "Cannot write" in result.err) == (6, True)


def test_a_report_is_xml_whatever_a_case_is_called(run: Run, root: Path) -> None:
    cases, report = root.parent / "cases.yaml", root.parent / "report.xml"
    cases.write_text(CASES.replace("a stranger sees nothing", '"a\\x01 <stranger>"'), "utf-8")
    run("policy", "test", cases, "--junit", report, "--lake", root)
    assert ET.parse(report).getroot()[0][1].attrib["name"] == "a? <stranger>"  # noqa: S314  our own


def test_explain_says_that_nobody_is_called_so(run: Run, root: Path) -> None:
    result = run("policy", "explain", "adda", "main.visit", "--purpose", "research", "--lake", root)
    assert "names adda" in result.out + result.err
