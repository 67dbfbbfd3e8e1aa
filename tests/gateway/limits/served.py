"""What clients of a lake with small limits meet: one gateway behind all three doors."""

from pathlib import Path

from lakeward.catalog.lake import open_lake
from lakeward.gateway.doors.door import DoorContext
from lakeward.gateway.doors.flight import FlightDoor
from lakeward.gateway.doors.http import HttpDoor
from lakeward.gateway.doors.log import ServiceLog
from lakeward.gateway.doors.metrics import Metrics
from lakeward.gateway.doors.postgres import PostgresDoor
from lakeward.gateway.identity.identities import Identities
from lakeward.gateway.service import open_gateway

PASSWORD = "correct horse battery"  # noqa: S105  of nobody
POLICY = """
version: 1
roles: {researcher: {members: [ada, bob, cyd, dan]}}
purposes: [research]
grants:
  - id: research
    to: [researcher]
    tables: ["clinic.visit"]
    rows: "n % 2 = 0"
    columns: [{tags: [health], mask: clear}]
"""
CONFIG = """
[gateway.identity]
scram_iterations = 4096
[gateway.limits]
statements = 1
queue = 0
total_statements = 3
total_queue = 2
[gateway.limits.principals.bob]
statements = 2
[gateway.limits.principals.cyd]
rows = 1000
[gateway.limits.principals.dan]
bytes = "8kB"
"""


class Doors:
    """One gateway behind three doors."""

    def __init__(self, root: Path) -> None:
        lake = open_lake(root)
        self.context = DoorContext(
            gateway=open_gateway(lake, workers=True),
            identities=Identities(lake),
            tls=None,
            insecure_loopback=True,
            metrics=Metrics(),
            log=ServiceLog(lambda _line: None),
        )
        self.context.readiness.is_open = True
        self.doors = [each(self.context, "127.0.0.1", 0) for each in (HttpDoor, FlightDoor, PostgresDoor)]
        self.http, self.flight, self.postgres = [each.start()[1] for each in self.doors]
        for name in ("ada", "bob", "cyd", "dan"):
            self.context.identities.accounts.add(name, PASSWORD, by="test")

    def close(self) -> None:
        """Close everything."""
        for each in self.doors:
            each.stop(1.0)
        self.context.identities.close()
        self.context.gateway.close()
