"""Data files: Parquet written row group by row group, and taken away again when the commit does not happen.

No file carries column statistics. A footer's minimum and maximum, like the bounds in a manifest, are values
of the column and stand outside every mask (`write.metadata.metrics.default` does the same for the manifests).
"""

import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.io import FileIO

from lakeward.catalog.commit import OutcomeUnknownError
from lakeward.catalog.errors import LakewardError
from lakeward.catalog.metadata import local_path

ROW_GROUP = 131_072
_FILE_BYTES = 256 * 1024 * 1024


@dataclass
class WrittenFiles:
    """The files of one write: their places and how many rows they hold.

    Attributes:
        io: How to reach the table's files.
        location: The table's folder.
        is_new: Whether the folder is of a table that this write makes.
        is_sealed: Whether all is written and a commit may have taken place.
        paths: The files, in order.
        rows: How many rows they hold together.
    """

    io: FileIO
    location: str
    is_new: bool = False
    is_sealed: bool = False
    paths: list[str] = field(default_factory=list)
    rows: int = 0

    def write(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> None:
        """Write a stream of batches into as many files as it takes."""
        groups = row_groups(batches, schema)
        group = next(groups, None)
        while group is not None:
            path = f"{self.location}/data/{uuid.uuid4()}.parquet"
            self.paths.append(path)
            with self.io.new_output(path).create() as sink, _writer(sink, schema) as writer:
                while group is not None and sink.tell() < _FILE_BYTES:
                    writer.write_table(group, row_group_size=ROW_GROUP)
                    self.rows += group.num_rows
                    group = next(groups, None)

    def discard(self) -> None:
        """Take every file away again."""
        for path in self.paths:
            with suppress(OSError):
                self.io.delete(path)
        self.paths.clear()
        if self.is_new:
            delete_tree(self.location)
        remove_empty(f"{self.location}/data")


def _writer(sink: object, schema: pa.Schema) -> pq.ParquetWriter:
    return pq.ParquetWriter(sink, schema, compression="zstd", write_statistics=False, store_schema=False)


@contextmanager
def written_files(io: FileIO, location: str, *, is_new: bool = False) -> Iterator[WrittenFiles]:
    """Give a place to write files that stay only when the block succeeds.

    Once they are sealed, only an error that says that the commit did not take place lets them go: after an
    interrupt, or when the outcome is unknown, a snapshot may hold them.
    """
    files = WrittenFiles(io, location, is_new)
    try:
        yield files
    except BaseException as error:
        is_known = isinstance(error, LakewardError) and not isinstance(error, OutcomeUnknownError)
        if is_known or not files.is_sealed:
            files.discard()
        raise


def row_groups(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """Gather a stream of batches into tables of one row group each, the last one smaller."""
    waiting: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        waiting.append(batch)
        count += batch.num_rows
        while count >= ROW_GROUP:
            table = pa.Table.from_batches(waiting, schema)
            yield table.slice(0, ROW_GROUP)
            rest = table.slice(ROW_GROUP)
            waiting, count = rest.to_batches(), rest.num_rows
    if count:
        yield pa.Table.from_batches(waiting, schema)


def remove_empty(location: str) -> None:
    """Remove a folder on this machine's disk, and its parents up to the namespace, if empty."""
    if urlsplit(location).scheme in {"", "file"}:
        path = local_path(location)
        for folder in (path, path.parent, path.parent.parent):
            with suppress(OSError):
                folder.rmdir()


def delete_tree(location: str) -> None:
    """Delete a dropped table's files, on this machine's disk; an object store has rules of its own."""
    if urlsplit(location).scheme in {"", "file"}:
        shutil.rmtree(local_path(location), ignore_errors=True)
        remove_empty(f"{location}/data")
