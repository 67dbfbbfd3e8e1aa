"""What the gateway says when a statement does not end well. An engine's own text never passes through."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from lakeward.catalog.errors import DeniedError, InputError, UnavailableError
from lakeward.catalog.names import as_written

if TYPE_CHECKING:
    from lakeward.gateway.session import Limits

Refusal = Literal["principal", "gateway", "waited"]
"""Why a statement found no place: its principal's share is used up, or everybody's; or it waited for long."""


class UnknownColumnError(DeniedError):
    """A name in the statement means nothing to the principal: not there, or not to be seen.

    Args:
        name: It, as the statement has it, where it is known.
        near: Columns that the principal may see, and that are called nearly so.
    """

    code = "denied"

    def __init__(self, name: str | None = None, near: Sequence[str] = ()) -> None:
        said = "The statement names a column that is not there for you"
        meant = " or ".join(f"`{each}`" for each in near)
        hint = "See what you may read with `lakeward explain`, or ask a steward for a grant."
        super().__init__(
            f"{said}: {as_written(name)}."
            if name
            else f"{said}, or uses one in a way that its type does not have.",
            hint=f"Did you mean {meant}? {hint}" if meant else hint,
            recorded=f"{said}.",
        )


class MisusedError(DeniedError):
    """The statement uses what it may see in a way that the engine does not have.

    Args:
        how: What it does, in words of ours.
    """

    code = "denied"
    sqlstate = "42000"

    def __init__(self, how: str) -> None:
        super().__init__(
            f"The statement cannot run as it is written: {how}.",
            hint="See the types of columns with `lakeward table show`.",
            recorded="The statement cannot run as it is written.",
        )


class FailedStatementError(InputError):
    """The statement failed on the cells that the principal may see."""

    code = "statement-failed"

    def __init__(self, kind: str, statement_id: str) -> None:
        super().__init__(
            f"The statement failed: {kind}.",
            hint="Look for a cast, a number or a date that does not fit; TRY_CAST gives NULL instead. "
            f"The audit log knows this statement as {statement_id}.",
        )


class LimitExceededError(UnavailableError):
    """A limit of the session ended the statement."""

    code = "limit-exceeded"

    def __init__(self, limit: str) -> None:
        super().__init__(f"The statement was ended: it went over the session's limit of {limit}.")


class OverloadedError(UnavailableError):
    """There is no room for another statement now: of the principal's, or of anybody's.

    Attributes:
        is_own: Whether it is the principal's own share that is used up.
        retry_seconds: When it is worth while to come again.
    """

    code = "overloaded"
    retry_seconds = 5

    def __init__(self, why: Refusal, limits: "Limits", *, is_own: bool) -> None:
        said = {
            "principal": f"you may have {limits.statements} that run and {limits.queue} that wait at once",
            "gateway": "the gateway has no room for another statement now",
            "waited": f"its turn did not come within {limits.wait_seconds:g} seconds",
        }
        super().__init__(
            f"The statement was not begun: {said[why]}.",
            hint=(f"Wait for one to end, or close a cursor; try again in {self.retry_seconds} seconds.")
            if is_own
            else f"Try again in {self.retry_seconds} seconds.",
        )
        self.is_own = is_own


class WorkerLostError(UnavailableError):
    """The process that ran the statement is gone; no other statement is."""

    code = "worker-lost"

    def __init__(self) -> None:
        super().__init__(
            "The worker that ran the statement ended before it did.",
            hint="Send the statement again; if it ends so again, it may need more than a worker is allowed.",
        )


class StatementCancelledError(UnavailableError):
    """Somebody who may asked for the end of the statement."""

    code = "statement-cancelled"

    def __init__(self) -> None:
        super().__init__("The statement was cancelled.", hint="Send it again to have its rows.")


class RevokedError(DeniedError):
    """Policy changed, or a grant ended, while the statement ran."""

    code = "revoked"

    def __init__(self) -> None:
        super().__init__(
            "The statement was ended: what you may read of its tables has changed since it began.",
            hint="Send it again to have what you may read now.",
        )


class ParameterTypeError(InputError):
    """A parameter's value cannot be given to the engine."""

    code = "parameter-type"

    def __init__(self, number: int, received: str) -> None:
        super().__init__(
            f"Parameter {number}, of type {received}, cannot be given to a statement: the type is not "
            "known, or the value does not fit it.",
            hint="Parameters are booleans, numbers, text, bytes, dates, times, timestamps, UUIDs and lists "
            "of these.",
        )


class EngineUnavailableError(UnavailableError):
    """The engine cannot be used as it is installed."""

    code = "engine-unavailable"

    def __init__(self, fault: str, hint: str | None = None) -> None:
        super().__init__(
            f"DuckDB cannot serve: {fault}.", hint=hint or "Install lakeward with the versions it pins."
        )


class ReadFailedError(UnavailableError):
    """The lake's own files, or a row filter or mask on them, could not be read."""

    code = "read-failed"

    def __init__(self, statement_id: str) -> None:
        super().__init__(
            "A table of the statement could not be read.",
            hint=f"A steward finds the cause by `lakeward doctor`, and in the audit log at {statement_id}.",
        )


class NoPurposeError(DeniedError):
    """Nobody reads without saying what for."""

    code = "no-purpose"

    def __init__(self, declared: frozenset[str]) -> None:
        names = ", ".join(sorted(declared)) or "none yet"
        super().__init__(
            f"A purpose is missing or not declared. Declared purposes: {names}.",
            hint="Say what the query is for with `--purpose`.",
        )
