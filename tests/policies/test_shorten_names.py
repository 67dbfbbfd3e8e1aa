"""Names of three parts are shortened where only one table can be meant."""

import pytest
from sqlglot import exp

from lakeward.policies.admit import admit

SHORT = "SELECT visit.days FROM main.visit"
SAME = {
    "SELECT main.visit.days FROM main.visit": SHORT,
    "SELECT Main.VISIT.days FROM main.visit": "SELECT VISIT.days FROM main.visit",
    "SELECT main.a.x, main.b.x FROM main.a JOIN main.b ON main.a.k = main.b.k": (
        "SELECT a.x, b.x FROM main.a JOIN main.b ON a.k = b.k"
    ),
    "SELECT main.a.x FROM main.a WHERE main.a.k IN (SELECT main.a.k FROM main.a)": (
        "SELECT a.x FROM main.a WHERE a.k IN (SELECT a.k FROM main.a)"
    ),
}
OTHERS = [
    "SELECT main.visit.days FROM main.visit AS v",
    "SELECT main.visit.days FROM visit",
    "SELECT main.patient.ssn, vault.patient.ssn FROM main.patient, vault.patient",
    "SELECT (SELECT max(low) FROM main.range AS visit WHERE main.visit.days > 1) FROM main.visit",
    "WITH visit AS (SELECT 1 AS days) SELECT main.visit.days FROM main.visit, visit",
    "SELECT main.visit.days FROM main.visit, (SELECT 1 AS visit) AS main",
    "SELECT lake.main.visit.days FROM lake.main.visit",
]
"""A short name could mean something else in each."""


@pytest.mark.parametrize("text", SAME)
def test_a_short_name_stands_for_the_long_one(text: str) -> None:
    assert admit(text, "postgres") == admit(SAME[text], "postgres")


@pytest.mark.parametrize("text", OTHERS)
def test_a_name_that_may_mean_another_stays(text: str) -> None:
    columns = [each for each in admit(text).find_all(exp.Column) if each.args.get("db")]
    assert columns
