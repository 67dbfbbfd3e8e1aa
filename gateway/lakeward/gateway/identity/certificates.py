"""Client certificates (RFC 5280): who they name, if an authority of the lake's signed them."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from lakeward.catalog.errors import UnavailableError
from lakeward.gateway.identity.accounts import is_name
from lakeward.gateway.identity.settings import CertificateSettings


class UnusableAuthoritiesError(UnavailableError):
    """The file of authorities cannot be used."""

    code = "unusable-authorities"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The certificate authorities in {path} cannot be used.",
            hint="It must be a readable PEM file of one or more certificates.",
        )


@dataclass(frozen=True, slots=True)
class Holder:
    """Who a certificate names."""

    principal: str
    groups: frozenset[str]
    expires: datetime


class Certificates:
    """Checks the certificates of clients."""

    def __init__(self, settings: CertificateSettings, root: Path) -> None:
        self._settings = settings
        path = root / settings.ca
        try:
            self._authorities = x509.load_pem_x509_certificates(path.read_bytes())
        except (OSError, ValueError):
            raise UnusableAuthoritiesError(path) from None

    def read(self, der: bytes) -> Holder | None:
        """Give who a certificate names, or None for one that does not hold, whatever the reason."""
        try:
            certificate = x509.load_der_x509_certificate(der)
            self._verify(certificate)
            return self._holder(certificate)
        except (ValueError, TypeError, VerificationError, UnsupportedAlgorithm, x509.ExtensionNotFound):
            return None

    def _verify(self, certificate: x509.Certificate) -> None:
        """Check signature, validity and use.

        The handshake did so too. It is done again here because a door hands over bytes, and what makes them
        trustworthy should not be how that door set up its handshake.
        """
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        if ExtendedKeyUsageOID.CLIENT_AUTH not in usage:
            raise ValueError("not for clients")
        builder = PolicyBuilder().store(Store(self._authorities)).max_chain_depth(0)
        policies = builder.extension_policies(
            ca_policy=ExtensionPolicy.permit_all().require_present(
                x509.BasicConstraints, Criticality.AGNOSTIC, _is_authority
            ),
            ee_policy=ExtensionPolicy.permit_all(),
        )
        policies.build_client_verifier().verify(certificate, [])

    def _holder(self, certificate: x509.Certificate) -> Holder:
        names = self._names(certificate)
        if len(names) != 1 or not is_name(names[0]):
            raise ValueError("no name, or more than one")
        units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
        groups = {str(each.value) for each in units} if self._settings.organization_is_group else set()
        return Holder(names[0], frozenset(groups), certificate.not_valid_after_utc)

    def _names(self, certificate: x509.Certificate) -> list[str]:
        if self._settings.principal == "cn":
            found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
            return [str(each.value) for each in found]
        kinds: dict[str, type[x509.RFC822Name | x509.DNSName | x509.UniformResourceIdentifier]] = {
            "email": x509.RFC822Name,
            "dns": x509.DNSName,
            "uri": x509.UniformResourceIdentifier,
        }
        alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return list(alternatives.get_values_for_type(kinds[self._settings.principal]))


def _is_authority(
    _policy: Policy, _certificate: x509.Certificate, constraints: x509.BasicConstraints
) -> None:
    if not constraints.ca:
        raise ValueError("no authority")
