"""Who sends a request: `Authorization: Basic` or `Bearer`, or a client certificate."""

import base64
import binascii

from lakeward.gateway.doors.http.requests import Credentials
from lakeward.gateway.identity.accounts import TOKEN_PREFIX
from lakeward.gateway.identity.errors import UnauthenticatedError
from lakeward.gateway.identity.identities import Identities
from lakeward.gateway.identity.identity import Identity

_LONGEST = 16_384


def sign_in(identities: Identities, shown: Credentials) -> Identity:
    """Prove who sends a request.

    Raises:
        UnauthenticatedError: It shows nothing, or nothing that holds.
    """
    if shown.authorization is None:
        if shown.certificate is None:
            raise UnauthenticatedError
        return identities.verify_certificate(shown.certificate, peer=shown.peer)
    scheme, _, proof = shown.authorization[:_LONGEST].strip().partition(" ")
    proof = proof.strip()
    if scheme.lower() == "bearer":
        if proof.startswith(TOKEN_PREFIX):
            return identities.verify_token(proof, peer=shown.peer)
        return identities.verify_jwt(proof, peer=shown.peer)
    if scheme.lower() != "basic":
        raise UnauthenticatedError
    name, password = _basic(proof)
    return identities.verify_password(name, password, peer=shown.peer)


def _basic(proof: str) -> tuple[str, str]:
    """Read a name and a password (RFC 7617)."""
    try:
        name, colon, password = base64.b64decode(proof, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        raise UnauthenticatedError from None
    if not colon:
        raise UnauthenticatedError
    return name, password
