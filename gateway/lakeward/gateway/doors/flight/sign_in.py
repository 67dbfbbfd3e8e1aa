"""Who calls: the headers of each call, and the bearer that a password is exchanged for."""

from dataclasses import dataclass

from pyarrow import flight

from lakeward.gateway.doors.door import DoorContext
from lakeward.gateway.doors.flight.faults import told
from lakeward.gateway.doors.flight.handles import Handles
from lakeward.gateway.doors.http.requests import Credentials
from lakeward.gateway.doors.http.sign_in import sign_in
from lakeward.gateway.identity.errors import UnauthenticatedError
from lakeward.gateway.identity.identity import Identity

MIDDLEWARE = "sign-in"
_SECONDS = 3600.0
_MOST_BEARERS = 100  # of one principal
_LONGEST = 255  # characters of a purpose: what was not declared is recorded too
_PREFIX = "lakeward-flight."


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a call, and what for.

    Attributes:
        identity: Who it is.
        purpose: What the call says it is for; None when it says nothing.
        dialect: How its SQL is written.
    """

    identity: Identity
    purpose: str | None
    dialect: str

    @property
    def owner(self) -> tuple[object, ...]:
        """Whom a statement's handles belong to: one principal, come in by one credential, for one purpose."""
        identity = self.identity
        return (identity.principal, identity.groups, identity.method, identity.credential, self.purpose)


class SignedIn(flight.ServerMiddleware):  # type: ignore[misc]
    """One call of somebody who has come in."""

    def __init__(self, caller: Caller, bearer: str | None) -> None:
        super().__init__()
        self.caller, self._bearer = caller, bearer

    def sending_headers(self) -> dict[str, str]:
        """Hand out the bearer that a password was exchanged for."""
        return {"authorization": f"Bearer {self._bearer}"} if self._bearer else {}


class SignIn(flight.ServerMiddlewareFactory):  # type: ignore[misc]
    """Lets a call in, or refuses it before anything of it is looked at."""

    def __init__(self, context: DoorContext) -> None:
        super().__init__()
        self._context = context
        self._bearers: Handles[Identity] = Handles(_SECONDS, _MOST_BEARERS)

    def start_call(self, _info: flight.CallInfo, headers: dict[str, list[str]]) -> SignedIn:
        """Prove who calls; see `ServerMiddlewareFactory.start_call`."""
        with told(self._context):
            authorization = _only(headers, "authorization")
            identity, bearer = self._identify(authorization)
            purpose = (_only(headers, "x-lakeward-purpose") or "")[:_LONGEST] or None
            dialect = _only(headers, "x-lakeward-dialect") or "duckdb"
            return SignedIn(Caller(identity, purpose, dialect), bearer)

    def _identify(self, authorization: str | None) -> tuple[Identity, str | None]:
        identities = self._context.identities
        scheme, _, proof = (authorization or "").strip().partition(" ")
        if scheme.lower() == "bearer" and proof.startswith(_PREFIX):
            found = self._bearers.find(proof.removeprefix(_PREFIX).encode())
            if found is None:
                raise UnauthenticatedError
            identities.require_valid(found[1])
            return found[1], None
        if scheme.lower() == "basic":  # drivers written in Go leave the padding out
            authorization = f"Basic {proof}{'=' * (-len(proof) % 4)}"
        shown = Credentials(authorization=authorization, certificate=None, peer="", purpose=None)
        identity = sign_in(identities, shown)
        if scheme.lower() != "basic":
            return identity, None
        return identity, _PREFIX + self._bearers.keep(identity.principal, identity).decode("ascii")


class NoHandshake(flight.ServerAuthHandler):  # type: ignore[misc]
    """Answers the handshake that carries a password in its headers: `SignIn` has looked at it before."""

    def authenticate(self, _outgoing: object, _incoming: object) -> None:
        """Say nothing: the bearer goes out with the headers."""

    def is_valid(self, _token: bytes) -> str:
        """Name nobody: who calls is what `SignIn` found."""
        return ""


def _only(headers: dict[str, list[str]], name: str) -> str | None:
    """Give a header that may be there once; several could be read in two ways.

    Raises:
        UnauthenticatedError: It is there more often, or is no text.
    """
    found = [each for key, values in headers.items() if key.lower() == name for each in values]
    if len(found) > 1 or not all(isinstance(each, str) for each in found):
        raise UnauthenticatedError
    return found[0] if found else None
