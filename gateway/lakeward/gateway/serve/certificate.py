"""The certificate of a lake that has none from an authority: it signs itself, for a year."""

import ipaddress
import os
import socket
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lakeward.catalog.audit import AuditEvent
from lakeward.catalog.errors import UnavailableError
from lakeward.catalog.keys import UnsafeKeyError
from lakeward.catalog.lake import Lake, owner_name
from lakeward.gateway.doors.tls import Tls, UnusableCertificateError

CERTIFICATE, KEY = "gateway.crt", "gateway.key"
_DAYS = 365
_SIGNS = x509.KeyUsage(
    digital_signature=True,
    key_cert_sign=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


class ExpiredCertificateError(UnavailableError):
    """A certificate that no client should take any more."""

    code = "expired-certificate"

    def __init__(self, certificate: Path) -> None:
        super().__init__(
            f"The certificate {certificate} is not valid today.",
            hint="Replace it; one that lakeward made is renewed by `lakeward certificate renew`.",
        )


def lake_certificate(lake: Lake, hosts: Iterable[str] = ()) -> Tls:
    """Give the lake's own certificate; the first time, make it.

    Args:
        lake: The lake.
        hosts: Names and addresses that it is for, besides those of this machine.

    Raises:
        UnsafeKeyError: Others may read its key.
    """
    tls = _places(lake)
    if not (tls.certificate.exists() and tls.key.exists()):
        renew_certificate(lake, hosts)
    return tls


def check_certificate(tls: Tls) -> datetime:
    """Look whether a certificate can be shown to clients; return when it ends.

    Raises:
        UnusableCertificateError: The files cannot be used.
        UnsafeKeyError: Others than its owner may write the key, or read it.
        ExpiredCertificateError: It has ended, or has not begun.
    """
    tls.context()
    mode = tls.key.stat().st_mode & 0o777
    if mode & 0o037:  # a group may read it: that is how packaged authorities hand keys out
        raise UnsafeKeyError(tls.key, mode)
    try:
        certificate = x509.load_pem_x509_certificates(tls.certificate.read_bytes())[0]
    except (ValueError, OSError):
        raise UnusableCertificateError(tls.certificate, tls.key) from None
    if not certificate.not_valid_before_utc <= datetime.now(UTC) < certificate.not_valid_after_utc:
        raise ExpiredCertificateError(tls.certificate)
    return certificate.not_valid_after_utc


def renew_certificate(lake: Lake, hosts: Iterable[str] = ()) -> Tls:
    """Make a new key and a certificate that signs itself; a gateway takes it when it starts."""
    tls = _places(lake)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _sign(key, sorted({*hosts, "localhost", "127.0.0.1", "::1", socket.gethostname()}))
    written = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    fingerprint = certificate.fingerprint(hashes.SHA256()).hex()
    event = AuditEvent(kind="certificate.new", principal=owner_name(), details={"sha256": fingerprint})
    lake.audit.append(event)
    _write(tls.key, written, 0o600)
    _write(tls.certificate, certificate.public_bytes(serialization.Encoding.PEM), 0o644)
    return tls


def _places(lake: Lake) -> Tls:
    folder = lake.root / "keys"
    return Tls(certificate=folder / CERTIFICATE, key=folder / KEY)


def _sign(key: ec.EllipticCurvePrivateKey, hosts: list[str]) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lakeward gateway")])
    start = datetime.now(UTC) - timedelta(minutes=5)  # the client's clock may be behind
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=_DAYS))
        .add_extension(x509.SubjectAlternativeName([_host(each) for each in hosts]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=False)
        .add_extension(_SIGNS, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _write(path: Path, content: bytes, mode: int) -> None:
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
