"""What a client of the Flight SQL door meets: an open door, a lake of one clinic, and who may come in."""

from dataclasses import dataclass
from typing import Any

import adbc_driver_flightsql.dbapi as adbc
from pyarrow import flight
from tests.gateway.clinic import PASSWORD, close_context, context_of

from lakeward.catalog.lake import Lake
from lakeward.gateway.doors.door import DoorContext
from lakeward.gateway.doors.flight import FlightDoor
from lakeward.gateway.doors.tls import Tls

POLICY = """
version: 1
roles:
  researcher: {members: [ada]}
  auditor: {members: [bob]}
purposes: [research, quality]
grants:
  - id: research
    to: [researcher]
    purposes: [research]
    tables: ["clinic.visit"]
    rows: "site = 'H1'"
    columns: [{tags: [health, sensitivity.none], mask: clear}]
  - id: audit
    to: [auditor]
    purposes: [research]
    tables: ["clinic.visit"]
    columns: [{tags: [sensitivity.none], mask: clear}]
"""
SECRETS = ("SECRETPATIENT", "SECRETCODE", "p1", "p2")
HEADER = "adbc.flight.sql.rpc.call_header."


@dataclass(frozen=True, kw_only=True)
class Served:
    """A door that is open."""

    door: FlightDoor
    context: DoorContext
    host: str
    port: int
    lines: list[str]
    tls: Tls | None

    @property
    def uri(self) -> str:
        return f"grpc{'+tls' if self.tls else ''}://{self.host}:{self.port}"

    def token(self, principal: str = "ada") -> tuple[str, str]:
        """A new token, and its id."""
        token, made = self.context.identities.accounts.make_token(principal, 1, by="test")
        return token, made.id

    def connect(
        self, user: str = "ada", password: str = PASSWORD, purpose: str | None = "research"
    ) -> adbc.Connection:
        """Connect by a password."""
        return self._connect({"username": user, "password": password}, purpose)

    def by_token(self, token: str, purpose: str | None = "research") -> adbc.Connection:
        """Connect by a token."""
        return self._connect({"adbc.flight.sql.authorization_header": f"Bearer {token}"}, purpose)

    def _connect(self, options: dict[str, str], purpose: str | None) -> adbc.Connection:
        if purpose is not None:
            options[f"{HEADER}x-lakeward-purpose"] = purpose
        if self.tls is not None:
            roots = self.tls.certificate.read_text("ascii")
            options["adbc.flight.sql.client_option.tls_root_certs"] = roots
        return adbc.connect(self.uri, db_kwargs=options, autocommit=True)

    def bare(self) -> flight.FlightClient:
        """A client that knows Flight alone."""
        return flight.connect(f"grpc+tcp://{self.host}:{self.port}")


def headers(token: str, purpose: str = "research", **more: str) -> flight.FlightCallOptions:
    """What a bare client sends along."""
    shown = {"authorization": f"Bearer {token}", "x-lakeward-purpose": purpose, **more}
    return flight.FlightCallOptions(
        headers=[(key.encode(), value.encode()) for key, value in shown.items()], timeout=30
    )


def open_door(lake: Lake, lines: list[str], tls: Tls | None = None) -> Served:
    """Open a door over a lake, on a free port of loopback."""
    context = context_of(lake, lines, tls)
    door = FlightDoor(context, "127.0.0.1", 0)
    host, port = door.start()
    host = host if tls is None else "localhost"
    return Served(door=door, context=context, host=host, port=port, lines=lines, tls=tls)


def close_door(served: Served) -> None:
    """Close what `open_door` opened."""
    served.door.stop(1.0)
    close_context(served.context)


def rows(connection: adbc.Connection, sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
    """Ask, and fetch everything."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
