"""A question about the catalog does not grow beyond memory in the gateway's own process."""

import pytest
import sqlglot
from sqlglot import exp

from lakeward.gateway.doors.postgres.pg_catalog.translate import translate
from lakeward.policies.admit.errors import NotAdmittedError

FORMS = {
    "format_type({}, -1)": 6,
    "quote_ident({})": 30,
    "nullif({}, 'a')": 30,
    "CASE {} WHEN 'a' THEN 'b' WHEN 'b' THEN 'c' END": 30,
}


@pytest.mark.parametrize("form", FORMS)
def test_what_grows_with_every_level_is_refused(form: str) -> None:
    inside = "typname"
    for _ in range(FORMS[form]):
        inside = form.replace("{}", inside)
    with pytest.raises(NotAdmittedError):
        translate(_asking(inside), ())


@pytest.mark.parametrize("form", FORMS)
def test_one_of_them_is_not(form: str) -> None:
    translate(_asking(form.format("typname")), ())


def _asking(expression: str) -> exp.Query:
    tree = sqlglot.parse_one(f"SELECT {expression} AS x FROM pg_type", dialect="postgres")
    assert isinstance(tree, exp.Query)
    return tree
