"""Taking in a table that another catalog made, or that was dropped from this one."""

from contextlib import suppress

from pyiceberg.catalog import Catalog
from pyiceberg.exceptions import NoSuchTableError

from lakeward.catalog.commit import Act, finish
from lakeward.catalog.context import paths_of
from lakeward.catalog.effective import OwnTags
from lakeward.catalog.errors import InputError
from lakeward.catalog.iceberg import TableExistsError, ensure_namespace, iceberg_errors
from lakeward.catalog.lake import Lake
from lakeward.catalog.ledger import TagAct, known_sets
from lakeward.catalog.metadata import read_metadata
from lakeward.catalog.names import TableName
from lakeward.catalog.rows import CatalogUnavailableError, catalog_rows, table_locations
from lakeward.catalog.signature import DIGEST, SignedTags, read_unverified
from lakeward.catalog.types import Field

_METRICS = "write.metadata.metrics."


class RegisteredAlreadyError(InputError):
    """A metadata file belongs to a table that the lake holds under another name."""

    code = "registered-already"

    def __init__(self, held: TableName) -> None:
        super().__init__(
            f"The file is of {held}, which the lake holds already; one table has one name.",
            hint="Drop it under its name first, without --purge.",
        )


def register_table(
    lake: Lake, name: TableName, metadata_file: str, *, actor: str, reason: str | None = None
) -> list[str]:
    """Take a table in by its metadata file, in the place where it is; gives the tags that it claims to bear.

    A table that this lake knew gets back the tags that it had last. One that it never knew starts without
    any, so all of it is hidden: what it claims is for a steward to look at.

    Raises:
        CatalogUnavailableError: The file cannot be read, or is no metadata file.
        RegisteredAlreadyError: The lake holds the table already.
        TableExistsError: The name is taken.
    """
    metadata = read_metadata(metadata_file, lake.config.properties)
    _require_new(lake, name, metadata.uuid)
    with lake.store.reading() as connection:
        known = known_sets(connection, metadata.uuid)
    kept = dict(known.applied.tags) if known.applied else {}
    catalog = lake.iceberg()
    ensure_namespace(catalog, name)
    with iceberg_errors(name):
        table = catalog.register_table((name.namespace, name.table), metadata_file)
    try:
        with iceberg_errors(name):
            transaction = table.transaction()
            held = [each for each in table.metadata.properties if each.startswith(_METRICS)]
            if held:
                transaction.remove_properties(*held)
            transaction.set_properties({f"{_METRICS}default": "none"})
        act = Act(
            kind="table.register", actor=actor, reason=reason, details={"file": metadata_file}, overrides=True
        )
        carried = SignedTags(0, table.metadata.properties.get(DIGEST, ""), {})
        finish(lake, name, transaction, act, (carried, lambda _fields, _own: (kept, _acts(kept))))
    except BaseException:
        _take_out(catalog, name)
        raise
    claimed = read_unverified(metadata.properties)
    return sorted(f"{_path(metadata.fields, key)}: {tag}" for key, tags in claimed.items() for tag in tags)


def _require_new(lake: Lake, name: TableName, uuid: str) -> None:
    with catalog_rows(lake.catalog_engine) as connection:
        listed = table_locations(connection, lake.config.name)
    for namespace, table, location in listed:
        held = TableName(namespace, table)
        if held == name:
            raise TableExistsError(name)
        with suppress(
            CatalogUnavailableError
        ):  # what cannot be read cannot be told apart, and is refused anyway
            if lake.metadata(location).uuid == uuid:
                raise RegisteredAlreadyError(held)


def _acts(kept: OwnTags) -> list[TagAct]:
    made = [
        TagAct("register", key, int(key) if key.isdigit() else None, tag)
        for key, tags in sorted(kept.items())
        for tag in sorted(tags)
    ]
    return made or [TagAct("register", "*", None, "")]


def _path(fields: tuple[Field, ...], key: str) -> str:
    return paths_of(fields).get(key, "*" if key == "table" else f"column {key}")


def _take_out(catalog: Catalog, name: TableName) -> None:
    try:
        catalog.drop_table((name.namespace, name.table))
    except NoSuchTableError:
        return
