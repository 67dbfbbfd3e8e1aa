"""What threads append at once is one write; who waits is told the truth, what nobody waits for is kept."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.processes import PROCESSES

from lakeward.catalog.audit import AuditChain, AuditEvent, AuditUnavailableError
from lakeward.catalog.audit_head import ChainHead
from lakeward.catalog.group_writer import GroupFailedError, GroupWriter
from lakeward.catalog.lake import Lake, init_lake, open_lake
from lakeward.catalog.store import create_store

EVENT = AuditEvent(kind="query", principal="ada", purpose="research", details={"statement_id": "s"})
END = AuditEvent(kind="query.finished", principal="ada", purpose="research", details={"statement_id": "s"})


class Disk:
    """Somewhere to write to: slow, and out of order when it is told so."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.fault: BaseException | None = None
        self.may_write = threading.Event()
        self.may_write.set()
        self.has_begun = threading.Event()

    def write(self, items: Sequence[str]) -> Sequence[str]:
        self.has_begun.set()
        assert self.may_write.wait(10)
        if self.fault is not None:
            raise self.fault
        self.groups.append([*items])
        return items

    @property
    def items(self) -> list[str]:
        return [each for group in self.groups for each in group]


def writer_on(disk: Disk) -> GroupWriter[str, str]:
    return GroupWriter(disk.write, lambda _written: None, "test")


class Appending(threading.Thread):
    """A thread that appends one item."""

    def __init__(self, writer: GroupWriter[str, str], item: str) -> None:
        super().__init__(daemon=True)
        self.writer, self.item = writer, item
        self.told: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            assert self.writer.append(self.item) == self.item
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.told = error


def queue_up(writer: GroupWriter[str, str], items: Sequence[str]) -> list[Appending]:
    """Start threads one by one, each queued up before the next."""
    threads: list[Appending] = []
    for item in items:
        length = len(writer._queue)
        threads.append(Appending(writer, item))
        wait_until(lambda: len(writer._queue) > length)  # noqa: B023  called at once
    return threads


def wait_until(holds: object) -> None:
    assert callable(holds)
    ends = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.001)


def busy(writer: GroupWriter[str, str], disk: Disk) -> Appending:
    """Have a thread write, and wait for the disk."""
    disk.may_write.clear()
    disk.has_begun.clear()
    first = Appending(writer, "first")
    assert disk.has_begun.wait(10)
    return first


def test_what_comes_while_one_writes_is_one_group() -> None:
    disk = Disk()
    writer = writer_on(disk)
    threads = [busy(writer, disk)]
    threads += queue_up(writer, ["a", "b", "c"])
    disk.may_write.set()
    for each in threads:
        each.join(10)
    assert disk.groups == [["first"], ["a", "b", "c"]]
    assert not any(each.told for each in threads)


class Late:
    """A lock that one thread, once it has let go of it, comes back from late."""

    def __init__(self, lock: threading.Lock) -> None:
        self._lock = lock
        self.late: threading.Thread | None = None
        self.may_go_on = threading.Event()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()
        if threading.current_thread() is self.late:
            self.late = None
            assert self.may_go_on.wait(10)


def test_a_turn_that_comes_before_its_thread_waits_is_taken_once() -> None:
    disk = Disk()
    writer = writer_on(disk)
    first = busy(writer, disk)
    lock = Late(writer._lock)
    writer._lock = lock  # type: ignore[assignment]  # it stands in for one
    heir = Appending.__new__(Appending)
    lock.late = heir
    Appending.__init__(heir, writer, "a")
    wait_until(lambda: lock.late is None)
    disk.may_write.set()
    first.join(10)
    lock.may_go_on.set()
    heir.join(10)
    assert (first.told, heir.told) == (None, None)
    assert disk.groups == [["first"], ["a"]]


def test_a_group_that_fails_fails_all_who_wait_and_nobody_else() -> None:
    disk = Disk()
    writer = writer_on(disk)
    first = busy(writer, disk)
    threads = queue_up(writer, ["a", "b"])
    disk.fault = OSError()
    disk.may_write.set()
    for each in [first, *threads]:
        each.join(10)
    assert isinstance(first.told, OSError)
    assert isinstance(threads[0].told, OSError)  # who had the turn
    assert isinstance(threads[1].told, GroupFailedError)
    disk.fault = None
    assert writer.append("c") == "c"
    assert disk.items == ["c"]


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), SystemExit(), MemoryError()])
def test_a_writer_that_is_interrupted_takes_the_turn_from_nobody(fault: BaseException) -> None:
    disk = Disk()
    writer = writer_on(disk)
    first = busy(writer, disk)
    disk.fault = fault
    threads = queue_up(writer, ["a", "b"])
    disk.may_write.set()
    for each in [first, *threads]:
        each.join(10)
        assert not each.is_alive()
    disk.fault = None
    assert writer.append("c") == "c"


def test_what_nobody_waits_for_goes_first_and_is_kept_until_it_is_written() -> None:
    disk = Disk()
    writer = writer_on(disk)
    disk.fault = OSError()
    writer.append_later("end 1")
    writer.append_later("end 2")
    for _ in range(3):
        with pytest.raises((OSError, GroupFailedError)):
            writer.append("refused")
    with pytest.raises((OSError, GroupFailedError)):
        writer.flush()
    writer.append_later("end 3")
    disk.fault = None
    assert writer.append("next") == "next"
    assert disk.items == ["end 1", "end 2", "end 3", "next"]


def test_what_has_just_come_is_left_for_who_asks_next() -> None:
    disk = Disk()
    writer = writer_on(disk)
    writer._late = threading.current_thread()  # no thread of its own: the test looks in its place
    writer.append_later("end")
    assert writer._write_left(at_once=False)
    assert disk.groups == []
    assert writer.append("next") == "next"
    assert disk.groups == [["end", "next"]]
    writer.append_later("last")
    assert writer._write_left(at_once=True)
    assert disk.groups[1:] == [["last"]]


def test_what_nobody_waits_for_is_written_soon() -> None:
    disk = Disk()
    writer = writer_on(disk)
    for item in ("a", "b"):
        writer.append_later(item)
        wait_until(lambda: item in disk.items)  # noqa: B023  called at once
    wait_until(lambda: not [each for each in threading.enumerate() if each.name == "test"])
    writer.append_later("c")
    wait_until(lambda: "c" in disk.items)


def test_what_was_written_is_not_written_again_when_the_note_of_it_fails() -> None:
    disk = Disk()
    faults: list[OSError] = [OSError()]

    def note(_written: Sequence[str]) -> None:
        if faults:
            raise faults.pop()

    writer = GroupWriter(disk.write, note, "test")
    writer.append_later("end")
    with pytest.raises((OSError, GroupFailedError)):
        writer.flush()
    writer.append("next")
    assert disk.items == ["end", "next"]


def test_flushing_waits_for_who_writes() -> None:
    disk = Disk()
    writer = writer_on(disk)
    first = busy(writer, disk)
    flushing = threading.Thread(target=writer.flush, daemon=True)
    flushing.start()
    flushing.join(0.05)
    assert flushing.is_alive()
    disk.may_write.set()
    flushing.join(10)
    assert disk.items == ["first"]
    first.join(10)


def _chain(folder: Path) -> AuditChain:
    return AuditChain(create_store(f"sqlite:///{folder / 'store.db'}"), b"k" * 32, folder / "head")


def _rename(chain: AuditChain, before: str, after: str) -> None:
    with chain._store.writing() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {before} RENAME TO {after}")


def test_no_act_is_recorded_while_the_end_of_another_cannot_be(tmp_path: Path) -> None:
    chain = _chain(tmp_path)
    chain.append(EVENT)
    _rename(chain, "audit_record", "gone")
    chain.append_later(END)
    for _ in range(2):
        with pytest.raises(AuditUnavailableError):
            chain.append(EVENT)
    for read in (chain.flush, chain.end, chain.records, chain.verify, chain.unfinished):
        with pytest.raises(AuditUnavailableError):
            read()
    _rename(chain, "gone", "audit_record")
    chain.append(EVENT)
    assert [each.kind for each in chain.records()] == ["query", "query.finished", "query"]
    assert chain.verify().is_intact


@pytest.mark.parametrize(
    "event",
    [
        AuditEvent(kind="query", principal="a\x00"),
        AuditEvent(kind="query", principal="a" * 256),
        AuditEvent(kind="query", principal="ada", purpose="p" * 256),
        AuditEvent(kind="q" * 65, principal="ada"),
        AuditEvent(kind="query", principal="ada", details={"a": "\ud800"}),
    ],
)
def test_what_no_store_can_hold_fails_alone(lake: Lake, event: AuditEvent) -> None:
    for add in (lake.audit.append, lake.audit.append_later):
        with pytest.raises(AuditUnavailableError):
            add(event)
    lake.audit.append(AuditEvent(kind="query", principal="a" * 255, details={"a": "\x00ü😀"}))
    assert lake.audit.verify().is_intact


def test_a_statement_without_an_end_is_found(tmp_path: Path) -> None:
    chain = _chain(tmp_path)
    for number in range(4):
        details = {"statement_id": f"s{number}"}
        chain.append(AuditEvent(kind="query", principal="ada", details=details))
        if number % 2:
            chain.append_later(AuditEvent(kind="query.finished", principal="ada", details=details))
    assert [each.details["statement_id"] for each in chain.unfinished()] == ["s2", "s0"]
    found = chain.verify()
    assert found.unfinished == (1, 4)
    assert found.is_intact


def test_the_text_of_a_record_is_canonical(lake: Lake) -> None:
    lake.audit.append(AuditEvent(kind="z", principal="ü", details={"z": 1, "a": {"seq": [None, "\x00"]}}))
    for row in lake.audit._rows():
        parsed = json.loads(row.document)
        text = json.dumps(parsed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert row.document == text
        assert parsed["seq"] == row.seq


def _append_from_threads(root: str) -> None:
    lake = open_lake(Path(root))

    def one() -> None:
        for _ in range(10):
            seq = lake.audit.append(EVENT).seq
            lake.audit.append_later(END)
            with lake.store.reading() as connection:
                found = connection.exec_driver_sql(f"SELECT hash FROM audit_record WHERE seq = {seq}")
                assert found.scalar()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def test_threads_of_several_processes_write_one_chain(lake: Lake) -> None:
    before = lake.audit.verify().records
    writers = [PROCESSES.Process(target=_append_from_threads, args=(str(lake.root),)) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    found = lake.audit.verify()
    assert found.is_intact
    assert found.records == before + 2 * 4 * 10 * 2


def test_a_process_that_ends_leaves_nothing_unwritten(tmp_path: Path) -> None:
    init_lake(tmp_path / "lake").close()
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from lakeward.catalog.audit import AuditEvent\n"
        "from lakeward.catalog.lake import open_lake\n"
        "audit = open_lake(Path(sys.argv[1])).audit\n"
        "for _ in range(3): audit.append_later(AuditEvent(kind='query.finished', principal='ada'))\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "lake")], check=True, timeout=60)
    assert len(open_lake(tmp_path / "lake").audit.records(kind="query.finished")) == 3


def test_the_later_end_stands(tmp_path: Path) -> None:
    head = ChainHead(tmp_path / "head")
    assert head.read() is None
    head.note(11, "b" * 64)
    head.note(9, "a" * 64)
    assert head.read() == (11, "b" * 64)
    head.path.write_text("x" * 500)
    assert head.read() is None
    head.note(12, "c" * 64)
    assert head.read() == (12, "c" * 64)
    assert head.path.stat().st_mode & 0o777 == 0o600
