"""Every query of the corpus against the sanitised copy: honest ones are answered, attacks learn nothing."""

from collections import Counter

import pytest
from tests.bypass import hospital
from tests.bypass.copies import Copies
from tests.bypass.judge import Item, Judge, load
from tests.bypass.lake import Governed, documents, make_lake

HONEST, ATTACKS = load("honest"), load("attacks")


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    made = hospital.rows()
    lake = make_lake(tmp_path_factory.mktemp("corpus") / "lake", hospital.arrow(made), documents())
    return Judge(Governed(lake), Copies(made, lake.keys.derive("pseudonym:lake").hex()))


def _wrong(judge: Judge, items: list[Item]) -> list[str]:
    return [str(verdict) for verdict in map(judge.judge, items) if not verdict.is_right]


def test_the_corpus_is_large_and_asks_in_many_ways() -> None:
    families = Counter(each.family for each in HONEST + ATTACKS)
    assert len(HONEST) >= 250
    assert len(ATTACKS) >= 150
    assert min(families.values()) >= 5
    assert {each.principal for each in HONEST} == set(hospital.PRINCIPALS)


@pytest.mark.parametrize("family", sorted({each.family for each in HONEST}))
def test_an_honest_query_is_answered_as_on_the_copy(judge: Judge, family: str) -> None:
    assert not _wrong(judge, [each for each in HONEST if each.family == family])


@pytest.mark.parametrize("family", sorted({each.family for each in ATTACKS}))
def test_an_attack_learns_nothing_that_is_not_on_the_copy(judge: Judge, family: str) -> None:
    assert not _wrong(judge, [each for each in ATTACKS if each.family == family])


@pytest.mark.parametrize("principal", hospital.PRINCIPALS)
def test_every_table_shows_as_its_copy_and_no_other_is_there(judge: Judge, principal: str) -> None:
    """The judge can fail: what is on no copy is refused, and the copies differ from the raw rows."""
    for table in hospital.SCHEMA:
        there = judge.copies.visible(principal, table) is not None
        verdict = judge.judge(_scan(principal, table))
        assert verdict.outcome == ("equal" if there else "refused"), str(verdict)


def test_the_judge_sees_a_raw_row(judge: Judge) -> None:
    item = _scan("ada", "main.patient")
    raw = [tuple(row) for row in judge.copies.made["main.patient"]]
    assert judge.leaked(item, (["patient_id"], raw))


def test_principals_see_different_rows_and_cells(judge: Judge) -> None:
    shown = {who: judge.governed.run(who, "FROM visit")[1] for who in hospital.PRINCIPALS[:-1]}
    assert len({repr(rows) for rows in shown.values()}) == len(shown)


def _scan(principal: str, table: str) -> Item:
    sql = f"SELECT * FROM {table}"
    return Item(
        title="all rows",
        family="scan",
        principal=principal,
        expect="either",
        dialect="duckdb",
        sql=sql,
        means=sql,
        ordered=False,
    )


@pytest.mark.parametrize(
    ("dialect", "sql", "way"),
    [
        ("postgres", "SELECT name::text, score::text FROM patient", "staged"),
        ("postgres", "SELECT name::text, born::text, plan || ' ' || name FROM patient", "fused"),
        (
            "trino",
            "SELECT CAST(name AS varchar) FROM patient WHERE born < DATE '1990-01-01' + INTERVAL '1' DAY",
            "fused",
        ),
        (
            "postgres",
            'SELECT DATE_TRUNC(\'month\', "main"."visit"."started") AS m FROM "main"."visit"',
            "fused",
        ),
        (
            "postgres",
            "SELECT date_trunc('month'::varchar, started), days % 7::int FROM visit LIMIT 5::int",
            "fused",
        ),
        (
            "postgres",
            "SELECT CAST(TRUNC(EXTRACT(YEAR FROM started)) AS INTEGER), count(*) FROM visit GROUP BY 1",
            "fused",
        ),
        (
            "postgres",
            "SELECT n FROM (SELECT CAST(EXTRACT(dow FROM started) AS int) AS n FROM visit) t",
            "fused",
        ),
        ("postgres", "SELECT n FROM (SELECT CAST(lab_id AS int) AS n FROM lab) t", "staged"),
        ("trino", "SELECT date_trunc('month', CAST(started AS timestamp)) AS m FROM visit", "fused"),
        (
            "spark",
            "SELECT date_trunc('month', started) AS m, date_format(started, 'yyyy-MM') FROM visit",
            "fused",
        ),
        ("spark", "SELECT substring(born, 1, 4) AS y FROM patient", "fused"),
        (
            "postgres",
            "SELECT n + 1 FROM (SELECT CAST(EXTRACT(dow FROM started) AS int) AS n FROM visit) t",
            "fused",
        ),
        ("postgres", "SELECT TRY_CAST(EXTRACT(dow FROM started) AS int), lab_id FROM lab, visit", "fused"),
        (
            "postgres",
            "SELECT site FROM visit WHERE started < '2024-03-01T00:00:00.5' FETCH FIRST 2 ROWS ONLY",
            "fused",
        ),
        ("postgres", "SELECT date(started) AS d, count(*) FROM visit GROUP BY 1", "fused"),
        ("postgres", "SELECT site FROM visit WHERE started < '2024-03-01T00:00:00Z'", "staged"),
        ("trino", "SELECT CAST(n AS varchar) FROM (SELECT score AS n FROM patient)", "staged"),
        (
            "spark",
            "SELECT CAST(days AS STRING), size(labels) FROM visit JOIN scan USING (patient_id)",
            "fused",
        ),
    ],
)
def test_what_a_form_asks_of_a_type_is_settled_where_it_is_known(
    judge: Judge, dialect: str, sql: str, way: str
) -> None:
    judge.governed.run("grace", sql, dialect)
    assert judge.governed.way == way
