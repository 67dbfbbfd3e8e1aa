"""Others who vouch for a principal, over HTTP: a provider's bearer, a client certificate."""

import json
import ssl
import time
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwk, jwt
from tests.gateway.clinic import context_of
from tests.gateway.identity.authority import Authority, name_of

from lakeward.catalog.lake import init_lake, open_lake
from lakeward.gateway.doors.http import HttpDoor
from lakeward.gateway.serve.certificate import lake_certificate

POLICY = "version: 1\nroles: {reader: {members: ['group:genomics']}}\npurposes: [research]\ngrants: []\n"
CONFIG = """
[gateway.identity.jwt]
issuer = "https://provider.example.org"
audience = "lakeward"
keys = "provider.json"

[gateway.identity.certificates]
ca = "clients.pem"
"""


@pytest.mark.parametrize("vouched", ["bearer", "certificate", "stranger"])
def test_a_bearer_or_a_certificate_comes_in(tmp_path: Path, vouched: str) -> None:
    lake = init_lake(tmp_path / "lake")
    (lake.policies_dir / "a.yaml").write_text(POLICY, "utf-8")
    config = lake.root / "lakeward.toml"
    config.write_text(config.read_text("utf-8") + CONFIG, "utf-8")
    key, authority = jwk.ECKey.generate_key("P-256", {"kid": "k"}), Authority()
    (lake.root / "provider.json").write_text(json.dumps({"keys": [key.as_dict(private=False)]}), "utf-8")
    pem = authority.certificate.public_bytes(serialization.Encoding.PEM)
    (lake.root / "clients.pem").write_bytes(pem)
    tls = replace(lake_certificate(lake), client_ca=lake.root / "clients.pem")
    context = replace(context_of(open_lake(lake.root), []), tls=tls, insecure_loopback=False)
    door = HttpDoor(context, "127.0.0.1", 0)
    host, port = door.start()
    trusting = ssl.create_default_context(cafile=str(tls.certificate))
    headers = {"x-lakeward-purpose": "research"}
    if vouched == "bearer":
        claims = {
            "iss": "https://provider.example.org",
            "aud": "lakeward",
            "sub": "ada",
            "exp": time.time() + 60,
        }
        headers["authorization"] = f"Bearer {jwt.encode({'alg': 'ES256', 'kid': 'k'}, claims, key)}"
    elif vouched == "certificate":
        trusting.load_cert_chain(client_files(tmp_path, authority))
    url = f"https://{host}:{port}/v1/query"
    reply = httpx.post(url, json={"sql": "SELECT 1 AS a"}, headers=headers, verify=trusting)
    door.stop(0.0)
    context.gateway.close()
    assert reply.status_code == (401 if vouched == "stranger" else 200), reply.text
    if vouched != "stranger":
        [record] = context.gateway.lake.audit.records(limit=1, kind="query")
        assert record.principal == "ada"


def client_files(folder: Path, authority: Authority) -> Path:
    """Write ada's certificate and its key into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    signed = authority.sign(name_of("ada"), key).public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "ada.pem").write_bytes(signed + private)
    return folder / "ada.pem"
