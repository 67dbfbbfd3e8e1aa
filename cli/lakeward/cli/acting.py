"""In whose name a command acts: `--as` needs the right, `--by` is a note for the record."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from lakeward.catalog.lake import Lake
    from lakeward.catalog.names import TableName

as_option = click.option(
    "--as",
    "principal",
    metavar="PRINCIPAL",
    help="Act for PRINCIPAL, who needs the right to; by default, as the holder of the lake's keys.",
)


def actor_name(
    lake: "Lake", principal: str | None, by: str | None, acts: "dict[str, list[TableName | str | None]]"
) -> str:
    """Give the name for the record; with `--as`, only when the principal has every right that it takes.

    Raises:
        NoRightError: It has not.
    """
    from lakeward.catalog.lake import owner_name

    if principal is None:
        return by or owner_name()
    from lakeward.policies.rights import require_right

    for act, targets in acts.items():
        for target in targets:
            require_right(lake, principal, act, target)
    return principal
