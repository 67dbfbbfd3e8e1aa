"""The options that every command has: which lake, and in which form to answer."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path

import click

from lakeward.cli.errors import NoLakeError
from lakeward.cli.output import FORMS

Command = Callable[..., None]
CONFIG = "lakeward.toml"


def read_time(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Read an ISO 8601 date or time, UTC unless it says otherwise; give it as the audit chain writes it."""
    from datetime import UTC, datetime

    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(
            "not an ISO 8601 date or time, such as 2026-11-24 or 2026-11-24T08:00:00Z."
        ) from None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="microseconds")


def lake_and_output(command: Command) -> Command:
    """Give a command `lake: Path`, the root of its lake, and `output: Output`."""
    return with_lake(with_output(command))


def with_output(command: Command) -> Command:
    """Give a command `output: Output`, by `--format`."""

    @click.option("--format", "form", type=click.Choice(list(FORMS)), default="table", help="How to answer.")
    @wraps(command)
    def wrapped(*args: object, form: str, **options: object) -> None:
        command(*args, output=FORMS[form](), **options)

    return wrapped


def with_lake(command: Command) -> Command:
    """Give a command `lake: Path`, by `--lake`, LAKEWARD_LAKE or the folder it runs in."""

    @click.option(
        "--lake",
        "folder",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="LAKEWARD_LAKE",
        metavar="DIR",
        help="The lake's folder; else $LAKEWARD_LAKE, else the nearest folder upwards with a lakeward.toml.",
    )
    @wraps(command)
    def wrapped(*args: object, folder: Path | None, **options: object) -> None:
        command(*args, lake=find_lake(folder), **options)

    return wrapped


def find_lake(folder: Path | None) -> Path:
    """Find the root of the lake: the folder named, or the nearest one upwards that holds one.

    Raises:
        NoLakeError: No folder was named, and none upwards holds a lake.
    """
    if folder is not None:
        return folder.absolute()
    here = Path.cwd()
    for root in (here, *here.parents):
        if (root / CONFIG).is_file():
            return root
    raise NoLakeError(here)
