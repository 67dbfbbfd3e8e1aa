"""JSON Web Tokens: what holds comes in, whatever is off by one thing does not."""

import base64
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwk, jwt

from lakeward.catalog.config import InvalidConfigError
from lakeward.catalog.lake import Lake, init_lake, open_lake
from lakeward.gateway.identity.errors import UnauthenticatedError
from lakeward.gateway.identity.identities import Identities
from lakeward.gateway.identity.provider_keys import UrlKeys, read_keys

RSA = jwk.RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
EC = jwk.ECKey.generate_key("P-256", {"kid": "ec"})
OTHER = jwk.RSAKey.generate_key(2048, {"kid": "rsa"})
SHARED = jwk.OctKey.import_key({"kty": "oct", "kid": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"})
CONFIG = """
[gateway.identity.jwt]
issuer = "https://provider.example.org"
audience = "lakeward"
keys = "provider.json"
"""


def claims(**changes: object) -> dict[str, Any]:
    """What a token that holds says; None takes a claim away."""
    now = int(time.time())
    said: dict[str, Any] = {
        "iss": "https://provider.example.org",
        "aud": "lakeward",
        "sub": "ada",
        "exp": now + 300,
        "nbf": now - 10,
        "iat": now - 10,
        "groups": ["genomics"],
    }
    return {name: value for name, value in (said | changes).items() if value is not None}


def signed(key: jwk.Key = RSA, algorithm: str = "RS256", **changes: object) -> str:
    return jwt.encode({"alg": algorithm, "kid": key.kid}, claims(**changes), key, algorithms=[algorithm])


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def publish(path: Path, *keys: jwk.Key) -> None:
    path.write_text(json.dumps({"keys": [each.as_dict(private=False) for each in keys]}), "utf-8")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake of a test's own."""
    return lake_at(tmp_path / "lake")


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Identities:
    """A lake that no test changes."""
    return Identities(lake_at(tmp_path_factory.mktemp("bearers") / "lake"))


def lake_at(root: Path) -> Lake:
    """Make a lake whose provider has two keys."""
    made = init_lake(root)
    config = made.root / "lakeward.toml"
    config.write_text(config.read_text("utf-8") + CONFIG, "utf-8")
    publish(made.root / "provider.json", RSA, EC)
    return open_lake(made.root)


@pytest.fixture
def identities(lake: Lake) -> Identities:
    return Identities(lake)


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (EC, "ES256")])
def test_a_token_of_the_provider_comes_in(identities: Identities, key: jwk.Key, algorithm: str) -> None:
    identity = identities.verify_jwt(signed(key, algorithm))
    assert (identity.principal, identity.groups, identity.method) == ("ada", frozenset({"genomics"}), "jwt")
    assert identity.expires is not None
    assert 0 < identity.expires.timestamp() - time.time() <= 331
    assert identities.is_valid(identity)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example.org"},
        {"iss": None},
        {"iss": ["https://provider.example.org"]},
        {"aud": "other"},
        {"aud": None},
        {"aud": ["other"]},
        {"aud": {"lakeward": 1}},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"exp": "9999999999"},
        {"exp": True},
        {"exp": 10**400},
        {"nbf": int(time.time()) + 3600},
        {"iat": int(time.time()) + 3600},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "group:genomics"},
        {"sub": "ada\n"},
        {"sub": "a" * 200},
        {"groups": [1]},
        {"groups": [f"g{number}" for number in range(1001)]},
    ],
)
def test_a_claim_that_is_off_keeps_it_out(steady: Identities, changes: dict[str, Any]) -> None:
    with pytest.raises(UnauthenticatedError):
        steady.verify_jwt(signed(**changes))


def forgeries() -> dict[str, str]:
    """Tokens that nobody of the provider signed."""
    public = RSA.as_pem(private=False)
    head = f"{part({'alg': 'HS256', 'kid': 'rsa'})}.{part(claims())}"
    confused = base64.urlsafe_b64encode(hmac.digest(public, head.encode(), "sha256")).rstrip(b"=").decode()
    good = signed()
    first, middle, last = good.split(".")
    return {
        "none": f"{part({'alg': 'none'})}.{part(claims())}.",
        "none with kid": f"{part({'alg': 'none', 'kid': 'rsa'})}.{part(claims())}.",
        "None": f"{part({'alg': 'None', 'kid': 'rsa'})}.{part(claims())}.",
        "HS for RS": f"{head}.{confused}",
        "another key": signed(OTHER),
        "an algorithm off the list": signed(RSA, "PS256"),
        "no kid among two": jwt.encode({"alg": "RS256"}, claims(), RSA),
        "an unknown kid": jwt.encode({"alg": "RS256", "kid": "new"}, claims(), RSA),
        "a key of its own": jwt.encode(
            {"alg": "RS256", "kid": "rsa", "jwk": OTHER.as_dict(private=False)}, claims(), OTHER
        ),
        "another key's kid": jwt.encode({"alg": "RS256", "kid": "ec"}, claims(), RSA),
        "other claims": f"{first}.{part(claims(sub='eve'))}.{last}",
        "critical": f"{part({'alg': 'RS256', 'kid': 'rsa', 'crit': ['x'], 'x': 1})}.{middle}.{last}",
        "no signature": f"{first}.{middle}.",
        "two parts": f"{first}.{middle}",
        "five parts": f"{first}.{middle}.{last}.a.b",
        "no JSON": "a.b.c",
        "nothing": "",
        "too long": good + "A" * 20_000,
        "not ASCII": good + "é",
        "a list": f"{part({'alg': 'RS256', 'kid': 'rsa'})}.{part([1])}.{last}",
    }


FORGERIES = forgeries()


@pytest.mark.parametrize("name", sorted(FORGERIES))
def test_a_forgery_stays_out(steady: Identities, name: str) -> None:
    with pytest.raises(UnauthenticatedError):
        steady.verify_jwt(FORGERIES[name])


@pytest.mark.filterwarnings("ignore:Key size should be:Warning")
def test_shared_and_weak_keys_are_no_keys_of_a_provider(lake: Lake) -> None:
    weak = jwk.RSAKey.generate_key(1024, {"kid": "weak"})
    listed = [each.as_dict(private=True) for each in (SHARED, weak)]
    (lake.root / "provider.json").write_text(json.dumps({"keys": listed}), "utf-8")
    for token in (signed(SHARED, "HS256"), signed(weak)):
        with pytest.raises(UnauthenticatedError):
            Identities(lake).verify_jwt(token)


def test_shared_secrets_are_no_setting(lake: Lake) -> None:
    config = lake.root / "lakeward.toml"
    text = config.read_text("utf-8")
    for wrong in (
        'algorithms = ["HS256"]',
        'algorithms = ["none"]',
        "algorithms = []",
        'jwks_url = "https://x/"',
    ):
        config.write_text(f"{text}\n{wrong}\n", "utf-8")
        with pytest.raises(InvalidConfigError):
            Identities(open_lake(lake.root))
    config.write_text(
        text.replace('keys = "provider.json"', 'jwks_url = "http://provider.example.org/keys"'), "utf-8"
    )
    with pytest.raises(InvalidConfigError, match="https"):
        Identities(open_lake(lake.root))


def test_keys_that_a_file_no_longer_holds_end(identities: Identities, lake: Lake) -> None:
    identities.verify_jwt(signed())
    publish(lake.root / "provider.json", EC)
    with pytest.raises(UnauthenticatedError):
        identities.verify_jwt(signed())
    assert identities.verify_jwt(signed(EC, "ES256")).principal == "ada"
    (lake.root / "provider.json").unlink()
    with pytest.raises(UnauthenticatedError):
        identities.verify_jwt(signed(EC, "ES256"))


def test_a_revoked_principal_stays_out_by_bearer_too(identities: Identities) -> None:
    identity = identities.verify_jwt(signed())
    identities.accounts.revoke("ada", by="test")
    assert not identities.is_valid(identity)
    with pytest.raises(UnauthenticatedError):
        identities.verify_jwt(signed())
    identities.accounts.add("ada", None, by="test")
    assert identities.verify_jwt(signed()).principal == "ada"


@pytest.mark.parametrize(
    ("said", "groups"),
    [
        ({"realm": {"roles": ["a", "b"]}}, {"a", "b"}),
        ({"realm": {"roles": "a b"}}, {"a", "b"}),
        ({"realm.roles": ["c"], "realm": {"roles": ["a"]}}, {"c"}),
        ({"realm": "x"}, set()),
        ({}, set()),
    ],
)
def test_groups_come_from_the_claim_that_is_set(lake: Lake, said: dict[str, Any], groups: set[str]) -> None:
    config = lake.root / "lakeward.toml"
    config.write_text(config.read_text("utf-8") + 'groups_claim = "realm.roles"\n', "utf-8")
    assert Identities(open_lake(lake.root)).verify_jwt(signed(**said)).groups == frozenset(groups)


class Provider:
    """Publishes keys on loopback, and counts who asks."""

    def __init__(self) -> None:
        self.keys: list[jwk.Key] = [RSA]
        self.asked = 0
        self.status = 200
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked += 1
                body = json.dumps({"keys": [each.as_dict(private=False) for each in provider.keys]}).encode()
                self.send_response(provider.status)
                if provider.status == 302:
                    self.send_header("location", "/elsewhere")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/keys"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Clock:
    """A clock that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.close()


def test_published_keys_are_fetched_once_then_when_they_rotate(provider: Provider) -> None:
    clock = Clock()
    keys = UrlKeys(provider.url, 300.0, clock)
    for _ in range(5):
        assert keys.find("rsa") is not None
    assert provider.asked == 1
    provider.keys = [RSA, EC]
    clock.now += 11
    assert keys.find("ec") is not None
    assert provider.asked == 2
    for number in range(50):
        assert keys.find(f"unknown{number}") is None
    assert provider.asked == 2
    provider.keys = [EC]
    clock.now += 301
    assert keys.find("rsa") is None


def test_a_provider_out_of_reach_shuts_nobody_out_for_a_day(provider: Provider) -> None:
    clock = Clock()
    keys = UrlKeys(provider.url, 300.0, clock)
    assert keys.find("rsa") is not None
    provider.status = 500
    clock.now += 3600
    assert keys.find("rsa") is not None
    clock.now += UrlKeys.most_stale_seconds
    assert keys.find("rsa") is None


def test_a_redirect_is_not_followed(provider: Provider) -> None:
    provider.status = 302
    assert UrlKeys(provider.url, 300.0).find("rsa") is None
    assert provider.asked == 1


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{}", b'{"keys": 1}', b'{"keys": [1]}', b"\xff", b'{"keys": [{"kty": "RSA"}]}']
)
def test_what_is_no_key_set_has_no_keys(text: bytes) -> None:
    assert read_keys(text) == {}
