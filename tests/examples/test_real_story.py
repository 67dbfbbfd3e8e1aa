"""The whole story on the real files, when they lie beside the repository: the figures of every layer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lakeward.catalog.lake import open_lake
from lakeward.gateway.service import Gateway, open_gateway
from precision_oncology.demo import Demo, tell
from precision_oncology.scenes.scene import Scene

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("real") / "lake"


@pytest.fixture(scope="module")
def scenes(root: Path, real: Path) -> list[Scene]:
    return list(tell(Demo(lake=root, data=real)))


@pytest.fixture(scope="module")
def gateway(root: Path, scenes: list[Scene]) -> Iterator[Gateway]:
    assert len(scenes) == 8
    lake = open_lake(root)
    with open_gateway(lake) as opened:
        yield opened
    lake.close()


def one(gateway: Gateway, who: str, purpose: str, sql: str) -> dict[str, float]:
    rows: list[dict[str, float]] = gateway.execute(gateway.session(who, purpose), sql).table().to_pylist()
    (row,) = rows
    return row


def raw(gateway: Gateway, sql: str) -> dict[str, float]:
    return one(gateway, "pipeline", "feature-building", sql)


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("bronze.genomics_variants", 10_389),
        ("bronze.genomics_genotypes", 84_432),
        ("bronze.ehr_patients", 9),
        ("bronze.ehr_conditions", 494),
        ("bronze.ehr_events", 4_519),
        ("bronze.notes_raw", 1_057),
        ("bronze.wearable_cgm", 26_291),
        ("bronze.imaging_dicom_headers", 4),
        ("silver.imaging_features", 0),  # no bundled series can be compared: quarantine is the expected end
        ("gold.glucose_hourly", 2_210),
        ("gold.glucose_daily", 105),
        ("gold.gwas_results", 13),
        ("fusion.inputs", 3),
    ],
)
def test_rows(gateway: Gateway, table: str, rows: int) -> None:
    purpose = "model-training" if table.startswith("fusion.") else "feature-building"
    assert one(gateway, "pipeline", purpose, f"SELECT count(*) AS n FROM {table}")["n"] == rows


def test_glucose_windows(gateway: Gateway) -> None:
    sums = raw(gateway, "SELECT sum(mean) AS mean, sum(sd) AS sd FROM gold.glucose_hourly")
    assert sums["mean"] == pytest.approx(254_032.428, abs=0.001)
    assert sums["sd"] == pytest.approx(14_698.42, abs=0.01)
    late = raw(
        gateway,
        "SELECT count(*) AS n, "
        "count(DISTINCT participant_id || date_trunc('hour', event_ts)::VARCHAR) AS windows "
        "FROM bronze.wearable_cgm WHERE is_late",
    )
    assert (late["n"], late["windows"]) == (758, 646)


def test_consent_by_modality(gateway: Gateway) -> None:
    asked = ("ada", "research")
    samples = one(gateway, *asked, "SELECT count(DISTINCT sample_id) AS n FROM bronze.genomics_genotypes")
    people = one(gateway, *asked, "SELECT count(DISTINCT participant_id) AS n FROM gold.glucose_daily")
    assert (samples["n"], people["n"]) == (3, 5)


def test_safe_harbor_of_the_oldest(gateway: Gateway) -> None:
    row = one(
        gateway,
        "ada",
        "research",
        "SELECT min(birth_date) AS oldest, count(ssn) AS ssns, count(family) AS names "
        "FROM bronze.ehr_patients",
    )
    zips = gateway.execute(
        gateway.session("ada", "research"), "SELECT DISTINCT zip FROM bronze.ehr_patients"
    ).table()
    assert str(row["oldest"]) >= "1936-01-01"
    assert (row["ssns"], row["names"]) == (0, 0)
    assert {len(text) for text in zips["zip"].to_pylist()} == {3}


def test_clinician_sees_a_birth_date_in_clear(gateway: Gateway) -> None:
    row = one(gateway, "grace", "treatment", "SELECT min(birth_date) AS oldest FROM bronze.ehr_patients")
    assert str(row["oldest"]) == "1927-05-21"


def test_partner_sees_aggregates_of_many(gateway: Gateway) -> None:
    row = one(
        gateway,
        "acme",
        "sharing",
        "SELECT count(*) AS n, min(n) AS people, min(p) AS best FROM gold.gwas_results",
    )
    assert (row["n"], row["people"]) == (13, 2_504)
    assert row["best"] == pytest.approx(0.165, abs=0.001)
