"""JSON Web Tokens of an identity provider (RFC 7519, RFC 8725): who they name, if they hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError

from lakeward.gateway.identity.accounts import is_name
from lakeward.gateway.identity.provider_keys import FileKeys, ProviderKeys, UrlKeys
from lakeward.gateway.identity.settings import JwtSettings

_LONGEST = 16_384
_MOST_GROUPS = 1_000


@dataclass(frozen=True, slots=True)
class Bearer:
    """What a token says, once it holds."""

    principal: str
    groups: frozenset[str]
    expires: datetime


class Bearers:
    """Checks the tokens of one provider."""

    def __init__(self, settings: JwtSettings, root: Path) -> None:
        self._settings = settings
        self._keys: ProviderKeys = (
            UrlKeys(settings.jwks_url, settings.refresh_seconds)
            if settings.jwks_url is not None
            else FileKeys(root / (settings.keys or ""))
        )
        self._claims = jwt.JWTClaimsRegistry(
            leeway=settings.leeway_seconds,
            iss={"essential": True, "value": settings.issuer},
            aud={"essential": True, "value": settings.audience},
            exp={"essential": True},
        )

    def read(self, text: str) -> Bearer | None:
        """Give what a token says, or None for one that does not hold, whatever the reason."""
        if len(text) > _LONGEST:
            return None
        try:
            claims = self._verified(text)
            self._claims.validate(claims)
            return self._bearer(claims)
        except (JoseError, ValueError, TypeError, OverflowError, RecursionError):
            return None

    def _verified(self, text: str) -> dict[str, Any]:
        """Check the signature with the provider's key, by an algorithm of the lake's list."""
        header = jws.extract_compact(text.encode("ascii")).headers()
        key_id = header.get("kid")
        key = self._keys.find(key_id if key_id is None else str(key_id))
        if key is None or (key.alg is not None and key.alg != header["alg"]):
            raise ValueError("no key")
        return jwt.decode(text, key, algorithms=list(self._settings.algorithms)).claims

    def _bearer(self, claims: Mapping[str, Any]) -> Bearer:
        name = claims.get(self._settings.principal_claim)
        if not isinstance(name, str) or not is_name(name):
            raise ValueError("no name")
        if self._settings.principal_claim == "email" and claims.get("email_verified") is False:
            raise ValueError("not verified")
        expires = datetime.fromtimestamp(float(claims["exp"]) + self._settings.leeway_seconds, UTC)
        return Bearer(name, _groups(claims, self._settings.groups_claim), expires)


def _groups(claims: Mapping[str, Any], path: str) -> frozenset[str]:
    """Read groups from a claim: a list of texts, or texts between spaces; no claim, no groups."""
    found: Any = claims
    for part in (path,) if path in claims else path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    names = found.split() if isinstance(found, str) else (found or [])
    if (
        not isinstance(names, list)
        or len(names) > _MOST_GROUPS
        or not all(isinstance(each, str) for each in names)
    ):
        raise ValueError("no groups")
    return frozenset(names)
