"""Whatever bytes come to the port, before and after sign-in: no crash, no hang, nothing hidden comes back.

`LAKEWARD_FUZZ` says how many inputs the slow tests send, if it should be more.
"""

import contextlib
import os
import random
import socket
import struct
from collections.abc import Iterator, Sequence

import pytest
from tests.gateway.postgres.served import Served

from lakeward.gateway.identity.throttle import Throttle

MANY = int(os.environ.get("LAKEWARD_FUZZ", "4000"))


def message(letter: bytes, body: bytes) -> bytes:
    return letter + struct.pack("!i", len(body) + 4) + body


def startup(code: int, body: bytes) -> bytes:
    return struct.pack("!ii", len(body) + 8, code) + body


def extended(sql: bytes, oids: bytes = b"\0\0", bound: bytes = b"\0\0\0\0\0\0") -> bytes:
    """Parse, bind, describe, execute, sync."""
    words = [message(b"P", b"\0" + sql + b"\0" + oids), message(b"B", b"\0\0" + bound)]
    return b"".join(
        [*words, message(b"D", b"P\0"), message(b"E", b"\0\0\0\0\0"), message(b"H", b""), message(b"S", b"")]
    )


_LIST = struct.pack("!iiiiii", 1, 0, 25, 1, 1, 1) + b"x\0\0"
_SASL = b"SCRAM-SHA-256\0" + struct.pack("!i", 24) + b"n,,n=,r=abcdefghijklmnop"
BEFORE = (
    startup(196608, b"user\0ada\0database\0lake\0options\0-c lakeward.purpose=research\0\0"),
    startup(196608, b"user\0ada\0\0") + message(b"p", _SASL) + message(b"p", b"c=biws,r=abc,p=AAAA"),
    startup(196610, b"user\0ada\0_pq_.strange\0" + b"1\0\0"),
    startup(80877103, b"") + startup(80877104, b"") + startup(196608, b"user\0nobody\0\0"),
    startup(80877102, struct.pack("!II", 1, 2)),
    startup(131072, b""),
    b"GET / HTTP/1.1\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
)
AFTER = (
    message(b"Q", b"SELECT code, score FROM clinic.visit\0"),
    message(b"Q", b"BEGIN; SELECT memo FROM clinic.hidden; COMMIT\0"),
    message(b"Q", b"SELECT relname FROM pg_catalog.pg_class; SELECT 1\0"),
    message(b"Q", b"COPY (SELECT * FROM clinic.visit) TO STDOUT (FORMAT binary)\0"),
    message(b"Q", b"BEGIN\0") + message(b"Q", b"DECLARE c CURSOR FOR SELECT 1\0")
    + message(b"Q", b"FETCH 1 FROM c\0"),
    extended(b"SELECT code FROM clinic.visit WHERE score = $1", b"\0\1\0\0\0\x17",
             b"\0\1\0\1\0\1\0\0\0\4\0\0\0\1\0\1\0\1"),
    extended(b"SELECT $1::date", b"\0\0", b"\0\0\0\1\0\0\0\n2024-02-29\0\0"),
    extended(b"SELECT $1", b"\0\1\0\0\x06\xa4", b"\0\1\0\1\0\1\0\0\0\x0a\0\1\0\0\0\0\0\0\0\1\0\0"),
    extended(b"SELECT $1", b"\0\1\0\0\x03\xf1", b"\0\1\0\1\0\1\0\0\0\x19" + _LIST),
    message(b"C", b"S\0") + message(b"D", b"S\0") + message(b"S", b""),
    message(b"F", b"\0\0\0\0") + message(b"d", b"x") + message(b"c", b""),
)  # fmt: skip
_PIECES = (
    b"\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\xff\xfe", b"'", b'"', b"$1", b"$$",
    b";", b"--", b"/*", b"((((((((((", b"clinic.hidden", b"E'\\x", b"Q\0\0\0\4", b"S\0\0\0\4", b"X\0\0\0\4",
    b"\xf0\x9f\x92\xa9", b"SET lakeward.purpose = 'x';", b"A" * 3_000,
)  # fmt: skip


def inputs(templates: Sequence[bytes], seed: int, count: int) -> Iterator[bytes]:
    """Messages that were cut, doubled, flipped, mixed and filled with what parsers stumble over."""
    chance = random.Random(seed)  # noqa: S311  the same inputs each time
    for _ in range(count):
        made = bytearray(chance.choice(templates))
        for _ in range(chance.randint(0, 4)):
            place = chance.randrange(len(made) + 1)
            match chance.randrange(6):
                case 0:
                    made[place:place] = chance.choice(_PIECES)
                case 1:
                    del made[place : place + chance.randint(1, 30)]
                case 2:
                    made[place : place + 1] = bytes([chance.randrange(256)])
                case 3:
                    made[place:place] = chance.randbytes(chance.randint(1, 200))
                case 4:
                    made += chance.choice(templates)
                case _:
                    word = chance.choice(_PIECES)
                    made[place : place + len(word)] = word
        yield bytes(made)


def answer_to(connection: socket.socket, sent: bytes) -> bytes:
    """Send bytes, say that there are no more, and read to the end, which comes."""
    connection.settimeout(15.0)
    answer = b""
    with contextlib.suppress(ConnectionResetError, BrokenPipeError):  # the door had heard enough
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        while chunk := connection.recv(65_536):
            answer += chunk
    return answer


def check(answer: bytes, sent: bytes) -> None:
    for word in (b"SECRET", b"Traceback", b"XX000"):
        assert word not in answer, (sent, answer)


def check_after(served: Served, told_before: int) -> None:
    told = "".join(served.lines[told_before:])
    assert '"unexpected"' not in told, told
    assert "SECRET" not in told
    with served.connect() as connection:
        assert connection.execute("SELECT count(*) FROM clinic.visit").fetchone() == (2,)


def fuzz_before_sign_in(served: Served, seed: int, count: int) -> None:
    before = len(served.lines)
    for number, sent in enumerate(inputs(BEFORE, seed, count)):
        if number % 10 == 0:
            served.context.identities._throttle = Throttle()  # or strangers would soon be refused unheard
        with socket.create_connection((served.host, served.port)) as connection:
            check(answer_to(connection, sent), sent)
    served.context.identities._throttle = Throttle()
    check_after(served, before)


def fuzz_after_sign_in(served: Served, seed: int, count: int) -> None:
    """Let psycopg sign in, then speak in its place."""
    before = len(served.lines)
    for sent in inputs(AFTER, seed, count):
        signed_in = served.connect(autocommit=True)
        with signed_in, socket.socket(fileno=os.dup(signed_in.fileno())) as connection:
            answer = answer_to(connection, sent)
        check(answer, sent)
        check_framing(answer, sent)
    check_after(served, before)


def check_framing(answer: bytes, sent: bytes) -> None:
    """What comes back is whole messages, each of a kind that a server sends."""
    while answer:
        letter, length = answer[:1], int.from_bytes(answer[1:5], "big")
        assert letter in b"123CDEGHINSTZAVcdnstKR", (sent, answer)
        assert 4 <= length <= len(answer) - 1, (sent, answer)
        answer = answer[length + 1 :]


def test_a_few_strange_bytes_before_sign_in(served: Served) -> None:
    fuzz_before_sign_in(served, 1, 300)


def test_a_few_strange_bytes_after_sign_in(served: Served) -> None:
    fuzz_after_sign_in(served, 2, 200)


@pytest.mark.slow
def test_many_strange_bytes_before_sign_in(served: Served) -> None:
    fuzz_before_sign_in(served, 3, MANY)


@pytest.mark.slow
def test_many_strange_bytes_after_sign_in(served: Served) -> None:
    fuzz_after_sign_in(served, 4, MANY)
