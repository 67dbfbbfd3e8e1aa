"""SCRAM-SHA-256 as the server knows it (RFC 5802, RFC 7677): verifiers, never passwords."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from lakeward.gateway.identity.saslprep import saslprep

DEFAULT_ITERATIONS = 600_000
"""The work factor of OWASP's Password Storage Cheat Sheet; RFC 7677 asks for 4096 at least."""
SALT_BYTES = 16


@dataclass(frozen=True, slots=True, repr=False)
class ScramVerifier:
    """What is kept in place of a password."""

    salt: bytes
    iterations: int
    stored_key: bytes
    server_key: bytes

    def texts(self) -> tuple[str, int, str, str]:
        """Give the parts as the store keeps them."""
        return encode(self.salt), self.iterations, encode(self.stored_key), encode(self.server_key)

    def matches(self, password: str) -> bool:
        """Tell whether the verifier was made of a password, in the same time for every answer."""
        made = derive(password, self.salt, self.iterations)
        return hmac.compare_digest(made.stored_key, self.stored_key)


def encode(part: bytes) -> str:
    """Write bytes as the store and the protocol do."""
    return base64.b64encode(part).decode("ascii")


def new_verifier(password: str, iterations: int = DEFAULT_ITERATIONS) -> ScramVerifier:
    """Make a verifier with a salt of its own."""
    return derive(password, secrets.token_bytes(SALT_BYTES), iterations)


def derive(password: str, salt: bytes, iterations: int) -> ScramVerifier:
    """Make the verifier of a password and a salt."""
    prepared = saslprep(password).encode("utf-8", "surrogatepass")
    salted = hashlib.pbkdf2_hmac("sha256", prepared, salt, iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    return ScramVerifier(salt, iterations, hashlib.sha256(client_key).digest(), server_key)


def mock_verifier(key: bytes, name: str, iterations: int) -> ScramVerifier:
    """Make the verifier of nobody: the same salt whenever a name is asked for, and keys that no password has.

    So an exchange about a name that is not there reads as one with a wrong password (RFC 5802, section 5.1).
    """
    asked = name.encode("utf-8", "surrogatepass")
    parts = [hmac.digest(key, label + asked, "sha256") for label in (b"salt\0", b"stored\0", b"server\0")]
    return ScramVerifier(parts[0][:SALT_BYTES], iterations, parts[1], parts[2])
