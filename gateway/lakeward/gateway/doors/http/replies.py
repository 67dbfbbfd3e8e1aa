"""Errors as HTTP has them: a status, and one JSON object of code, message and hint."""

from collections.abc import Mapping

from starlette.responses import JSONResponse

from lakeward.catalog.errors import DeniedError, InputError, LakewardError
from lakeward.gateway.errors import (
    LimitExceededError,
    NoPurposeError,
    OverloadedError,
    StatementCancelledError,
)
from lakeward.gateway.identity.errors import UnauthenticatedError

HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_CHALLENGE = 'Basic realm="lakeward", charset="UTF-8", Bearer realm="lakeward"'
_RETRY_SECONDS = OverloadedError.retry_seconds
_HINTS: dict[type[LakewardError], str] = {
    NoPurposeError: "Say what the query is for in the header `X-Lakeward-Purpose`.",
}


class RequestError(InputError):
    """An HTTP request that is not one of this door's."""

    code = "invalid-request"

    def __init__(self, status: int, fault: str) -> None:
        super().__init__(
            f"The request cannot be taken: {fault}.", hint="GET /openapi.json describes what this door takes."
        )
        self.status = status


def status_of(error: LakewardError) -> int:
    """Give the status of an error."""
    if isinstance(error, RequestError):
        return error.status
    if isinstance(error, OverloadedError):
        return 429 if error.is_own else 503
    kinds: tuple[tuple[type[LakewardError], int], ...] = (
        (UnauthenticatedError, 401),
        (DeniedError, 403),
        (InputError, 400),
        (LimitExceededError, 422),
        (StatementCancelledError, 409),
    )
    return next((status for kind, status in kinds if isinstance(error, kind)), 503)


def error_reply(error: LakewardError, statement_id: str | None = None) -> JSONResponse:
    """Tell a client what went wrong, and what to do next."""
    status = status_of(error)
    headers: dict[str, str] = dict(HEADERS)
    if status == 401:  # noqa: PLR2004  the one status that must say how to sign in
        headers["www-authenticate"] = _CHALLENGE
    if status in {429, 503}:  # and those that pass
        headers["retry-after"] = str(_RETRY_SECONDS)
    if statement_id is not None:
        headers["x-lakeward-statement"] = statement_id
    hint = _HINTS.get(type(error), error.hint)
    return JSONResponse(error_body(error.code, error.message, hint), status, headers)


def error_body(code: str, message: str, hint: str | None) -> Mapping[str, object]:
    """Give the one form of an error."""
    return {"error": {"code": code, "message": message, "hint": hint}}


def unforeseen_reply() -> JSONResponse:
    """Tell a client that something broke; what it was stays unsaid, for its text may hold a value."""
    body = error_body("unexpected", "lakeward could not finish: something unexpected happened.", None)
    return JSONResponse(body, 500, HEADERS)
