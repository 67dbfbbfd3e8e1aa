"""Let a delivery of glucose readings in only when its contract holds: it is judged on a landing strip first.

A delivery is the run of batches with one schema version. When its contract does not hold, its batches are
judged one by one, and only those that break it are kept out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from lakeward.catalog.ingest.write import SchemaMismatchError
from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName
from lakeward.catalog.tables import evolve_table
from lakeward.contracts.check import check_contract
from lakeward.contracts.document import load_contract
from lakeward.contracts.report import ContractReport, RuleResult
from lakeward.gateway.service import Gateway
from lakeward.gateway.steps import Mode, RawFile, StepOutput, python_step
from precision_oncology.readers.cgm import Batch, Reading, marked_late
from precision_oncology.readers.objects import RawObject
from precision_oncology.tables.bronze import WEARABLE_CGM
from precision_oncology.tables.spec import TableSpec

if TYPE_CHECKING:
    from pyiceberg.table.update.schema import UpdateSchema

STRIP: Final = "landing_v{version}.wearable_cgm"
BY: Final = "pipeline"
_GOVERNANCE: Final = frozenset({"classified"})  # the steward's to mend, not the sender's


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What became of one delivery: its batches and rows, whether it landed, and what the contract found."""

    batches: tuple[str, ...]
    rows: int
    landed: bool
    report: ContractReport

    @property
    def broken(self) -> tuple[RuleResult, ...]:
        """The rules about the data that failed."""
        return broken_rules(self.report)


@dataclass(frozen=True, slots=True)
class _Delivery:
    version: int
    parts: tuple[tuple[Batch, list[Reading]], ...]

    @property
    def spec(self) -> TableSpec:
        return WEARABLE_CGM if self.version > 1 else WEARABLE_CGM.without("sensor_id")

    @property
    def table(self) -> pa.Table:
        return self.spec.table(reading for _, readings in self.parts for reading in readings)

    @property
    def sources(self) -> tuple[RawObject, ...]:
        return tuple(dict.fromkeys(raw for batch, _ in self.parts for raw in batch.sources))


def broken_rules(report: ContractReport) -> tuple[RuleResult, ...]:
    """Pick the rules about the data that failed and are not mere warnings."""
    return tuple(rule for rule in report.rules if rule.blocks and rule.kind not in _GOVERNANCE)


def land_deliveries(lake: Lake, gateway: Gateway, batches: Iterable[Batch]) -> tuple[DeliveryReport, ...]:
    """Judge and land batches in order of delivery; without one, the table is made empty."""
    marked = [(batch, readings) for batch, readings in marked_late(batches) if readings]
    if not marked:
        _land(lake, _Delivery(1, ()))
        return ()
    reports: list[DeliveryReport] = []
    for version, run in groupby(marked, key=lambda part: part[0].schema_version):
        reports += _admit(lake, gateway, _Delivery(version, tuple(run)))
    return tuple(reports)


def _admit(lake: Lake, gateway: Gateway, delivery: _Delivery) -> list[DeliveryReport]:
    report = _judge(lake, gateway, delivery)
    if broken_rules(report) and len(delivery.parts) > 1:
        return [
            each
            for part in delivery.parts
            for each in _admit(lake, gateway, _Delivery(delivery.version, (part,)))
        ]
    landed = not broken_rules(report)
    if landed:
        _land(lake, delivery)
    names = tuple(batch.batch_id for batch, _ in delivery.parts)
    return [DeliveryReport(names, sum(len(readings) for _, readings in delivery.parts), landed, report)]


def _judge(lake: Lake, gateway: Gateway, delivery: _Delivery) -> ContractReport:
    """Judge a delivery; a single batch is spared the second judge, as there may be hundreds."""
    strip = STRIP.format(version=delivery.version)
    _write(lake, delivery, strip, "replace")
    contract = load_contract(lake.contracts_dir / "wearable_cgm.odcs.yaml")
    table = lake.pin(TableName.parse(strip))
    return check_contract(contract, table, gateway, great_expectations=len(delivery.parts) > 1)


def _land(lake: Lake, delivery: _Delivery) -> None:
    """Append to the table; a newer schema is refused until the table is made to follow it, on purpose."""
    try:
        _write(lake, delivery, WEARABLE_CGM.name, "append")
    except SchemaMismatchError:
        if delivery.version == 1:
            raise
        evolve_table(lake, TableName.parse(WEARABLE_CGM.name), _add_sensor, actor=BY)
        _write(lake, delivery, WEARABLE_CGM.name, "append")


def _add_sensor(schema: "UpdateSchema") -> None:
    from pyiceberg.types import StringType  # noqa: PLC0415  # a second to import

    schema.add_column("sensor_id", StringType())


def _write(lake: Lake, delivery: _Delivery, table: str, mode: Mode) -> None:
    origins = sorted({f"origin.{raw.origin}" for raw in delivery.sources})
    tags = delivery.spec.tags | ({"*": origins} if origins else {})
    output = StepOutput(
        table,
        lambda: delivery.table,
        columns=delivery.spec.unclassified,
        tags=tags,
        mode=mode,
    )
    inputs = [RawFile(raw.path, modality=raw.modality, sha256=raw.sha256) for raw in delivery.sources]
    python_step(lake, f"land {table}", by=BY, inputs=inputs, outputs=[output])


__all__: Sequence[str] = ["DeliveryReport", "broken_rules", "land_deliveries"]
