"""An authority that signs certificates of clients."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime.now(UTC)


def name_of(*common: str, units: tuple[str, ...] = ()) -> x509.Name:
    named = [x509.NameAttribute(NameOID.COMMON_NAME, each) for each in common]
    return x509.Name(named + [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, each) for each in units])


class Authority:
    """Signs certificates."""

    def __init__(self, name: str = "authority") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = name_of(name)
        self.certificate = self.sign(self.name, self.key, ca=True)

    def sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey | None = None,
        *,
        ca: bool = False,
        days: int = 30,
        usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.CLIENT_AUTH,
        alternatives: tuple[x509.GeneralName, ...] = (),
    ) -> x509.Certificate:
        signed = (key or ec.generate_private_key(ec.SECP256R1())).public_key()
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(signed)
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=60))
            .not_valid_after(NOW + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if not ca:
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        if alternatives:
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def client(self, *common: str, **changes: object) -> bytes:
        made = self.sign(name_of(*common), **changes)  # type: ignore[arg-type]
        return made.public_bytes(serialization.Encoding.DER)
