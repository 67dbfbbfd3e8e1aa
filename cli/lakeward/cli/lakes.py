"""The lake that a command works on: it is closed when the command ends, however it ends."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from lakeward.catalog.lake import Lake


def open_lake(root: Path) -> "Lake":
    """Open the lake in a folder for the command that runs.

    Raises:
        UnavailableError: Its keys, store or catalog are missing, damaged, or open to others.
        InvalidConfigError: `lakeward.toml` is not valid.
    """
    from lakeward.catalog import lake as catalog

    lake = catalog.open_lake(root)
    click.get_current_context().call_on_close(lake.close)
    return lake
