"""What a door is, and what it is given."""

from dataclasses import dataclass, field
from typing import Protocol

from lakeward.catalog.errors import InputError
from lakeward.gateway.doors.log import ServiceLog
from lakeward.gateway.doors.metrics import Metrics
from lakeward.gateway.doors.readiness import Readiness
from lakeward.gateway.doors.tls import Tls
from lakeward.gateway.identity.identities import Identities
from lakeward.gateway.loopback import is_loopback
from lakeward.gateway.service import Gateway


class PlaintextRefusedError(InputError):
    """A door is to speak without TLS to other machines."""

    code = "plaintext-refused"

    def __init__(self, host: str) -> None:
        super().__init__(
            f"A door without TLS is for loopback addresses alone; {host} is none.",
            hint="Leave out `--insecure-loopback`, or bind the door to 127.0.0.1 or ::1.",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class DoorContext:
    """What every door is given.

    Attributes:
        gateway: Where statements go.
        identities: Who may come in, and until when.
        tls: The certificate to show; None where `insecure_loopback` lets the door speak plaintext.
        insecure_loopback: Whether plaintext is allowed, on loopback addresses alone.
        metrics: What is counted, without names of tables or principals.
        log: Where the door says what happened, without values, SQL or secrets.
        readiness: Whether all doors are open.
    """

    gateway: Gateway
    identities: Identities
    tls: Tls | None
    insecure_loopback: bool
    metrics: Metrics
    log: ServiceLog
    readiness: Readiness = field(default_factory=Readiness)

    def __post_init__(self) -> None:
        """Let the metrics tell of the gateway's queue and policies."""
        self.metrics.watch(self.gateway.queue, self.gateway.policies)

    def check_address(self, host: str) -> None:
        """Refuse to speak plaintext on an address that other machines can reach; a door asks before it binds.

        Raises:
            PlaintextRefusedError: It would.
        """
        if self.tls is None and not (self.insecure_loopback and is_loopback(host)):
            raise PlaintextRefusedError(host)


class Door(Protocol):
    """One way in, made from a `DoorContext`, a host and a port (0 for a free one)."""

    @property
    def name(self) -> str:
        """What metrics and logs call it: `postgres`, `flight` or `http`."""
        ...

    def start(self) -> tuple[str, int]:
        """Bind, serve in a thread or loop of the door's own, and return the address that was bound.

        Raises:
            AddressUnavailableError: The address cannot be bound.
        """
        ...

    def stop(self, seconds: float) -> None:
        """Accept nothing more, let running statements end for `seconds`, then cancel them and return."""
        ...


class AddressUnavailableError(InputError):
    """A door's address cannot be bound."""

    code = "address-unavailable"

    def __init__(self, door: str, host: str, port: int) -> None:
        super().__init__(
            f"The {door} door cannot be opened at {host}:{port}.",
            hint="Another program may have the port, or the address is of another machine; port 0 takes a "
            "free one.",
        )
