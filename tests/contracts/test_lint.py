"""The official schema's verdict, our words, and the line of every fault."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lakeward.contracts.errors import UnreadableContractError
from lakeward.contracts.lint import LintReport, lint_contract, lint_source, schema_versions
from lakeward.contracts.source import parse_source

SHARED = Path(__file__).parents[3] / "shared" / "data" / "contracts"
EXPECTED = json.loads((SHARED / "lint_expected.json").read_text()) if SHARED.exists() else {}

VALID = """\
apiVersion: v3.1.0
kind: DataContract
id: observations
version: 1.0.0
status: active
"""


def lint(text: str) -> LintReport:
    return lint_source(parse_source(text.encode(), "c.yaml"))


@pytest.mark.skipif(not EXPECTED, reason="needs the public contract files")
@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_verdict_equals_the_official_schema_on_public_files(name: str) -> None:
    report, expected = lint_contract(SHARED / name), EXPECTED[name]
    schema_findings = [f for f in report.findings if f.keyword != "retired"]
    assert report.valid is expected["valid"]
    assert report.judged_by == expected["judged_by"]
    assert len(schema_findings) == expected["errors_by_schema"][report.judged_by]
    wanted = {(e["path"], e["line"]) for e in expected.get("errors") or []}
    assert wanted <= {(f.pointer, f.line) for f in schema_findings}


def test_all_versions_of_the_standard_ship() -> None:
    assert schema_versions() == ("v3.0.0", "v3.0.1", "v3.0.2", "v3.1.0", "v3.2.0")


def test_a_valid_file_has_no_findings() -> None:
    assert lint(VALID).valid


def test_a_file_is_judged_by_its_own_version_and_told_of_the_others() -> None:
    report = lint(VALID.replace("status: active\n", "").replace("3.1.0", "3.0.2"))
    assert not report.valid
    assert report.judged_by == "v3.0.2"
    assert report.valid_as == ("v3.2.0",)
    assert report.advice == "Invalid as v3.0.2, valid as v3.2.0: change apiVersion."


def test_a_finding_stands_at_its_line_and_never_quotes_the_value() -> None:
    report = lint(VALID.replace("kind: DataContract", "kind: secret-4711"))
    finding = report.findings[0]
    assert (finding.pointer, finding.line) == ("kind", 2)
    assert "4711" not in repr(report)


def test_an_unknown_key_is_named() -> None:
    assert "surprise" in lint(VALID + "surprise: 1\n").findings[0].message


def test_the_retired_format_is_named_as_such() -> None:
    report = lint("dataContractSpecification: 1.1.0\nid: a\n")
    assert report.findings[0].keyword == "retired"
    assert "ODCS" in str(report.advice)


def test_a_date_stays_a_text() -> None:
    assert parse_source(b"since: 2020-01-01\n", "c.yaml").value == {"since": "2020-01-01"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", 3),
        ("a: !!python/object:os.system x\n", 1),
        ("a: [1\nb: }\n", 2),
        ("? [1, 2]\n: 3\n", 1),
        ("", None),
        ("a: &x [*x]\n", None),
        ("[" * 5000, None),
        ("a: 1\n---\nb: 2\n", 2),
    ],
    ids=["duplicate", "foreign tag", "broken", "key", "empty", "recursive", "deep", "two documents"],
)
def test_what_is_not_a_plain_document_is_refused(text: str, line: int | None) -> None:
    with pytest.raises(UnreadableContractError) as caught:
        parse_source(text.encode(), "c.yaml")
    assert line is None or caught.value.line == line


def test_a_file_of_aliases_that_explodes_is_refused() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 9))
    with pytest.raises(UnreadableContractError):
        parse_source(bomb.encode(), "c.yaml")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableContractError):
        lint_contract(tmp_path / "none.yaml")


def test_lint_costs_less_than_half_a_second(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(VALID)
    code = (
        "import sys, time; from pathlib import Path; from lakeward.contracts.lint import lint_contract;"
        "assert lint_contract(Path(sys.argv[1])).valid;"
        "assert 'great_expectations' not in sys.modules and 'sqlglot' not in sys.modules;"
        "print(time.process_time())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "c.yaml")], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 0.5
