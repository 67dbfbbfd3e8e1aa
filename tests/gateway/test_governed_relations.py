"""Relations that were written before are given again, and only while they show the very same."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake, open_lake
from lakeward.catalog.names import TableName
from lakeward.catalog.tags import set_tag
from lakeward.gateway import plan
from lakeward.gateway.service import Gateway, open_gateway
from lakeward.policies.rewrite.governed_relation import govern_relation

VISIT, CONSENT = TableName("clinic", "visit"), TableName("clinic", "consent")
POLICY = """
version: 1
roles: {researcher: {members: [ada, ben]}}
rights:
  - {id: see, to: [researcher], may: [policy.read]}
purposes: [research]
grants:
  - id: research
    to: [researcher]
    tables: [clinic.visit]
    rows: "site = attribute('site') AND patient IN (SELECT patient FROM clinic.consent)"
    columns:
      - {tags: [sensitivity.none], mask: clear}
      - {tags: [phi.mrn], mask: MASK}
"""
TAGS = {"site": ["sensitivity.none"], "patient": ["sensitivity.none"], "mrn": ["phi.mrn"]}


def consent(lake: Lake, patients: list[int], *, again: bool = False) -> None:
    table, tags = pa.table({"patient": pa.array(patients, pa.int64())}), {"patient": ["sensitivity.none"]}
    write_batches(
        lake,
        CONSENT,
        table.to_reader(),
        mode="replace" if again else "create",
        tags={} if again else tags,
        actor="test",
    )


def govern(lake: Lake, mask: str = "clear") -> None:
    (lake.policies_dir / "clinic.yaml").write_text(POLICY.replace("MASK", mask), encoding="utf-8")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Six visits of two sites."""
    made = init_lake(tmp_path / "lake")
    visits = pa.table(
        {"site": ["H1"] * 4 + ["H2"] * 2, "patient": [1, 2, 3, 4, 1, 2], "mrn": [f"M{i}" for i in range(6)]}
    )
    write_batches(made, VISIT, visits.to_reader(), mode="create", tags=TAGS, actor="test")
    govern(made)
    config = made.root / "lakeward.toml"
    said = '\n[principals.ada.attributes]\nsite = "H1"\n[principals.ben.attributes]\nsite = "H2"\n'
    config.write_text(config.read_text("utf-8") + said, "utf-8")
    made.close()
    return open_lake(made.root)


@pytest.fixture
def gateway(lake: Lake) -> Iterator[Gateway]:
    with open_gateway(lake) as opened:
        yield opened


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was written anew."""
    made: list[Any] = []
    write = govern_relation

    def noted(*told: Any) -> Any:  # noqa: ANN401  as what it stands for
        made.append(told[0].table.name)
        return write(*told)

    monkeypatch.setattr(plan, "govern_relation", noted)
    return made


def patients(gateway: Gateway, extra: str = "", who: str = "ada") -> list[int]:
    """Ask in words that were not used before, so that no plan and no answer is known."""
    answer = gateway.execute(gateway.session(who, "research"), f"SELECT patient FROM clinic.visit{extra}")
    assert answer.way == "fused"
    return sorted(answer.table()["patient"].to_pylist())


def test_another_statement_takes_the_relation_that_is_written(
    gateway: Gateway, lake: Lake, written: list[Any]
) -> None:
    consent(lake, [1, 3])
    assert patients(gateway) == [1, 3]
    assert patients(gateway, " WHERE patient > 1") == [3]
    assert written == [VISIT]
    assert patients(gateway, " WHERE site <> ''") == [1, 3]  # another column
    assert written == [VISIT, VISIT]


def test_what_a_row_filter_reads_is_read_as_it_is_now(gateway: Gateway, lake: Lake) -> None:
    consent(lake, [1, 3])
    assert patients(gateway) == [1, 3]
    consent(lake, [3, 4], again=True)
    assert patients(gateway, " AS v") == [3, 4]


def test_a_table_that_a_row_filter_missed_counts_once_it_is_there(gateway: Gateway, lake: Lake) -> None:
    assert patients(gateway) == []
    consent(lake, [2])
    assert patients(gateway, " AS v") == [2]
    assert patients(gateway) == [2]  # the plan too


def test_each_principal_has_their_own(gateway: Gateway, lake: Lake) -> None:
    consent(lake, [1, 3])
    assert patients(gateway) == [1, 3]
    assert patients(gateway, who="ben") == [1]


def test_so_has_the_same_one_with_other_attributes(gateway: Gateway, lake: Lake) -> None:
    consent(lake, [1, 3])
    assert patients(gateway) == [1, 3]
    ada = gateway.session("ada", "research")
    moved = replace(ada, principal=replace(ada.principal, attributes={"site": "H2"}))
    assert gateway.execute(moved, "SELECT patient FROM clinic.visit").table()["patient"].to_pylist() == [1]


def test_a_changed_policy_counts_at_the_next_statement(gateway: Gateway, lake: Lake) -> None:
    consent(lake, [1])
    ada = gateway.session("ada", "research")
    assert gateway.execute(ada, "SELECT mrn FROM clinic.visit").table()["mrn"].to_pylist() == ["M0"]
    before = gateway.policies.current().fingerprint
    govern(lake, "replace-with-null")
    started = time.monotonic()
    while gateway.policies.current().fingerprint == before:
        assert time.monotonic() < started + 20
        time.sleep(0.05)
    assert gateway.execute(ada, "SELECT mrn AS m FROM clinic.visit").table()["m"].to_pylist() == [None]


def test_a_changed_tag_counts_at_the_next_statement(gateway: Gateway, lake: Lake) -> None:
    consent(lake, [1])
    ada = gateway.session("ada", "research")
    assert "site" in gateway.execute(ada, "SELECT * FROM clinic.visit").table().column_names
    set_tag(lake, VISIT, "site", "phi.ssn", actor="test")
    assert "site" not in gateway.execute(ada, "SELECT * FROM clinic.visit AS v").table().column_names


def test_a_key_of_one_statement_is_not_used_by_the_next(lake: Lake) -> None:
    govern(lake, "sha-256-query-local")
    consent(lake, [1])
    with open_gateway(lake) as gateway:
        ada = gateway.session("ada", "research")
        first = gateway.execute(ada, "SELECT mrn FROM clinic.visit").table()["mrn"].to_pylist()
        second = gateway.execute(ada, "SELECT mrn FROM clinic.visit AS v").table()["mrn"].to_pylist()
    assert len(first) == len(second) == 1
    assert first != second


def test_who_may_see_policy_is_shown_the_relation_as_a_tree(gateway: Gateway, lake: Lake) -> None:
    consent(lake, [1])
    patients(gateway)
    told = gateway.explain(gateway.session("ada", "research"), "SELECT patient FROM clinic.visit")
    assert told.sql is not None
    assert told.sql[0].count("\n") > 10
