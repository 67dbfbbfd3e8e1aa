"""Statements that every query of a client asks again: written out once, then given to the driver as text.

SQLAlchemy's own way from a statement to its rows costs several times what SQLite needs to find them. The
driver's errors become SQLAlchemy's, as everywhere.
"""

from collections import namedtuple
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Insert, Select
from sqlalchemy.exc import DBAPIError

Values = Mapping[str, object]


class ReadyQuery:
    """A statement whose text is made once for each kind of database.

    Its columns must be of types that drivers give and take as they are: texts and whole numbers.

    Args:
        statement: A SELECT with named parameters that are never None, or an INSERT of all columns of a row.
    """

    def __init__(self, statement: Select[Any] | Insert) -> None:
        self._statement = statement
        self._made: dict[str, _Written] = {}

    def rows(self, connection: Connection, values: Values) -> Sequence[Any]:
        """Give the rows of a SELECT, named tuples; `values` are those of its parameters.

        Raises:
            SQLAlchemyError: The database refused.
        """
        written = self._written(connection)
        with driver_cursor(connection, written.text) as cursor:
            cursor.execute(written.text, written.arranged(values))
            return [written.row._make(each) for each in cursor.fetchall()]

    def write(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Insert some rows, in a transaction that the caller has begun with the driver.

        Raises:
            SQLAlchemyError: The database refused.
        """
        written = self._written(connection)
        with driver_cursor(connection, written.text) as cursor:
            cursor.executemany(written.text, [written.arranged(each) for each in rows])

    def _written(self, connection: Connection) -> "_Written":
        dialect = connection.dialect
        made = self._made.get(dialect.name)
        if made is None:
            compiled: Any = self._statement.compile(dialect=dialect)
            constants = {name: value for name, value in compiled.params.items() if value is not None}
            order = tuple(compiled.positiontup or ()) if compiled.positional else None
            names = [each.key for each in getattr(self._statement, "selected_columns", ())]
            make: Any = namedtuple  # noqa: PYI024  its names are a statement's
            row = make("Row", names)
            made = self._made[dialect.name] = _Written(compiled.string, constants, order, row)
        return made


@contextmanager
def driver_cursor(connection: Connection, text: str) -> Iterator[Any]:
    """Give the driver's own cursor, for one statement.

    Raises:
        SQLAlchemyError: The database refused.
    """
    driver: Any = connection.dialect.loaded_dbapi
    try:
        with closing(connection.connection.cursor()) as cursor:
            yield cursor
    except driver.Error as error:
        raise DBAPIError.instance(text, None, error, driver.Error, dialect=connection.dialect) from None


@dataclass(frozen=True, slots=True)
class _Written:
    """A statement in the words of one kind of database.

    Attributes:
        text: What the driver is given.
        constants: Parameters that the statement itself has given values to.
        order: The names of the parameters, where the driver takes them by place.
        row: A named tuple of the columns of a SELECT.
    """

    text: str
    constants: Values
    order: tuple[str, ...] | None
    row: Any

    def arranged(self, values: Values) -> Any:  # noqa: ANN401  as the driver takes them
        everything = {**self.constants, **values}
        return everything if self.order is None else tuple(everything[each] for each in self.order)
