"""`lakeward user`: passwords from stdin, tokens once, revocation, lists without secrets."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lakeward.catalog.lake import open_lake
from lakeward.gateway.identity.errors import UnauthenticatedError
from lakeward.gateway.identity.identities import Identities

Run = Callable[..., Any]
PASSWORD = "correct horse battery"  # noqa: S105  of nobody


@pytest.fixture
def lake(run: Run, tmp_path: Path) -> Path:
    run("init", tmp_path / "lake")
    config = tmp_path / "lake" / "lakeward.toml"
    config.write_text(config.read_text("utf-8") + "\n[gateway.identity]\nscram_iterations = 4096\n", "utf-8")
    return tmp_path / "lake"


def with_stdin(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_a_user_comes_in_by_password_then_by_a_new_one(
    run: Run, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_stdin(monkeypatch, f"{PASSWORD}\nmore\n")
    added = run("user", "add", "ada", "--password-stdin", "--lake", lake, "--format", "json")
    assert added.json() == {"user": "ada", "password": True}
    assert Identities(open_lake(lake)).verify_password("ada", PASSWORD).principal == "ada"
    with_stdin(monkeypatch, "another long password\n")
    assert run("user", "passwd", "ada", "--password-stdin", "--lake", lake).code == 0
    assert Identities(open_lake(lake)).verify_password("ada", "another long password").principal == "ada"
    kinds = {each.kind for each in open_lake(lake).audit.records()}
    assert {"user.add", "user.passwd"} <= kinds


def test_a_token_is_shown_once_and_revoked_by_its_id(run: Run, lake: Path) -> None:
    assert run("user", "add", "etl", "--no-password", "--lake", lake).code == 0
    made = run("user", "token", "etl", "--days", "1", "--lake", lake, "--format", "json").json()
    identities = Identities(open_lake(lake))
    assert identities.verify_token(made["token"]).principal == "etl"
    listed = run("user", "list", "--tokens", "--lake", lake, "--format", "json")
    assert [each["id"] for each in listed.json()] == [made["id"]]
    assert made["token"].rpartition("_")[2] not in listed.out
    assert run("user", "revoke", "etl", "--token", made["id"], "--lake", lake).code == 0
    with pytest.raises(UnauthenticatedError):
        identities.verify_token(made["token"])
    again = run("user", "revoke", "etl", "--token", made["id"], "--lake", lake, "--format", "json")
    assert again.code == 2
    assert again.error()["code"] == "unknown-token"


def test_revoking_a_user_shows_in_the_list(run: Run, lake: Path) -> None:
    run("user", "add", "etl", "--no-password", "--lake", lake)
    run("user", "revoke", "etl", "--lake", lake)
    [row] = run("user", "list", "--lake", lake, "--format", "json").json()
    assert row["revoked_at"]
    assert row["password"] is False


def test_a_password_is_no_word_of_the_command(run: Run, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_stdin(monkeypatch, "")
    asked = run("user", "add", "ada", "--lake", lake)
    assert asked.code == 2
    assert "--password-stdin" in asked.err
    with_stdin(monkeypatch, "short\n")
    weak = run("user", "add", "ada", "--password-stdin", "--lake", lake, "--format", "json")
    assert weak.error()["code"] == "weak-password"
    assert "short\n" not in weak.err
    assert run("user", "list", "--lake", lake, "--format", "json").json() == []
