"""Messages of Arrow inside those of Flight, whose numbers may lie."""

import struct
from collections.abc import Sequence

import pyarrow as pa
from tests.gateway.fuzz.mutate import Mutator

_VALUES: tuple[pa.Array, ...] = (
    pa.array(["text"]), pa.array([b"bytes"]), pa.array([7]), pa.array([None], pa.int32()), pa.array([1.5]),
    pa.array([[1, 2, 3]]), pa.array([["a", None]]), pa.array([{"a": 1}]), pa.array(["x"]).dictionary_encode(),
    pa.array([True]), pa.array([[[1], []]]), pa.array([1], pa.timestamp("us")),
    pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())), pa.array(["of some length"], pa.string_view()),
    pa.array([1], pa.decimal128(38, 3)), pa.nulls(1), pa.array([], pa.int8()),
)  # fmt: skip


def field(number: int, value: bytes) -> bytes:
    """A field of bytes in protobuf's form."""
    size, coded = len(value), b""
    while size >= 128:
        coded, size = coded + bytes([size % 128 + 128]), size // 128
    return _varint(number << 3 | 2) + coded + bytes([size]) + value


def _varint(value: int) -> bytes:
    coded = b""
    while value >= 128:
        coded, value = coded + bytes([value % 128 + 128]), value // 128
    return coded + bytes([value])


def described(command: bytes) -> bytes:
    """A descriptor of Flight that holds a command."""
    return b"\x08\x02" + field(2, command)


def strange_batch(mutator: Mutator) -> pa.RecordBatch:
    """Values of parameters, of any type; mostly one row of one."""
    columns = [mutator.chance.choice(_VALUES) for _ in range(mutator.chance.choice((0, 1, 1, 1, 1, 2)))]
    rows = min((len(each) for each in columns), default=0)
    names = [f"${n}" for n in range(1, len(columns) + 1)]
    return pa.record_batch([each[:rows] for each in columns], names)


def messages_of(batch: pa.RecordBatch, mutator: Mutator) -> Sequence[tuple[bytes, bytes]]:
    """The head and the body of each message of a batch, changed where the lengths around them stay right."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    stream, found = sink.getvalue().to_pybytes(), []
    while stream[4:8] != b"\0\0\0\0" and len(stream) > 8:
        size = struct.unpack("<i", stream[4:8])[0]
        head = stream[8 : 8 + size]
        length = _body_length(head)
        body = stream[8 + size : 8 + size + length]
        stream = stream[8 + size + length :]
        found.append((_nearly(mutator, head), _nearly(mutator, body)))
    return found


def _body_length(head: bytes) -> int:
    """Read `bodyLength` of a message of Arrow: the fourth field of its table of flatbuffers."""
    root = struct.unpack_from("<I", head)[0]
    table = root - struct.unpack_from("<i", head, root)[0]
    if struct.unpack_from("<H", head, table)[0] <= 10:
        return 0
    place = struct.unpack_from("<H", head, table + 10)[0]
    return int(struct.unpack_from("<q", head, root + place)[0]) if place else 0


def _nearly(mutator: Mutator, part: bytes) -> bytes:
    """Change numbers where they stand, so that what is around them still fits; or nothing, or anything."""
    made = bytearray(part)
    match mutator.chance.randrange(6):
        case 0 | 1 if len(made) >= 8:
            place = mutator.chance.randrange(len(made) // 4) * 4
            number = mutator.number()[: len(made) - place]
            made[place : place + len(number)] = number
        case 2:
            return mutator.some(part, 2)
        case _:
            pass
    return bytes(made)


def flight_data(head: bytes, body: bytes) -> bytes:
    """A message of Flight that holds one of Arrow."""
    return field(2, head) + (field(1000, body) if body else b"")
