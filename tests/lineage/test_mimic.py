"""Column lineage of real clinical SQL: the concept scripts of MIMIC-IV, where they are at hand."""

import time
from pathlib import Path
from statistics import median

import pytest
import sqlglot
from sqlglot import exp

from lakeward.lineage.columns import column_lineage
from lakeward.lineage.edges import ColumnLineage, Kind

CORPUS = Path(__file__).parents[3] / "shared" / "data" / "lineage" / "mimic-iv"
SCRIPTS = sorted(CORPUS.glob("*/*.sql"))

pytestmark = pytest.mark.skipif(not SCRIPTS, reason="the MIMIC-IV scripts are not here")


def schema() -> dict[str, list[str]]:
    statements = sqlglot.parse((CORPUS / "schema.sql").read_text("utf-8"), dialect="duckdb")
    tables = [each.this for each in statements if isinstance(each, exp.Create) and each.kind == "TABLE"]
    return {f"{each.this.db}.{each.this.name}": [c.name for c in each.expressions] for each in tables}


def statement(path: Path) -> exp.Expr:
    found = [
        each
        for each in sqlglot.parse(path.read_text("utf-8"), dialect="duckdb")
        if isinstance(each, exp.Create)
    ]
    return found[0]


def names(lineage: ColumnLineage, output: str, kind: Kind) -> set[str]:
    return {f"{table.partition('.')[2]}.{column}" for table, column in lineage.sources(output, kind)}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_every_script_is_resolved(path: Path) -> None:
    lineage = column_lineage(statement(path), schema())
    assert lineage.unproven is None
    assert lineage.outputs
    assert lineage.edges


def test_ckd_has_no_direct_source_and_discloses_a_diagnosis() -> None:
    lineage = column_lineage(statement(CORPUS / "measurement" / "creatinine_baseline.sql"), schema())
    assert names(lineage, "ckd", Kind.DIRECT) == set()
    assert names(lineage, "ckd", Kind.INDIRECT) == {
        "diagnoses_icd.icd_code",
        "diagnoses_icd.icd_version",
        "diagnoses_icd.hadm_id",
        "age.hadm_id",
    }
    assert names(lineage, "scr_min", Kind.DIRECT) == {"chemistry.creatinine"}
    assert names(lineage, "", Kind.INDIRECT) == {"age.age", "age.subject_id", "patients.subject_id"}


def test_half_of_the_scripts_take_a_few_milliseconds() -> None:
    """Three, without coverage; this keeps out what would take many times that."""
    tables, took = schema(), []
    for path in SCRIPTS:
        tree = statement(path)
        start = time.thread_time()
        column_lineage(tree, tables)
        took.append(time.thread_time() - start)
    assert median(took) < 0.012
