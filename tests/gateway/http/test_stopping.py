"""A door that stops waits for what runs, and for nobody who only stays connected."""

import socket
import ssl
import time
from dataclasses import replace
from pathlib import Path

from tests.gateway.http.served import Served

from lakeward.catalog.lake import Lake
from lakeward.gateway.doors.http import HttpDoor
from lakeward.gateway.serve.certificate import lake_certificate

DRAIN = 20.0


def idle(address: tuple[str, int], roots: Path | None) -> socket.socket:
    """Ask once, and stay without a look at what comes."""
    connection: socket.socket = socket.create_connection(address, timeout=10)
    if roots is not None:
        context = ssl.create_default_context(cafile=str(roots))
        connection = context.wrap_socket(connection, server_hostname="localhost")
    connection.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
    assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200")
    return connection


def test_an_idle_client_keeps_no_door_open(lake: Lake, served: Served) -> None:
    tls = lake_certificate(lake)
    for context, roots in (
        (served.context, None),
        (replace(served.context, tls=tls, insecure_loopback=False), tls.certificate),
    ):
        door = HttpDoor(context, "127.0.0.1", 0)
        with idle(door.start(), roots):
            started = time.monotonic()
            door.stop(DRAIN)
            assert time.monotonic() - started < DRAIN / 2
