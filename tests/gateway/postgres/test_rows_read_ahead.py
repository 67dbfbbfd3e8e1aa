"""Rows that the door has read and not yet sent do not go out when their reader may not see them any more."""

import socket
import struct
import time
from collections.abc import Iterator

import psycopg
import pytest
from tests.gateway.clinic import PASSWORD, write_policy
from tests.gateway.postgres.served import POLICY, Served

SQL = "SELECT code FROM clinic.visit ORDER BY score"
SECONDS_TO_COUNT = 1.5


@pytest.fixture
def revocable(served: Served) -> Iterator[Served]:
    """The door, whose grant may be taken away."""
    yield served
    write_policy(served.context.gateway.lake, POLICY)
    time.sleep(SECONDS_TO_COUNT)


def revoke(served: Served) -> None:
    write_policy(
        served.context.gateway.lake, POLICY.replace("rows: \"site = 'H1'\"", "rows: \"site = 'H9'\"")
    )
    time.sleep(SECONDS_TO_COUNT)


def said(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def heard(sock: socket.socket) -> bytes:
    """All that comes until the door is ready again."""
    sock.settimeout(30)
    found = b""
    while not found.endswith(b"Z\0\0\0\5I"):
        piece = sock.recv(65536)
        assert piece
        found += piece
    return found


def ask_slowly(served: Served, between: float, *, revoked: bool) -> bytes:
    """Ask with a Describe and, in the same piece, half of an Execute; the rest comes later."""
    with served.connect(autocommit=True) as client, socket.socket(fileno=client.pgconn.socket) as sock:
        sock.settimeout(30)
        first = said(b"P", b"\0" + SQL.encode() + b"\0\0\0") + said(b"B", b"\0\0\0\0\0\0\0\0")
        execute = said(b"E", b"\0\0\0\0\0")
        sock.sendall(first + said(b"D", b"P\0") + execute[:3])
        time.sleep(between)
        if revoked:
            revoke(served)
        sock.sendall(execute[3:] + said(b"S", b""))
        found = heard(sock)
        sock.detach()
    return found


def test_rows_that_are_asked_for_at_once_come(served: Served) -> None:
    assert b"C50" in ask_slowly(served, 0.1, revoked=False)


def test_rows_that_are_asked_for_late_are_read_again(served: Served) -> None:
    assert b"C50" in ask_slowly(served, 1.0, revoked=False)


def test_rows_that_were_read_before_a_revocation_stay(revocable: Served) -> None:
    assert b"C50" not in ask_slowly(revocable, 0.0, revoked=True)


def test_rows_of_a_cursor_that_were_read_before_a_revocation_stay(revocable: Served) -> None:
    with revocable.connect() as client:
        client.execute(f"DECLARE c CURSOR FOR {SQL}")
        assert client.execute("FETCH 1 FROM c").fetchall() == [("C50",)]
        revoke(revocable)
        with pytest.raises(psycopg.Error):
            client.execute("FETCH 1 FROM c")


def test_rows_of_a_portal_come_in_parts(served: Served) -> None:
    with served.connect(autocommit=True) as client, socket.socket(fileno=client.pgconn.socket) as sock:
        sock.settimeout(30)
        part = said(b"E", b"\0\0\0\0\1")
        first = said(b"P", b"\0" + SQL.encode() + b"\0\0\0") + said(b"B", b"\0\0\0\0\0\0\0\0")
        sock.sendall(first + said(b"D", b"P\0") + part + part + part + said(b"S", b""))
        found = heard(sock)
        sock.detach()
    assert found.count(b"C50") == found.count(b"I10") == 1
    assert found.index(b"C50") < found.index(b"I10")
    assert found.count(said(b"s", b"")) == 2


@pytest.mark.parametrize("sql", [SQL, "SELECT attname FROM pg_attribute ORDER BY attnum"])
def test_rows_of_a_portal_end_with_what_its_principal_came_in_by(served: Served, sql: str) -> None:
    with served.connect(autocommit=True) as client, socket.socket(fileno=client.pgconn.socket) as sock:
        sock.settimeout(30)
        part = said(b"E", b"\0\0\0\0\1") + said(b"H", b"")
        sock.sendall(said(b"P", b"\0" + sql.encode() + b"\0\0\0") + said(b"B", b"\0" * 8) + part)
        found = b""
        while not found.endswith(said(b"s", b"")):
            found += sock.recv(65536)
        served.context.identities.accounts.set_password("ada", PASSWORD, by="test")
        time.sleep(SECONDS_TO_COUNT)
        sock.sendall(part)
        after = sock.recv(65536)
        sock.detach()
    assert after.startswith(b"E")
    assert b"C28P01" in after
