"""What lakeward says -> an error of Flight: our words as they are, and of what is not ours nothing.

Only errors of Flight itself go out: to any other, Arrow's too, pyarrow adds the traceback.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pyarrow import flight

from lakeward.catalog.errors import DeniedError, InputError, LakewardError
from lakeward.gateway.doors.door import DoorContext
from lakeward.gateway.doors.flight.errors import FlightClosingError
from lakeward.gateway.doors.metrics import Outcome
from lakeward.gateway.errors import (
    LimitExceededError,
    NoPurposeError,
    OverloadedError,
    StatementCancelledError,
)
from lakeward.gateway.identity.errors import UnauthenticatedError

DOOR = "flight"
_KINDS: tuple[tuple[type[LakewardError], Callable[[str], Exception], Outcome], ...] = (
    (UnauthenticatedError, flight.FlightUnauthenticatedError, "denied"),
    (DeniedError, flight.FlightUnauthorizedError, "denied"),
    (InputError, flight.FlightError, "invalid"),
    (LimitExceededError, flight.FlightTimedOutError, "limited"),
    (OverloadedError, flight.FlightUnavailableError, "refused"),
    (StatementCancelledError, flight.FlightCancelledError, "cancelled"),
    (FlightClosingError, flight.FlightUnavailableError, "cancelled"),
    (LakewardError, flight.FlightUnavailableError, "failed"),
)
_HINTS: dict[type[LakewardError], str] = {
    NoPurposeError: "Say what the query is for in the header `x-lakeward-purpose`.",
}


def flight_error(error: BaseException) -> Exception:
    """Give the error that a client is told of."""
    if isinstance(error, LakewardError):
        hint = _HINTS.get(type(error), error.hint)
        text = f"{error.code}: {error.message}" + (f" {hint}" if hint else "")
        return next(make(text) for kind, make, _ in _KINDS if isinstance(error, kind))
    return flight.FlightInternalError("unexpected: Something failed in the gateway.")  # type: ignore[no-any-return]


def outcome(error: BaseException) -> Outcome:
    """Say for the metrics how a statement ended."""
    return next((word for kind, _, word in _KINDS if isinstance(error, kind)), "failed")


@contextmanager
def told(context: DoorContext) -> Iterator[None]:
    """Turn what the block raises into an error of Flight; of what nobody foresaw the log gets the class."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  the boundary: its text could hold a value
        if isinstance(error, UnauthenticatedError):
            context.metrics.sign_in_refused(DOOR)
        if not isinstance(error, LakewardError):
            context.log.event("unexpected", door=DOOR, fault=type(error).__name__)
        raise flight_error(error) from None
