"""The lake that the tests of every door ask: one clinic with planted values, and who may come in."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake, open_lake
from lakeward.catalog.names import TableName
from lakeward.gateway.doors.door import DoorContext
from lakeward.gateway.doors.log import ServiceLog
from lakeward.gateway.doors.metrics import Metrics
from lakeward.gateway.doors.tls import Tls
from lakeward.gateway.identity.identities import Identities
from lakeward.gateway.service import open_gateway

PASSWORD = "correct horse battery"  # noqa: S105  of nobody
CONFIG = """
[gateway.identity]
scram_iterations = 4096
"""
TAGS = {"patient": ["phi.mrn"], "site": ["sensitivity.none"], "code": ["health"], "score": ["health"]}
ROWS: dict[str, list[Any]] = {
    "patient": ["p1", "p2", "SECRETPATIENT"],
    "site": ["H1", "H1", "H2"],
    "code": ["C50", "I10", "SECRETCODE"],
    "score": [1, 2, 3],
}


def make_clinic(root: Path, policy: str, rows: dict[str, list[Any]] = ROWS) -> Lake:
    """Make a lake of two tables with the same rows, `clinic.visit` and `clinic.hidden`, under a policy."""
    made = init_lake(root)
    for table in ("visit", "hidden"):
        name = TableName("clinic", table)
        write_batches(made, name, pa.table(rows).to_reader(), mode="create", tags=TAGS, actor="test")
    write_policy(made, policy)
    config = made.root / "lakeward.toml"
    config.write_text(config.read_text("utf-8") + CONFIG, "utf-8")
    return open_lake(made.root)


def write_policy(lake: Lake, text: str) -> None:
    """Put a policy in the place of the one before."""
    (Path(lake.policies_dir) / "clinic.yaml").write_text(text, "utf-8")


def context_of(lake: Lake, lines: list[str], tls: Tls | None = None) -> DoorContext:
    """What a door on loopback is given."""
    return DoorContext(
        gateway=open_gateway(lake),
        identities=Identities(lake),
        tls=tls,
        insecure_loopback=tls is None,
        metrics=Metrics(),
        log=ServiceLog(lines.append),
    )


def close_context(context: DoorContext) -> None:
    """Close what `context_of` opened."""
    context.identities.close()
    context.gateway.close()
