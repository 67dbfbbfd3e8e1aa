"""What DuckDB raises -> what lakeward says. The engine's text may quote a cell, so none of it goes on."""

from collections.abc import Callable
from typing import Final

import duckdb

from lakeward.catalog.errors import LakewardError
from lakeward.gateway.errors import (
    FailedStatementError,
    LimitExceededError,
    ReadFailedError,
    UnknownColumnError,
)

_UNKNOWN = (duckdb.BinderException, duckdb.CatalogException)
_KINDS: tuple[tuple[type[duckdb.Error], str], ...] = (
    (duckdb.ConversionException, "a value could not be converted"),
    (duckdb.OutOfRangeException, "a value is out of range"),
    (duckdb.SyntaxException, "it is not valid SQL for this engine"),
    (duckdb.ParserException, "it is not valid SQL for this engine"),
    (duckdb.NotImplementedException, "it uses something that the engine does not have"),
    (duckdb.InvalidInputException, "a function was given something that it does not take"),
    (duckdb.InvalidTypeException, "a type does not fit"),
    (duckdb.TypeMismatchException, "a type does not fit"),
)
_OF_VALUES = (duckdb.ConversionException, duckdb.OutOfRangeException, duckdb.InvalidInputException)
_CLASSES: Final = {
    each.__name__: each
    for each in vars(duckdb).values()
    if isinstance(each, type) and issubclass(each, duckdb.Error)
}
_OUT_OF_MEMORY: Final = frozenset({"MemoryError", "ArrowMemoryError"})
_STREAMED: Final = {
    "Out of Memory Error": "OutOfMemoryException",
    "Conversion Error": "ConversionException",
    "Out of Range Error": "OutOfRangeException",
    "Invalid Input Error": "InvalidInputException",
    "INTERRUPT Error": "InterruptException",
}
"""How an error begins that came through an Arrow stream, which keeps nothing of it but its text."""


def bench_fault(
    error: Exception, statement_id: str, unbound: Callable[[], LakewardError] = UnknownColumnError
) -> LakewardError:
    """Say in our own words why a statement failed on the bench; `unbound` says why it could not begin."""
    error = engine_error(kind_of(error))
    if isinstance(error, duckdb.OutOfMemoryException):
        return LimitExceededError("memory")
    if isinstance(error, duckdb.InterruptException):
        return LimitExceededError("time")
    if isinstance(error, _UNKNOWN):
        return unbound()
    kind = next((words for kind, words in _KINDS if isinstance(error, kind)), "the engine refused it")
    return FailedStatementError(kind, statement_id)


def fused_fault(
    error: Exception, statement_id: str, unbound: Callable[[], LakewardError] = UnknownColumnError
) -> LakewardError:
    """Say why a statement over the lake failed.

    Which of two bad values an engine meets first hangs on the hidden rows between them, so both are told
    alike. That a file could not be read is no fault of the statement.
    """
    error = engine_error(kind_of(error))
    if isinstance(error, _OF_VALUES):
        return FailedStatementError("a value could not be converted, or is out of range", statement_id)
    if isinstance(error, duckdb.IOException):
        return ReadFailedError(statement_id)
    return bench_fault(error, statement_id, unbound)


def kind_of(error: Exception) -> str:
    """Return the name of an engine's class of error; one that a stream wrapped is told by how it begins."""
    name = type(error).__name__
    if isinstance(error, duckdb.Error):
        return name
    if name in _OUT_OF_MEMORY:
        return "OutOfMemoryException"
    text = str(error)
    return next((kind for start, kind in _STREAMED.items() if text.startswith(start)), name)


def engine_error(kind: str) -> duckdb.Error:
    """Return an error of that class without any text; one of no known class is an error of the engine."""
    return _CLASSES.get(kind, duckdb.Error)()
