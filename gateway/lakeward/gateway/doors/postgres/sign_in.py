"""Signing in by SCRAM. What fails, fails in one way, whether or not the name is known."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from lakeward.gateway.doors.postgres import messages
from lakeward.gateway.doors.postgres.errors import WireError
from lakeward.gateway.doors.postgres.messages import Body
from lakeward.gateway.doors.postgres.scram import PLAIN, PLUS, ScramExchange
from lakeward.gateway.doors.postgres.wire import Wire
from lakeward.gateway.identity.identities import Identities
from lakeward.gateway.identity.identity import Identity

T = TypeVar("T")
_SASL_CONTINUE, _SASL_FINAL = 11, 12
_PASSWORD = b"p"


async def sign_in(wire: Wire, identities: Identities, user: str, binding: bytes | None) -> Identity:
    """Ask for proof of who somebody is.

    Args:
        wire: The connection.
        identities: Who knows.
        user: The name that the connection gave.
        binding: The hash of the door's certificate, by which the channel is bound; None without TLS.

    Raises:
        UnauthenticatedError: There is none.
        WireError: The client does not keep to the protocol.
    """
    verifier = await _in_thread(partial(identities.scram_verifier, user, peer=wire.peer))
    wire.put(messages.sasl_mechanisms([PLUS, PLAIN] if binding else [PLAIN]))
    await wire.flush()
    body = Body(await _response(wire))
    mechanism, first = body.text(), body.take(max(0, body.int32()))
    body.end()
    exchange = ScramExchange(mechanism, verifier, binding)
    wire.put(messages.authentication(_SASL_CONTINUE, exchange.first(first)))
    await wire.flush()
    final = exchange.final(await _response(wire))
    if final is None:
        await _in_thread(partial(identities.scram_failed, user, peer=wire.peer))
    identity = await _in_thread(partial(identities.scram_succeeded, user, verifier, peer=wire.peer))
    wire.put(messages.authentication(_SASL_FINAL, final or b""))
    wire.put(messages.AUTHENTICATION_OK)
    return identity


async def _response(wire: Wire) -> bytes:
    letter, body = await wire.read()
    if letter != _PASSWORD:
        raise WireError("something else than an answer to the sign-in")
    return body


async def _in_thread(call: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(None, call)
