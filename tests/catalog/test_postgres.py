"""Catalog and store on PostgreSQL: what is its own; the rest of this folder runs on it as well."""

import itertools
import multiprocessing
import multiprocessing.process
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import text
from tests.processes import PROCESSES

from lakeward.catalog.audit import AuditEvent
from lakeward.catalog.config import with_driver
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import DatabaseInUseError, Lake, diagnose, init_lake, open_lake
from lakeward.catalog.names import TableName
from lakeward.catalog.store import StoreUnavailableError, create_store, open_store, store
from lakeward.catalog.store.migrations import LATEST
from lakeward.catalog.tags import find_tags, remove_tag, set_namespace_tags, tag_history

NAME = TableName("clinic", "visit")
Address = Callable[[], str]


@pytest.fixture
def address(new_database: Address) -> str:
    """An empty database."""
    return new_database()


@pytest.fixture
def shared(tmp_path: Path, address: str) -> Iterator[Lake]:
    """A lake on PostgreSQL."""
    lake = init_lake(tmp_path / "lake", database=address)
    yield lake
    lake.close()


def test_nothing_of_it_is_in_the_folder(shared: Lake) -> None:
    parts = {each.name for each in shared.root.iterdir()}
    assert not parts & {"catalog.db", "governance.db"}
    assert shared.audit.verify().records == 1


def test_tags_and_records_hold(shared: Lake) -> None:
    write_batches(shared, NAME, pa.table({"id": [1]}).to_reader(), tags={"id": ["phi.mrn"]}, actor="ada")
    set_namespace_tags(shared, "clinic", ["restricted"], actor="ada")
    assert shared.pin(NAME).columns[0].tags == {"phi.mrn", "restricted"}
    remove_tag(shared, NAME, "id", "phi.mrn", actor="ada", reason="r")
    assert find_tags(shared, "phi.mrn") == []
    assert [each.state for each in tag_history(shared, NAME)] == ["applied"] * 3
    for statement in (
        "UPDATE audit_record SET kind = 'x'",
        "DELETE FROM tag_ledger",
        "DELETE FROM tag_commit",
        "UPDATE tag_commit SET digest = 'x'",
        "TRUNCATE audit_record",
    ):
        with pytest.raises(StoreUnavailableError), shared.store.writing() as connection:
            connection.execute(text(statement))


def _append(root: str, count: int) -> None:
    lake = open_lake(Path(root))
    for _ in range(count):
        lake.audit.append(AuditEvent(kind="query", principal=str(os.getpid())))
    lake.close()


def test_processes_and_threads_write_one_chain(shared: Lake) -> None:
    processes = [PROCESSES.Process(target=_append, args=(str(shared.root), 25)) for _ in range(2)]
    threads = [threading.Thread(target=_append, args=(str(shared.root), 10)) for _ in range(4)]
    writing: list[threading.Thread | multiprocessing.process.BaseProcess] = [*processes, *threads]
    for each in writing:
        each.start()
    for each in writing:
        each.join()
    assert [process.exitcode for process in processes] == [0, 0]
    found = shared.audit.verify(shared.checkpoint())
    assert found.is_intact
    assert found.records == 1 + 2 * 25 + 4 * 10
    writers = [record.principal for record in shared.audit.records(kind="query")]
    turns = sum(one != other for one, other in itertools.pairwise(writers))
    assert turns > 1  # they did write at once


def test_a_chain_stays_one_where_the_server_would_rather_not(shared: Lake, new_database: Address) -> None:
    """A server whose transactions see only what was there at their start, and do not wait for the disk."""
    other = init_lake(shared.root.with_name("other"), database=new_database())
    with other.store.writing() as connection:
        name = connection.execute(text("SELECT current_database()")).scalar()
        for setting in ("default_transaction_isolation = 'serializable'", "synchronous_commit = off"):
            connection.execute(text(f"ALTER DATABASE {name} SET {setting}"))
    other.store.close()
    threads = [threading.Thread(target=_append, args=(str(other.root), 10)) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert other.audit.verify().records == 41
    with other.store.reading() as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar() == "off"
    with other.store.writing() as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar() == "on"
    other.close()


def test_a_connection_that_the_server_ended_is_replaced(shared: Lake) -> None:
    shared.audit.append(AuditEvent(kind="query", principal="ada"))
    other = open_store(shared.config.store)
    end = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = "
    )
    with other.writing() as connection:
        connection.execute(text(end + "current_database()"))
    other.close()
    shared.audit.append(AuditEvent(kind="query", principal="ada"))
    assert shared.audit.verify().records == 3


def test_a_locked_store_says_so(shared: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    other = open_store(shared.config.store)
    monkeypatch.setattr(store, "_BUSY_SECONDS", 1)
    with shared.store.writing(), pytest.raises(StoreUnavailableError, match="locked"), other.writing():
        pytest.fail("two writers at once")
    other.close()


def test_a_server_that_is_not_there_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError) as caught:
        init_lake(tmp_path / "lake", database="postgresql://ada:SECRET@127.0.0.1:1/lake")
    assert "SECRET" not in str(caught.value)
    assert not (tmp_path / "lake").exists()


def test_a_database_that_holds_a_lake_is_no_place_for_another(shared: Lake, tmp_path: Path) -> None:
    with pytest.raises(DatabaseInUseError):
        init_lake(tmp_path / "other", database=shared.config.store)
    assert not (tmp_path / "other").exists()
    assert shared.audit.verify().is_intact


def _open(address: str) -> None:
    opened = open_store(address)
    assert opened.version() == LATEST
    opened.close()


def test_of_several_that_find_an_empty_database_one_makes_the_store(address: str) -> None:
    threads = [threading.Thread(target=_open, args=(address,)) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    made = create_store(address)
    assert made.version() == LATEST
    made.close()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_an_address_may_be_written_as_libpq_writes_it(scheme: str) -> None:
    assert with_driver(f"{scheme}://h/n") == "postgresql+psycopg://h/n"


def test_the_doctor_looks_at_the_server(shared: Lake) -> None:
    found = diagnose(shared.root)
    assert not [each for each in found if each.level == "error"]
    assert any("superuser" in each.what for each in found)
    with shared.store.writing() as connection:
        connection.execute(text("ALTER TABLE audit_record DISABLE TRIGGER audit_record_append_only"))
    (worst,) = [each for each in diagnose(shared.root) if each.level == "error"]
    assert "audit_record_append_only" in worst.what


def test_the_doctor_warns_of_a_password_that_others_can_read(shared: Lake) -> None:
    settings = shared.root / "lakeward.toml"
    settings.write_text(settings.read_text().replace("postgres@", "postgres:SECRET@"))
    settings.chmod(0o644)
    found = [each for each in diagnose(shared.root) if "password" in each.what]
    assert found
    assert "SECRET" not in str(found)
    settings.chmod(0o600)
    assert not [each for each in diagnose(shared.root) if "password" in each.what]
