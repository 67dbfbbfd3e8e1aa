"""CREATE OR REPLACE: a file takes the place of a table, its columns and its rows, in one commit."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lakeward.catalog.commit import Act
from lakeward.catalog.ingest.importing import ImportResult, Reading, open_source, perform_import
from lakeward.catalog.ingest.write import Write, carried_over
from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import read_table
from lakeward.catalog.tags import PathTags


@dataclass(frozen=True, slots=True)
class Replaced:
    """What a replacement did; `suggested` are tags that columns of the same path and type bore before."""

    done: ImportResult
    suggested: dict[str, frozenset[str]]


def replace_table(  # noqa: PLR0913  one keyword each, and every caller names them
    lake: Lake,
    name: TableName,
    source: Path,
    *,
    actor: str,
    tags: PathTags | None = None,
    keep_tags: bool = False,
    reason: str | None = None,
    reading: Reading | None = None,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Replaced:
    """Put a file in the place of a table, in one commit of columns, rows and tags.

    The columns are new ones, so the tags of the old ones do not count for them: a column without a tag is
    hidden. Old snapshots keep the old columns, with their tags.

    Args:
        lake: The lake.
        name: The table, which must be there.
        source: A Parquet, CSV, newline JSON or Arrow file.
        actor: Who does it.
        tags: Tags by path of the new columns.
        keep_tags: Whether a new column gets the tags of an old one of the same path and type.
        reason: Why, for the record.
        reading: How to read the file.
        progress: Called with the number of rows after each batch.

    Raises:
        TableNotFoundError: There is no such table.
        InvalidSourceError: The file breaks its format's rules.
    """
    before = read_table(lake, name)
    opened, facts = open_source(lake, name, source, reading or Reading(), own_types=True)
    order = Write(
        reader=opened,
        act=Act(kind="table.replace", actor=actor, reason=reason, details=facts),
        mode="replace",
        tags=tags or {},
        keep_tags=keep_tags,
        recreate=True,
        snapshot_properties={f"lakeward.source.{key}": value for key, value in facts.items()},
        progress=progress,
    )
    done = perform_import(lake, name, order, opened)
    after = read_table(lake, name)
    was = carried_over(before.metadata.fields, before.own, after.metadata.fields)
    now = {path: after.own.get(key, frozenset()) for key, path in after.metadata.paths.items()}
    return Replaced(done, {path: left for path, each in was.items() if (left := each - now[path])})
