"""`[gateway.identity]` of `lakeward.toml`: how people prove who they are."""

import urllib.parse
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from lakeward.catalog.config import CONFIG_FILE, InvalidConfigError
from lakeward.catalog.lake import Lake
from lakeward.gateway.identity.scram import DEFAULT_ITERATIONS

Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519"
]
"""Signatures by a private key alone: with a shared secret, who can verify can also sign."""


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class JwtSettings(_Settings):
    """The identity provider whose bearers are taken.

    Attributes:
        issuer: What `iss` must be.
        audience: What `aud` must be or hold.
        keys: File of the provider's public keys, a JSON Web Key Set; taken again when it changes.
        jwks_url: Or where the provider publishes them: https, or http on loopback.
        algorithms: Signatures that are taken.
        principal_claim: The claim that names the principal.
        groups_claim: The claim that lists groups; `a.b` looks inside an object.
        leeway_seconds: How far clocks may differ.
        refresh_seconds: How long fetched keys are used before they are looked up again.
    """

    issuer: str = Field(min_length=1)
    audience: str = Field(min_length=1)
    keys: Path | None = None
    jwks_url: str | None = None
    algorithms: list[Algorithm] = Field(default=["RS256", "ES256"], min_length=1)
    principal_claim: str = Field(default="sub", min_length=1)
    groups_claim: str = Field(default="groups", min_length=1)
    leeway_seconds: int = Field(default=30, ge=0, le=300)
    refresh_seconds: float = Field(default=300.0, ge=1.0, le=86_400.0)

    @field_validator("jwks_url")
    @classmethod
    def _is_safe(cls, url: str | None) -> str | None:
        parts = urllib.parse.urlsplit(url or "https:")
        loopback = parts.hostname in {"localhost", "127.0.0.1", "::1"}
        if parts.scheme == "https" or (parts.scheme == "http" and loopback):
            return url
        raise ValueError("must be https, or http on loopback: whoever answers can make anybody sign in")

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if (self.keys is None) == (self.jwks_url is None):
            raise ValueError("needs either `keys` or `jwks_url`")
        return self


class CertificateSettings(_Settings):
    """The authorities whose client certificates are taken.

    Attributes:
        ca: PEM file of their certificates.
        principal: Where the principal's name stands: the subject's common name, or a subject alternative
            name.
        organization_is_group: Whether each organizational unit (OU) of the subject is a group.
    """

    ca: Path
    principal: Literal["cn", "email", "dns", "uri"] = "cn"
    organization_is_group: bool = False


class IdentitySettings(_Settings):
    """What a lake asks of passwords, bearers and certificates.

    Attributes:
        scram_iterations: Work factor of new password verifiers.
        jwt: The identity provider; without one no bearer of a provider is taken.
        certificates: The authorities; without them no client certificate is taken.
    """

    scram_iterations: int = Field(default=DEFAULT_ITERATIONS, ge=4096, le=10_000_000)
    jwt: JwtSettings | None = None
    certificates: CertificateSettings | None = None


def identity_settings(lake: Lake) -> IdentitySettings:
    """Read the settings of a lake.

    Raises:
        InvalidConfigError: One is not valid.
    """
    raw: Any = lake.config.gateway.get("identity", {})
    try:
        return IdentitySettings.model_validate(raw)
    except ValidationError as error:
        faults = [
            f"`gateway.identity.{'.'.join(map(str, each['loc']))}`: {each['msg']}"
            for each in error.errors(include_input=False)
        ]
        raise InvalidConfigError(lake.root / CONFIG_FILE, faults) from None
