"""The store's tables are what its migrations made, on whatever database."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, inspect, select

from lakeward.catalog.store import CorruptStoreError, Store, StoreUnavailableError, create_store, open_store
from lakeward.catalog.store.migrations import LATEST, MIGRATIONS
from lakeward.catalog.store.schema import metadata, table_owner


def _shape(engine: object) -> dict[str, list[tuple[str, str, bool]]]:
    looked = inspect(engine)
    return {
        table: [
            (each["name"], str(each["type"]), bool(each["nullable"])) for each in looked.get_columns(table)
        ]
        + sorted(
            (str(each["name"]), str(each["column_names"]), bool(each["unique"]))
            for each in looked.get_indexes(table)
        )
        for table in looked.get_table_names()
    }


def test_the_schema_is_what_the_migrations_made(
    tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    other = request.getfixturevalue("new_database")() if database else f"sqlite:///{tmp_path / 'b.db'}"
    migrated = create_store(database or f"sqlite:///{tmp_path / 'a.db'}")
    described = create_engine(other)
    metadata.create_all(described)
    assert _shape(migrated.engine) == _shape(described)
    assert migrated.version() == LATEST == len(MIGRATIONS)
    migrated.close()
    described.dispose()


def test_what_fails_in_a_transaction_leaves_nothing(tmp_path: Path) -> None:
    store = create_store(f"sqlite:///{tmp_path / 'a.db'}")
    row = insert(table_owner).values(table_uuid="SECRET", owner="a")
    with pytest.raises(StoreUnavailableError) as caught, store.writing() as connection:  # noqa: PT012  both at once
        connection.execute(row)
        connection.execute(row)
    assert "SECRET" not in str(caught.value)
    with store.reading() as connection:
        assert connection.execute(select(table_owner)).all() == []


def test_an_empty_database_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "a.db").touch()
    with pytest.raises(CorruptStoreError):
        open_store(f"sqlite:///{tmp_path / 'a.db'}")


def test_a_locked_store_says_so(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'a.db'}"
    store, other = create_store(uri), open_store(uri)
    with store.writing():
        with other.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 10")
        with pytest.raises(StoreUnavailableError, match="locked"), other.writing():
            pytest.fail("two writers at once")


def test_an_older_schema_is_brought_up_to_date(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = database or f"sqlite:///{tmp_path / 'a.db'}"
    create_store(uri).close()
    store_module = Store.__module__
    later = (*MIGRATIONS, lambda connection: connection.exec_driver_sql("CREATE TABLE later (a INTEGER)"))
    monkeypatch.setattr(f"{store_module}.MIGRATIONS", later)
    monkeypatch.setattr(f"{store_module}.LATEST", LATEST + 1)
    opened = open_store(uri)
    assert opened.version() == LATEST + 1
    assert inspect(opened.engine).has_table("later")
    opened.close()
