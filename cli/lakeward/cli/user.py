"""`lakeward user`: who may sign in at the gateway's doors."""

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lakeward.cli.lakes import open_lake
from lakeward.cli.options import lake_and_output
from lakeward.cli.output import Output

if TYPE_CHECKING:
    from lakeward.gateway.identity.accounts import Accounts

_MOST_DAYS = 3650


@click.group("user")
def user() -> None:
    """Say who may sign in, and by what.

    What they see is for the policies to say.
    """


def with_password(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command `password: str | None`, from stdin or the terminal, never from its words."""

    @click.option("--password-stdin", is_flag=True, help="Read the password from the first line of stdin.")
    @wraps(command)
    def wrapped(*args: object, password_stdin: bool, no_password: bool = False, **options: object) -> None:
        password = None if no_password else read_password(from_stdin=password_stdin)
        command(*args, password=password, **options)

    return wrapped


def read_password(*, from_stdin: bool) -> str:
    """Read a password from the first line of stdin, or ask for it twice at the terminal."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask at: pipe the password in with --password-stdin.")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password


@user.command("add", epilog="Example: lakeward user add ada --password-stdin < password.txt")
@click.argument("name", metavar="NAME")
@click.option("--no-password", is_flag=True, help="They come in by token, bearer or certificate alone.")
@with_password
@lake_and_output
def add(name: str, *, password: str | None, lake: Path, output: Output) -> None:
    """Let NAME sign in; also one who was revoked."""
    accounts, by = _accounts(lake)
    accounts.add(name, password, by=by)
    output.record({"user": name, "password": password is not None})


@user.command("passwd", epilog="Example: lakeward user passwd ada --password-stdin < password.txt")
@click.argument("name", metavar="NAME")
@with_password
@lake_and_output
def passwd(name: str, *, password: str, lake: Path, output: Output) -> None:
    """Change the password of NAME.

    Who came in by the old one is out within a second; tokens stay good.
    """
    accounts, by = _accounts(lake)
    accounts.set_password(name, password, by=by)
    output.record({"user": name, "password": True})


@user.command("token", epilog="Example: lakeward user token ada --days 30")
@click.argument("name", metavar="NAME")
@click.option(
    "--days",
    type=click.IntRange(min=1, max=_MOST_DAYS),
    default=90,
    show_default=True,
    help="How long it is good for.",
)
@lake_and_output
def token(name: str, *, days: int, lake: Path, output: Output) -> None:
    """Make a token for NAME and print it, once: only a hash of it is kept."""
    accounts, by = _accounts(lake)
    text, made = accounts.make_token(name, days, by=by)
    output.record({"user": name, "id": made.id, "expires": made.expires_at, "token": text})


@user.command("revoke", epilog="Example: lakeward user revoke ada --token 3f0a91c2b4d5e6f7")
@click.argument("name", metavar="NAME")
@click.option(
    "--token", "token_id", metavar="ID", help="Only this one; `lakeward user list --tokens` has ids."
)
@lake_and_output
def revoke(name: str, *, token_id: str | None, lake: Path, output: Output) -> None:
    """Let NAME in no more, by whatever proof, and end what they run, within a second."""
    accounts, by = _accounts(lake)
    if token_id is None:
        accounts.revoke(name, by=by)
    else:
        accounts.revoke_token(name, token_id, by=by)
    output.record({"user": name, "revoked": token_id or "all"})


@user.command("list", epilog="Example: lakeward user list --tokens --format json")
@click.option("--tokens", is_flag=True, help="List the tokens, not the users.")
@lake_and_output
def list_users(*, tokens: bool, lake: Path, output: Output) -> None:
    """List who may sign in, and who was revoked."""
    accounts, _ = _accounts(lake)
    if tokens:
        made = accounts.tokens()
        columns = ["name", "id", "created_at", "expires_at", "revoked_at"]
        output.rows("Tokens", columns, ([getattr(each, name) for name in columns] for each in made))
        return
    rows = [
        (each.name, each.verifier is not None, each.created_at, each.changed_at, each.revoked_at)
        for each in accounts.users()
    ]
    output.rows("Users", ["name", "password", "created_at", "changed_at", "revoked_at"], rows)


def _accounts(root: Path) -> "tuple[Accounts, str]":
    """Open a lake's accounts, and name who changes them."""
    from lakeward.catalog.lake import owner_name
    from lakeward.gateway.identity.accounts import Accounts
    from lakeward.gateway.identity.settings import identity_settings

    opened = open_lake(root)
    return Accounts(opened, identity_settings(opened).scram_iterations), owner_name()
