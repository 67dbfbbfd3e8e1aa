"""Column lineage, by pairs of SQL and claims."""

import pytest
from sqlglot import parse_one
from tests.lineage.pairs import SCHEMA, Pair, claims_of, load_pairs

from lakeward.lineage.columns import column_lineage
from lakeward.lineage.edges import ColumnLineage, Kind, Source, Strength, rename
from lakeward.lineage.errors import NoLineageError

PAIRS = load_pairs("columns.sql")


def lineage(sql: str, **options: object) -> ColumnLineage:
    return column_lineage(parse_one(sql, dialect="duckdb"), SCHEMA, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.title)
def test_claims_are_as_written(pair: Pair) -> None:
    found = lineage(pair.query)
    assert found.unproven is None
    assert claims_of(found) == pair.claims


def test_pairs_were_found() -> None:
    assert len(PAIRS) > 40


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT * FROM clinic.patient PIVOT (count(*) FOR dx IN ('a'))", "PIVOT"),
        ("SELECT nothing FROM clinic.patient", "column"),
        ("SELECT p.name, t.* FROM clinic.patient p, elsewhere.t", "table"),
        ("SELECT name FROM clinic.patient, read_parquet('x')", "table function"),
        ("SELECT #1 AS a FROM clinic.patient", "position"),
        ("SELECT name FROM clinic.patient UNION ALL SELECT dx, label FROM clinic.codes", "width"),
        ("SELECT row_number() OVER nowhere AS r FROM clinic.patient", "window"),
    ],
)
def test_what_is_not_understood_claims_everything_unproven(sql: str, reason: str) -> None:
    found = lineage(sql)
    assert found.unproven is not None
    assert reason in found.unproven
    everything = {Source("clinic.patient", column) for column in SCHEMA["clinic.patient"]}
    for output in found.outputs:
        assert everything <= found.sources(output, Kind.DIRECT)
    assert not any(edge.is_proven or edge.masking for edge in found.edges)


def test_a_very_deep_statement_claims_everything() -> None:
    deep = "abs(" * 900 + "visits" + ")" * 900
    found = lineage(f"SELECT {deep} AS a FROM clinic.patient")
    assert Source("clinic.patient", "visits") in found.sources("a", Kind.DIRECT)


def test_a_long_chain_is_not_a_deep_one() -> None:
    chain = " OR ".join(f"dx = '{number}'" for number in range(2000))
    found = lineage(f"SELECT name FROM clinic.patient WHERE {chain}")
    assert found.unproven is None
    assert found.sources("", Kind.INDIRECT) == {Source("clinic.patient", "dx")}


def test_masked_sources_start_masked() -> None:
    masked = {
        Source("clinic.patient", "ssn"): Strength.KEYED,
        Source("clinic.patient", "name"): Strength.FULL,
    }
    found = lineage(
        "SELECT upper(ssn) AS s, name AS n, max(dx) AS d FROM clinic.patient GROUP BY ssn, name",
        masked=masked,
    )
    (edge,) = [edge for edge in found.edges if edge.output == "s"]
    assert (edge.masking, edge.strength) == (True, Strength.KEYED)
    assert not [edge for edge in found.edges if edge.output == "n"]
    assert found.sources("", Kind.INDIRECT) == {Source("clinic.patient", "ssn")}


def test_a_bare_name_is_of_the_default_namespace() -> None:
    found = lineage("SELECT label FROM codes", default_namespace="clinic")
    assert found.tables == ("clinic.codes",)


def test_a_lake_name_in_front_changes_nothing() -> None:
    assert lineage("SELECT label FROM lake.clinic.codes") == lineage("SELECT label FROM clinic.codes")


@pytest.mark.parametrize("sql", ["DROP TABLE t", "UPDATE t SET a = 1", "CREATE TABLE t (a INT)"])
def test_a_statement_without_a_query_has_no_lineage(sql: str) -> None:
    with pytest.raises(NoLineageError):
        lineage(sql)


def test_the_tree_is_only_read() -> None:
    for pair in PAIRS:
        tree = parse_one(pair.query, dialect="duckdb")
        before = tree.copy()
        column_lineage(tree, SCHEMA)
        assert tree == before


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.title)
def test_wrapping_in_a_cte_changes_no_source(pair: Pair) -> None:
    if pair.query.startswith("INSERT"):
        pytest.skip("INSERT cannot be wrapped")
    wrapped = lineage(f"WITH wrapped AS ({pair.query}) SELECT * FROM wrapped")
    plain = lineage(pair.query)
    assert wrapped.edges == plain.edges


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.title)
def test_the_same_statement_gives_the_same_claims(pair: Pair) -> None:
    if "WITHIN GROUP" in pair.query:
        pytest.skip("sqlglot writes an ordered-set aggregate in another way")
    again = lineage(parse_one(pair.query, dialect="duckdb").sql("duckdb", pretty=True))
    assert again == lineage(pair.query)


def test_equal_and_missing_names_are_told_apart() -> None:
    found = lineage("SELECT p.dx, c.dx, upper(ssn), now(), 'x' || zip FROM clinic.patient p, clinic.codes c")
    assert found.outputs == ("dx", "dx_1", "column3", "column4", "column5")
    assert found.sources("dx", Kind.DIRECT) == {Source("clinic.patient", "dx")}
    assert found.sources("dx_1", Kind.DIRECT) == {Source("clinic.codes", "dx")}
    assert found.sources("column3", Kind.DIRECT) == {Source("clinic.patient", "ssn")}


def test_renaming_goes_by_position() -> None:
    found = rename(lineage("SELECT dx, dx AS DX, label FROM clinic.codes"), ["a", "b", "c"])
    assert found.outputs == ("a", "b", "c")
    assert [sorted(found.sources(name, Kind.DIRECT)) for name in "abc"] == [
        [Source("clinic.codes", "dx")],
        [Source("clinic.codes", "dx")],
        [Source("clinic.codes", "label")],
    ]


def test_renaming_to_another_width_claims_everything() -> None:
    found = lineage("INSERT INTO t (a, b) SELECT * FROM elsewhere.t, clinic.codes")
    assert found.outputs == ("a", "b")
    assert found.unproven
    assert found.sources("b", Kind.DIRECT) == {Source("clinic.codes", "dx"), Source("clinic.codes", "label")}


def test_with_before_insert_and_a_list_of_values() -> None:
    found = lineage("WITH x AS (SELECT label AS a FROM clinic.codes) INSERT INTO t SELECT a FROM x")
    assert found.unproven is None
    assert found.sources("a", Kind.DIRECT) == {Source("clinic.codes", "label")}
    assert lineage("VALUES (1, 2)").edges == ()


def test_create_table_as_may_list_names() -> None:
    found = lineage("CREATE TABLE z (a) AS SELECT label FROM clinic.codes")
    assert found.sources("a", Kind.DIRECT) == {Source("clinic.codes", "label")}
