"""Reports name identifiers, forms and numbers of persons; never a cell, no small count unasked."""

from pathlib import Path

import pyarrow as pa
import pytest

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake
from lakeward.catalog.names import TableName
from lakeward.cli.html_page import html_page
from lakeward.gateway.reports.cfr202 import cfr202
from lakeward.gateway.reports.copies import copies
from lakeward.gateway.reports.report import Report
from lakeward.gateway.reports.safe_harbor import judge, safe_harbor
from lakeward.policies.masks import Mask

POLICY = """
version: 1
roles:
  researcher: {members: [ada]}
  clinician: {members: [grace], includes: [researcher]}
purposes: [research]
grants:
  - id: research
    to: [researcher]
    tables: ["clinic.*"]
    columns:
      - {tags: [phi.mrn], mask: pseudonym}
      - {tags: [phi.geo], mask: zip3}
      - {tags: [phi.name], mask: replace-with-null}
  - id: care
    to: [clinician]
    tables: ["clinic.*"]
    columns: [{tags: [phi.name], mask: clear}]
"""
PATIENTS = 150


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Patients and samples, linked by a cross-reference; genomes of 120, health of 150."""
    made = init_lake(tmp_path / "lake")
    ids = [f"PLANTED{i}" for i in range(PATIENTS)]
    patient = {"patient_id": ids, "name": ids, "zip": ["02139"] * PATIENTS, "dx": ["E11"] * PATIENTS}
    tags = {
        "patient_id": ["phi.mrn"],
        "name": ["phi.name"],
        "zip": ["phi.geo"],
        "dx": ["health", "cfr202.health"],
    }
    samples = [f"S{i}" for i in range(120)]
    genome = {"sample_id": samples, "gt": ["0/1"] * 120}
    few = {"patient_id": ids[:3], "gps": ["x"] * 3}
    for name, rows, said in (
        ("patient", patient, tags),
        ("genome", genome, {"sample_id": ["phi.unique"], "gt": ["genomic", "cfr202.omic.genomic"]}),
        (
            "xref",
            {"patient_id": ids[:120], "local_id": samples},
            {"patient_id": ["phi.mrn"], "local_id": ["phi.unique"]},
        ),
        ("track", few, {"patient_id": ["phi.mrn"], "gps": ["phi.geo", "cfr202.precise_geo"]}),
    ):
        write_batches(made, TableName("clinic", name), pa.table(rows).to_reader(), tags=said, actor="t")
    (made.root / "policies" / "clinic.yaml").write_text(POLICY, "utf-8")
    return made


def by(report: Report, *names: str) -> list[tuple[object, ...]]:
    places = [report.columns.index(each) for each in names]
    return [tuple(row[each] for each in places) for row in report.rows]


def persons(report: Report) -> dict[object, object]:
    return {row[0]: row[1] for row in by(report, "tables", "persons")}


def test_safe_harbor_tells_each_role_apart(lake: Lake) -> None:
    made = by(safe_harbor(lake), "table", "role", "letter", "status", "form")
    assert ("clinic.patient", "clinician", "A", "remains", "clear") in made
    assert ("clinic.patient", "researcher", "B", "removed", "zip3") in made
    assert ("clinic.patient", "researcher", "H", "remains", "pseudonym") in made
    assert "PLANTED" not in repr(made)


def test_a_year_of_birth_is_for_a_person_to_judge() -> None:
    assert judge("C", Mask("truncate-to-year"))[0] == "review"
    assert judge("C", Mask("age-90-plus"))[0] == "removed"
    assert judge("C", Mask("date-shift"))[0] == "remains"
    assert judge("G", Mask("sha-256-global"))[0] == "remains"
    assert judge("B", Mask("zip3"))[0] == "removed"
    assert judge("A", Mask("zip3"))[0] == "remains"


def test_a_join_counts_by_the_lowest_threshold(lake: Lake) -> None:
    link = TableName("clinic", "xref")
    made = cfr202(lake, link=link, matches={"sample_id": "local_id"})
    found = {row[0]: row[1:] for row in by(made, "tables", "persons", "threshold", "status")}
    assert found["clinic.patient"] == (150, 10000, "below")
    assert found["clinic.genome"] == (120, 100, "over")
    assert found["clinic.genome, clinic.patient"] == (120, 100, "over")
    assert "clinic.genome, clinic.patient" not in persons(cfr202(lake))
    assert "PLANTED" not in repr(made)


def test_small_counts_are_not_shown_unasked(lake: Lake) -> None:
    assert persons(cfr202(lake))["clinic.track"] == "<11"
    assert persons(cfr202(lake, exact=True))["clinic.track"] == 3


def test_copies_are_grouped_by_origin(lake: Lake) -> None:
    made = by(copies(lake), "identifier", "origin", "tables")
    assert ("phi.mrn", "clinic.xref.patient_id", 1) in made
    assert ("phi.name", "clinic.patient.name", 1) in made


def test_a_page_needs_nothing_else_and_runs_nothing() -> None:
    page = html_page("T <script>", ["status", "n"], [["over", 3], ["<b>", None]], ["a & b"], "2026-01-01")
    assert "<script" not in page
    assert "&lt;b&gt;" in page
    assert "http:" not in page
    assert "https:" not in page
    assert 'scope="col"' in page
