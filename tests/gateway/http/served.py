"""What a client of the HTTP door meets: an open door, an answer."""

import io
from dataclasses import dataclass

import httpx
import pyarrow as pa

from lakeward.gateway.doors.door import DoorContext
from lakeward.gateway.doors.http import HttpDoor

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


def arrow(body: bytes) -> pa.Table:
    """Read an Arrow stream."""
    return pa.ipc.open_stream(io.BytesIO(body)).read_all()
