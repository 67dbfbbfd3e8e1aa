"""A batch that breaks its contract stays out; the others hold."""

import json
from pathlib import Path
from typing import Final

from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName
from lakeward.contracts.check import check_contract
from lakeward.contracts.document import load_contract
from lakeward.contracts.rules import Status
from lakeward.gateway.service import Gateway
from precision_oncology.deliveries import DeliveryReport, land_deliveries
from precision_oncology.generator.wearables import bad_batch
from precision_oncology.readers.cgm import read_batch
from precision_oncology.readers.objects import raw_object
from precision_oncology.scenes.scene import Grid, Scene, Words

BAD_BATCH: Final = 9999
CONTRACTS: Final = {
    "ehr_patients": "bronze.ehr_patients",
    "notes_raw": "bronze.notes_raw",
    "genomics_variants": "bronze.genomics_variants",
    "genomics_genotypes": "bronze.genomics_genotypes",
    "imaging_dicom_headers": "bronze.imaging_dicom_headers",
    "fusion_inputs": "fusion.inputs",
}


def kept_out(lake: Lake, gateway: Gateway, deliveries: tuple[DeliveryReport, ...]) -> Scene:
    """Show every delivery and the contract's verdict; one broken batch is made up when none came."""
    reports = list(deliveries)
    if all(each.landed for each in reports):
        reports += deliver_bad_batch(lake, gateway)
    rows = [
        (
            _span(each),
            each.rows,
            "landed" if each.landed else "kept out",
            ", ".join(r.id for r in each.broken),
        )
        for each in reports
    ]
    landed = sum(each.rows for each in reports if each.landed)
    held = _count(gateway)
    return Scene(
        "A contract keeps a bad batch out",
        (
            Words("Readings are judged on a landing strip; a report holds rules and counts, never a value."),
            Grid("wearable_cgm.odcs.yaml", ("batches", "rows", "verdict", "broken rule"), tuple(rows)),
            Words(f"{landed:,} readings landed, and bronze.wearable_cgm holds {held:,}."),
            Grid(
                "The other contracts",
                ("contract", "table", "verdict", "warnings"),
                tuple(_others(lake, gateway)),
            ),
        ),
    )


def deliver_bad_batch(lake: Lake, gateway: Gateway) -> tuple[DeliveryReport, ...]:
    """Write a synthetic batch with an impossible reading, and deliver it like any other."""
    folder: Path = lake.root / "incoming"
    folder.mkdir(exist_ok=True)
    path = folder / f"b{BAD_BATCH}.json"
    path.write_text(json.dumps(bad_batch(BAD_BATCH)) + "\n", encoding="utf-8")
    return land_deliveries(lake, gateway, [read_batch(raw_object(path, "wearables", "demo", "synthetic"))])


def _others(lake: Lake, gateway: Gateway) -> list[tuple[str, str, str, str]]:
    rows = []
    for name, table in CONTRACTS.items():
        contract = load_contract(lake.contracts_dir / f"{name}.odcs.yaml")
        pinned = lake.pin(TableName.parse(table))
        if pinned.snapshot_id is None:
            rows.append((f"{name}.odcs.yaml", table, "no data", ""))
            continue
        report = check_contract(contract, pinned, gateway)
        failed = [rule.id for rule in report.rules if rule.status is Status.FAILED]
        rows.append((f"{name}.odcs.yaml", table, "holds" if report.success else "broken", ", ".join(failed)))
    return rows


def _count(gateway: Gateway) -> int:
    session = gateway.session("pipeline", "feature-building")
    table = gateway.execute(session, "SELECT count(*) AS n FROM bronze.wearable_cgm").table()
    return int(table["n"][0].as_py())


def _span(delivery: DeliveryReport) -> str:
    first, last = delivery.batches[0], delivery.batches[-1]
    return first if first == last else f"{first} to {last}"
