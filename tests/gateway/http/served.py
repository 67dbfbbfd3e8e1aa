"""What a client of the HTTP door meets: an open door, an answer."""

import io
from dataclasses import dataclass

import httpx
import pyarrow as pa

from lakeward.catalog.lake import Lake
from lakeward.gateway.doors.door import DoorContext
from lakeward.gateway.doors.http import HttpDoor
from lakeward.gateway.doors.log import ServiceLog
from lakeward.gateway.doors.metrics import Metrics
from lakeward.gateway.identity.identities import Identities
from lakeward.gateway.service import open_gateway

PASSWORD = "correct horse battery"  # noqa: S105  of nobody
POLICY = """
version: 1
roles:
  researcher: {members: [ada, "group:genomics"]}
purposes: [research, quality]
grants:
  - id: research
    to: [researcher]
    purposes: [research]
    tables: ["clinic.visit"]
    rows: "site = 'H1'"
    columns: [{tags: [health, sensitivity.none], mask: clear}]
"""
CONFIG = """
[gateway.identity]
scram_iterations = 4096
"""
TAGS = {"patient": ["phi.mrn"], "site": ["sensitivity.none"], "code": ["health"], "score": ["health"]}


@dataclass(frozen=True, kw_only=True)
class Served:
    """A door that is open."""

    door: HttpDoor
    context: DoorContext
    url: str
    lines: list[str]
    token: str
    token_id: str

    def client(self, token: str | None = None, purpose: str | None = "research") -> httpx.Client:
        headers = {"authorization": f"Bearer {token or self.token}"}
        if purpose is not None:
            headers["x-lakeward-purpose"] = purpose
        return httpx.Client(base_url=self.url, headers=headers, timeout=30.0)


def context_of(lake: Lake, lines: list[str]) -> DoorContext:
    """What a plaintext door on loopback is given."""
    return DoorContext(
        gateway=open_gateway(lake),
        identities=Identities(lake),
        tls=None,
        insecure_loopback=True,
        metrics=Metrics(),
        log=ServiceLog(lines.append),
    )


def arrow(body: bytes) -> pa.Table:
    """Read an Arrow stream."""
    return pa.ipc.open_stream(io.BytesIO(body)).read_all()
