"""A client that goes away before it is answered is nobody's fault."""

import threading
import time
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import flight
from tests.gateway.flight.served import Served, headers

from lakeward.gateway.doors.flight.messages import pack, unpack


def test_parameters_of_a_client_that_left_are_no_fault(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = headers(served.token()[0])
    gateway = served.context.gateway
    describe, left, described = gateway.describe, threading.Event(), threading.Event()

    def slow(*given: Any, **named: Any) -> Any:  # noqa: ANN401  as it is called
        found = describe(*given, **named)
        left.wait(10)
        described.set()
        return found

    with served.bare() as client:
        asked = pack("ActionCreatePreparedStatementRequest", query="SELECT $1 AS a")
        (made,) = client.do_action(flight.Action("CreatePreparedStatement", asked), options)
        handle = unpack(made.body.to_pybytes())[1]["prepared_statement_handle"]
        command = pack("CommandPreparedStatementQuery", prepared_statement_handle=handle)
        monkeypatch.setattr(gateway, "describe", slow)
        batch = pa.record_batch([pa.array([1])], ["$1"])
        short = flight.FlightCallOptions(headers=options.headers, timeout=0.5)
        writer, reader = client.do_put(flight.FlightDescriptor.for_command(command), batch.schema, short)
        writer.write_batch(batch)
        writer.done_writing()
        assert reader.read() is None  # nothing came in time
    left.set()
    assert described.wait(10)
    time.sleep(0.5)
    assert not [line for line in served.lines if "unexpected" in line]
