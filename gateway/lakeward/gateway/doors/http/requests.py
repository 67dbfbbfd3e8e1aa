"""What a client asks for: bounded, typed, and refused when it is anything else."""

import asyncio
import json
import re
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import ClientDisconnect, Request

from lakeward.gateway.doors.http.parameters import Parameter
from lakeward.gateway.doors.http.replies import RequestError

MOST_BODY = 1 << 20  # bytes
SECONDS_FOR_BODY = 30.0
ARROW = "application/vnd.apache.arrow.stream"
JSON = "application/json"
_LONGEST_PURPOSE = 255  # characters: what was not declared is recorded too
_STATEMENT = re.compile(r"[0-9a-f]{32}\Z")


class QueryRequest(BaseModel):
    """The body of POST /v1/query and /v1/explain."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    sql: str = Field(min_length=1, description="One query.")
    parameters: list[Parameter] = Field(
        default=[],
        max_length=1_000,
        description="Values for `?` or `$1`, in order. A value is a JSON value, or an object of `type` and "
        "`value` for what JSON has no form for.",
    )
    dialect: str = Field(
        default="duckdb", description="How the SQL is written: duckdb, postgres, spark or trino."
    )
    at: str | None = Field(
        default=None, description="Read the tables as they were: a snapshot, branch, tag or ISO 8601 time."
    )
    id: str | None = Field(
        default=None,
        pattern=_STATEMENT.pattern.removesuffix(r"\Z") + "$",
        description="A name of the client's for the statement, to cancel it by: 32 hexadecimal digits.",
    )


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request shows of who sends it."""

    authorization: str | None
    certificate: bytes | None
    peer: str
    purpose: str | None


def credentials(request: Request) -> Credentials:
    """Take from a request who sends it, and what for."""
    return Credentials(
        authorization=request.headers.get("authorization"),
        certificate=request.scope.get("state", {}).get("certificate"),
        peer=request.client.host if request.client else "",
        purpose=request.headers.get("x-lakeward-purpose", "")[:_LONGEST_PURPOSE] or None,
    )


async def read_query(request: Request) -> QueryRequest:
    """Read the body of a query.

    Raises:
        RequestError: It is too long, too slow, no JSON, or no query.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != JSON:  # also what keeps other sites' forms out of a browser's signed-in session
        raise RequestError(415, f"its content type must be {JSON}")
    body = await _read_body(request)
    try:
        return QueryRequest.model_validate(json.loads(body, parse_constant=_no_constant))
    except ValidationError as error:
        places = sorted(
            {".".join(str(part) for part in each["loc"][:1]) or "body" for each in error.errors()}
        )
        raise RequestError(400, f"not valid in its JSON body: {', '.join(map(_shown, places))}") from None
    except (ValueError, RecursionError):
        raise RequestError(400, "its body is no JSON object") from None


def _shown(place: str) -> str:
    """Name a field of ours; of one that the client made up, nothing."""
    return f"`{place}`" if place in QueryRequest.model_fields else "a field that is not known"


def _no_constant(_name: str) -> Any:  # noqa: ANN401  the signature that json asks for
    raise ValueError("NaN and Infinity are no JSON")


async def _read_body(request: Request) -> bytes:
    if int(length) > MOST_BODY if (length := request.headers.get("content-length", "0")).isdigit() else True:
        raise RequestError(413, f"its body may have {MOST_BODY} bytes")
    body = bytearray()
    try:
        async with asyncio.timeout(SECONDS_FOR_BODY):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_BODY:
                    raise RequestError(413, f"its body may have {MOST_BODY} bytes")
    except TimeoutError:
        raise RequestError(408, "its body came too slowly") from None
    except ClientDisconnect:
        raise RequestError(400, "it ended before its body did") from None
    return bytes(body)


def accepted(request: Request) -> str:
    """Choose between Arrow and JSON, as the client prefers; JSON for one that does not say.

    Raises:
        RequestError: The client takes neither.
    """
    best: tuple[float, str] | None = None
    for each in request.headers.get("accept", "*/*").split(","):
        media_type, _, parameters = each.strip().lower().partition(";")
        form = {ARROW: ARROW, JSON: JSON, "*/*": JSON, "application/*": JSON}.get(media_type.strip())
        quality = _quality(parameters)
        if form and quality > 0 and (best is None or quality > best[0]):
            best = (quality, form)
    if best is None:
        raise RequestError(406, f"this door answers with {ARROW} or {JSON}")
    return best[1]


def _quality(parameters: str) -> float:
    found = re.search(r"(?:^|;)\s*q=(0(?:\.\d{1,3})?|1(?:\.0{1,3})?)\s*(?:;|$)", parameters)
    return float(found[1]) if found else 1.0
