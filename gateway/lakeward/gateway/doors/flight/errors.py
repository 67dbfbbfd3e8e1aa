"""What the Flight SQL door says of requests that it does not take."""

from lakeward.catalog.errors import InputError, UnavailableError


class FlightRequestError(InputError):
    """A request that is none of Flight SQL's, or one that this door does not do."""

    code = "invalid-request"

    def __init__(self, fault: str) -> None:
        super().__init__(
            f"The request cannot be taken: {fault}.", hint="docs/how-to/connect-flight.md says what can."
        )


class UnknownHandleError(InputError):
    """A ticket or a handle that is not the caller's: never made, used, expired, or of another purpose."""

    code = "unknown-handle"

    def __init__(self) -> None:
        super().__init__(
            "There is no such statement of yours, or it was fetched already, or it waited too long.",
            hint="Send the statement again, with the purpose that it is to be fetched with.",
        )


class FlightClosingError(UnavailableError):
    """A statement was ended, or not begun, because the gateway closes."""

    code = "gateway-closing"

    def __init__(self) -> None:
        super().__init__("The statement was ended: the gateway closes.", hint="Send it again in a minute.")
