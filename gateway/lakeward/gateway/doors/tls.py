"""The certificate that a door shows, and the rules of its handshake."""

import ssl
from dataclasses import dataclass
from pathlib import Path

from lakeward.catalog.errors import UnavailableError


class UnusableCertificateError(UnavailableError):
    """A certificate or its key cannot be used."""

    code = "unusable-certificate"

    def __init__(self, certificate: Path, key: Path) -> None:
        super().__init__(
            f"The certificate {certificate} and the key {key} cannot be used together.",
            hint="Both must be readable PEM files that belong together, and the key must have no passphrase.",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Tls:
    """A certificate with its key, and who may show a certificate of their own.

    Attributes:
        certificate: PEM file of the chain, the door's own certificate first.
        key: PEM file of its private key.
        client_ca: PEM file of the authorities whose client certificates are taken; None for none.
    """

    certificate: Path
    key: Path
    client_ca: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Make the server's side of a handshake: TLS 1.2 or newer, read from the files as they are now.

        Raises:
            UnusableCertificateError: The files cannot be used.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE
        try:
            context.load_cert_chain(self.certificate, self.key, password=_no_passphrase)
            if self.client_ca is not None:
                context.verify_mode = ssl.CERT_OPTIONAL
                context.load_verify_locations(self.client_ca)
        except (OSError, ValueError):
            raise UnusableCertificateError(self.certificate, self.key) from None
        return context


def _no_passphrase() -> str:
    """Answer for OpenSSL, which would else ask at the terminal and wait."""
    return ""
