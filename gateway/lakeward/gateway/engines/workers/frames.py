"""The one form in which gateway and workers talk: a letter, a length, a payload of JSON or Arrow IPC."""

import json
import select
import socket
import struct
from collections.abc import Generator, Iterable, Sequence
from functools import partial
from typing import Any, Final

import pyarrow as pa

HEADER: Final = struct.Struct("<cI")
MAX_FRAME: Final = 1 << 29
"""Bytes of one frame; a single row over that ends its statement."""

PIECE_BYTES: Final = 16 << 20
"""Bytes of rows in one frame, where it can be: what a gateway holds of a statement at a time."""

_BUFFER: Final = 1 << 16

SCHEMA, BATCH, WHOLE, DONE, ERROR, OK, VALUES = b"S", b"B", b"W", b"D", b"E", b"K", b"V"
"""What a frame holds. `WHOLE` is a batch as a stream of its own, with the dictionaries that it needs."""


class BrokenChannelError(Exception):
    """The other side is gone, or says what it must not say."""


class WorkerError(Exception):
    """The other side reports the class of an error. Of its text nothing comes over."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Channel:
    """One end of a socket that carries frames; for one thread at a time."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._held = memoryview(bytearray(_BUFFER))
        self._start = self._end = 0

    def send(self, kind: bytes, payload: bytes | pa.Buffer = b"", fds: Sequence[int] = ()) -> None:
        """Send one frame, with open files beside it.

        Raises:
            BrokenChannelError: The other side is gone.
        """
        view = memoryview(payload)
        head = HEADER.pack(kind, view.nbytes)
        try:
            if fds:
                socket.send_fds(self.sock, [head], list(fds))
                head = b""
            self._send_all(head, view)
        except OSError:
            raise BrokenChannelError from None

    def _send_all(self, head: bytes, view: memoryview) -> None:
        if view.nbytes < _BUFFER:
            self.sock.sendall(head + view.tobytes())
        else:
            self.sock.sendall(head)
            self.sock.sendall(view)

    def send_json(self, kind: bytes, value: object, fds: Sequence[int] = ()) -> None:
        """Send one frame of JSON."""
        self.send(kind, json.dumps(value).encode(), fds)

    def send_frames(self, frames: Sequence[tuple[bytes, bytes | pa.Buffer]]) -> None:
        """Send several frames, small ones in one go."""
        small = bytearray()
        for kind, payload in frames:
            view = memoryview(payload)
            small += HEADER.pack(kind, view.nbytes)
            if view.nbytes < _BUFFER:
                small += view
            else:
                self._flush(small)
                self._flush(view)
                small = bytearray()
        self._flush(small)

    def _flush(self, view: bytearray | memoryview) -> None:
        try:
            if len(view):
                self.sock.sendall(view)
        except OSError:
            raise BrokenChannelError from None

    def receive(self) -> tuple[bytes, pa.Buffer]:
        """Wait for one frame.

        Raises:
            BrokenChannelError: The other side is gone, or the frame is too large.
        """
        try:
            kind, length = HEADER.unpack(self._take(HEADER.size))
            if length > MAX_FRAME:
                raise BrokenChannelError
            return kind, self._take(length)
        except (OSError, MemoryError, pa.ArrowException):
            raise BrokenChannelError from None

    def receive_request(self) -> tuple[bytes, Any, list[int]]:
        """Wait for one frame of JSON with the open files beside it; nothing else may be under way."""
        head, fds, _flags, _address = socket.recv_fds(self.sock, HEADER.size, 4)
        if len(head) < HEADER.size:
            raise BrokenChannelError
        kind, length = HEADER.unpack(head)
        return kind, json.loads(self._take(length).to_pybytes() or b"null"), fds

    def has_input(self) -> bool:
        """Whether the other side has said something, or is gone, without waiting for either."""
        asked = select.poll()
        asked.register(self.sock, select.POLLIN)
        return self._end > self._start or bool(asked.poll(0))

    def _take(self, length: int) -> pa.Buffer:
        while self._end - self._start < length <= _BUFFER:
            self._fill()
        if length <= _BUFFER:
            taken = bytes(self._held[self._start : self._start + length])
            self._start += length
            return pa.py_buffer(taken)
        return self._take_large(length)

    def _fill(self) -> None:
        if self._start:
            rest = bytes(self._held[self._start : self._end])
            self._held[: len(rest)] = rest
            self._start, self._end = 0, len(rest)
        count = self.sock.recv_into(self._held[self._end :])
        if not count:
            raise BrokenChannelError
        self._end += count

    def _take_large(self, length: int) -> pa.Buffer:
        buffer = pa.allocate_buffer(length)
        view = memoryview(buffer).cast("B")
        done = min(self._end - self._start, length)
        view[:done] = self._held[self._start : self._start + done]
        self._start += done
        while done < length:
            count = self.sock.recv_into(view[done:])
            if not count:
                raise BrokenChannelError
            done += count
        return buffer

    def close(self) -> None:
        """Close the socket."""
        self.sock.close()


def send_rows(channel: Channel, schema: pa.Schema, batches: Iterable[pa.RecordBatch], full: int) -> None:
    """Send a schema, batches in pieces, and that they are done; a batch under `full` rows is the last one.

    Frames are held back until there is a full batch or the end, so that a small answer is one message.
    """
    frames: list[tuple[bytes, bytes | pa.Buffer]] = [(SCHEMA, schema.serialize())]
    has_dictionaries = any(_has_dictionary(each) for each in schema.types)
    for batch in batches:
        for piece in _pieces(batch):
            frames.append((WHOLE, _whole(piece)) if has_dictionaries else (BATCH, piece.serialize()))
            if batch.num_rows >= full or piece is not batch:
                channel.send_frames(frames)
                frames = []
    channel.send_frames([*frames, (DONE, b"")])


def _has_dictionary(type_: pa.DataType) -> bool:
    if pa.types.is_dictionary(type_):
        return True
    return any(_has_dictionary(type_.field(place).type) for place in range(type_.num_fields))


def _whole(batch: pa.RecordBatch) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    return sink.getvalue()


def _pieces(batch: pa.RecordBatch) -> Generator[pa.RecordBatch]:
    if batch.nbytes <= PIECE_BYTES or batch.num_rows <= 1:
        yield batch
        return
    half = batch.num_rows // 2
    yield from _pieces(batch.slice(0, half))
    yield from _pieces(batch.slice(half))


class Rows:
    """The rows that a worker sends: the schema first, then batches up to the end.

    Attributes:
        schema: Names and types of the columns.
        is_over: Whether the worker has said all that it will say.
    """

    def __init__(self, channel: Channel, *, is_trusted: bool = False) -> None:
        self._channel = channel
        self._is_trusted = is_trusted
        self.is_over = False
        kind, payload = self._receive()
        if kind != SCHEMA:
            raise BrokenChannelError
        self.schema = _parsed(lambda: pa.ipc.read_schema(payload))

    def batches(self) -> Generator[pa.RecordBatch]:
        """Give the batches as they come, each checked for what an untrusted sender might put into it.

        Raises:
            WorkerError: The engine failed.
            BrokenChannelError: The worker is gone, or sent something that is no such batch.
        """
        while True:
            kind, payload = self._receive()
            if kind == DONE:
                return
            if kind not in {BATCH, WHOLE}:
                raise BrokenChannelError
            yield _parsed(partial(self._batch, payload, is_whole=kind == WHOLE))

    def _batch(self, frame: pa.Buffer, *, is_whole: bool) -> pa.RecordBatch:
        if is_whole:
            batch = pa.ipc.open_stream(frame).read_next_batch()
        else:
            batch = pa.ipc.read_record_batch(frame, self.schema)
        if batch.schema != self.schema:
            raise BrokenChannelError
        if not self._is_trusted:
            batch.validate(full=True)
        return batch

    def _receive(self) -> tuple[bytes, pa.Buffer]:
        kind, payload = self._channel.receive()
        self.is_over = kind in {DONE, ERROR}
        if kind == ERROR:
            raise WorkerError(error_kind(payload))
        return kind, payload


def error_kind(payload: pa.Buffer) -> str:
    """Read the class of an error; whoever uses it looks it up in a list of its own."""
    return str(payload.to_pybytes()[:100], "ascii", "replace")


def read_json(payload: pa.Buffer) -> Any:  # noqa: ANN401 - whatever it holds
    """Read what a frame holds.

    Raises:
        BrokenChannelError: It is no JSON.
    """
    try:
        return json.loads(payload.to_pybytes())
    except (ValueError, RecursionError):
        raise BrokenChannelError from None


def _parsed(parse: Any) -> Any:  # noqa: ANN401 - whatever it gives
    try:
        return parse()
    except (pa.ArrowException, OSError, ValueError, TypeError, MemoryError, StopIteration, KeyError):
        raise BrokenChannelError from None
