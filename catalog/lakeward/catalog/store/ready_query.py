"""Statements that every query of a client asks again: written out once, then given to the driver as text.

SQLAlchemy's own way from a statement to its rows costs several times what SQLite needs to find them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Insert, Row, Select

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

    def rows(self, connection: Connection, values: Values) -> Sequence[Row[Any]]:
        """Give the rows of a SELECT; `values` are those of its parameters."""
        written = self._written(connection)
        return connection.exec_driver_sql(written.text, written.arranged(values)).all()

    def write(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Insert some rows."""
        written = self._written(connection)
        connection.exec_driver_sql(written.text, [written.arranged(each) for each in rows])

    def _written(self, connection: Connection) -> "_Written":
        dialect = connection.dialect
        made = self._made.get(dialect.name)
        if made is None:
            compiled: Any = self._statement.compile(dialect=dialect)
            constants = {name: value for name, value in compiled.params.items() if value is not None}
            order = tuple(compiled.positiontup or ()) if compiled.positional else None
            made = self._made[dialect.name] = _Written(compiled.string, constants, order)
        return made


@dataclass(frozen=True, slots=True)
class _Written:
    """A statement in the words of one kind of database.

    Attributes:
        text: What the driver is given.
        constants: Parameters that the statement itself has given values to.
        order: The names of the parameters, where the driver takes them by place.
    """

    text: str
    constants: Values
    order: tuple[str, ...] | None

    def arranged(self, values: Values) -> Any:  # noqa: ANN401  as the driver takes them
        everything = {**self.constants, **values}
        return everything if self.order is None else tuple(everything[each] for each in self.order)
