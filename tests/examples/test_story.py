"""The whole story on the generated hospital: every promise of the example, asked of the finished lake."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakeward.catalog.errors import DeniedError
from lakeward.catalog.lake import Lake, open_lake
from lakeward.catalog.names import TableName
from lakeward.catalog.tables import list_tables
from lakeward.catalog.tags import remove_tag, set_tag
from lakeward.gateway.service import Gateway, open_gateway
from lakeward.lineage.graph import Branch, LineageGraph
from lakeward.policies.lint import lint_policies
from precision_oncology.demo import Demo, tell
from precision_oncology.scenes.scene import Grid, Refusal, Scene, Words

pytestmark = pytest.mark.usefixtures("scenes")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("story") / "lake"


@pytest.fixture(scope="module")
def scenes(root: Path) -> dict[str, Scene]:
    return {scene.title: scene for scene in tell(Demo(lake=root))}


@pytest.fixture(scope="module")
def lake(root: Path, scenes: dict[str, Scene]) -> Iterator[Lake]:
    assert scenes
    opened = open_lake(root)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def gateway(lake: Lake) -> Iterator[Gateway]:
    with open_gateway(lake) as opened:
        yield opened


def ask(gateway: Gateway, who: str, purpose: str, sql: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = gateway.execute(gateway.session(who, purpose), sql).table().to_pylist()
    return rows


def grids(scene: Scene) -> list[Grid]:
    return [part for part in scene.parts if isinstance(part, Grid)]


def raw(gateway: Gateway, sql: str) -> list[dict[str, object]]:
    return ask(gateway, "pipeline", "feature-building", sql)


def test_four_principals_get_four_answers(scenes: dict[str, Scene]) -> None:
    scene = scenes["One question, four principals"]
    grace, ada, lin = grids(scene)
    (acme,) = [part for part in scene.parts if isinstance(part, Refusal)]
    assert [int(grid.caption.split()[-2]) for grid in (grace, ada, lin)] == [14, 30, 24]
    assert grace.columns == ("patient_id", "family", "birth_date", "zip", "gender", "conditions")
    assert lin.columns == ("patient_id", "gender", "conditions")
    assert acme.caption.startswith("acme")


def test_researcher_sees_consenting_people_without_identity(gateway: Gateway) -> None:
    seen = ask(gateway, "ada", "research", "SELECT * FROM bronze.ehr_patients")
    people = raw(gateway, "SELECT patient_id, ssn, family, birth_date, zip FROM bronze.ehr_patients")
    agreed = raw(
        gateway,
        "SELECT patient_id FROM silver.consent "
        "WHERE modality = 'records' AND purpose = 'research' AND status = 'granted'",
    )
    assert len(seen) == len(agreed) == 30
    assert {"street", "city", "lat", "lon", "phone", "drivers", "mrn"}.isdisjoint(seen[0])
    assert {row["family"] for row in seen} == {row["ssn"] for row in seen} == {None}
    assert {row["patient_id"] for row in seen}.isdisjoint(row["patient_id"] for row in people)
    assert {row["zip"] for row in seen} <= {"668", "122", "837", "000"}
    assert {str(row["birth_date"])[4:] for row in seen} == {"-01-01"}
    assert min(str(row["birth_date"]) for row in seen) >= "1936"


def test_clinician_sees_her_own_patients_only(gateway: Gateway) -> None:
    mine = {
        r["patient_id"]
        for r in raw(gateway, "SELECT patient_id FROM silver.care_team WHERE member = 'grace'")
    }
    seen = {
        r["patient_id"] for r in ask(gateway, "grace", "treatment", "SELECT patient_id FROM bronze.notes_raw")
    }
    samples = ask(gateway, "grace", "treatment", "SELECT DISTINCT sample_id FROM bronze.genomics_genotypes")
    assert seen <= mine
    assert len(mine) == 14
    assert 0 < len(samples) <= 10


@pytest.mark.parametrize(
    ("who", "purpose", "sql"),
    [
        ("acme", "sharing", "SELECT * FROM bronze.ehr_patients"),
        ("acme", "sharing", "SELECT * FROM fusion.inputs"),
        ("ada", "research", "SELECT * FROM bronze.notes_raw"),
        ("ada", "research", "SELECT * FROM silver.patient_xref"),
        ("ada", "research", "SELECT * FROM bronze.imaging_dicom_headers"),
        ("ada", "treatment", "SELECT * FROM bronze.ehr_patients"),
        ("lin", "model-training", "SELECT * FROM bronze.ehr_patients"),
        ("lin", "model-training", "SELECT * FROM silver.note_entities"),
        ("lin", "model-training", "SELECT * FROM silver.patient_xref"),
        ("tom", "recruitment", "SELECT text FROM silver.note_entities"),
        ("grace", "treatment", "SELECT * FROM silver.patient_xref WHERE system = 'lims'"),
        ("dev", "stewardship", "SELECT note_text FROM bronze.notes_raw"),
        ("sam", "stewardship", "SELECT * FROM bronze.ehr_patients"),
        ("olga", "stewardship", "SELECT * FROM fusion.inputs"),
        ("nobody", "research", "SELECT * FROM bronze.genomics_variants"),
    ],
)
def test_what_is_not_granted_is_not_there(gateway: Gateway, who: str, purpose: str, sql: str) -> None:
    try:
        rows = ask(gateway, who, purpose, sql)
    except DeniedError:
        return
    assert rows == []  # a restriction may leave a table that shows no row


@pytest.mark.parametrize(
    ("who", "purpose", "sql", "rows"),
    [
        (
            "board",
            "treatment",
            "SELECT DISTINCT note_text FROM bronze.notes_raw",
            [{"note_text": "[RESTRICTED]"}],
        ),
        (
            "dev",
            "stewardship",
            "SELECT DISTINCT ssn, family FROM bronze.ehr_patients",
            [{"ssn": None, "family": None}],
        ),
        ("acme", "sharing", "SELECT count(*) AS n FROM bronze.genomics_variants", [{"n": 2_000}]),
        ("tom", "recruitment", "SELECT count(DISTINCT label) AS n FROM silver.note_entities", [{"n": 3}]),
        ("sam", "stewardship", "SELECT count(*) AS n FROM gold.modality_inventory", [{"n": 6}]),
    ],
)
def test_roles_see_what_they_are_for(
    gateway: Gateway, who: str, purpose: str, sql: str, rows: list[dict[str, object]]
) -> None:
    assert ask(gateway, who, purpose, sql) == rows


def test_fusion_inputs_mask_what_is_missing_or_not_agreed_to(gateway: Gateway) -> None:
    rows = ask(gateway, "lin", "model-training", "SELECT * FROM fusion.inputs")
    consent = raw(
        gateway,
        "SELECT modality, count(*) AS n FROM silver.consent "
        "WHERE purpose = 'model-training' AND status = 'granted' GROUP BY modality",
    )
    agreed = {str(row["modality"]): row["n"] for row in consent}
    features = {
        "genomics": "f_burden", "imaging": "f_image_contrast", "notes": "f_note_problems",
        "wearables": "f_glucose_mean", "labs": "f_lab_ldh",
    }  # fmt: skip
    assert len(rows) == 34
    for modality, feature in features.items():
        present = [row for row in rows if row[f"has_{modality}"]]
        assert 0 < len(present) <= int(str(agreed["records" if modality == "labs" else modality]))
        assert all((row[feature] is not None) == row[f"has_{modality}"] for row in rows)
        assert len({row[f"snapshot_{modality}"] for row in rows}) == 1
    assert all(sum(bool(row[f"has_{name}"]) for name in features) >= 2 for row in rows)


def test_snapshots_of_fusion_inputs_are_those_of_its_sources(lake: Lake, gateway: Gateway) -> None:
    (row,) = ask(gateway, "lin", "model-training", "SELECT DISTINCT snapshot_wearables FROM fusion.inputs")
    assert row["snapshot_wearables"] == lake.pin(TableName("gold", "glucose_daily")).snapshot_id


def test_bad_batch_is_kept_out_and_the_rest_landed(scenes: dict[str, Scene], gateway: Gateway) -> None:
    deliveries = grids(scenes["A contract keeps a bad batch out"])[0].rows
    assert [row for row in deliveries if row[2] != "landed"] == [
        ("b0008", 12, "kept out", "glucose_mg_dl.maximum")
    ]
    (held,) = raw(gateway, "SELECT count(*) AS n, max(glucose_mg_dl) AS high FROM bronze.wearable_cgm")
    assert held["n"] == 40_320
    assert float(str(held["high"])) <= 400


def test_contracts_hold_with_the_planted_warnings(scenes: dict[str, Scene]) -> None:
    others = grids(scenes["A contract keeps a bad batch out"])[1].rows
    assert {row[2] for row in others} == {"holds"}
    assert {str(row[0]).split(".")[0]: row[3] for row in others if row[3]} == {
        "notes_raw": "note_date.every_note_dated",
        "imaging_dicom_headers": "imaging_dicom_headers.ct_has_kernel_and_thickness",
    }


def test_units_are_harmonised(gateway: Gateway) -> None:
    (row,) = raw(
        gateway,
        "SELECT count(*) AS n, count(DISTINCT unit) AS units, min(value) AS low FROM silver.labs_harmonised "
        "WHERE loinc = '2345-7'",
    )
    assert (row["n"], row["units"]) == (40, 1)
    assert float(str(row["low"])) > 20  # mmol/L would be below 10


def test_everything_is_tagged_but_the_late_sensor(lake: Lake, gateway: Gateway) -> None:
    for namespace in ("bronze", "silver"):
        for name in _tables(lake, namespace):
            untagged = [c.name for c in lake.pin(name).columns if not c.is_classified]
            assert untagged == (["sensor_id"] if name.table == "wearable_cgm" else []), name
    with pytest.raises(DeniedError):
        raw(gateway, "SELECT sensor_id FROM bronze.wearable_cgm")


def test_sensor_shows_once_a_steward_tags_it(lake: Lake, gateway: Gateway) -> None:
    name = TableName("bronze", "wearable_cgm")
    set_tag(lake, name, "sensor_id", "phi.device", actor="sam")
    (row,) = raw(gateway, "SELECT count(sensor_id) AS n FROM bronze.wearable_cgm")
    assert row["n"] == 5_744 + 5_769 + 172
    remove_tag(
        lake, name, "sensor_id", "phi.device", actor="sam", reason="the next test finds the lake as it was"
    )


def _tables(lake: Lake, namespace: str) -> list[TableName]:
    from lakeward.catalog.tables import list_tables

    found = [each.name for each in list_tables(lake) if each.name.namespace == namespace]
    assert found
    return found


def test_lineage_leads_back_to_the_bytes(lake: Lake, root: Path) -> None:
    import hashlib

    files = {each.reference for each in _branches(LineageGraph(lake.store).upstream("fusion.inputs"))}
    raws = {reference for reference in files if reference.is_file}
    assert len(raws) >= 4
    batch = root / "raw" / "wearables_json" / "b0000.json"
    version = next(r.version for r in raws if r.dataset.endswith("/b0000.json"))
    assert version == hashlib.sha256(batch.read_bytes()).hexdigest()
    datasets = {reference.dataset for reference in files}
    assert {"silver.consent", "silver.patient_xref", "bronze.genomics_genotypes"} <= datasets
    assert not [d for d in datasets if "b0008" in d]  # the batch that was kept out


def test_lineage_of_columns(lake: Lake) -> None:
    graph = LineageGraph(lake.store)
    for output, source in {
        "silver.note_entities.text": "bronze.notes_raw.note_text",
        "silver.note_entities.day_offset": "bronze.notes_raw.note_date",
        "fusion.inputs.f_glucose_sd": "bronze.wearable_cgm.glucose_mg_dl",
    }.items():
        values = {
            each.reference.name
            for each in _branches(graph.upstream(output))
            if any(way.startswith("DIRECT") for way in each.ways)
        }
        assert source in values


def _branches(branch: Branch) -> Iterator[Branch]:
    yield branch
    for each in branch.branches:
        yield from _branches(each)


def test_story_tells_no_identifier_of_those_who_are_not_treated(
    scenes: dict[str, Scene], gateway: Gateway
) -> None:
    people = raw(gateway, "SELECT ssn FROM bronze.ehr_patients")
    told = str([part for scene in scenes.values() for part in scene.parts])
    assert not [row for row in people if str(row["ssn"]) in told]


def test_audit_chain_holds(lake: Lake, scenes: dict[str, Scene]) -> None:
    assert lake.audit.verify().faults == ()
    words = [part.text for part in scenes["The audit chain"].parts if isinstance(part, Words)]
    assert "not one altered" in words[0]


def test_revoked_consent_holds_from_the_next_query_on(lake: Lake, gateway: Gateway) -> None:
    import pyarrow as pa

    from lakeward.gateway.steps import StepOutput, python_step
    from precision_oncology.tables.silver import CONSENT

    question = "SELECT DISTINCT sample_id FROM gold.genomic_features"
    before = ask(gateway, "ada", "research", question)
    rows = raw(gateway, "SELECT * FROM silver.consent")
    linked = raw(gateway, "SELECT patient_id FROM silver.patient_xref WHERE system = 'lims'")
    who = next(
        r["patient_id"]
        for r in rows
        if r["patient_id"] in {x["patient_id"] for x in linked}
        and (r["modality"], r["purpose"], r["status"]) == ("genomics", "research", "granted")
    )
    revoked = [
        row | {"status": "revoked"} if (row["patient_id"], row["modality"]) == (who, "genomics") else row
        for row in rows
    ]

    def produce() -> pa.Table:
        return CONSENT.table(revoked)

    python_step(
        lake,
        "revoke",
        by="sam",
        inputs=[],
        outputs=[StepOutput("silver.consent", produce, tags=CONSENT.tags)],
    )
    assert len(ask(gateway, "ada", "research", question)) == len(before) - 1
    graph = LineageGraph(lake.store).downstream("silver.consent")
    assert "fusion.inputs" in {each.reference.dataset for each in _branches(graph)}


def test_its_policies_say_nothing_by_mistake(lake: Lake, gateway: Gateway) -> None:
    tables = [lake.pin(lake.name(str(each.name))) for each in list_tables(lake)]
    found = lint_policies(gateway.policies.current(), dt.datetime.now(dt.UTC), tables)
    assert [each.text for each in found if each.level == "error"] == []
