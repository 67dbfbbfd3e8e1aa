"""`lakeward table`: make tables, import into them, look at them, drop them."""

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lakeward.cli.errors import PairError
from lakeward.cli.lakes import open_lake
from lakeward.cli.options import lake_and_output
from lakeward.cli.output import Output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lakeward.catalog.ingest.importing import ImportResult
    from lakeward.catalog.tables import ColumnDescription, TableDescription
    from lakeward.gateway.steps import StepResult

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
tag_option = click.option(
    "--tag",
    "tags",
    multiple=True,
    metavar="PATH=TAG",
    help="Tag a column (`*`: the table) at once.",
)
by_option = click.option("--by", metavar="PRINCIPAL", help="Who does it, for the record; by default, you.")


@click.group("table")
def table() -> None:
    """Import, list, show, change and drop tables."""


@table.command("list", epilog="Example: lakeward table list --format json")
@lake_and_output
def list_tables(*, lake: Path, output: Output) -> None:
    """List every table, with how many of its columns are hidden because nobody has classified them."""
    from lakeward.catalog import tables

    columns = ["name", "rows", "columns", "unclassified", "snapshots", "changed", "owner", "problem"]
    found = tables.list_tables(open_lake(lake))
    output.rows("Tables", columns, [[getattr(each, name) for name in columns] for each in found])


@table.command("show", epilog="Example: lakeward table show precision_med.patient")
@click.argument("name", metavar="TABLE")
@lake_and_output
def show(name: str, *, lake: Path, output: Output) -> None:
    """Show the columns of TABLE with their types and tags."""
    from lakeward.catalog.tables import describe_table

    opened = open_lake(lake)
    described = describe_table(opened, opened.name(name))
    columns = ["column", "field-id", "type", "tags", "inherited", "state"]
    output.rows(str(described.name), columns, _columns(described))
    output.message(_summary(described))


def _columns(described: "TableDescription") -> list[list[object]]:
    return [
        [
            each.path,
            each.field_id,
            str(each.type),
            ", ".join(sorted(each.own_tags)),
            ", ".join(sorted(each.tags - each.own_tags)),
            _state(each),
        ]
        for each in described.columns
    ]


def _state(column: "ColumnDescription") -> str:
    """Say whether a column can show; one with tags of its own that is hidden was changed by another tool."""
    if not column.is_hidden:
        return "classified"
    return "held back: hidden, see `lakeward doctor`" if column.is_held_back else "unclassified: hidden"


def _summary(described: "TableDescription") -> str:
    facts = [
        f"rows {described.rows if described.rows is not None else 'unknown'}",
        f"snapshot {described.snapshot_id or 'none'} of {len(described.snapshots)}",
        f"owner {described.owner or 'nobody'}",
        f"tags {', '.join(sorted(described.tags)) or 'none'}",
    ]
    hidden = ", ".join(described.hidden)
    advice = f" Hidden until somebody tags them: {hidden}." if hidden else ""
    return f"{described.name}: {'; '.join(facts)}.{advice}"


@table.command(
    "create", epilog="Example: lakeward table create main.visit --column id:long --column day:date"
)
@click.argument("name", metavar="TABLE")
@click.option("--column", "columns", multiple=True, required=True, metavar="NAME:TYPE", help="A column.")
@tag_option
@click.option("--owner", metavar="PRINCIPAL", help="Who answers for the table.")
@by_option
@lake_and_output
def create(
    name: str,
    *,
    columns: tuple[str, ...],
    tags: tuple[str, ...],
    owner: str | None,
    by: str | None,
    lake: Path,
    output: Output,
) -> None:
    """Make TABLE without rows.

    TYPE is boolean, int, long, float, double, date, timestamp, timestamptz, string or decimal(P, S).
    """
    import pyarrow as pa

    from lakeward.catalog.ingest.importing import column_type
    from lakeward.catalog.lake import owner_name
    from lakeward.catalog.tables import create_table

    pairs = [pair(each, ":", "--column id:long") for each in columns]
    schema = pa.schema([(column, column_type(column, type_)) for column, type_ in pairs])
    opened, actor = open_lake(lake), by or owner_name()
    made = create_table(opened, opened.name(name), schema, tags=by_path(tags), actor=actor, owner=owner)
    output.record({"table": str(made.name), "uuid": made.uuid, "unclassified": list(made.hidden)})


@table.command("import", epilog="Example: lakeward table import main.labs labs.csv --tag mrn=phi.mrn")
@click.argument("name", metavar="TABLE")
@click.argument("source", metavar="FILE", type=FILE)
@tag_option
@click.option("--replace", is_flag=True, help="Put the rows of FILE in the place of the table's.")
@click.option("--evolve", is_flag=True, help="Let the table's columns follow those of FILE.")
@click.option("--dry-run", is_flag=True, help="Read and check everything, write nothing.")
@click.option("--from", "format_", metavar="FORMAT", help="parquet, csv, ndjson or arrow.")
@click.option("--type", "types", multiple=True, metavar="COLUMN=TYPE", help="The type of a column of text.")
@click.option("--delimiter", metavar="CHARACTER", help="What stands between the values of a CSV line.")
@click.option("--null", "nulls", multiple=True, metavar="TEXT", help="A text that means NULL in a CSV file.")
@click.option("--modality", default="ehr", show_default=True, help="The kind of data, for the lineage.")
@click.option("--owner", metavar="PRINCIPAL", help="Who answers for the table.")
@by_option
@lake_and_output
def import_(
    name: str,
    source: Path,
    *,
    tags: tuple[str, ...],
    replace: bool,
    evolve: bool,
    dry_run: bool,
    format_: str | None,
    types: tuple[str, ...],
    delimiter: str | None,
    nulls: tuple[str, ...],
    modality: str,
    owner: str | None,
    by: str | None,
    lake: Path,
    output: Output,
) -> None:
    """Import FILE (Parquet, CSV, newline JSON or Arrow) into TABLE, which is made when it is not there.

    Data, columns and tags are one commit. A file that is not whole changes nothing.
    """
    from lakeward.catalog.ingest.importing import Reading, import_table
    from lakeward.catalog.lake import owner_name
    from lakeward.gateway.steps import import_step

    named = dict(pair(each, "=", "--type zip=string") for each in types)
    reading = Reading(format=format_, types=named, delimiter=delimiter, nulls=nulls)
    opened, actor, wanted = open_lake(lake), by or owner_name(), by_path(tags)
    with output.progress(f"Importing {source.name}") as progress:
        if dry_run:
            rehearsed = import_table(
                opened, opened.name(name), source, actor=actor, tags=wanted, evolve=evolve, replace=replace,
                dry_run=True, reading=reading, progress=progress,
            )  # fmt: skip
            output.record(_rehearsed(rehearsed))
            return
        done = import_step(
            opened, name, source, by=actor, tags=wanted, modality=modality, replace=replace, evolve=evolve,
            owner=owner, reading=reading, progress=progress,
        )  # fmt: skip
    hidden = [each.name for each in opened.pin(done.table).columns if not each.is_classified]
    output.record(_imported(done, hidden))
    if hidden:
        output.message(f"Hidden until somebody tags them: {', '.join(hidden)}. See `lakeward tag set`.")


def _rehearsed(done: "ImportResult") -> dict[str, object]:
    return {
        "table": str(done.table),
        "dry_run": True,
        "would_create": done.created,
        "rows": done.rows,
        "columns": dict(done.columns),
        "unclassified": list(done.unclassified),
        "sha256": done.sha256,
    }


def _imported(done: "StepResult", hidden: "Sequence[str]") -> dict[str, object]:
    return {
        "table": str(done.table),
        "snapshot": done.snapshot_id,
        "rows": done.rows,
        "unclassified": list(hidden),
        "run": done.run_id,
    }


@table.command("history", epilog="Example: lakeward table history precision_med.patient")
@click.argument("name", metavar="TABLE")
@lake_and_output
def history(name: str, *, lake: Path, output: Output) -> None:
    """List the snapshots of TABLE, oldest first, with what each changed: rows, columns, tags."""
    from lakeward.catalog.history import snapshot_changes
    from lakeward.catalog.tables import table_history

    opened = open_lake(lake)
    target = opened.name(name)
    columns = ["snapshot_id", "at", "operation", "rows", "added_rows", "schema_id", "refs"]
    changes = snapshot_changes(opened, target)
    rows = [
        [*(getattr(each, column) for column in columns), "; ".join(changes.get(each.snapshot_id, ()))]
        for each in table_history(opened, target)
    ]
    output.rows("Snapshots", [*columns, "changes"], rows)


@table.command("drop", epilog="Example: lakeward table drop main.scratch --purge --yes")
@click.argument("name", metavar="TABLE")
@click.option("--purge", is_flag=True, help="Delete its files too; without it they stay in the warehouse.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@by_option
@lake_and_output
def drop(name: str, *, purge: bool, yes: bool, by: str | None, lake: Path, output: Output) -> None:
    """Take TABLE out of the lake."""
    from lakeward.catalog.lake import owner_name
    from lakeward.catalog.tables import drop_table

    opened = open_lake(lake)
    target = opened.name(name)
    if not yes:
        click.confirm(f"Drop {target}{' and delete its files' if purge else ''}?", abort=True, err=True)
    drop_table(opened, target, actor=by or owner_name(), purge=purge)
    output.record({"dropped": str(target), "purged": purge})


def by_path(texts: tuple[str, ...]) -> dict[str, list[str]]:
    """Read `PATH=TAG` words.

    Raises:
        PairError: A word has another form.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        path, tag = pair(text, "=", "--tag mrn=phi.mrn")
        found[path].append(tag)
    return dict(found)


def pair(text: str, between: str, example: str) -> tuple[str, str]:
    """Split a word in two.

    Raises:
        PairError: One half is missing.
    """
    left, _, right = text.rpartition(between)
    if not left.strip() or not right.strip():
        raise PairError(between, example)
    return left.strip(), right.strip()
