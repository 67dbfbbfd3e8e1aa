"""What a client of the PostgreSQL door meets: an open door, a lake of one clinic, and who may come in."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from tests.gateway.clinic import PASSWORD, close_context, context_of

from lakeward.catalog.lake import Lake
from lakeward.gateway.doors.door import DoorContext
from lakeward.gateway.doors.postgres import PostgresDoor
from lakeward.gateway.doors.tls import Tls

PURPOSE = "-c lakeward.purpose=research"
PSQL = shutil.which("psql")
needs_psql = pytest.mark.skipif(PSQL is None, reason="psql is not installed")
HSQL = os.environ.get("LAKEWARD_HSQL") or shutil.which("hsql")  # in an environment of its own: it caps click
needs_hsql = pytest.mark.skipif(
    HSQL is None, reason="harlequin is not installed; LAKEWARD_HSQL names its hsql"
)
POLICY = """
version: 1
roles:
  researcher: {members: [ada]}
purposes: [research, quality]
grants:
  - id: research
    to: [researcher]
    purposes: [research]
    tables: ["clinic.visit"]
    rows: "site = 'H1'"
    columns:
      - {tags: [health, sensitivity.none], mask: clear}
      - {tags: [phi.mrn], mask: pseudonym}
"""
SECRETS = ("SECRETPATIENT", "SECRETCODE", "SECRETMEMO", "hidden", "memo")


@dataclass(frozen=True, kw_only=True)
class Served:
    """A door that is open."""

    door: PostgresDoor
    context: DoorContext
    host: str
    port: int
    lines: list[str]
    tls: Tls | None

    def parameters(self, user: str = "ada", options: str = PURPOSE) -> dict[str, Any]:
        """How a client of libpq comes in."""
        given = {"host": self.host, "port": self.port, "user": user, "password": PASSWORD, "dbname": "lake"}
        if self.tls is not None:
            given |= {"sslmode": "verify-full", "sslrootcert": str(self.tls.certificate)}
        return given | {"options": options}

    def connect(self, **changed: Any) -> psycopg.Connection[tuple[Any, ...]]:  # noqa: ANN401
        """Connect as ada, for research."""
        return psycopg.connect(**(self.parameters() | changed))

    def psql(self, *words: str, **changed: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401
        """Run psql."""
        given = self.parameters() | changed
        names = {
            "host": "PGHOST",
            "port": "PGPORT",
            "user": "PGUSER",
            "password": "PGPASSWORD",
            "dbname": "PGDATABASE",
        }
        names |= {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "options": "PGOPTIONS"}
        environment = {names[name]: str(value) for name, value in given.items()}
        command = [str(PSQL), "-X", "-w", *words]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    def kinds(self, most: int = 10) -> Sequence[str]:
        """The kinds of the last records of the audit chain, the newest first."""
        return [each.kind for each in self.context.gateway.lake.audit.records(limit=most)]


def open_door(lake: Lake, lines: list[str], tls: Tls | None = None) -> Served:
    """Open a door over a lake, on a free port of loopback."""
    return served_by(context_of(lake, lines, tls), lines)


def served_by(context: DoorContext, lines: list[str] | None = None) -> Served:
    """Open a door of a gateway that is there."""
    door = PostgresDoor(context, "127.0.0.1", 0)
    host, port = door.start()
    host = host if context.tls is None else "localhost"
    return Served(
        door=door,
        context=context,
        host=host,
        port=port,
        lines=[] if lines is None else lines,
        tls=context.tls,
    )


def close_door(served: Served) -> None:
    """Close what `open_door` opened."""
    served.door.stop(1.0)
    close_context(served.context)
