"""Who can write to the store, but has no key of the lake, lets nobody in."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, insert, select, update

from lakeward.catalog.lake import Lake, init_lake
from lakeward.catalog.store.schema import user_account, user_token
from lakeward.gateway.identity.accounts import Accounts
from lakeward.gateway.identity.errors import UnauthenticatedError
from lakeward.gateway.identity.identities import Identities
from lakeward.gateway.identity.scram import new_verifier

PASSWORD, OTHER = "correct horse battery", "the writer's own password"
LATER = (datetime.now(UTC) + timedelta(days=99)).isoformat(timespec="microseconds")


@pytest.fixture
def identities(tmp_path: Path) -> Identities:
    """One user, of a lake with a cheap work factor."""
    lake = init_lake(tmp_path / "lake")
    made = Identities(lake)
    made.accounts = Accounts(lake, 4096)
    made.accounts.add("ada", PASSWORD, by="test")
    return made


def write(lake: Lake, table: Table, **values: object) -> None:
    with lake.store.writing() as connection:
        connection.execute(update(table).values(**values))


def own_verifier() -> dict[str, Any]:
    names = ("salt", "iterations", "stored_key", "server_key")
    return dict(zip(names, new_verifier(OTHER, 4096).texts(), strict=True))


def test_a_password_that_was_written_into_the_store_lets_nobody_in(identities: Identities) -> None:
    write(identities._lake, user_account, **own_verifier())
    for password in (PASSWORD, OTHER):
        with pytest.raises(UnauthenticatedError):
            identities.verify_password("ada", password)
    assert identities.scram_verifier("ada").texts() != new_verifier(OTHER, 4096).texts()


@pytest.mark.parametrize("seal", [None, "", "0" * 64, "copied"])
def test_a_user_who_was_written_into_the_store_is_none(identities: Identities, seal: str | None) -> None:
    with identities._lake.store.writing() as connection:
        ada = connection.execute(select(user_account)).one()._asdict()
        row = ada | own_verifier() | {"name": "eve", "seal": ada["seal"] if seal == "copied" else seal}
        connection.execute(insert(user_account).values(**row))
    with pytest.raises(UnauthenticatedError):
        identities.verify_password("eve", OTHER)
    assert {each.name: each.revoked_at is None for each in identities.accounts.users()} == {
        "ada": True,
        "eve": False,
    }
    identities.accounts.add("eve", PASSWORD, by="test")
    assert identities.verify_password("eve", PASSWORD).principal == "eve"


def test_a_revocation_that_was_taken_out_of_a_row_still_counts(identities: Identities) -> None:
    token, _ = identities.accounts.make_token("ada", 1, by="test")
    identities.accounts.revoke("ada", by="test")
    write(identities._lake, user_account, revoked_at=None, **own_verifier())
    write(identities._lake, user_token, revoked_at=None)
    with pytest.raises(UnauthenticatedError):
        identities.verify_password("ada", OTHER)
    with pytest.raises(UnauthenticatedError):
        identities.verify_token(token)


@pytest.mark.parametrize(
    "change", [{"expires_at": LATER}, {"name": "grace"}, {"id": "0" * 16}, {"seal": None}]
)
def test_a_token_that_was_changed_in_the_store_lets_nobody_in(
    identities: Identities, change: dict[str, Any]
) -> None:
    token, made = identities.accounts.make_token("ada", 1, by="test")
    assert identities.verify_token(token).principal == "ada"
    write(identities._lake, user_token, **change)
    with pytest.raises(UnauthenticatedError):
        identities.verify_token(token.replace(made.id, change.get("id", made.id)))
