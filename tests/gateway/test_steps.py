"""Pipeline steps on a real lake: one commit of data and tags, an audit record, a run and its end."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeward.catalog.errors import DeniedError, InputError, LakewardError
from lakeward.catalog.lake import Lake, init_lake
from lakeward.catalog.tags import set_tags
from lakeward.gateway.service import Gateway, open_gateway
from lakeward.gateway.step_errors import (
    PivotedColumnsError,
    UnclassifiedSourceError,
    UnnamedColumnError,
    UnreadableInputError,
)
from lakeward.gateway.steps import (
    From,
    RawFile,
    StepOutput,
    StepResult,
    TableInput,
    import_step,
    python_step,
    query_step,
)
from lakeward.lineage.errors import UndeclaredColumnError, UndeclaredInputError, UnknownWayError
from lakeward.lineage.graph import LineageGraph, rows
from lakeward.lineage.recorder import LineageRecorder
from lakeward.lineage.verify import verify_lineage

CANARIES = ("canary-mrn-1", "canary-mrn-2", "canary-mrn-3", "N18-canary", "literal-canary")
POLICY = """
version: 1
roles:
  researcher: {members: [ada]}
purposes: [research]
grants:
  - id: consented
    to: [researcher]
    purposes: [research]
    tables: ["raw.*"]
    rows: "mrn IN (SELECT mrn FROM raw.consent WHERE status = 'active')"
    columns:
      - {tags: [sensitivity.none, health, hl7.psy], mask: clear}
      - {tags: [phi.mrn], mask: pseudonym}
      - {tags: [phi.date], mask: replace-with-null}
"""


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    """A lake with patients, of whom two have consented."""
    lake = init_lake(tmp_path / "lake")
    (lake.policies_dir / "policy.yaml").write_text(POLICY, "utf-8")
    patients: dict[str, list[Any]] = {
        "mrn": list(CANARIES[:3]),
        "dx": ["N18-canary", "E11", "N18-canary"],
        "born": [1950, 1960, 1970],
        "site": ["a", "b", "b"],
    }
    tags = {
        "mrn": ["phi.mrn"],
        "dx": ["health", "hl7.psy"],
        "born": ["phi.date"],
        "site": ["sensitivity.none"],
    }
    bring(lake, tmp_path / "patients.parquet", "raw.patient", patients, tags)
    consent = {"mrn": list(CANARIES[:2]), "status": ["active", "active"]}
    bring(
        lake,
        tmp_path / "consent.parquet",
        "raw.consent",
        consent,
        {"mrn": ["phi.mrn"], "status": ["sensitivity.none"]},
    )
    yield lake
    lake.close()


@pytest.fixture
def gateway(lake: Lake) -> Iterator[Gateway]:
    with open_gateway(lake) as gateway:
        yield gateway


def bring(
    lake: Lake, path: Path, table: str, columns: dict[str, list[Any]], tags: dict[str, list[str]]
) -> StepResult:
    pq.write_table(pa.table(columns), path)
    return import_step(lake, table, path, by="etl", tags=tags)


def tags_of(lake: Lake, table: str) -> dict[str, set[str]]:
    return {each.name: set(each.tags) for each in lake.pin(lake.name(table)).columns}


def contents(lake: Lake, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = lake.iceberg().load_table(table).scan().to_arrow().to_pylist()
    return found


def events(lake: Lake) -> list[dict[str, Any]]:
    return list(LineageRecorder(lake.store).events())


def ask(gateway: Gateway, sql: str, target: str, **more: Any) -> StepResult:  # noqa: ANN401  what the step takes
    return query_step(gateway, gateway.session("ada", "research"), sql, target, **more)


def notes() -> pa.Table:
    return pa.table({"mrn": [CANARIES[0]], "vector": [[0.5, 0.25]], "score": [0.5]})


def embedding(scan: Path, **more: Any) -> StepOutput:  # noqa: ANN401  as above
    declared = {
        "mrn": [From("raw.patient", "mrn", "IDENTITY")],
        "vector": [From(scan), From("raw.patient", "dx", "FILTER")],
        "score": [From("raw.patient", "site")],
    }
    return StepOutput("mart.embedding", notes, **{"columns": declared, **more})


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "scan.dcm"
    path.write_bytes(b"pixels")
    return path


def test_an_import_leads_from_every_column_to_the_file_by_its_hash(lake: Lake, tmp_path: Path) -> None:
    digest = hashlib.sha256((tmp_path / "patients.parquet").read_bytes()).hexdigest()
    (branch,) = LineageGraph(lake.store).upstream("raw.patient.dx").branches
    assert branch.reference.version == digest
    assert branch.reference.field == "dx"
    assert branch.ways == ("DIRECT IDENTITY",)


def test_an_import_that_fails_is_a_failed_run(lake: Lake, tmp_path: Path) -> None:
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"canary-mrn-1")
    with pytest.raises(LakewardError):
        import_step(lake, "raw.broken", broken, by="etl")
    last = events(lake)[-1]
    assert last["eventType"] == "FAIL"
    assert last["run"]["facets"]["errorMessage"]["message"] == "invalid-source"


def test_a_query_writes_what_the_principal_may_see_with_the_tags_that_travel(
    lake: Lake, gateway: Gateway
) -> None:
    sql = (
        "SELECT mrn AS pid, born, site, CASE WHEN dx = 'N18-canary' THEN 1 ELSE 0 END AS ckd FROM raw.patient"
    )
    done = ask(gateway, sql, "mart.cohort", tags={"born": ["sensitivity.none"]})
    written = contents(lake, "mart.cohort")
    assert done.rows == len(written) == 2
    assert sorted(row["ckd"] for row in written) == [0, 1]
    assert {row["born"] for row in written} == {None}
    assert not {row["pid"] for row in written} & set(CANARIES)
    assert tags_of(lake, "mart.cohort") == {
        "pid": {"phi.unique"},
        "born": {"sensitivity.none"},
        "site": {"sensitivity.none"},
        "ckd": {"health", "hl7.psy", "role.sensitive"},
    }
    assert {path: set(tags) for path, tags in done.tags.items()} == tags_of(lake, "mart.cohort")


def test_data_schema_and_tags_are_one_commit(lake: Lake, gateway: Gateway) -> None:
    ask(gateway, "SELECT site FROM raw.patient", "mart.site")
    table = lake.iceberg().load_table("mart.site")
    assert len(table.metadata.snapshots) == 1
    assert not table.metadata.metadata_log


def test_a_query_step_is_audited_as_query_and_as_step(lake: Lake, gateway: Gateway) -> None:
    done = ask(gateway, "SELECT site FROM raw.patient", "mart.site")
    kinds = [each.kind for each in lake.audit.records(limit=3)]
    assert kinds == ["step", "query.finished", "query"]
    (record,) = lake.audit.records(limit=1)
    assert record.principal == "ada"
    assert record.details["run"] == done.run_id
    assert lake.audit.verify().is_intact


def test_the_run_tells_its_policy_masks_and_inputs(lake: Lake, gateway: Gateway) -> None:
    done = ask(gateway, "SELECT mrn, site FROM raw.patient", "mart.site")
    start, end = (each for each in events(lake) if each["run"]["runId"] == done.run_id)
    assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
    policy = end["run"]["facets"]["lakeward_policy"]
    assert policy["rowsFiltered"] == ["raw.patient"]
    assert [(each["table"], each["mask"]) for each in policy["masksApplied"]] == [
        ("raw.patient", "pseudonym"),
        ("raw.patient", "replace-with-null"),
    ]
    names = {each["facets"]["symlinks"]["identifiers"][0]["name"] for each in end["inputs"]}
    assert names == {"raw.patient", "raw.consent"}
    (output,) = end["outputs"]
    assert output["outputFacets"]["outputStatistics"]["rowCount"] == 2
    assert output["facets"]["version"]["datasetVersion"] == str(done.snapshot_id)
    (mrn,) = output["facets"]["columnLineage"]["fields"]["mrn"]["inputFields"]
    assert mrn["transformations"] == [
        {"type": "DIRECT", "subtype": "TRANSFORMATION", "masking": True, "description": "keyed"}
    ]


def test_a_snapshot_names_its_run(lake: Lake, gateway: Gateway) -> None:
    done = ask(gateway, "SELECT site FROM raw.patient", "mart.site")
    summary = lake.iceberg().load_table("mart.site").metadata.model_dump()["snapshots"][0]["summary"]
    assert summary["lakeward.run-id"] == done.run_id


def test_jobs_are_named_by_shape_or_by_the_caller(lake: Lake, gateway: Gateway) -> None:
    for literal in ("literal-canary", "other"):
        ask(gateway, f"SELECT site FROM raw.patient WHERE site <> '{literal}'", "mart.site")
    ask(gateway, "SELECT site FROM raw.patient", "mart.site", name="sites")
    names = [each["job"]["name"] for each in events(lake) if each["eventType"] == "COMPLETE"][-3:]
    assert names[0] == names[1] != names[2]
    assert names[2] == "sites"


def test_a_refused_query_is_a_failed_run_and_writes_nothing(lake: Lake, gateway: Gateway) -> None:
    with pytest.raises(DeniedError):
        ask(gateway, "SELECT nothing_here FROM raw.secret WHERE a = 'literal-canary'", "mart.secret")
    last = events(lake)[-1]
    assert (last["eventType"], last["outputs"]) == ("FAIL", [])
    assert last["run"]["facets"]["errorMessage"]["message"] == "denied"
    assert lake.audit.records(limit=1)[0].kind == "denial"


def test_replacing_a_table_keeps_what_a_steward_said(lake: Lake, gateway: Gateway) -> None:
    ask(gateway, "SELECT site FROM raw.patient", "mart.site")
    set_tags(lake, lake.name("mart.site"), {"site": ["phi.geo"]}, actor="steward")
    ask(gateway, "SELECT site FROM raw.patient", "mart.site")
    assert tags_of(lake, "mart.site")["site"] == {"phi.geo"}


def test_a_declaration_cannot_take_a_tag_away(lake: Lake, gateway: Gateway) -> None:
    ask(gateway, "SELECT dx FROM raw.patient", "mart.dx", tags={"dx": ["sensitivity.none"]})
    assert tags_of(lake, "mart.dx")["dx"] == {"health", "hl7.psy"}


def test_a_python_step_writes_with_tags_from_what_it_declares(lake: Lake, scan: Path) -> None:
    file = RawFile(scan, "imaging", "application/dicom", tags=("health", "derived.imaging"))
    output = embedding(scan, tags={"vector": ["derived.embedding"]})
    (done,) = python_step(lake, "embed", by="etl", inputs=[TableInput("raw.patient"), file], outputs=[output])
    assert done.rows == 1
    assert tags_of(lake, "mart.embedding") == {
        "mrn": {"phi.mrn"},
        "vector": {"derived.embedding", "derived.imaging", "health", "hl7.psy", "role.sensitive"},
        "score": {"sensitivity.none"},
    }


def test_a_model_input_leads_back_to_raw_files(lake: Lake, scan: Path) -> None:
    file = RawFile(scan, "imaging", "application/dicom", tags=("health",))
    python_step(lake, "embed", by="etl", inputs=[TableInput("raw.patient"), file], outputs=[embedding(scan)])
    found = {row.reference for row in rows(LineageGraph(lake.store).upstream("mart.embedding"))}
    files = {each.name: each.version for each in found if each.is_file}
    assert files[str(scan)] == hashlib.sha256(b"pixels").hexdigest()
    assert len(files) == 2


def test_a_column_that_nothing_is_said_about_bears_everything(lake: Lake) -> None:
    output = StepOutput("mart.embedding", notes)
    python_step(lake, "embed", by="etl", inputs=[TableInput("raw.patient")], outputs=[output])
    everything = {"phi.mrn", "health", "hl7.psy", "phi.date"}
    assert tags_of(lake, "mart.embedding") == dict.fromkeys(("mrn", "vector", "score"), everything)
    (written,) = events(lake)[-1]["outputs"]
    assert written["facets"]["lakeward_confidence"]["proven"] is False


def test_what_comes_from_an_unclassified_source_must_be_declared(lake: Lake, scan: Path) -> None:
    inputs: list[RawFile | TableInput] = [TableInput("raw.patient"), RawFile(scan)]
    with pytest.raises(UnclassifiedSourceError, match="vector"):
        python_step(lake, "embed", by="etl", inputs=inputs, outputs=[embedding(scan)])
    assert events(lake)[-1]["eventType"] == "FAIL"
    declared = embedding(scan, tags={"vector": ["health"]})
    python_step(lake, "embed", by="etl", inputs=inputs, outputs=[declared])
    assert tags_of(lake, "mart.embedding")["vector"] >= {"health"}


@pytest.mark.parametrize(
    ("columns", "error"),
    [
        ({"mrn": [From("raw.elsewhere", "mrn")]}, UndeclaredInputError),
        ({"mrn": [From("raw.patient", "nothing")]}, UndeclaredInputError),
        ({"nothing": [From("raw.patient", "mrn")]}, UndeclaredColumnError),
        ({"mrn": [From("raw.patient", "mrn", "MAGIC")]}, UnknownWayError),
    ],
)
def test_a_wrong_declaration_is_refused(
    lake: Lake, columns: dict[str, list[From]], error: type[LakewardError]
) -> None:
    output = StepOutput("mart.embedding", notes, columns=columns)
    with pytest.raises(error):
        python_step(lake, "embed", by="etl", inputs=[TableInput("raw.patient")], outputs=[output])
    assert "mart.embedding" not in {str(each) for each in lake.iceberg().list_tables("raw")}


def test_code_that_fails_leaves_its_class_and_no_text(lake: Lake) -> None:
    def fail() -> pa.Table:
        raise ZeroDivisionError("canary-mrn-1")

    with pytest.raises(ZeroDivisionError):
        python_step(
            lake, "embed", by="etl", inputs=[TableInput("raw.patient")], outputs=[StepOutput("mart.x", fail)]
        )
    assert events(lake)[-1]["run"]["facets"]["errorMessage"]["message"] == "ZeroDivisionError"


def test_a_missing_input_is_said_by_its_path(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInputError, match=r"gone\.dcm"):
        python_step(lake, "embed", by="etl", inputs=[RawFile(tmp_path / "gone.dcm")], outputs=[])


def test_no_value_and_no_literal_is_in_any_event_or_edge(lake: Lake, gateway: Gateway, scan: Path) -> None:
    ask(
        gateway,
        "SELECT mrn, dx, 'literal-canary' AS l FROM raw.patient WHERE dx <> 'literal-canary'",
        "mart.a",
    )
    with pytest.raises(LakewardError):
        ask(gateway, "SELECT CAST(dx AS INTEGER) AS n FROM raw.patient", "mart.b")
    with pytest.raises(LakewardError):
        ask(gateway, "SELECT 'literal-canary' FROM (", "mart.c")
    file = RawFile(scan, tags=("health",))
    python_step(lake, "embed", by="etl", inputs=[TableInput("raw.patient"), file], outputs=[embedding(scan)])
    kept = json.dumps(events(lake)) + Path(lake.root / "governance.db").read_bytes().decode("latin-1")
    assert "mart.embedding" in kept
    for canary in (*CANARIES, "pixels"):
        assert canary not in kept


def test_lineage_is_whole_until_a_run_loses_its_end(lake: Lake, gateway: Gateway) -> None:
    done = ask(gateway, "SELECT site FROM raw.patient", "mart.site")
    assert not verify_lineage(lake).gaps
    with lake.store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM lineage_event WHERE event_type = 'COMPLETE'")
    gaps = verify_lineage(lake).gaps
    assert {each.snapshot_id for each in gaps if each.table == "mart.site"} == {done.snapshot_id}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT upper('literal-canary') FROM raw.patient",
        "WITH c AS (SELECT site || 'literal-canary' FROM raw.patient) SELECT * FROM c",
    ],
)
def test_no_column_is_named_by_the_text_of_a_query(lake: Lake, gateway: Gateway, sql: str) -> None:
    with pytest.raises(InputError):
        ask(gateway, sql, "mart.unnamed")
    assert "canary" not in json.dumps(events(lake)[-1])


def test_a_computed_column_must_be_named(gateway: Gateway) -> None:
    with pytest.raises(UnnamedColumnError):
        ask(gateway, "SELECT upper(site) FROM raw.patient", "mart.unnamed")


@pytest.mark.parametrize(
    "sql",
    [
        "PIVOT raw.patient ON dx USING count(*)",
        "SELECT * FROM raw.patient PIVOT (count(*) FOR dx IN ('N18-canary'))",
        "WITH p AS (PIVOT raw.patient ON dx USING count(*)) SELECT * FROM p",
    ],
)
def test_no_cell_becomes_the_name_of_a_column(lake: Lake, gateway: Gateway, sql: str) -> None:
    with pytest.raises(PivotedColumnsError):
        ask(gateway, sql, "mart.pivoted")
    assert "N18-canary" not in json.dumps(events(lake))
    lake.audit.flush()
    assert not [each for each in lake.audit.records(limit=1_000) if "N18-canary" in str(each.details)]


def test_columns_of_one_name_keep_their_own_tags(lake: Lake, gateway: Gateway) -> None:
    sql = "SELECT p.mrn AS a, c.status AS b, p.dx AS c FROM raw.patient p JOIN raw.consent c ON c.mrn = p.mrn"
    ask(gateway, sql, "mart.three")
    assert tags_of(lake, "mart.three") == {
        "a": {"phi.unique"},
        "b": {"sensitivity.none"},
        "c": {"health", "hl7.psy"},
    }
