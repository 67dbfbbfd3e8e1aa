"""The law of `policy check`: it finds a grant in vain exactly where nobody sees anything through it."""

import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from tests.policies.decisions.building import NOW, TAXONOMY
from tests.policies.decisions.test_diff_laws import (
    TABLES,
    TODAY,
    WHO,
    Document,
    compiled,
    documents,
    requests,
)

from lakeward.policies.decide import CompiledPolicies, compile_policies, is_over
from lakeward.policies.documents import Grant
from lakeward.policies.lint import lint_policies
from lakeward.policies.snapshot import reachable_roles


def sees_something(policies: CompiledPolicies, grant: Grant) -> bool:
    """Whether anybody sees a column through one grant alone, the glass of every grant broken."""
    alone = compile_policies(replace(policies.documents, grants=(grant,)), TAXONOMY)
    asked = [
        requests(who, purpose, TODAY, 1) for who in WHO for purpose in sorted(policies.documents.purposes)
    ]
    return any(alone.weigh(each, table).grants for each in asked for table in TABLES)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(documents)
def test_a_grant_is_in_vain_exactly_where_nobody_sees_through_it(drawn: Document) -> None:
    with tempfile.TemporaryDirectory() as folder:
        policies = compiled(drawn, Path(folder) / "p")
    found = lint_policies(policies, NOW, TABLES)
    told = {each.rule for each in found if "shows no" in each.text or "no table that it names" in each.text}
    reachable = reachable_roles(policies.documents)
    asked = [
        each
        for each in policies.documents.grants
        if not is_over(each, NOW) and not reachable.isdisjoint(each.to)
    ]
    assert told == {each.id for each in asked if not sees_something(policies, each)}
