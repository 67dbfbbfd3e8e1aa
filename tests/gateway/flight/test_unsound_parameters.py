"""Parameters whose Arrow lies about itself: nothing outside of them is read."""

import struct

import pyarrow as pa
import pytest
from pyarrow import flight
from tests.gateway.flight.served import Served, headers
from tests.gateway.fuzz.relay import Change, relayed

from lakeward.gateway.doors.flight.messages import pack, unpack

_LENGTH = 4_660
_OFFSETS = struct.pack("<ii", 0, _LENGTH)


def lie(first: int, last: int) -> Change:
    """Change the offsets of a value of `_LENGTH` on the way."""
    return lambda chunk: chunk.replace(_OFFSETS, struct.pack("<ii", first, last))


def one(value: object, kind: pa.DataType) -> pa.RecordBatch:
    return pa.record_batch([pa.array([value], kind)], ["$1"])


@pytest.mark.parametrize(
    ("first", "last"), [(0, 6_000), (0, 1 << 30), (-64, _LENGTH), (_LENGTH, 2), (4_000, 6_000)]
)
@pytest.mark.parametrize("kind", ["binary", "text", "list"])
def test_offsets_that_point_outside_read_nothing(served: Served, kind: str, first: int, last: int) -> None:
    batch = {
        "binary": one(b"x" * _LENGTH, pa.binary()),
        "text": one("x" * _LENGTH, pa.string()),
        "list": one([7] * _LENGTH, pa.list_(pa.int32())),
    }[kind]
    said = sent(served, batch, lie(first, last))
    assert "no sound Arrow" in said, said


def test_text_that_is_no_utf8_is_refused(served: Served) -> None:
    batch = one("honest", pa.string())
    assert "no sound Arrow" in sent(served, batch, lambda chunk: chunk.replace(b"honest", b"\xff" * 6))


def test_names_that_are_no_text_are_refused(served: Served) -> None:
    batch = pa.record_batch([pa.array([1])], ["honestname"])
    said = sent(served, batch, lambda chunk: chunk.replace(b"honestname", b"\xff" * 10))
    assert "no sound Arrow" in said, said


def test_parameters_of_many_bytes_are_refused(served: Served) -> None:
    assert "bytes" in sent(served, one("x" * (17 << 20), pa.string()))


def test_a_sound_value_is_taken(served: Served) -> None:
    assert not sent(served, one(b"x" * _LENGTH, pa.binary()))


def sent(served: Served, batch: pa.RecordBatch, change: Change = bytes) -> str:
    """Send a batch as parameters, changed on its way; what the door says against it."""
    options = headers(served.token()[0])
    with (
        relayed((served.host, served.port), change) as relay,
        flight.connect(f"grpc+tcp://127.0.0.1:{relay.port}") as client,
    ):
        text = pack("ActionCreatePreparedStatementRequest", query="SELECT $1 AS a")
        made = next(iter(client.do_action(flight.Action("CreatePreparedStatement", text), options)))
        handle = unpack(made.body.to_pybytes())[1]["prepared_statement_handle"]
        command = pack("CommandPreparedStatementQuery", prepared_statement_handle=handle)
        writer, told = client.do_put(flight.FlightDescriptor.for_command(command), batch.schema, options)
        try:
            with writer:
                writer.write_batch(batch)
                writer.done_writing()
                told.read()
        except (flight.FlightError, pa.ArrowException) as error:
            return str(error)
        return ""
