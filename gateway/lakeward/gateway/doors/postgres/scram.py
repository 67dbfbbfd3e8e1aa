"""The server's side of SCRAM-SHA-256 and SCRAM-SHA-256-PLUS: two messages each way, no password on the wire.

Sources: RFC 5802, RFC 7677; RFC 5929 for `tls-server-end-point`. Whether a name is known makes no difference:
the verifier of an unknown name looks like any other and no proof fits it.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Protocol

from lakeward.gateway.doors.postgres.errors import WireError

PLAIN, PLUS = "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"
_BINDING = "tls-server-end-point"


class Verifier(Protocol):
    """What a server keeps of a password."""

    @property
    def salt(self) -> bytes:
        """The salt of the password's hash."""

    @property
    def iterations(self) -> int:
        """How often it is hashed."""

    @property
    def stored_key(self) -> bytes:
        """The hash of the client's key."""

    @property
    def server_key(self) -> bytes:
        """The key by which the server shows that it knows the verifier."""


class ScramExchange:
    """One sign-in.

    Attributes:
        mechanism: `SCRAM-SHA-256` or `SCRAM-SHA-256-PLUS`, as the client chose.
        binding: What the channel is bound to; None where the connection offered no binding.
    """

    def __init__(self, mechanism: str, verifier: Verifier, binding: bytes | None) -> None:
        if mechanism not in {PLAIN, PLUS} or (mechanism == PLUS and binding is None):
            raise WireError("a sign-in by a mechanism that was not offered")
        self._mechanism, self._verifier, self._binding = mechanism, verifier, binding
        self._header = b""
        self._bare = self._server_first = ""
        self._nonce = ""

    def first(self, message: bytes) -> bytes:
        """Take the client's first message and give the server's.

        Raises:
            WireError: It is none.
        """
        words = _decoded(message)
        flag, _, rest = words.partition(",")
        authzid, _, self._bare = rest.partition(",")
        self._header = f"{flag},{authzid},".encode()
        self._check_flag(flag)
        client = _fields(self._bare).get("r", "")
        if authzid or not client or not client.isascii() or not client.isprintable():
            raise WireError("a sign-in that is not well formed")
        self._nonce = client + base64.b64encode(secrets.token_bytes(18)).decode("ascii")
        salt = base64.b64encode(self._verifier.salt).decode("ascii")
        self._server_first = f"r={self._nonce},s={salt},i={self._verifier.iterations}"
        return self._server_first.encode("ascii")

    def _check_flag(self, flag: str) -> None:
        """`y` says that the client could bind and thinks that we cannot: somebody took our offer away."""
        expected = {f"p={_BINDING}"} if self._mechanism == PLUS else {"n"} if self._binding else {"n", "y"}
        if flag not in expected:
            raise WireError("a sign-in bound to something else than this connection")

    def final(self, message: bytes) -> bytes | None:
        """Take the client's proof and give the server's; None when it does not fit.

        Raises:
            WireError: It is none.
        """
        words = _decoded(message)
        without_proof, found, proof_text = words.rpartition(",p=")
        fields = _fields(without_proof)
        channel, proof = _base64(fields.get("c", "")), _base64(proof_text)
        if not found or not channel:
            raise WireError("a sign-in that is not well formed")
        bound = self._header + (self._binding or b"" if self._mechanism == PLUS else b"")
        exchange = f"{self._bare},{self._server_first},{without_proof}".encode()
        signature = hmac.digest(self._verifier.stored_key, exchange, "sha256")
        key = bytes(a ^ b for a, b in zip(proof.ljust(32, b"\0")[:32], signature, strict=True))
        fits = hmac.compare_digest(hashlib.sha256(key).digest(), self._verifier.stored_key)
        same_nonce = hmac.compare_digest(fields.get("r", "").encode(), self._nonce.encode())
        same_channel = hmac.compare_digest(channel, bound)
        if not (fits and same_nonce and same_channel and len(proof) == hashlib.sha256().digest_size):
            return None
        return b"v=" + base64.b64encode(hmac.digest(self._verifier.server_key, exchange, "sha256"))


def _decoded(message: bytes) -> str:
    try:
        return message.decode("utf-8")
    except UnicodeDecodeError:
        raise WireError("a sign-in that is no UTF-8") from None


def _fields(words: str) -> Mapping[str, str]:
    return {each[0]: each[2:] for each in words.split(",") if each[1:2] == "="}


def _base64(words: str) -> bytes:
    try:
        return base64.b64decode(words.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        raise WireError("a sign-in that is not well formed") from None
