"""What DuckDB raises -> what lakeward says. The engine's text may quote a cell, so none of it goes on."""

import duckdb

from lakeward.catalog.errors import LakewardError
from lakeward.gateway.errors import FailedStatementError, LimitExceededError, UnknownColumnError

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


def bench_fault(error: Exception, statement_id: str) -> LakewardError:
    """Say in our own words why a user's statement failed on the bench."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return LimitExceededError("memory")
    if isinstance(error, duckdb.InterruptException):
        return LimitExceededError("time")
    if isinstance(error, _UNKNOWN):
        return UnknownColumnError()
    kind = next((words for kind, words in _KINDS if isinstance(error, kind)), "the engine refused it")
    return FailedStatementError(kind, statement_id)
