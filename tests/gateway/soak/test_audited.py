"""The soak's own judge of records can tell: one that is missing, or says something else, is found."""

from dataclasses import replace

from tests.gateway.soak.audited import lost
from tests.gateway.soak.said import Said

from lakeward.catalog.audit import AuditRecord

_TAG = "n_0a"
_ANSWERED = Said(door="flight", principal="ada", outcome="equal", tag=_TAG, rows=3)
_NAMED = Said(door="http", principal="ada", outcome="equal", statement_id="s1", rows=3)
_REFUSED = Said(door="postgres", principal="bill", outcome="refused", code="42501")


def _record(kind: str, **details: object) -> AuditRecord:
    return AuditRecord(
        seq=1,
        at="",
        kind=kind,
        principal="ada",
        purpose="care",
        details={"statement_id": "s1", **details},
        hash="",
    )


_BEGUN = _record("query", statement=f'SELECT chapter, COUNT(*) AS "{_TAG}" FROM code')
_ENDED = _record("query.finished", rows=3, outcome="complete")
_DENIAL = replace(_record("denial"), principal="bill")


def test_a_chain_that_holds_all_has_lost_nothing() -> None:
    assert not lost([_ANSWERED, _REFUSED], [_BEGUN, _ENDED, _DENIAL])
    assert not lost([_NAMED], [_ENDED, _BEGUN])


def test_what_no_record_tells_is_found() -> None:
    for said in (_ANSWERED, _NAMED):
        assert lost([said], [_ENDED])
        assert lost([said], [_BEGUN])
        assert lost([said], [_BEGUN, replace(_ENDED, details={**_ENDED.details, "rows": 2})])
        assert lost([said], [_BEGUN, replace(_ENDED, details={**_ENDED.details, "outcome": "stopped"})])
        assert lost([replace(said, principal="bill")], [_BEGUN, _ENDED])


def test_answers_and_refusals_without_a_name_are_counted() -> None:
    unnamed = replace(_ANSWERED, tag="")
    assert not lost([unnamed], [_BEGUN, _ENDED])
    assert lost([unnamed, unnamed], [_BEGUN, _ENDED])
    assert lost([_REFUSED, _REFUSED], [_DENIAL])
    assert lost([replace(_REFUSED, outcome="passing", code="overloaded")], [])
