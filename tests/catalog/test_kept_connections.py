"""Connections that stay open between questions: none is lent with a transaction, or after a fault."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from lakeward.catalog.store import Store, StoreUnavailableError, create_store
from lakeward.catalog.store.kept_connections import KeptConnections
from lakeward.catalog.store.store import make_engine


def test_the_same_one_is_lent_again_and_another_while_it_is_out(tmp_path: Path) -> None:
    kept = KeptConnections(make_engine(f"sqlite:///{tmp_path / 'a.db'}"))
    with kept.connect() as first, kept.connect() as second:
        assert first is not second
    with kept.connect() as again:
        assert again in {first, second}


def test_one_under_which_something_failed_is_not_lent_again(tmp_path: Path) -> None:
    kept = KeptConnections(make_engine(f"sqlite:///{tmp_path / 'a.db'}"))
    with pytest.raises(OperationalError), kept.connect() as broken:
        broken.execute(text("SELECT nothing"))
    assert broken.closed
    with kept.connect() as other:
        assert other is not broken


def test_what_was_committed_meanwhile_is_seen_and_what_failed_is_undone(tmp_path: Path) -> None:
    store = create_store(f"sqlite:///{tmp_path / 'store.db'}")
    with store.writing() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER)"))
        connection.execute(text("INSERT INTO t VALUES (1)"))
    with pytest.raises(StoreUnavailableError):
        _fail_half_way(store)
    with store.asking() as asking:
        with store.writing() as connection:
            connection.execute(text("INSERT INTO t VALUES (3)"))
        cursor = asking.connection.cursor()
        assert cursor.execute("SELECT n FROM t").fetchall() == [(1,), (3,)]
        cursor.close()


def _fail_half_way(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(text("INSERT INTO t VALUES (2)"))
        connection.execute(text("INSERT INTO nothing VALUES (2)"))


def test_many_threads_leave_a_few(tmp_path: Path) -> None:
    kept = KeptConnections(make_engine(f"sqlite:///{tmp_path / 'a.db'}"))

    def ask(_number: int) -> None:
        with kept.connect() as connection:
            connection.connection.cursor().execute("SELECT 1").fetchall()

    with ThreadPoolExecutor(12) as threads:
        list(threads.map(ask, range(200)))
    assert 1 <= len(kept._idle) <= 5
    kept.close()
    with kept.connect() as late:
        pass
    assert late.closed


def test_a_database_in_memory_belongs_to_its_thread() -> None:
    kept = KeptConnections(create_engine("sqlite://"))
    with kept.connect() as connection:
        pass
    assert connection.closed
