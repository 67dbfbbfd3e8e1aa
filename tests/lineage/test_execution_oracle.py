"""What DuckDB shows to flow must be claimed: own queries, and MIMIC's where they are at hand."""

import pytest
from sqlglot import parse_one
from tests.lineage.oracle import Column, Tables, influences
from tests.lineage.pairs import SCHEMA, Pair, load_pairs

from lakeward.lineage.columns import column_lineage
from lakeward.lineage.edges import ColumnLineage, Kind

WORDS = ["a", "b", "c", "x", None]
NUMBERS = [0, 1, 2, 3, 4, 9, 12]
TABLES: Tables = {
    "clinic.patient": [
        Column("id", "INTEGER", [1, 2, 3, 4]),
        Column("ssn", "VARCHAR", ["123", "456", "789"]),
        Column("name", "VARCHAR", ["a", "b", "c d", "x y"]),
        Column("dob", "INTEGER", NUMBERS),
        Column("zip", "VARCHAR", WORDS),
        Column("dx", "VARCHAR", WORDS),
        Column("hiv", "BOOLEAN", [True, False, None]),
        Column("visits", "INTEGER", NUMBERS),
        Column(
            "s", "STRUCT(a VARCHAR, b VARCHAR, c VARCHAR)", ["{'a': p, 'b': q, 'c': r}", "{'a': s, 'b': q}"]
        ),
    ],
    "clinic.lab": [
        Column("patient_id", "INTEGER", [1, 2, 3, 4]),
        Column("value", "INTEGER", NUMBERS),
        Column("taken", "INTEGER", NUMBERS),
    ],
    "clinic.codes": [Column("dx", "VARCHAR", WORDS), Column("label", "VARCHAR", WORDS)],
}
PAIRS = [
    pair
    for pair in load_pairs("columns.sql")
    if "frobnicate" not in pair.query and "INSERT" not in pair.query
]


def claimed(lineage: ColumnLineage) -> set[tuple[str, str, str]]:
    whole = lineage.sources("", Kind.INDIRECT)
    by_output = (
        (source, name)
        for name in lineage.outputs
        for source in lineage.sources(name, Kind.DIRECT) | lineage.sources(name, Kind.INDIRECT) | whole
    )
    return {(source.table, source.column, name) for source, name in by_output}


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.title)
def test_every_observed_influence_is_claimed(pair: Pair) -> None:
    lineage = column_lineage(parse_one(pair.query, dialect="duckdb"), SCHEMA)
    observed = influences(TABLES, pair.query, lineage.tables, seeds=2, rows=8)
    assert not observed - claimed(lineage)


def test_the_oracle_sees_something() -> None:
    (pair,) = [each for each in PAIRS if "(the lesson)" in each.title]
    observed = influences(TABLES, pair.query, ["clinic.patient", "clinic.lab"], seeds=2, rows=8)
    assert {("clinic.lab", "value", "ckd"), ("clinic.lab", "patient_id", "ckd")} <= observed
