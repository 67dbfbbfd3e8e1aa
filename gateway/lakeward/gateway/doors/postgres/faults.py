"""What lakeward says -> an ErrorResponse: our words as they are, and the SQLSTATE that programs look at.

Source of the codes: PostgreSQL documentation, Appendix A. Whether a table or column is not there or only not
to be seen is one code, 42501.
"""

from lakeward.catalog.errors import DeniedError, InputError, LakewardError, UnavailableError
from lakeward.gateway.doors.metrics import Outcome
from lakeward.gateway.doors.postgres import messages
from lakeward.gateway.errors import NoPurposeError, OverloadedError
from lakeward.gateway.identity.errors import UnauthenticatedError

SQLSTATES = {
    "cancelled": "57014",
    "denied": "42501",
    "limit-exceeded": "53400",
    "not-admitted": "42501",
    "no-purpose": "42501",
    "not-verified": "42501",
    "overloaded": "53300",
    "statement-failed": "22000",
    "unauthenticated": "28P01",
}
"""By an error's code; an error may also say its own."""
_FAMILIES: tuple[tuple[type[LakewardError], str], ...] = (
    (DeniedError, "42501"),
    (InputError, "22023"),
    (UnavailableError, "58000"),
)
_INTERNAL = "XX000"
_HINTS: dict[type[LakewardError], str] = {
    NoPurposeError: "Say it with `SET lakeward.purpose = '...'`, or connect with "
    "options='-c lakeward.purpose=...'.",
    UnauthenticatedError: "Check the name and the password; after several failures wait a minute.",
}


def sqlstate(error: BaseException) -> str:
    """Give the code of an error."""
    own = getattr(error, "sqlstate", None)
    if isinstance(error, LakewardError) and isinstance(own, str):
        return own
    if found := SQLSTATES.get(getattr(error, "code", "")):
        return found
    return next((code for family, code in _FAMILIES if isinstance(error, family)), _INTERNAL)


def response(error: BaseException, severity: str = "ERROR") -> bytes:
    """Give the message that tells a client of an error; of one that is not ours nothing but that it was."""
    if isinstance(error, LakewardError):
        hint = _HINTS.get(type(error), error.hint)
        return messages.error(severity, sqlstate(error), error.message, hint)
    return messages.error(
        severity, _INTERNAL, "Something failed in the gateway.", "Tell a steward when it was."
    )


def outcome(error: BaseException) -> Outcome:
    """Say for the metrics how a statement ended."""
    code = sqlstate(error)
    if code.startswith("57"):
        return "cancelled"
    if code.startswith("53"):
        return "refused" if isinstance(error, OverloadedError) else "limited"
    if isinstance(error, DeniedError):
        return "denied"
    return "invalid" if isinstance(error, InputError) else "failed"
