"""The one place where somebody becomes a principal, whatever door they come to."""

import hmac
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from lakeward.catalog.audit import AuditEvent
from lakeward.catalog.lake import Lake
from lakeward.gateway.identity.accounts import Account, Accounts, is_name
from lakeward.gateway.identity.certificates import Certificates
from lakeward.gateway.identity.errors import UnauthenticatedError
from lakeward.gateway.identity.identity import Identity, Method
from lakeward.gateway.identity.scram import ScramVerifier, mock_verifier
from lakeward.gateway.identity.settings import IdentitySettings, identity_settings
from lakeward.gateway.identity.throttle import Throttle
from lakeward.gateway.identity.watch import Watch

if TYPE_CHECKING:
    from lakeward.gateway.identity.bearers import Bearers

_KEPT = 1_000
_LONGEST_PEER = 255
_AT_ONCE = 2  # passwords checked at a time: the rest of the machine is for those who are in


class Identities:
    """Proves who somebody is. Safe to use from several threads; a check may take a good part of a second.

    Every way to fail raises one `UnauthenticatedError`, costs the same work whether or not the name is known,
    is recorded, and is counted against the name and the address it came from.
    """

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self.settings = identity_settings(lake)
        self.accounts = Accounts(lake, self.settings.scram_iterations)
        self._mock_key = lake.keys.derive("identity:nobody")
        self._throttle = Throttle()
        self._checking = threading.BoundedSemaphore(_AT_ONCE)
        self._proven = _Proven()
        self._watch = Watch(self.is_valid)
        self._bearers = _bearers(self.settings, lake.root)
        self._certificates = (
            Certificates(self.settings.certificates, lake.root) if self.settings.certificates else None
        )

    def scram_verifier(self, name: str, *, peer: str = "") -> ScramVerifier:
        """Give what a SCRAM exchange needs; for a name that is not there, a verifier that no password fits.

        The door then ends the exchange with `scram_succeeded` or `scram_failed`.

        Args:
            name: Who is asked for.
            peer: The address that asks, without its port.

        Raises:
            UnauthenticatedError: There were too many failures lately.
        """
        self._may_try(name, peer)
        return self._verifier(self.accounts.find(name), name)[0]

    def scram_succeeded(self, name: str, verifier: ScramVerifier, *, peer: str = "") -> Identity:
        """Give the identity of whoever has proven to know the password that `verifier` was made of.

        Raises:
            UnauthenticatedError: The password was changed or revoked in the meantime.
        """
        account = self.accounts.find(name)
        if account is None or account.verifier != verifier:
            self._refuse("password", name, peer)
        return self._password_identity(account, peer)

    def scram_failed(self, name: str, *, peer: str = "") -> NoReturn:
        """Record and count an exchange that proved nothing.

        Raises:
            UnauthenticatedError: Always.
        """
        self._refuse("password", name, peer)

    def verify_password(self, name: str, password: str, *, peer: str = "") -> Identity:
        """Check a password that was sent as it is, inside TLS.

        Raises:
            UnauthenticatedError: It is wrong, or there were too many failures lately.
        """
        self._may_try(name, peer)  # before a look at what is proven, or that would answer guesses without end
        account = self.accounts.find(name)
        verifier, is_known = self._verifier(account, name)
        if not self._proven.holds(name, password, verifier):
            with self._checking:
                self._may_try(name, peer)
                matches = verifier.matches(password)
            if not (is_known and matches):
                self._refuse("password", name, peer)
            self._proven.keep(name, password, verifier)
        if account is None:  # never: `is_known` said so
            raise UnauthenticatedError
        return self._password_identity(account, peer)

    def verify_token(self, token: str, *, peer: str = "") -> Identity:
        """Check a token that `lakeward user token` made.

        Raises:
            UnauthenticatedError: It is unknown, expired or revoked, or there were too many failures lately.
        """
        found = self.accounts.match_token(token)
        if found is None or not found.is_valid(datetime.now(UTC)):
            self._refuse("token", found.name if found else None, peer)
        expires = datetime.fromisoformat(found.expires_at)
        return Identity(
            principal=found.name,
            groups=frozenset(),
            method="token",
            expires=expires,
            credential=f"token:{found.id}",
        )

    def verify_jwt(self, bearer: str, *, peer: str = "") -> Identity:
        """Check a JSON Web Token of the identity provider that `lakeward.toml` names.

        Raises:
            UnauthenticatedError: It is not valid, or no provider is named.
        """
        said = self._bearers.read(bearer) if self._bearers else None
        if said is None or not self._is_let_in(said.principal):
            self._refuse("jwt", None, peer)
        return Identity(principal=said.principal, groups=said.groups, method="jwt", expires=said.expires)

    def verify_certificate(self, der: bytes, *, peer: str = "") -> Identity:
        """Check a client's certificate against the authorities that `lakeward.toml` names.

        Raises:
            UnauthenticatedError: It is not valid, or no authority is named.
        """
        holder = self._certificates.read(der) if self._certificates else None
        if holder is None or not self._is_let_in(holder.principal):
            self._refuse("certificate", None, peer)
        return Identity(
            principal=holder.principal, groups=holder.groups, method="certificate", expires=holder.expires
        )

    def _is_let_in(self, principal: str) -> bool:
        """Whether a principal whom others vouch for was not revoked; they need no account."""
        account = self.accounts.find(principal)
        return account is None or account.revoked_at is None

    def is_valid(self, identity: Identity) -> bool:
        """Tell whether what somebody came in by still counts: not expired, revoked or changed since."""
        if identity.expires is not None and identity.expires <= datetime.now(UTC):
            return False
        if identity.method == "token":
            token = self.accounts.find_token(identity.credential.removeprefix("token:"))
            return token is not None and token.is_valid(datetime.now(UTC))
        if identity.method == "password":
            account = self.accounts.find(identity.principal)
            return account is not None and _credential(account) == identity.credential
        return self._is_let_in(identity.principal)

    def require_valid(self, identity: Identity) -> None:
        """Check an identity again; a door that keeps connections open asks before each statement.

        Raises:
            UnauthenticatedError: It has expired, or was revoked or changed.
        """
        if not self.is_valid(identity):
            raise UnauthenticatedError

    def guarding(self, identity: Identity, cancel: Callable[[], object]) -> AbstractContextManager[None]:
        """Call `cancel`, from another thread, within a second of the identity's end, while the block runs."""
        return self._watch.guarding(identity, cancel)

    def close(self) -> None:
        """Stop looking after running statements."""
        self._watch.close()

    def _verifier(self, account: Account | None, name: str) -> tuple[ScramVerifier, bool]:
        if account is not None and account.verifier is not None and account.revoked_at is None:
            return account.verifier, True
        return mock_verifier(self._mock_key, name, self.settings.scram_iterations), False

    def _password_identity(self, account: Account, peer: str) -> Identity:
        self._throttle.succeeded(account.name, peer)
        return Identity(
            principal=account.name,
            groups=frozenset(),
            method="password",
            expires=None,
            credential=_credential(account),
        )

    def _may_try(self, name: str, peer: str) -> None:
        if not self._throttle.may_try(name, peer):
            raise UnauthenticatedError

    def _refuse(self, method: Method, name: str | None, peer: str) -> NoReturn:
        """Count, record and refuse; who fails again and again is not recorded each time."""
        guessed = name if method == "password" else None
        is_recorded = self._throttle.may_try(guessed, peer)
        used_up = self._throttle.failed(guessed, peer)
        if is_recorded:
            kind = "sign-in.slowed" if used_up else "sign-in.failed"
            who = name if name is not None and is_name(name) else "unknown"
            details = {"method": method, "peer": peer[:_LONGEST_PEER]}
            self._lake.audit.append(AuditEvent(kind=kind, principal=who, details=details))
        raise UnauthenticatedError


def _bearers(settings: IdentitySettings, root: Path) -> "Bearers | None":
    if settings.jwt is None:
        return None
    from lakeward.gateway.identity.bearers import Bearers  # noqa: PLC0415  joserfc, for lakes with a provider

    return Bearers(settings.jwt, root)


class _Proven:
    """Passwords that were right, so that not each request pays for its own check; none is kept as it is."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._kept: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def holds(self, name: str, password: str, verifier: ScramVerifier) -> bool:
        digest = self._digest(name, password, verifier)
        with self._lock:
            return digest in self._kept

    def keep(self, name: str, password: str, verifier: ScramVerifier) -> None:
        with self._lock:
            self._kept[self._digest(name, password, verifier)] = None
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)

    def _digest(self, name: str, password: str, verifier: ScramVerifier) -> bytes:
        parts = [each.encode("utf-8", "surrogatepass") for each in (name, password)]
        sized = b"".join(len(each).to_bytes(4) + each for each in [*parts, verifier.stored_key])
        return hmac.digest(self._key, sized, "sha256")


def _credential(account: Account) -> str:
    return f"password:{account.changed_at}:{account.revoked_at or ''}"
