"""Many connections at all doors at once, honest and hostile, while workers are killed.

Nothing leaks, no answer is wrong, every answer has its record, and the gateway holds no more at the end.
`LAKEWARD_SOAK_SECONDS=600 LAKEWARD_SOAK_CONNECTIONS=64` is the long run.
"""

import os
import threading
import time
from pathlib import Path

import pytest
from tests.bypass import hospital
from tests.bypass.copies import Copies
from tests.bypass.lake import documents, make_lake
from tests.gateway.clinic import CONFIG
from tests.gateway.corpus import ITEMS, one_in
from tests.gateway.fuzz.clinic import PASSWORD
from tests.gateway.fuzz.serving import Serving, serving
from tests.gateway.soak.audited import lost
from tests.gateway.soak.chaos import Chaos, Curve
from tests.gateway.soak.clients import Pass
from tests.gateway.soak.crowd import Expected, crowd
from tests.gateway.soak.said import Book

from lakeward.catalog.lake import Lake, open_lake
from lakeward.gateway.identity.identities import Identities

SECONDS = float(os.environ.get("LAKEWARD_SOAK_SECONDS", "6"))
CONNECTIONS = int(os.environ.get("LAKEWARD_SOAK_CONNECTIONS", "24"))
KILL_SECONDS = float(os.environ.get("LAKEWARD_SOAK_KILL_SECONDS", "1.5"))
REPORT = os.environ.get("LAKEWARD_SOAK_REPORT")
"""A file to write the book into."""
_LONG = SECONDS >= 120
_SECONDS_TO_END = 300
_MOST_RECORDS = 10_000_000


@pytest.mark.slow
def test_everything_at_once(tmp_path: Path) -> None:
    made = hospital.rows()
    lake = _lake(tmp_path / "lake", made)
    passes = _passes(lake)
    items = ITEMS if _LONG else one_in(16, ITEMS)
    expected = Expected(Copies(made, lake.keys.derive("pseudonym:lake").hex()), items, hospital.PRINCIPALS)
    book = Book()
    with serving(lake) as served:
        curve, chaos = _soak(served, passes, expected, book)
        print(f"{chaos.killed} workers killed; {len(book.said)} statements\n{curve}")  # noqa: T201  with -s
        print(*sorted(book.counts("door", "kind", "outcome", "code").items()), sep="\n")  # noqa: T201
        _calm(served, passes, expected)
        served.check_log()
        assert served.stop() == 0
    if REPORT:
        Path(REPORT).write_text(book.lines(), "utf-8")
    _judge(lake, book, curve)


def _lake(root: Path, made: hospital.Rows) -> Lake:
    lake = make_lake(root, hospital.arrow(made), documents())
    with (root / "lakeward.toml").open("a", encoding="utf-8") as config:
        config.write(CONFIG)
    lake.close()
    return open_lake(root)


def _passes(lake: Lake) -> dict[str, Pass]:
    accounts = Identities(lake).accounts
    for each in hospital.PRINCIPALS:
        accounts.add(each, PASSWORD, by="test")
    return {each: Pass(each, accounts.make_token(each, 1, by="test")[0]) for each in hospital.PRINCIPALS}


def _soak(served: Serving, passes: dict[str, Pass], expected: Expected, book: Book) -> tuple[Curve, Chaos]:
    """Let everybody ask while workers die."""
    end = threading.Event()
    curve, chaos = Curve(served, max(SECONDS / 60, 0.5)), Chaos(served, KILL_SECONDS)
    askers = crowd(served, passes, expected, book, CONNECTIONS)
    works = [*(each.ask_until for each in askers), curve.measure_until, chaos.kill_until]
    threads = [threading.Thread(target=each, args=(end,), daemon=True) for each in works]
    for thread in threads:
        thread.start()
    time.sleep(SECONDS)
    end.set()
    for thread in threads:
        thread.join(120)
    assert not [each for each in threads if each.is_alive()], (
        "a client waits for an answer that does not come"
    )
    assert served.is_alive
    return curve, chaos


def _calm(served: Serving, passes: dict[str, Pass], expected: Expected) -> None:
    """Whoever asks after all that is answered, at each door."""
    book = Book()
    askers = crowd(served, passes, expected, book, 12)
    for each in askers:
        each.ask_a_few()
    assert {each.outcome for each in book.said} == {"equal"}, book.said


def _judge(lake: Lake, book: Book, curve: Curve) -> None:
    assert not book.wrong(), book.wrong()[:5]
    assert {each.outcome for each in book.said} >= {"equal", "refused"}
    faults = lost(book.said, lake.audit.records(limit=_MOST_RECORDS))
    assert not faults, (len(faults), faults[:5])
    verification = lake.audit.verify()
    assert verification.is_intact, verification.faults[:5]
    assert not verification.unfinished, verification.unfinished[:5]
    memory, files, threads = curve.growth()
    assert memory <= (1.1 if _LONG else 1.5), curve
    assert not _LONG or (files <= 20 and threads <= 20), curve
