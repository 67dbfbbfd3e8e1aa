"""Whatever bytes come to the port: no crash, no hang, nothing hidden in what comes back."""

import contextlib
import random
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.gateway.http.served import Served

from lakeward.gateway.identity.throttle import Throttle

_TEMPLATES = (
    b"POST /v1/query HTTP/1.1\r\nhost: x\r\nauthorization: Bearer %t\r\nx-lakeward-purpose: research\r\n"
    b"content-type: application/json\r\ncontent-length: 47\r\n\r\n"
    b'{"sql": "SELECT code, score FROM clinic.visit"}',
    b"POST /v1/query HTTP/1.1\r\nhost: x\r\nauthorization: Bearer %t\r\nx-lakeward-purpose: research\r\n"
    b"accept: application/vnd.apache.arrow.stream\r\ncontent-type: application/json\r\n"
    b'transfer-encoding: chunked\r\n\r\n14\r\n{"sql": "SELECT 1 a"\r\n1\r\n}\r\n0\r\n\r\n',
    b"GET /v1/tables HTTP/1.1\r\nhost: x\r\nauthorization: Basic YWRhOndyb25n\r\n\r\n",
    b"DELETE /v1/statements/0123 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer %t\r\n\r\n",
    b"GET /health HTTP/1.1\r\nhost: x\r\n\r\nGET /metrics HTTP/1.1\r\nhost: x\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
)
_PIECES = (
    b"\r\n", b"\0", b"\xff\xfe", b"content-length: -1\r\n", b"content-length: 99999999999999999999\r\n",
    b"../", b"transfer-encoding: chunked\r\n", b"expect: 100-continue\r\n", b"upgrade: websocket\r\n", b"{",
    b"%00", b'"', b"[[[[[[[[", b"SELECT * FROM clinic.hidden", b"authorization: \r\n", b"A" * 40_000,
    b"\xf0\x9f\x92\xa9",
    b"FFFFFFFFFFFFFFFF\r\n", b"x-lakeward-purpose: \xe9\r\n", b"HTTP/9.9",
)  # fmt: skip


def inputs(seed: int, count: int, token: bytes) -> Iterator[bytes]:
    """Requests that were cut, doubled, flipped and filled with what parsers stumble over."""
    chance = random.Random(seed)  # noqa: S311  the same inputs each time
    for _ in range(count):
        made = bytearray(chance.choice(_TEMPLATES).replace(b"%t", token))
        for _ in range(chance.randint(0, 4)):
            place = chance.randrange(len(made) + 1)
            match chance.randrange(5):
                case 0:
                    made[place:place] = chance.choice(_PIECES)
                case 1:
                    del made[place : place + chance.randint(1, 30)]
                case 2:
                    made[place : place + 1] = bytes([chance.randrange(256)])
                case 3:
                    made[place:place] = chance.randbytes(chance.randint(1, 200))
                case _:
                    made += made[place:]
        yield bytes(made)


def answer_to(served: Served, sent: bytes) -> bytes:
    """Send bytes, and read until the door has nothing more to say; then hang up and read what still comes."""
    host, port = served.url.removeprefix("http://").split(":")
    answer = b""
    with (
        socket.create_connection((host, int(port)), timeout=0.03) as connection,
        contextlib.suppress(ConnectionResetError, BrokenPipeError),  # the door had heard enough
    ):
        connection.sendall(sent)
        with contextlib.suppress(TimeoutError):
            while chunk := connection.recv(65_536):
                answer += chunk
            return answer
        connection.settimeout(10.0)
        connection.shutdown(socket.SHUT_WR)
        while chunk := connection.recv(65_536):
            answer += chunk
    return answer


def fuzz(served: Served, seed: int, count: int) -> None:
    before = len(served.lines)
    for number, sent in enumerate(inputs(seed, count, served.token.encode())):
        if number % 10 == 0:
            served.context.identities._throttle = Throttle()  # or strangers would soon be refused unheard
        answer = answer_to(served, sent)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 "), sent
        assert b"SECRET" not in answer, sent
        assert b"Traceback" not in answer, sent
        assert not answer.startswith(b"HTTP/1.1 500"), sent
    assert httpx.get(f"{served.url}/health").status_code == 200
    told = "".join(served.lines[before:])
    assert '"unexpected"' not in told
    assert "SECRET" not in told


def test_a_few_strange_bytes(served: Served) -> None:
    fuzz(served, 1, 80)


def test_strange_bytes_instead_of_a_handshake(with_tls: tuple[str, Path], served: Served) -> None:
    url, certificate = with_tls
    host, port = url.removeprefix("https://").split(":")
    for sent in inputs(3, 40, served.token.encode()):
        with (
            socket.create_connection((host, int(port)), timeout=10.0) as connection,
            contextlib.suppress(ConnectionResetError, BrokenPipeError),
        ):
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: connection.recv(65_536), b""))
            assert not answer.startswith(b"HTTP"), sent
    trusting = ssl.create_default_context(cafile=str(certificate))
    assert httpx.get(f"{url}/health", verify=trusting).status_code == 200


@pytest.mark.slow
def test_many_strange_bytes(served: Served) -> None:
    fuzz(served, 2, 4_000)
