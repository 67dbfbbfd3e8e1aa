"""Strange bytes for the PostgreSQL door: before sign-in, after it, and inside TLS."""

import base64
import hashlib
import hmac
import itertools
import socket
import ssl
import struct
from functools import cache

from tests.gateway.fuzz.clinic import PASSWORD, random_source
from tests.gateway.fuzz.drive import HungError, check, connect, read_to_end
from tests.gateway.fuzz.mutate import Mutator

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
SYNC = b"S\0\0\0\4"
_PIECES = (SYNC, b"Q\0\0\0\4", b"X\0\0\0\4", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0")
_SASL = b"SCRAM-SHA-256\0" + struct.pack("!i", 24) + b"n,,n=,r=abcdefghijklmnop"
_TEXTS = (
    b"SELECT 1", b"SELECT $1", b"SELECT $1::date", b"", b"SELECT code FROM clinic.visit WHERE score = $1",
    b"SHOW ALL", b"SHOW server_version", b"SET lakeward.dialect = 'postgres'", b"BEGIN", b"ROLLBACK",
    b"COMMIT", b"SAVEPOINT a", b"ROLLBACK TO a", b"RELEASE a", b"FETCH 2 FROM c", b"CLOSE c",
    b"DEALLOCATE ALL", b"DISCARD ALL", b"DECLARE c CURSOR FOR SELECT 1",
    b"COPY (SELECT 1) TO STDOUT (FORMAT binary)", b"RESET ALL",
)  # fmt: skip
_RUN = (
    b"SELECT code, score FROM clinic.visit", b"BEGIN; SELECT memo FROM clinic.hidden; COMMIT",
    b"SELECT relname FROM pg_catalog.pg_class; SELECT 1", b"SELECT * FROM information_schema.tables",
    b"COPY (SELECT * FROM clinic.visit) TO STDOUT", b"SELECT 1/0",
    b"SELECT CAST(code AS DATE) FROM clinic.visit",
)  # fmt: skip


def message(letter: bytes, body: bytes) -> bytes:
    """One message as it goes over the wire."""
    return letter + struct.pack("!i", len(body) + 4) + body


def startup(user: bytes, more: bytes = b"", code: int = 196608) -> bytes:
    """The first message of a connection."""
    body = b"user\0" + user + b"\0" + more + b"\0"
    return struct.pack("!ii", len(body) + 8, code) + body


BEFORE = (
    startup(b"ada", b"database\0lake\0options\0-c lakeward.purpose=research\0"),
    startup(b"ada", b"options\0-c a.b=\\ c --x=y\0replication\0database\0"),
    startup(b"ada") + message(b"p", _SASL) + message(b"p", b"c=biws,r=abc,p=AAAA"),
    startup(b"ada", b"_pq_.strange\0" + b"1\0", 196610),
    SSL_REQUEST + struct.pack("!ii", 8, 80877104) + startup(b"nobody"),
    struct.pack("!iiII", 16, 80877102, 1, 2), startup(b"ada", code=131072),
    b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
)  # fmt: skip


class Stranger:
    """Somebody who has not come in: one input a connection."""

    def __init__(self, address: tuple[str, int], seed: int, roots: ssl.SSLContext | None = None) -> None:
        self._address, self._mutator, self._roots = address, Mutator(seed, _PIECES), roots

    def round(self) -> int:
        """See `Talker.round`."""
        mutator = self._mutator
        sent = mutator.some(mutator.chance.choice(BEFORE), 4) if not mutator.one_in(20) else mutator.noise()
        sent = sent.replace(b"ada\0", b"u%x\0" % mutator.chance.randrange(4_000))
        plain = connect(self._address, source=random_source(mutator.chance))
        with plain, self._secured(plain) if self._roots else plain as connection:
            send(connection, sent)
            end(connection)
            read_to_end(connection, sent)
        return 1

    def _secured(self, plain: socket.socket) -> socket.socket:
        """Shake hands, or send what is nearly a handshake."""
        assert self._roots is not None
        plain.sendall(SSL_REQUEST)
        assert plain.recv(1) == b"S"
        if self._mutator.one_in(3):
            return plain
        return self._roots.wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=True)

    def close(self) -> None:
        """See `Talker.close`."""


class Signed:
    """Somebody who has come in: many inputs a connection, several at once."""

    def __init__(self, address: tuple[str, int], seed: int, roots: ssl.SSLContext | None = None) -> None:
        self._address, self._mutator, self._roots = address, Mutator(seed, _PIECES), roots
        self._connection: socket.socket | None = None

    def round(self) -> int:
        """See `Talker.round`."""
        if self._connection is None:
            self._connection = sign_in(self._address, self._roots)
        if self._mutator.one_in(12):
            return self._last()
        inputs = [self._framed() for _ in range(self._mutator.chance.randint(1, 12))]
        marks = list(itertools.accumulate(readies(each) for each in inputs))
        send(self._connection, b"".join(inputs))
        seen, is_open = read_readies(self._connection, marks[-1], inputs)
        if not is_open:
            self.close()
        return sum(mark <= seen for mark in marks) + (not is_open and seen < marks[-1])

    def _last(self) -> int:
        """Break the framing; nothing comes after it on this connection."""
        assert self._connection is not None
        sent = self._mutator.some(self._framed(), 4) if not self._mutator.one_in(4) else self._mutator.noise()
        send(self._connection, sent)
        end(self._connection)
        answer = read_to_end(self._connection, sent)
        self.close()
        check_framing(answer, sent)
        return 1

    def _framed(self) -> bytes:
        """Messages whose lengths are right, whatever is in them; the last is one that is answered."""
        mutator = self._mutator
        parts = [mutator.chance.choice(_MAKERS)(mutator) for _ in range(mutator.chance.randint(1, 4))]
        made = [message(letter, mutator.some(body, 1)) for letter, body in parts]
        if mutator.one_in(10):
            made.append(message(b"Q", b"SHOW lakeward.dialect\0"))
        # after a failure nothing counts up to the next Sync, not even a Query
        return b"".join(SYNC + each if each.startswith(b"Q") else each for each in made) + SYNC

    def close(self) -> None:
        """See `Talker.close`."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _name(mutator: Mutator) -> bytes:
    return mutator.chance.choice((b"", b"", b"s1", b"s2"))


def _parse(mutator: Mutator) -> tuple[bytes, bytes]:
    oids = [
        mutator.chance.choice((0, 16, 17, 20, 23, 25, 701, 1043, 1082, 1184, 1700, 2950, 1009, 7))
        for _ in range(mutator.chance.randrange(3))
    ]
    listed = struct.pack("!h", len(oids)) + b"".join(struct.pack("!i", each) for each in oids)
    return b"P", _name(mutator) + b"\0" + mutator.chance.choice(_TEXTS) + b"\0" + listed


def _bind(mutator: Mutator) -> tuple[bytes, bytes]:
    chance = mutator.chance
    values = [
        chance.choice((b"1", b"2024-02-29", b"\0\0\0\1", mutator.noise(), mutator.number()))
        for _ in range(chance.randrange(3))
    ]
    coded = b"".join(struct.pack("!i", len(each)) + each for each in values)
    forms = struct.pack("!hh", 1, chance.randrange(2)) if chance.randrange(2) else b"\0\0"
    return b"B", _name(mutator) + b"\0" + _name(mutator) + b"\0" + forms + struct.pack(
        "!h", len(values)
    ) + coded + b"\0\0"


def _query(mutator: Mutator) -> tuple[bytes, bytes]:
    text = mutator.chance.choice(_RUN if mutator.one_in(3) else _TEXTS)
    return b"Q", mutator.some(text, 1).replace(b"\0", b"") + b"\0"


_MAKERS = (
    _parse, _parse, _parse, _bind, _bind, _bind, _query,
    lambda mutator: (b"D", mutator.chance.choice((b"S", b"P")) + _name(mutator) + b"\0"),
    lambda mutator: (b"E", _name(mutator) + b"\0" + struct.pack("!i", mutator.chance.choice((0, 1, -1)))),
    lambda mutator: (b"C", mutator.chance.choice((b"S", b"P")) + _name(mutator) + b"\0"),
    lambda _mutator: (b"H", b""),
)  # fmt: skip


def readies(sent: bytes) -> int:
    """How often the door says that it is ready, for messages whose lengths are right."""
    count = 0
    while sent:
        count += sent[:1] in b"QS"
        sent = sent[1 + int.from_bytes(sent[1:5], "big") :]
    return count


def read_readies(connection: socket.socket, wanted: int, sent: object) -> tuple[int, bool]:
    """Read until the door has said so often that it is ready, or has closed."""
    got, seen, at = bytearray(), 0, 0
    while seen < wanted:
        try:
            chunk = connection.recv(1 << 16)
        except TimeoutError:
            raise HungError(sent, bytes(got[-2_000:])) from None
        except OSError:
            chunk = b""
        if not chunk:
            check(bytes(got), sent)
            return seen, False
        got += chunk
        while len(got) >= at + 5 and len(got) > at + (length := int.from_bytes(got[at + 1 : at + 5], "big")):
            seen += got[at] == ord("Z")
            at += 1 + length
    check(bytes(got), sent)
    return seen, True


def check_framing(answer: bytes, sent: bytes) -> None:
    """What comes back is whole messages, each of a kind that a server sends."""
    while answer:
        letter, length = answer[:1], int.from_bytes(answer[1:5], "big")
        assert letter in b"123CDEGHINSTZAVcdnstKR", (sent, answer)
        assert 4 <= length <= len(answer) - 1, (sent, answer)
        answer = answer[length + 1 :]


def send(connection: socket.socket, sent: bytes) -> None:
    """Send, unless the door has hung up."""
    try:
        connection.sendall(sent)
    except TimeoutError:
        raise HungError(sent) from None
    except OSError:
        pass


def end(connection: socket.socket) -> None:
    """Say that there is no more."""
    try:
        if isinstance(connection, ssl.SSLSocket):
            connection.settimeout(1.0)
            connection.unwrap()
        connection.shutdown(socket.SHUT_WR)
    except (OSError, ValueError):
        pass


def sign_in(address: tuple[str, int], roots: ssl.SSLContext | None = None) -> socket.socket:
    """Come in as ada, for research."""
    connection: socket.socket = connect(address)
    if roots is not None:
        connection.sendall(SSL_REQUEST)
        assert connection.recv(1) == b"S"
        connection = roots.wrap_socket(connection, server_hostname="localhost")
    connection.sendall(startup(b"ada", b"options\0-c lakeward.purpose=research\0"))
    assert _receive(connection)[0] == b"R"
    bare = b"n=,r=abcdefghijklmnop"
    connection.sendall(message(b"p", b"SCRAM-SHA-256\0" + struct.pack("!i", len(bare) + 3) + b"n,," + bare))
    first = _receive(connection)[1][4:]
    connection.sendall(message(b"p", _proof(bare, first)))
    while (said := _receive(connection))[0] != b"Z":
        assert said[0] in b"RSKN", said
    return connection


def _proof(bare: bytes, first: bytes) -> bytes:
    """The client's last word of SCRAM-SHA-256 (RFC 5802)."""
    fields = dict(each.split(b"=", 1) for each in first.split(b","))
    key = _salted(base64.b64decode(fields[b"s"]), int(fields[b"i"]))
    final = b"c=biws,r=" + fields[b"r"]
    stored = hashlib.sha256(client := hmac.digest(key, b"Client Key", "sha256")).digest()
    signature = hmac.digest(stored, b",".join((bare, first, final)), "sha256")
    proof = bytes(a ^ b for a, b in zip(client, signature, strict=True))
    return final + b",p=" + base64.b64encode(proof)


@cache
def _salted(salt: bytes, iterations: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt, iterations)


def _receive(connection: socket.socket) -> tuple[bytes, bytes]:
    head = _exactly(connection, 5)
    return head[:1], _exactly(connection, int.from_bytes(head[1:], "big") - 4)


def _exactly(connection: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size:
        chunk = connection.recv(size - len(got))
        assert chunk, got
        got += chunk
    return got
