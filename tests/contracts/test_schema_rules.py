"""What is proved from the pinned schema and its tags, and what is listed as not enforced."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from lakeward.catalog.names import TableName
from lakeward.contracts.compile import compile_contract
from lakeward.contracts.document import load_contract
from lakeward.contracts.errors import ContractTableError, InvalidContractError
from lakeward.contracts.rules import Means, Status
from lakeward.contracts.skeleton import contract_skeleton

Bench = Any
EMPTY = pa.table({"x": pa.array([], pa.int64())})


def settled(bench: Bench, agreed: Any, table: Any) -> dict[str, Status]:  # noqa: ANN401 - see bench
    return {rule.id: rule.settled for rule in compile_contract(agreed, table, bench.now).rules}


@pytest.mark.parametrize(
    ("logical", "type_", "status"),
    [
        ("string", "string", Status.PASSED),
        ("string", "uuid", Status.PASSED),
        ("string", "long", Status.FAILED),
        ("integer", "int", Status.PASSED),
        ("integer", "double", Status.FAILED),
        ("number", "int", Status.PASSED),
        ("number", "decimal(9, 2)", Status.PASSED),
        ("date", "date", Status.PASSED),
        ("date", "timestamp", Status.FAILED),
        ("timestamp", "timestamptz", Status.PASSED),
        ("boolean", "boolean", Status.PASSED),
        ("object", "string", Status.FAILED),
    ],
)
def test_logical_types(bench: Bench, logical: str, type_: str, status: Status) -> None:
    found = settled(bench, bench.column_contract(f"logicalType: {logical}"), bench.table({"x": type_}))
    assert found["x.logicalType"] is status


@pytest.mark.parametrize(
    ("physical", "type_", "status"),
    [
        ("int", "long", Status.PASSED),
        ("BIGINT", "int", Status.FAILED),
        ("float", "double", Status.PASSED),
        ("VARCHAR(26)", "string", Status.PASSED),
        ("decimal(10, 2)", "decimal(12, 2)", Status.PASSED),
        ("decimal(10, 2)", "decimal(9, 2)", Status.FAILED),
        ("numeric(10,2)", "decimal(10, 3)", Status.FAILED),
        ("timestamp with time zone", "timestamptz", Status.PASSED),
        ("geography", "string", Status.NOT_ENFORCED),
    ],
)
def test_physical_types(bench: Bench, physical: str, type_: str, status: Status) -> None:
    found = settled(bench, bench.column_contract(f"physicalType: '{physical}'"), bench.table({"x": type_}))
    assert found["x.physicalType"] is status


def test_a_missing_column_fails_and_its_other_clauses_are_listed(bench: Bench) -> None:
    agreed = bench.column_contract("required: true, quality: [{metric: nullValues, mustBe: 0}]")
    found = settled(bench, agreed, bench.table({"y": "string"}))
    assert found == {
        "x.present": Status.FAILED, "x.required": Status.NOT_ENFORCED, "x.nullValues": Status.NOT_ENFORCED,
    }  # fmt: skip


def test_a_renamed_column_is_found_by_its_field_id_and_still_counted(bench: Bench) -> None:
    field_id = "customProperties: [{property: icebergFieldId, value: 1}]"
    agreed = bench.column_contract(f"required: true, {field_id}")
    report = bench.check(agreed, bench.table({"renamed": "string"}), pa.table({"renamed": ["a", None]}))
    found = {rule.kind: (rule.status, rule.count) for rule in report.rules}
    assert found["present"] == (Status.FAILED, None)
    assert found["icebergFieldId"] == (Status.PASSED, None)
    assert found["required"] == (Status.FAILED, 1)


def test_another_column_under_the_name_fails(bench: Bench) -> None:
    agreed = bench.column_contract("customProperties: [{property: icebergFieldId, value: 9}]")
    found = settled(bench, agreed, bench.table({"x": "string"}))
    assert found == {"x.present": Status.PASSED, "x.icebergFieldId": Status.FAILED}


def test_a_new_column_that_nobody_classified_fails_in_a_table_of_protected_data(bench: Bench) -> None:
    columns, tags = {"x": "string", "new": "string"}, {"x": "phi.name"}
    agreed = bench.column_contract("tags: [phi]")
    found = settled(bench, agreed, bench.table(columns, tags))
    assert found == {
        "x.present": Status.PASSED, "x.tag.phi": Status.PASSED, "x.classified": Status.PASSED,
        "new.classified": Status.FAILED,
    }  # fmt: skip
    harmless = settled(bench, bench.column_contract(""), bench.table(columns))
    assert harmless == {"x.present": Status.PASSED}


def test_a_tag_that_only_the_contract_bears_fails(bench: Bench) -> None:
    agreed = bench.column_contract("tags: [phi.mrn, free_word]")
    found = settled(bench, agreed, bench.table({"x": "string"}, {"x": "sensitivity.none"}))
    assert (found["x.tag.phi.mrn"], found["x.tag.free_word"]) == (Status.FAILED, Status.NOT_ENFORCED)


def test_every_clause_of_the_file_is_listed(bench: Bench) -> None:
    agreed = bench.contract(
        "servers: [{server: a, type: local, path: p, format: csv}]\nroles: [{role: r}]\n"
        "slaProperties: [{property: availability, value: 99}]\n"
        "customProperties: [{property: own, value: 1}]\n"
        "schema:\n- name: observations\n  customProperties: [{property: other, value: 1}]\n"
        "  quality: [{type: text, description: t}, {type: custom, engine: soda, implementation: x}]\n"
        "  properties:\n  - name: x\n    classification: restricted\n"
        "    encryptedName: y\n    partitioned: true\n"
        "    relationships: [{type: foreignKey, to: a.b}]\n"
        "    customProperties: [{property: mask, value: hmac}, {property: third, value: 1}]\n"
    )
    compiled = compile_contract(agreed, bench.table({"x": "string"}), bench.now)
    assert {rule.id for rule in compiled.rules if rule.means is Means.NOT_RUN} == {
        "contract.servers", "contract.roles", "contract.own", "sla.availability.0", "observations.other",
        "observations.text", "observations.custom", "x.classification", "x.encryptedName", "x.partitioned",
        "x.relationships", "x.mask", "x.third",
    }  # fmt: skip
    assert all(rule.reason for rule in compiled.rules if rule.means is Means.NOT_RUN)
    assert all(rule.line > 5 for rule in compiled.rules)


def test_rule_ids_are_unique(bench: Bench) -> None:
    agreed = bench.column_contract(
        "quality: [{metric: nullValues, mustBe: 0}, {metric: nullValues, mustBe: 1}]"
    )
    ids = [rule.id for rule in compile_contract(agreed, bench.table({"x": "string"})).rules]
    assert ids == ["x.present", "x.nullValues", "x.nullValues.2"]


def test_the_object_is_found_by_the_table_s_name(bench: Bench) -> None:
    two = bench.contract("schema:\n- {name: a, physicalName: clinical.a}\n- {name: observations}\n")
    assert compile_contract(two, bench.table({"x": "long"})).table.name == TableName(
        "clinical", "observations"
    )
    other = bench.table({"x": "long"}, name=TableName("clinical", "other"))
    with pytest.raises(ContractTableError, match=r"clinical\.a, observations"):
        compile_contract(two, other)
    with pytest.raises(ContractTableError):
        compile_contract(bench.contract("schema: [{name: a, physicalName: clinical.a}]\n"), other)


def test_a_contract_that_is_not_valid_is_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("apiVersion: v3.1.0\nkind: DataContract\nid: a\n")
    with pytest.raises(InvalidContractError) as caught:
        load_contract(path)
    assert (caught.value.line, caught.value.exit_code) == (1, 2)


def test_a_skeleton_is_valid_and_kept_by_its_own_table(bench: Bench) -> None:
    nested = {"type": "struct", "fields": [{"id": 12, "name": "zip", "type": "string", "required": False}]}
    listed = {"type": "list", "element-id": 13, "element": "double", "element-required": False}
    columns = {
        "id": "long!",
        "mrn": "string",
        "when": "timestamptz",
        "fee": "decimal(9, 2)",
        "home": nested,
        "v": listed,
    }
    table = bench.table(
        columns, {name: "phi.mrn" if name == "mrn" else "sensitivity.none" for name in columns}
    )
    agreed = bench.contract(contract_skeleton(table).partition("status: draft\n")[2])
    found = settled(bench, agreed, table)
    assert set(found.values()) == {Status.PASSED, Status.ERROR, Status.NOT_ENFORCED}
    assert [name for name, status in found.items() if status is Status.ERROR] == ["observations.not_empty"]
    assert [name for name, status in found.items() if status is Status.NOT_ENFORCED] == ["v.items"]
