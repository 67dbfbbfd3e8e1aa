"""No exception of a library leaves this room, and none of their texts do."""

import inspect
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyiceberg.exceptions
import pytest
from sqlalchemy import exc

from lakeward.catalog.errors import LakewardError
from lakeward.catalog.iceberg import iceberg_errors
from lakeward.catalog.ingest.source import source_errors
from lakeward.catalog.names import TableName
from lakeward.catalog.rows import CatalogUnavailableError, catalog_rows
from lakeward.catalog.store.store import make_engine, mapped_errors

NAME = TableName("a", "b")


def _database_errors() -> Iterator[Exception]:
    original = sqlite3.OperationalError("SECRET")
    for kind in (exc.OperationalError, exc.IntegrityError, exc.DatabaseError, exc.ProgrammingError):
        yield kind("SELECT 'SECRET'", {"a": "SECRET"}, original)
    yield exc.ArgumentError("SECRET")
    yield exc.TimeoutError("SECRET")
    yield exc.ResourceClosedError("SECRET")


def _pyiceberg_errors() -> Iterator[Exception]:
    for _name, kind in inspect.getmembers(pyiceberg.exceptions, inspect.isclass):
        if issubclass(kind, Exception) and kind.__module__ == "pyiceberg.exceptions":
            yield kind("SECRET")


def _pyarrow_errors() -> Iterator[Exception]:
    kind: Any
    for _name, kind in inspect.getmembers(pa.lib, inspect.isclass):
        if issubclass(kind, pa.ArrowException):
            yield kind("SECRET")


PLAIN = [
    OSError(28, "No space left on device", "SECRET"),
    ValueError("SECRET"),
    TypeError("SECRET"),
    EOFError("SECRET"),
]


@pytest.mark.parametrize(
    "error",
    [*_pyiceberg_errors(), *_pyarrow_errors(), *_database_errors(), *PLAIN],
    ids=lambda e: type(e).__name__,
)
def test_pyiceberg_pyarrow_and_sqlalchemy_are_mapped(error: Exception) -> None:
    with pytest.raises(LakewardError) as caught, iceberg_errors(NAME):
        raise error
    assert "SECRET" not in str(caught.value)
    assert caught.value.hint
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("error", list(_database_errors()), ids=lambda e: type(e).__name__)
def test_the_stores_errors_are_mapped(error: Exception) -> None:
    with pytest.raises(LakewardError) as caught, mapped_errors():
        raise error
    assert "SECRET" not in str(caught.value)
    with pytest.raises(CatalogUnavailableError) as other, catalog_rows(make_engine("sqlite://")):
        raise error
    assert "SECRET" not in str(other.value)


@pytest.mark.parametrize(
    "error",
    [
        *_pyarrow_errors(),
        OSError("SECRET"),
        EOFError("SECRET"),
        UnicodeDecodeError("utf-8", b"SECRET", 0, 1, "x"),
    ],
    ids=lambda e: type(e).__name__,
)
def test_a_sources_errors_are_mapped(error: Exception) -> None:
    with pytest.raises(LakewardError) as caught, source_errors(Path("a.csv")):
        raise error
    assert "SECRET" not in str(caught.value)


def test_enough_was_enumerated() -> None:
    assert len(list(_pyiceberg_errors())) > 20
    assert len(list(_pyarrow_errors())) >= 5
