"""The audit chain is one chain, durable, and shows every change."""

import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.processes import PROCESSES

from lakeward.catalog.audit import (
    AuditChain,
    AuditEvent,
    AuditUnavailableError,
    BrokenChainError,
)
from lakeward.catalog.lake import Lake, open_lake
from lakeward.catalog.store import StoreUnavailableError, create_store

KEY = b"k" * 32


def _events(count: int) -> list[AuditEvent]:
    return [
        AuditEvent(kind="query", principal="ada", purpose="research", details={"n": n}) for n in range(count)
    ]


def _chain(folder: Path, count: int = 0) -> AuditChain:
    chain = AuditChain(create_store(f"sqlite:///{folder / 'store.db'}"), KEY, folder / "head")
    for event in _events(count):
        chain.append(event)
    return chain


def _edit(folder: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(folder / "store.db") as store:
        for name in store.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            store.execute(f"DROP TRIGGER {name[0]}")
        store.execute(statement, values)


def test_records_come_newest_first_and_narrowed(tmp_path: Path) -> None:
    chain = _chain(tmp_path, 3)
    chain.append(AuditEvent(kind="denial", principal="bob"))
    assert [each.seq for each in chain.records()] == [4, 3, 2, 1]
    assert [each.seq for each in chain.records(limit=1)] == [4]
    assert [each.kind for each in chain.records(kind="denial")] == ["denial"]
    assert len(chain.records(principal="ada")) == 3
    assert chain.records(since="2999") == []
    assert chain.records(kind="query")[-1].details == {"n": 0}


@pytest.mark.parametrize("table", ["audit_record", "tag_ledger", "tag_commit"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET at = 'x'", "DELETE FROM {}"])
def test_the_store_itself_refuses_changes(lake: Lake, patient: object, table: str, statement: str) -> None:
    assert patient
    with pytest.raises(StoreUnavailableError), lake.store.writing() as connection:
        connection.exec_driver_sql(statement.format(table))


CHANGES = [
    ("changed kind", "UPDATE audit_record SET kind = 'other' WHERE seq = 3", 3),
    ("changed text", "UPDATE audit_record SET document = replace(document, '2', '7') WHERE seq = 3", 3),
    ("changed principal", "UPDATE audit_record SET principal = 'eve' WHERE seq = 3", 3),
    ("changed hash", "UPDATE audit_record SET hash = previous_hash WHERE seq = 3", 3),
    ("removed", "DELETE FROM audit_record WHERE seq = 3", 4),
    ("removed first", "DELETE FROM audit_record WHERE seq = 1", 2),
    ("removed last", "DELETE FROM audit_record WHERE seq = 5", 5),
    ("removed all", "DELETE FROM audit_record", 5),
]


@pytest.mark.parametrize(("what", "statement", "seq"), CHANGES, ids=[each[0] for each in CHANGES])
def test_a_change_is_found_where_it_is(tmp_path: Path, what: str, statement: str, seq: int) -> None:
    chain = _chain(tmp_path, 5)
    assert chain.verify().is_intact, what
    _edit(tmp_path, statement)
    found = chain.verify()
    assert seq in {each.seq for each in found.faults}
    with pytest.raises(BrokenChainError):
        found.require()


def test_reordered_records_are_found(tmp_path: Path) -> None:
    chain = _chain(tmp_path, 5)
    _edit(tmp_path, "UPDATE audit_record SET seq = CASE seq WHEN 2 THEN -3 WHEN 3 THEN -2 ELSE seq END")
    _edit(tmp_path, "UPDATE audit_record SET seq = -seq WHERE seq < 0")
    assert not chain.verify().is_intact


def test_a_record_put_in_without_the_key_is_found(tmp_path: Path) -> None:
    chain = _chain(tmp_path, 2)
    forger = AuditChain(chain._store, b"f" * 32, tmp_path / "head")
    forger.append(_events(1)[0])
    assert [each.seq for each in chain.verify().faults] == [3]


def test_a_cut_end_with_its_note_gone_is_still_noticed(tmp_path: Path) -> None:
    chain = _chain(tmp_path, 5)
    _edit(tmp_path, "DELETE FROM audit_record WHERE seq > 3")
    (tmp_path / "head").unlink()
    assert not chain.verify().is_intact


def test_what_cannot_be_recorded_is_an_error(tmp_path: Path) -> None:
    chain = _chain(tmp_path)
    _edit(tmp_path, "DROP TABLE audit_record")
    with pytest.raises(AuditUnavailableError):
        chain.append(_events(1)[0])


def test_every_commit_is_synced(sqlite_lake: Lake) -> None:
    with sqlite_lake.store.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def _append_some(root: str, count: int) -> None:
    lake = open_lake(Path(root))
    for event in _events(count):
        lake.audit.append(event)


def test_many_processes_write_one_chain(lake: Lake) -> None:
    before = lake.audit.verify().records
    writers = [PROCESSES.Process(target=_append_some, args=(str(lake.root), 25)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 4
    found = lake.audit.verify()
    assert found.is_intact
    assert found.records == before + 100


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_edit_of_any_record_is_found(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("chain")
    chain = _chain(folder, 6)
    seq = data.draw(st.integers(1, 6))
    column = data.draw(
        st.sampled_from(["at", "kind", "principal", "purpose", "document", "previous_hash", "hash"])
    )
    value = data.draw(st.text(max_size=20).filter(lambda text: "\x00" not in text))
    with sqlite3.connect(folder / "store.db") as store:
        query = f"SELECT {column} FROM audit_record WHERE seq = ?"
        (before,) = store.execute(query, (seq,)).fetchone()
    _edit(folder, f"UPDATE audit_record SET {column} = ? WHERE seq = ?", value, seq)
    assert chain.verify().is_intact == (before == value)


def test_a_record_holds_what_it_was_given(tmp_path: Path) -> None:
    details = {"nested": {"list": [1, 2.5, None, True, "ü"]}, "table": "a.b"}
    chain = _chain(tmp_path)
    chain.append(AuditEvent(kind="step", principal="ø", details=details))
    assert chain.records()[0].details == json.loads(json.dumps(details))
