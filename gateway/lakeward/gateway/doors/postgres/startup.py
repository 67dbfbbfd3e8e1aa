"""How a connection begins: encryption, a request to cancel, or a name and parameters."""

import ssl
import struct
from dataclasses import dataclass, field

from lakeward.gateway.doors.postgres import messages
from lakeward.gateway.doors.postgres.errors import NoTlsError, UnsupportedError, WireError
from lakeward.gateway.doors.postgres.messages import Body
from lakeward.gateway.doors.postgres.wire import Wire

_MOST_REQUESTS = 3


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """Another connection's key: its statement is to end."""

    process: int
    secret: int


@dataclass(frozen=True, slots=True)
class Startup:
    """Who wants to come in, with what parameters."""

    user: str
    is_secure: bool
    parameters: dict[str, str] = field(default_factory=dict)


async def negotiate(wire: Wire, tls: ssl.SSLContext | None, *, needs_tls: bool) -> Startup | CancelRequest:
    """Read the first messages of a connection.

    Raises:
        WireError: They are none.
        NoTlsError: The connection is not encrypted, and the door takes no such.
    """
    is_secure = False
    for _ in range(_MOST_REQUESTS):
        body = Body(await wire.read_startup())
        code = body.int32()
        if code == messages.SSL_REQUEST and not is_secure:
            is_secure = await _answer_ssl(wire, tls)
        elif code == messages.GSSENC_REQUEST and not is_secure:
            await wire.flush([b"N"])
        elif code == messages.CANCEL_REQUEST:
            return CancelRequest(*struct.unpack("!II", body.take(8)))
        elif not is_secure and needs_tls:
            raise NoTlsError
        else:
            return await _startup(wire, code, body, is_secure=is_secure)
    raise WireError("one request for encryption after the other")


async def _answer_ssl(wire: Wire, tls: ssl.SSLContext | None) -> bool:
    await wire.flush([b"S" if tls else b"N"])
    if tls:
        await wire.start_tls(tls)
    return tls is not None


async def _startup(wire: Wire, code: int, body: Body, *, is_secure: bool) -> Startup:
    if code >> 16 != messages.PROTOCOL_3 >> 16:
        raise UnsupportedError("A protocol other than 3.0")
    parameters: dict[str, str] = {}
    while name := body.text():
        parameters[name] = body.text()
    body.end()
    newer = [name for name in parameters if name.startswith("_pq_.")]
    if code != messages.PROTOCOL_3 or newer:
        listed = struct.pack("!ii", messages.PROTOCOL_3 & 0xFFFF, len(newer))
        wire.put(messages.message(b"v", listed + b"".join(messages.text(name) for name in newer)))
    user = parameters.pop("user", "")
    if not user:
        raise WireError("no name of a user")
    if parameters.pop("replication", "false").lower() not in {"false", "off", "no", "0"}:
        raise UnsupportedError("Replication")
    kept = {name: value for name, value in parameters.items() if not name.startswith("_pq_.")}
    return Startup(user, is_secure, kept)
