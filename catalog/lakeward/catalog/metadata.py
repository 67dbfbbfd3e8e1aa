"""One Iceberg metadata file, read without pyiceberg: what pinning needs of it."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from lakeward.catalog.context import digest_of, paths_of
from lakeward.catalog.effective import field_ids
from lakeward.catalog.rows import CatalogUnavailableError
from lakeward.catalog.types import Field, parse_schema


@dataclass(frozen=True)
class TableMetadata:
    """A metadata file's content. The file never changes, so this may be kept."""

    location: str
    raw: Mapping[str, Any]

    @property
    def uuid(self) -> str:
        """The table's own id."""
        return str(self.raw["table-uuid"])

    @property
    def properties(self) -> Mapping[str, str]:
        """The table's properties."""
        properties: Mapping[str, str] = self.raw.get("properties") or {}
        return properties

    @property
    def current_schema_id(self) -> int:
        """The id of the schema that new reads use."""
        return int(self.raw["current-schema-id"])

    @property
    def current_snapshot_id(self) -> int | None:
        """The snapshot that new reads use; None for a table that was never written."""
        found = self.raw.get("current-snapshot-id")
        return None if found in {None, -1} else int(found)

    @property
    def snapshots(self) -> list[Mapping[str, Any]]:
        """Every snapshot that is left, oldest first."""
        return list(self.raw.get("snapshots") or [])

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The current schema's columns."""
        return self.schema(self.current_schema_id)

    @cached_property
    def current_field_ids(self) -> frozenset[int]:
        """Every field-id of the current schema, nested ones too."""
        return frozenset(field_id for field in self.fields for field_id in field_ids(field))

    @cached_property
    def paths(self) -> Mapping[str, str]:
        """The dotted path of every field of the current schema by its field-id."""
        return paths_of(self.fields)

    @cached_property
    def paths_digest(self) -> str:
        """Changes with every name in the current schema."""
        return digest_of(self.paths)

    @cached_property
    def by_id(self) -> Mapping[int, Mapping[str, Any]]:
        """Every snapshot that is left by its id."""
        return {int(each["snapshot-id"]): each for each in self.snapshots}

    def schema(self, schema_id: int) -> tuple[Field, ...]:
        """Give the columns of one schema."""
        for each in self.raw["schemas"]:
            if each["schema-id"] == schema_id:
                return parse_schema(each)
        raise CatalogUnavailableError("A table's metadata file names a schema that it does not hold.")

    def snapshot(self, snapshot_id: int) -> Mapping[str, Any] | None:
        """Give one snapshot, or None."""
        return self.by_id.get(snapshot_id)


def read_metadata(location: str, properties: Mapping[str, str] | None = None) -> TableMetadata:
    """Read a metadata file.

    Raises:
        CatalogUnavailableError: It cannot be read, or is no metadata file.
    """
    content = (
        _local(location) if urlsplit(location).scheme in {"", "file"} else _remote(location, properties or {})
    )
    try:
        raw = json.loads(gzip.decompress(content) if location.endswith(".gz.metadata.json") else content)
        found = TableMetadata(location, raw)
        _ = (found.uuid, found.fields, found.current_field_ids)
    except (ValueError, KeyError, TypeError, OSError):
        raise CatalogUnavailableError("A table's metadata file is damaged.") from None
    return found


def local_path(location: str) -> Path:
    """Give the path of a `file:` address or of a bare path."""
    parts = urlsplit(location)
    return Path(unquote(parts.path)) if parts.scheme == "file" else Path(location)


def _local(location: str) -> bytes:
    try:
        return local_path(location).read_bytes()
    except OSError:
        raise CatalogUnavailableError("A table's metadata file is missing or cannot be read.") from None


def _remote(location: str, properties: Mapping[str, str]) -> bytes:
    from pyiceberg.io import load_file_io  # noqa: PLC0415  only a lake that is not on this machine's disk needs it

    try:
        with load_file_io(dict(properties), location).new_input(location).open() as stream:
            return stream.read()
    except Exception:  # noqa: BLE001  whatever the store's client raises, the file cannot be read
        raise CatalogUnavailableError(
            "A table's metadata file cannot be read from the object store."
        ) from None
