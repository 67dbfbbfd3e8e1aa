"""Connections to SQLite that stay open between the questions of clients' statements.

SQLAlchemy's pool takes several times as long to lend a connection and take it back as SQLite takes to answer,
and it opens one anew whenever more than a few threads ask at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, Engine
from sqlalchemy.pool import QueuePool

_KEPT: Final = 5


class KeptConnections:
    """A few connections for ready queries and for the audit chain; safe to use from several threads.

    Whoever is lent one leaves no transaction open. What a server may end, as PostgreSQL does, goes through
    the pool each time, which notices that.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: list[Connection] = []
        self._most = _KEPT if engine.dialect.name == "sqlite" and isinstance(engine.pool, QueuePool) else 0

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Lend a connection; one under which something failed is not lent again.

        Raises:
            SQLAlchemyError: There is none to be had.
        """
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._engine.connect()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        if len(self._idle) < self._most:
            self._idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Let go of those that nobody has."""
        self._most = 0
        while self._idle:
            self._idle.pop().close()
