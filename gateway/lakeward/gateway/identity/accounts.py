"""Users and tokens in the governance store. Of passwords it holds salted verifiers, of tokens hashes.

A row whose seal does not verify counts as revoked: who can write to the database but has no key of the lake
lets nobody in.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, insert, select, update

from lakeward.catalog.audit import AuditEvent
from lakeward.catalog.lake import Lake
from lakeward.catalog.store.ready_query import ReadyQuery
from lakeward.catalog.store.schema import user_account, user_token
from lakeward.catalog.store.seal import Seal
from lakeward.gateway.identity.errors import (
    InvalidPrincipalNameError,
    UnknownTokenError,
    UnknownUserError,
    UserExistsError,
    WeakPasswordError,
)
from lakeward.gateway.identity.scram import ScramVerifier, new_verifier

LEAST_PASSWORD, MOST_PASSWORD = 12, 1024  # NIST SP 800-63B-4: length, no rules of composition
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}\Z")
TOKEN_PREFIX = "lakeward_"  # noqa: S105  what every token begins with
_TOKEN = re.compile(rf"{TOKEN_PREFIX}([0-9a-f]{{16}})_([A-Za-z0-9_-]{{43}})\Z")
_NO_HASH = "0" * 64
_OF_ACCOUNTS = (
    "name", "created_at", "changed_at", "revoked_at", "salt", "iterations", "stored_key", "server_key",
)  # fmt: skip
_OF_TOKENS = ("id", "name", "hash", "created_at", "expires_at", "revoked_at")
"""What a seal is over."""
_USER = ReadyQuery(select(user_account).where(user_account.c.name == bindparam("name")))
_TOKEN_BY_ID = ReadyQuery(select(user_token).where(user_token.c.id == bindparam("id")))


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """One user; the verifier is None for one who has no password."""

    name: str
    created_at: str
    changed_at: str
    revoked_at: str | None
    verifier: ScramVerifier | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """One token, without its secret."""

    id: str
    name: str
    created_at: str
    expires_at: str
    revoked_at: str | None

    def is_valid(self, now: datetime) -> bool:
        """Whether it may still be used."""
        return self.revoked_at is None and datetime.fromisoformat(self.expires_at) > now


class Accounts:
    """The users of one lake. Each change is in the audit chain before it counts."""

    def __init__(self, lake: Lake, iterations: int) -> None:
        self._lake = lake
        self._iterations = iterations
        key = lake.keys.derive("accounts")
        self._of_accounts, self._of_tokens = Seal(key, _OF_ACCOUNTS), Seal(key, _OF_TOKENS)

    def find(self, name: str) -> Account | None:
        """Give a user, or None; what is no name is not looked up."""
        if not is_name(name):
            return None
        with self._lake.store.asking() as connection:
            rows = _USER.rows(connection, {"name": name})
        return self._account(rows[0]) if rows else None

    def find_token(self, token_id: str) -> Token | None:
        """Give a token by its id, or None."""
        with self._lake.store.asking() as connection:
            rows = _TOKEN_BY_ID.rows(connection, {"id": token_id})
        return self._token(rows[0]) if rows else None

    def match_token(self, text: str) -> Token | None:
        """Give the token whose secret this is, or None, whatever state it is in."""
        parts = _TOKEN.match(text)
        token_id, secret = parts.groups() if parts else ("", text)
        with self._lake.store.asking() as connection:
            rows = _TOKEN_BY_ID.rows(connection, {"id": token_id})
        same = hmac.compare_digest(_hash(secret), rows[0].hash if rows else _NO_HASH)
        return self._token(rows[0]) if rows and same else None

    def users(self) -> list[Account]:
        """Give every user by name."""
        with self._lake.store.reading() as connection:
            rows = connection.execute(select(user_account).order_by(user_account.c.name)).all()
        return [self._account(row) for row in rows]

    def tokens(self) -> list[Token]:
        """Give every token by its user's name, the oldest first."""
        query = select(user_token).order_by(user_token.c.name, user_token.c.created_at)
        with self._lake.store.reading() as connection:
            return [self._token(row) for row in connection.execute(query)]

    def add(self, name: str, password: str | None, *, by: str) -> None:
        """Make a user, or let one who was revoked in again, with this password or with none.

        Raises:
            InvalidPrincipalNameError: The name cannot be used.
            WeakPasswordError: The password cannot be used.
            UserExistsError: There is one who may sign in.
        """
        check_name(name)
        values = self._password(password)
        known = self.find(name)
        if known is not None and known.revoked_at is None:
            raise UserExistsError(name)
        self._record("user.add", name, by, password=password is not None)
        now = _now()
        values |= {"changed_at": now, "revoked_at": None}
        with self._lake.store.writing() as connection:
            self._put(connection, name, values, now)

    def set_password(self, name: str, password: str, *, by: str) -> None:
        """Change a password; whoever came in by the old one is out at the next statement.

        Raises:
            UnknownUserError: Nobody who may sign in has the name.
            WeakPasswordError: The password cannot be used.
        """
        self._require(name)
        values = self._password(password)
        self._record("user.passwd", name, by)
        with self._lake.store.writing() as connection:
            self._put(connection, name, values | {"changed_at": (now := _now()), "revoked_at": None}, now)

    def make_token(self, name: str, days: int, *, by: str) -> tuple[str, Token]:
        """Make a token for a user; its text is given here and never again.

        Raises:
            UnknownUserError: Nobody who may sign in has the name.
        """
        self._require(name)
        token_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        made = Token(
            id=token_id,
            name=name,
            created_at=now.isoformat(timespec="microseconds"),
            expires_at=(now + timedelta(days=days)).isoformat(timespec="microseconds"),
            revoked_at=None,
        )
        self._record("user.token", name, by, token=token_id, expires=made.expires_at)
        values = {each: getattr(made, each) for each in _OF_TOKENS if each != "hash"} | {
            "hash": _hash(secret)
        }
        with self._lake.store.writing() as connection:
            connection.execute(insert(user_token).values(**values, seal=self._of_tokens.of(values)))
        return f"{TOKEN_PREFIX}{token_id}_{secret}", made

    def revoke_token(self, name: str, token_id: str, *, by: str) -> None:
        """End one token now.

        Raises:
            UnknownTokenError: The user has no such token, or it was revoked before.
        """
        token = self.find_token(token_id)
        if token is None or token.name != name or token.revoked_at is not None:
            raise UnknownTokenError(name)
        self._record("user.revoke", name, by, token=token_id)
        with self._lake.store.writing() as connection:
            self._end_tokens(connection, user_token.c.id == token_id)

    def revoke(self, name: str, *, by: str) -> None:
        """Let a principal in no more, by whatever proof: password, token, bearer or certificate.

        Raises:
            InvalidPrincipalNameError: No principal can have the name.
        """
        check_name(name)
        self._record("user.revoke", name, by)
        now = _now()
        values = {**self._password(None), "changed_at": now, "revoked_at": now}
        with self._lake.store.writing() as connection:
            self._end_tokens(connection, user_token.c.name == name)
            self._put(connection, name, values, now)

    def _put(self, connection: Connection, name: str, values: Mapping[str, Any], now: str) -> None:
        """Write a whole row, the old one's or a new one, with its seal."""
        rows = _USER.rows(connection, {"name": name})
        whole = {"name": name, "created_at": rows[0].created_at if rows else now, **values}
        whole["seal"] = self._of_accounts.of(whole)
        if rows:
            connection.execute(update(user_account).where(user_account.c.name == name).values(**whole))
        else:
            connection.execute(insert(user_account).values(**whole))

    def _end_tokens(self, connection: Connection, which: ColumnElement[bool]) -> None:
        query = select(user_token).where(which, user_token.c.revoked_at.is_(None))
        for row in connection.execute(query).all():
            whole = _values(row, _OF_TOKENS) | {"revoked_at": _now()}
            whole["seal"] = self._of_tokens.of(whole)
            connection.execute(update(user_token).where(user_token.c.id == row.id).values(**whole))

    def _account(self, row: Row[Any]) -> Account:
        is_ours = self._of_accounts.is_on(_values(row, _OF_ACCOUNTS))
        verifier = None
        if is_ours and row.salt is not None:
            salt, stored_key, server_key = (
                base64.b64decode(each) for each in (row.salt, row.stored_key, row.server_key)
            )
            verifier = ScramVerifier(salt, row.iterations, stored_key, server_key)
        return Account(
            name=row.name,
            created_at=row.created_at,
            changed_at=row.changed_at,
            revoked_at=row.revoked_at if is_ours else row.revoked_at or row.changed_at,
            verifier=verifier,
        )

    def _token(self, row: Row[Any]) -> Token:
        is_ours = self._of_tokens.is_on(_values(row, _OF_TOKENS))
        return Token(
            id=row.id,
            name=row.name,
            created_at=row.created_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at if is_ours else row.revoked_at or row.created_at,
        )

    def _require(self, name: str) -> Account:
        account = self.find(name)
        if account is None or account.revoked_at is not None:
            raise UnknownUserError(name)
        return account

    def _password(self, password: str | None) -> dict[str, Any]:
        if password is None:
            return dict.fromkeys(("salt", "iterations", "stored_key", "server_key"))
        if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
            raise WeakPasswordError(LEAST_PASSWORD, MOST_PASSWORD)
        parts = new_verifier(password, self._iterations).texts()
        return dict(zip(("salt", "iterations", "stored_key", "server_key"), parts, strict=True))

    def _record(self, kind: str, name: str, by: str, **details: object) -> None:
        self._lake.audit.append(AuditEvent(kind=kind, principal=by, details={"user": name, **details}))


def is_name(name: str) -> bool:
    """Tell whether a principal who signs in can have this name.

    Policies spell groups `group:name`: no principal is called like that, whoever vouches for them.
    """
    return _NAME.match(name) is not None


def check_name(name: str) -> None:
    """Refuse a name that no account can have.

    Raises:
        InvalidPrincipalNameError: It is one.
    """
    if not is_name(name):
        raise InvalidPrincipalNameError


def _values(row: Row[Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {each: getattr(row, each) for each in (*names, "seal")}


def _hash(secret: str) -> str:
    """Hash a token's secret; 256 random bits need no salt and no work factor."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
