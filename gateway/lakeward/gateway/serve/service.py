"""A gateway that serves: doors opened together, and closed so that what runs may end."""

import threading
from collections.abc import Mapping
from importlib import import_module

from lakeward.catalog.audit import AuditEvent
from lakeward.catalog.lake import owner_name
from lakeward.gateway.doors.door import Door, DoorContext
from lakeward.gateway.serve.errors import MissingExtraError
from lakeward.gateway.serve.settings import Address, NoDoorError

DOORS = {
    "postgres": "lakeward.gateway.doors.postgres:PostgresDoor",
    "flight": "lakeward.gateway.doors.flight:FlightDoor",
    "http": "lakeward.gateway.doors.http:HttpDoor",
}
_SECONDS_TO_CANCEL = 10.0


def make_door(name: str, context: DoorContext, address: Address) -> Door:
    """Make one of `DOORS`, importing only its own libraries.

    Raises:
        MissingExtraError: They are not installed.
    """
    module, _, attribute = DOORS[name].partition(":")
    try:
        door: Door = getattr(import_module(module), attribute)(context, address.host, address.port)
    except ModuleNotFoundError:
        raise MissingExtraError(f"The {name} door") from None
    return door


class Service:
    """The doors of one gateway."""

    def __init__(self, context: DoorContext, doors: Mapping[str, Address]) -> None:
        if not doors:
            raise NoDoorError
        for address in doors.values():
            context.check_address(address.host)
        self._context = context
        self._doors = [make_door(name, context, address) for name, address in doors.items()]

    def open(self) -> dict[str, Address]:
        """Open every door, or none; return where they are.

        Raises:
            LakewardError: One cannot be opened.
        """
        opened: dict[str, Address] = {}
        try:
            for door in self._doors:
                opened[door.name] = Address(*door.start())
        except BaseException:
            self._stop([each for each in self._doors if each.name in opened], 0.0)
            self._let_go()
            raise
        self._record("gateway.opened", opened)
        for name, address in opened.items():
            self._context.log.event("open", door=name, host=address.host, port=address.port)
        self._context.readiness.is_open = True
        return opened

    def close(self, seconds: float) -> None:
        """Take nobody in any more, let what runs end for `seconds`, cancel the rest, close the gateway."""
        self._context.readiness.is_open = False
        self._context.log.event("draining", seconds=seconds)
        self._stop(self._doors, seconds)
        self._record("gateway.closed", {})
        self._let_go()
        self._context.log.event("closed")

    def _let_go(self) -> None:
        self._context.identities.close()
        self._context.gateway.close()

    def _stop(self, doors: list[Door], seconds: float) -> None:
        """Stop all doors at once: each may wait for what it runs."""
        stopping = [threading.Thread(target=each.stop, args=(seconds,), daemon=True) for each in doors]
        for each in stopping:
            each.start()
        for each in stopping:
            each.join(seconds + _SECONDS_TO_CANCEL)

    def _record(self, kind: str, doors: Mapping[str, Address]) -> None:
        details = {
            "doors": {name: str(each) for name, each in doors.items()},
            "tls": self._context.tls is not None,
        }
        self._context.gateway.lake.audit.append(
            AuditEvent(kind=kind, principal=owner_name(), details=details)
        )
