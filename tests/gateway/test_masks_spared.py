"""What a mask is spared for is answered as if it had been computed, on both ways."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from tests.gateway.clinic import make_clinic

from lakeward.gateway.service import Gateway, open_gateway

NOTES = [
    "special requests",
    "Smith, special",
    None,
    "",
    "4111-special",
    "x",
    "special",
    "Sm%",
    None,
    "sp\u00e9cial",
]
POLICY = """
version: 1
roles: {researcher: {members: [ada]}}
rights:
  - {id: steward, to: [researcher], may: [policy.read]}
purposes: [research]
grants:
  - {id: notes, to: [researcher], tables: [clinic.visit], rows: "score < 8",
     columns: [{names: [patient, score], mask: clear}, {names: [code], mask: show-first-4}]}
  - {id: site, to: [researcher], tables: [clinic.visit], rows: "site = 'H1'",
     columns: [{names: [patient, score], mask: clear}, {names: [code], mask: {prefix: {length: 2}}}]}
  - {id: rest, to: [researcher], tables: [clinic.visit], columns: [{names: [patient, score], mask: clear}]}
"""
NEVER = "code {} '%special%'"
QUERIES = [
    f"SELECT patient FROM visit WHERE {NEVER.format('LIKE')}",
    f"SELECT patient FROM visit WHERE {NEVER.format('NOT LIKE')}",
    "SELECT a.patient, b.patient FROM visit a LEFT JOIN visit b ON a.score < b.score AND b."
    + NEVER.format("NOT LIKE"),
    f"SELECT score % 2, count(*) FILTER (WHERE {NEVER.format('NOT LIKE')}) FROM visit GROUP BY 1",
    f"SELECT patient, ({NEVER.format('LIKE')}) IS NULL AS no_text FROM visit",
    "SELECT patient FROM visit WHERE code NOT IN ('special requests', 'nobody else')",
]


def cells() -> dict[str, list[Any]]:
    count = range(len(NOTES))
    site = ["H1" if each % 3 else "H2" for each in count]
    return {"patient": [f"p{each}" for each in count], "site": site, "code": NOTES, "score": list(count)}


def shown() -> pa.Table:
    """What ada may see: of rows under 8 four characters of each code, of H1's else two, of others none."""
    raw = cells()
    code = [
        None if note is None else first_4(note) if score < 8 else note[:2] if site == "H1" else None
        for note, score, site in zip(raw["code"], raw["score"], raw["site"], strict=True)
    ]
    return pa.table({"patient": raw["patient"], "code": pa.array(code, pa.string()), "score": raw["score"]})


def first_4(note: str) -> str:
    """As the mask shows it; what these notes hold behind the fourth character is no digit."""
    return note[:4] + "".join(each if each in "-," else "x" for each in note[4:])


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    lake = make_clinic(Path(tmp_path_factory.mktemp("spared")) / "lake", POLICY, cells())
    with open_gateway(lake) as opened:
        yield opened


@pytest.mark.parametrize("may_fuse", [True, False])
@pytest.mark.parametrize("sql", QUERIES)
def test_the_answer_is_that_of_a_copy(gateway: Gateway, sql: str, *, may_fuse: bool) -> None:
    copy = duckdb.connect()
    copy.register("visit", shown())
    gateway.plans, gateway.planner = type(gateway.plans)(), replace(gateway.planner, may_fuse=may_fuse)
    got = gateway.execute(gateway.session("ada", "research"), sql.replace("visit", "clinic.visit"))
    assert got.way == ("fused" if may_fuse else "staged")
    expected = copy.execute(sql).fetchall()
    assert expected or " LIKE" in sql
    assert sorted(map(repr, _rows(got.table()))) == sorted(map(repr, expected))


def _rows(table: pa.Table) -> list[tuple[Any, ...]]:
    return list(zip(*(each.to_pylist() for each in table.columns), strict=True))


@pytest.mark.parametrize("sql", QUERIES)
def test_no_character_is_hidden_one_by_one(gateway: Gateway, sql: str) -> None:
    session = gateway.session("ada", "research")
    spared = gateway.explain(session, sql.replace("visit", "clinic.visit")).sql
    computed = gateway.explain(session, "SELECT code FROM clinic.visit").sql
    assert spared is not None
    assert computed is not None
    assert "REGEXP" in str(computed).upper()
    assert "REGEXP" not in str(spared).upper()
