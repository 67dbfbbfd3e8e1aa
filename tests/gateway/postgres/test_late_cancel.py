"""A cancel request that comes when its statement is over: the client still hears that it may go on."""

import contextlib
import threading
import time
from collections.abc import Callable

import psycopg
import pytest
from tests.gateway.postgres.served import Served

from lakeward.gateway.doors.postgres.conversation import Conversation

Ask = Callable[[psycopg.Connection[tuple[object, ...]]], object]


def by_sync(client: psycopg.Connection[tuple[object, ...]]) -> object:
    return client.execute("SELECT code FROM clinic.visit WHERE score = %s", [1], prepare=True).fetchall()


def by_a_simple_query(client: psycopg.Connection[tuple[object, ...]]) -> object:
    client.pgconn.exec_(b"DECLARE c CURSOR FOR SELECT 1")  # of no transaction: it is closed at the end
    return [("C50",)]


@pytest.mark.parametrize("ask", [by_sync, by_a_simple_query])
def test_a_cancel_at_the_end_leaves_nobody_waiting(
    served: Served, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    close, closing = Conversation.close_portals, threading.Event()

    def slow(talk: Conversation, **named: bool) -> None:
        closing.set()
        time.sleep(1.0)
        close(talk, **named)

    found: list[object] = []
    client = served.connect()  # whoever leaves a `with` waits for a thread that hangs
    client.autocommit = True
    monkeypatch.setattr(Conversation, "close_portals", slow)
    asking = threading.Thread(target=lambda: found.append(ask(client)), daemon=True)
    asking.start()
    assert closing.wait(10)
    client.cancel_safe()
    asking.join(10)
    assert found == [[("C50",)]]
    monkeypatch.undo()
    assert client.execute("SELECT 1").fetchone() == (1,)
    client.close()


@pytest.mark.parametrize("ask", [by_sync, by_a_simple_query])
def test_an_end_that_fails_leaves_nobody_waiting(
    served: Served, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    def broken(_talk: Conversation, **_named: bool) -> None:
        raise OSError

    client = served.connect()
    client.autocommit = True
    with monkeypatch.context() as changed:
        changed.setattr(Conversation, "close_portals", broken)
        asking = threading.Thread(target=lambda: _quietly(ask, client), daemon=True)
        asking.start()
        asking.join(10)
        assert not asking.is_alive()
    assert client.execute("SELECT 1").fetchone() == (1,)
    client.close()


def _quietly(ask: Ask, client: psycopg.Connection[tuple[object, ...]]) -> None:
    with contextlib.suppress(psycopg.Error):
        ask(client)
