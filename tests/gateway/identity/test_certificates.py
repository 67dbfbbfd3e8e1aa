"""Client certificates: only an authority of the lake's makes a principal, and only of one clear name."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID
from tests.gateway.identity.authority import NOW, Authority, name_of

from lakeward.catalog.lake import Lake, init_lake, open_lake
from lakeward.gateway.identity.certificates import UnusableAuthoritiesError
from lakeward.gateway.identity.errors import UnauthenticatedError
from lakeward.gateway.identity.identities import Identities

AUTHORITY = Authority()


def lake_with(root: Path, setting: str = "") -> Lake:
    made = init_lake(root)
    config = made.root / "lakeward.toml"
    text = f'{config.read_text("utf-8")}\n[gateway.identity.certificates]\nca = "clients.pem"\n{setting}\n'
    config.write_text(text, "utf-8")
    (made.root / "clients.pem").write_bytes(AUTHORITY.certificate.public_bytes(serialization.Encoding.PEM))
    return open_lake(made.root)


@pytest.fixture
def identities(tmp_path: Path) -> Identities:
    return Identities(lake_with(tmp_path / "lake"))


def test_a_certificate_of_the_authority_comes_in_until_it_ends(identities: Identities) -> None:
    identity = identities.verify_certificate(AUTHORITY.client("ada"))
    assert (identity.principal, identity.method) == ("ada", "certificate")
    assert identity.expires is not None
    assert identity.expires > NOW
    identities.accounts.revoke("ada", by="test")
    assert not identities.is_valid(identity)


STRANGERS = {
    "another authority of the same name": Authority().client("ada"),
    "ended": AUTHORITY.client("ada", days=-1),
    "for servers": AUTHORITY.client("ada", usage=ExtendedKeyUsageOID.SERVER_AUTH),
    "two names": AUTHORITY.client("ada", "eve"),
    "no name": AUTHORITY.client(),
    "a group's name": AUTHORITY.client("group:genomics"),
    "the authority itself": AUTHORITY.certificate.public_bytes(serialization.Encoding.DER),
    "no certificate": b"\x30\x03\x02\x01\x00",
    "nothing": b"",
}


@pytest.mark.parametrize("name", sorted(STRANGERS))
def test_whoever_else_stays_out(identities: Identities, name: str) -> None:
    with pytest.raises(UnauthenticatedError):
        identities.verify_certificate(STRANGERS[name])


def test_a_client_signs_for_nobody_else(identities: Identities) -> None:
    middle = Authority("ada")
    middle.certificate = AUTHORITY.sign(middle.name, middle.key)
    with pytest.raises(UnauthenticatedError):
        identities.verify_certificate(middle.client("eve"))


def test_the_name_may_stand_among_the_alternatives(tmp_path: Path) -> None:
    identities = Identities(lake_with(tmp_path / "lake", 'principal = "email"\norganization_is_group = true'))
    made = AUTHORITY.sign(
        name_of("Ada L.", units=("genomics",)), alternatives=(x509.RFC822Name("ada@example.org"),)
    )
    identity = identities.verify_certificate(made.public_bytes(serialization.Encoding.DER))
    assert (identity.principal, identity.groups) == ("ada@example.org", frozenset({"genomics"}))
    with pytest.raises(UnauthenticatedError):
        identities.verify_certificate(AUTHORITY.client("ada@example.org"))


def test_authorities_that_cannot_be_read_are_said_at_the_start(tmp_path: Path) -> None:
    lake = lake_with(tmp_path / "lake")
    (lake.root / "clients.pem").write_text("nothing", "utf-8")
    with pytest.raises(UnusableAuthoritiesError):
        Identities(lake)
