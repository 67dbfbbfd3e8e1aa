"""What the PostgreSQL door says of messages and statements that it does not take, each with its SQLSTATE."""

from lakeward.catalog.errors import DeniedError, InputError, UnavailableError


class WireError(InputError):
    """A message that breaks the protocol; the connection ends.

    Attributes:
        sqlstate: What a client's program looks at.
    """

    code = "protocol-violation"
    sqlstate = "08P01"

    def __init__(self, what: str) -> None:
        super().__init__(f"The connection is closed: the client sent {what}.")


class UnsupportedError(InputError):
    """Something of PostgreSQL that this door does not do."""

    code = "not-supported"
    sqlstate = "0A000"

    def __init__(self, what: str, hint: str | None = None) -> None:
        super().__init__(
            f"{what} is not supported here.",
            hint=hint or "docs/reference/postgres.md lists what is supported.",
        )


class UnknownSettingError(InputError):
    """A setting that this door does not have, or a value that it does not take."""

    code = "unknown-setting"
    sqlstate = "42704"

    def __init__(self, valid: str) -> None:
        super().__init__(f"There is no such setting here, or it does not take this value. Valid: {valid}.")


class UnknownNameError(InputError):
    """A prepared statement, portal, cursor or savepoint that the client has not made, or has made twice."""

    code = "unknown-name"
    sqlstate = "26000"

    def __init__(self, kind: str, sqlstate: str, *, exists: bool = False) -> None:
        text = "has this name already" if exists else "of this connection has this name"
        super().__init__(f"{'A' if exists else 'No'} {kind} {text}.")
        self.sqlstate = sqlstate


class FailedTransactionError(InputError):
    """A statement inside a transaction that has failed."""

    code = "failed-transaction"
    sqlstate = "25P02"

    def __init__(self) -> None:
        super().__init__(
            "The transaction has failed; what comes before its end is not run.", hint="ROLLBACK."
        )


class NoTransactionError(InputError):
    """A setting for a transaction where none has begun: it would be gone before anything could be asked."""

    code = "no-transaction"
    sqlstate = "25P01"

    def __init__(self) -> None:
        super().__init__(
            "SET LOCAL lasts until the end of a transaction, and none has begun.", hint="BEGIN, or write SET."
        )


class InvalidParameterError(InputError):
    """A parameter whose bytes are no value of its type."""

    code = "invalid-parameter"
    sqlstate = "22P02"

    def __init__(self, number: int, kind: str) -> None:
        super().__init__(f"Parameter ${number} is no valid {kind}.")


class TooMuchError(UnavailableError):
    """A bound of the connection or the door is reached."""

    code = "too-much"

    def __init__(self, what: str, sqlstate: str = "54000") -> None:
        super().__init__(f"The door takes {what}.", hint="Close what is not needed, then try again.")
        self.sqlstate = sqlstate


class CancelledError(InputError):
    """The client asked for the end of its statement."""

    code = "cancelled"
    sqlstate = "57014"

    def __init__(self) -> None:
        super().__init__("The statement was cancelled, as the client asked.")


class ClosingError(UnavailableError):
    """The gateway goes down."""

    code = "closing"
    sqlstate = "57P01"

    def __init__(self) -> None:
        super().__init__("The gateway shuts down.", hint="Connect again in a moment.")


class NoTlsError(DeniedError):
    """A connection that is not encrypted."""

    code = "tls-required"
    sqlstate = "28000"

    def __init__(self) -> None:
        super().__init__(
            "This door takes encrypted connections only.", hint="Connect with sslmode=verify-full."
        )
