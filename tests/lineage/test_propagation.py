"""Which tags travel: the cases of the calculus, and its laws."""

from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import parse_one

from lakeward.lineage.columns import column_lineage
from lakeward.lineage.edges import ColumnLineage, Direct, Edge, Indirect, Kind, Source, Strength
from lakeward.lineage.propagation import NONE, propagate, stricter

SCHEMA = {
    "c.patient": ["id", "ssn", "mrn", "dob", "zip", "hiv", "dx", "plain", "unknown"],
    "c.diagnosis": ["patient_id", "icd"],
    "c.genome": ["mrn", "variant"],
}
TAGS = {
    Source("c.patient", "id"): {"study_id"},
    Source("c.patient", "ssn"): {"phi.ssn", "role.direct"},
    Source("c.patient", "mrn"): {"phi.mrn", "role.direct"},
    Source("c.patient", "dob"): {"phi.date", "role.quasi"},
    Source("c.patient", "zip"): {"phi.geo"},
    Source("c.patient", "hiv"): {"health", "hl7.hiv", "gdpr9.health"},
    Source("c.patient", "dx"): {"health"},
    Source("c.patient", "plain"): {NONE},
    Source("c.diagnosis", "patient_id"): {"study_id"},
    Source("c.diagnosis", "icd"): {"health", "hl7.psy"},
    Source("c.genome", "mrn"): {"phi.mrn"},
    Source("c.genome", "variant"): {"genomic", "cfr202.omic.genomic", "duo.hmb"},
}


def tags(sql: str, masked: dict[Source, Strength] | None = None) -> dict[str, set[str]]:
    lineage = column_lineage(parse_one(sql, dialect="duckdb"), SCHEMA, masked=masked)
    assert lineage.unproven is None
    return {name: set(found) for name, found in propagate(lineage, TAGS).items()}


def test_a_flag_over_a_filtered_table_tells_of_the_diagnosis() -> None:
    sql = """
        WITH ckd AS (
            SELECT patient_id, max(1) AS flag FROM c.diagnosis WHERE icd LIKE 'N18%' GROUP BY patient_id)
        SELECT p.plain, coalesce(ckd.flag, 0) AS ckd
        FROM c.patient p LEFT JOIN ckd ON p.id = ckd.patient_id"""
    assert tags(sql) == {"plain": {NONE}, "ckd": {"health", "hl7.psy", "role.sensitive"}}


@pytest.mark.parametrize("function", ["max", "min", "any_value", "list", "median", "mode"])
def test_an_extreme_is_a_real_value(function: str) -> None:
    assert tags(f"SELECT {function}(ssn) AS x FROM c.patient") == {"x": {"phi.ssn", "role.direct"}}


@pytest.mark.parametrize("function", ["md5", "sha256", "hash"])
def test_an_unkeyed_hash_is_still_the_identifier(function: str) -> None:
    assert tags(f"SELECT {function}(mrn) AS x FROM c.patient") == {"x": {"phi.mrn", "role.direct"}}


def test_a_count_clears_the_identity_and_keeps_the_rest() -> None:
    found = tags("SELECT zip, count(*) AS n, count(ssn) AS s, count(hiv) AS h FROM c.patient GROUP BY zip")
    assert found == {
        "zip": {"phi.geo"},
        "n": set(),
        "s": {"derived.aggregate"},
        "h": {"derived.aggregate", "health", "hl7.hiv", "gdpr9.health"},
    }


def test_an_arm_chosen_by_a_sensitive_column_tells_of_it() -> None:
    found = tags("SELECT CASE WHEN hiv THEN 1 ELSE 0 END AS x FROM c.patient")
    assert found == {"x": {"health", "hl7.hiv", "gdpr9.health", "role.sensitive"}}


def test_a_constant_under_a_filter_tells_of_it() -> None:
    assert tags("SELECT 1 AS x FROM c.patient WHERE dx = 'C50'") == {"x": {"health", "role.sensitive"}}


def test_an_identifier_that_only_filters_does_not_become_the_output() -> None:
    assert tags("SELECT plain FROM c.patient WHERE zip > '1'") == {"plain": {NONE}}


def test_an_identifier_held_to_one_value_makes_the_output_about_one_person() -> None:
    assert tags("SELECT plain FROM c.patient WHERE mrn = 'X1'") == {"plain": {"phi.unique", "role.direct"}}


def test_a_row_number_over_a_date_is_not_the_date() -> None:
    assert tags("SELECT row_number() OVER (ORDER BY dob) AS x FROM c.patient") == {"x": set()}


def test_a_rank_over_a_diagnosis_tells_of_it() -> None:
    assert tags("SELECT rank() OVER (ORDER BY dx) AS x FROM c.patient") == {"x": {"health"}}


def test_a_union_of_arms_bears_the_tags_of_both() -> None:
    found = tags("SELECT plain AS x FROM c.patient UNION ALL SELECT ssn FROM c.patient")
    assert found == {"x": {"phi.ssn", "role.direct"}}


def test_null_under_the_name_of_an_identifier_bears_nothing() -> None:
    assert tags("SELECT NULL AS ssn FROM c.patient") == {"ssn": set()}


def test_a_join_with_omic_data_is_omic() -> None:
    found = tags("SELECT p.plain, g.variant FROM c.patient p JOIN c.genome g ON p.mrn = g.mrn")
    assert found["variant"] == {"genomic", "cfr202.omic.genomic", "duo.hmb"}
    assert found["plain"] == {NONE}


def test_choosing_by_a_variant_lowers_the_threshold_of_what_is_chosen() -> None:
    found = tags("SELECT p.plain FROM c.patient p JOIN c.genome g ON p.mrn = g.mrn AND g.variant > 'a'")
    assert found == {"plain": {"genomic", "cfr202.omic.genomic", "duo.hmb", "role.sensitive"}}


def test_a_pseudonym_is_still_a_code_for_a_person() -> None:
    masked = {Source("c.patient", "mrn"): Strength.KEYED, Source("c.patient", "hiv"): Strength.KEYED}
    found = tags("SELECT mrn, hiv FROM c.patient", masked)
    assert found == {"mrn": {"phi.unique", "role.quasi"}, "hiv": {"health", "hl7.hiv", "gdpr9.health"}}


def test_a_rule_followed_exactly_clears_its_letter_only() -> None:
    masked = {Source("c.patient", "zip"): Strength.RULE, Source("c.patient", "mrn"): Strength.RULE}
    found = tags("SELECT zip, mrn FROM c.patient", masked)
    assert found == {"zip": {"role.quasi"}, "mrn": {"phi.mrn", "role.direct"}}


def test_a_mask_in_one_arm_clears_nothing_of_the_other() -> None:
    found = tags(
        "SELECT CASE WHEN plain THEN count(ssn) ELSE max(ssn) END AS b FROM c.patient GROUP BY plain"
    )
    assert found["b"] >= {"phi.ssn"}


def test_not_sensitive_holds_only_if_it_was_said_of_every_source() -> None:
    found = tags("SELECT plain, plain || unknown AS mixed, unknown, plain + 1 AS more FROM c.patient")
    assert found == {"plain": {NONE}, "mixed": set(), "unknown": set(), "more": {NONE}}


def test_a_declaration_adds_and_never_takes_away() -> None:
    assert stricter({"phi.ssn"}, {NONE}) == {"phi.ssn"}
    assert stricter({NONE}, {"health"}) == {"health"}
    assert stricter((), {NONE}) == {NONE}


TAG = st.sampled_from(
    ["phi.ssn", "phi.date", "health", "hl7.hiv", "cfr202.health", "duo.hmb", NONE, "mine.own", "study_id"]
)
WAYS = [(Kind.DIRECT, each.name) for each in Direct] + [
    (Kind.INDIRECT, each.name) for each in Indirect if each.name != "SINGLE"
]
EDGE = st.builds(
    lambda output, column, way, strength: Edge(output, Source("t", column), way[0], way[1], strength),
    st.sampled_from(["", "x"]),
    st.sampled_from(["a", "b"]),
    st.sampled_from(WAYS),
    st.sampled_from(Strength),
)
SOURCES = st.dictionaries(st.sampled_from([Source("t", "a"), Source("t", "b")]), st.frozensets(TAG))


def run(edges: Collection[Edge], sources: dict[Source, frozenset[str]]) -> frozenset[str]:
    return propagate(ColumnLineage(("x",), tuple(edges), ("t",)), sources)["x"]


@given(st.sets(EDGE), EDGE, SOURCES)
def test_more_edges_never_take_a_sensitive_tag_away(
    edges: set[Edge], more: Edge, sources: dict[Source, frozenset[str]]
) -> None:
    assert run(edges, sources) - {NONE} <= run({*edges, more}, sources)


@given(st.sets(EDGE, min_size=1), SOURCES)
def test_a_value_that_arrives_unmasked_keeps_every_tag(
    edges: set[Edge], sources: dict[Source, frozenset[str]]
) -> None:
    carried = Edge("x", Source("t", "a"), Kind.DIRECT, "IDENTITY")
    assert sources.get(Source("t", "a"), frozenset()) - {NONE} <= run({*edges, carried}, sources)


@given(st.sets(EDGE), SOURCES)
def test_nothing_is_called_not_sensitive_beside_a_sensitive_tag(
    edges: set[Edge], sources: dict[Source, frozenset[str]]
) -> None:
    found = run(edges, sources)
    assert NONE not in found or found == {NONE}


@given(st.sets(EDGE), SOURCES)
def test_tags_of_an_axis_that_nobody_knows_travel_on_every_unblanked_edge(
    edges: set[Edge], sources: dict[Source, frozenset[str]]
) -> None:
    reached = {e.source for e in edges if e.kind is Kind.INDIRECT or e.strength is not Strength.FULL}
    owned = any("mine.own" in sources.get(source, ()) for source in reached)
    assert ("mine.own" in run(edges, sources)) == owned
