"""What is imported: a file, seen as a schema and a stream of batches. Faults name file and line."""

import errno
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from lakeward.catalog.errors import InputError, LakewardError, UnavailableError

BATCH_ROWS = 65_536


class UnknownFormatError(InputError):
    """A file whose name does not tell its format."""

    code = "unknown-format"

    def __init__(self, path: Path, valid: Mapping[str, tuple[str, ...]]) -> None:
        endings = "; ".join(f"{name}: {' '.join(each)}" for name, each in valid.items())
        super().__init__(
            f"{path.name!r} does not tell its format. The endings are {endings}; csv and ndjson also with "
            ".gz.",
            hint="Name the format with --from.",
        )


class SourceUnavailableError(UnavailableError):
    """A file that cannot be read."""

    code = "source-unavailable"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} cannot be read: {why}.", hint="Check the path and its rights.")


class InvalidSourceError(InputError):
    """A file that breaks its format's rules. What stands there is not shown."""

    code = "invalid-source"

    def __init__(self, path: Path, what: str, line: int | None = None) -> None:
        place = f"{path}, line {line}" if line else str(path)
        super().__init__(
            f"{place}: {what}. Nothing was written.", hint="Mend the file, then import it again."
        )


class Batches(Protocol):
    """A schema and a stream of batches of it: a `pa.RecordBatchReader`, or a source."""

    @property
    def schema(self) -> pa.Schema:
        """The columns of every batch."""
        ...

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Give the batches in order."""
        ...


@dataclass(frozen=True, slots=True)
class Options:
    """How to read a text format.

    Attributes:
        types: The types of columns, by name in lower case; others are found by looking at every value.
        delimiter: What stands between the values of a CSV line; by default a comma, in `.tsv` a tab.
        nulls: Texts, beside the empty one, that mean NULL in a CSV file.
    """

    types: Mapping[str, pa.DataType]
    delimiter: str | None = None
    nulls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A file, opened as far as its columns are known."""

    path: Path
    format: str
    schema: pa.Schema
    stream: Callable[[], Iterator[pa.RecordBatch]]

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Give the batches in order; each call reads the file anew."""
        return self.stream()

    def sha256(self) -> str:
        """Give the fingerprint of the file's bytes."""
        with source_errors(self.path), self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def source_errors(path: Path) -> Iterator[None]:
    """Turn the errors of reading a file into ours; pyarrow's texts quote what stands in it."""
    try:
        yield
    except LakewardError:
        raise
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise SourceUnavailableError(path, error.strerror or "it is out of reach") from None
    except (EOFError, OSError) as error:
        if isinstance(error, OSError) and error.errno in {errno.EIO, errno.ESTALE, errno.EMFILE}:
            raise SourceUnavailableError(path, error.strerror or "the disk failed") from None
        raise InvalidSourceError(path, "the file is cut off or damaged") from None
    except (pa.ArrowException, ValueError):
        raise InvalidSourceError(path, "the file is cut off, damaged, or of another format") from None
