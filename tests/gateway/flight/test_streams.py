"""Answers that are long: ended when who reads them is gone, signs out or is told to go."""

import time
from collections.abc import Callable

import pyarrow as pa
import pytest
from pyarrow import flight
from tests.gateway.clinic import PASSWORD
from tests.gateway.flight.served import Served, close_door, headers, open_door

from lakeward.catalog.lake import Lake
from lakeward.gateway.doors.flight.messages import pack

MANY = "SELECT a.score FROM clinic.visit a, range(100000) b, range(1000) c"
NEVER = (
    "SELECT count(*) AS n FROM clinic.visit a, range(1000000) b, range(1000000) c WHERE b.range <> c.range"
)


def started(
    client: flight.FlightClient, options: flight.FlightCallOptions, sql: str
) -> flight.FlightStreamReader:
    command = flight.FlightDescriptor.for_command(pack("CommandStatementQuery", query=sql))
    return client.do_get(client.get_flight_info(command, options).endpoints[0].ticket, options)


def until(holds: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def running(served: Served) -> int:
    return len(served.door._server.running._running) if served.door._server else 0


def test_rows_go_out_as_they_come_and_end_when_the_reader_goes(served: Served) -> None:
    with served.bare() as client:
        reader = started(client, headers(served.token()[0]), MANY)
        assert reader.read_chunk().data.num_rows < 1_000_000
        assert running(served) == 1
        reader.cancel()
        until(lambda: running(served) == 0)


def test_one_that_has_no_row_yet_ends_when_its_client_goes(served: Served) -> None:
    token, _ = served.token()
    shown = [(b"authorization", f"Bearer {token}".encode()), (b"x-lakeward-purpose", b"research")]
    options = flight.FlightCallOptions(headers=shown, timeout=1.0)
    with served.bare() as client, pytest.raises((flight.FlightError, pa.ArrowException)):
        started(client, options, NEVER).read_all()
    until(lambda: running(served) == 0)


@pytest.mark.parametrize("sql", [MANY, NEVER])
def test_a_stream_ends_when_its_token_is_revoked(served: Served, sql: str) -> None:
    token, name = served.token()
    with served.bare() as client:
        if sql == MANY:
            reader = started(client, headers(token), sql)
            reader.read_chunk()
            served.context.identities.accounts.revoke_token("ada", name, by="test")
            with pytest.raises(flight.FlightUnauthenticatedError):
                _slowly(reader)
        else:
            import threading

            revoke = served.context.identities.accounts.revoke_token
            timer = threading.Timer(0.5, revoke, ["ada", name], {"by": "test"})
            timer.start()
            with pytest.raises(flight.FlightUnauthenticatedError):
                started(client, headers(token), sql).read_all()
            timer.join()
    until(lambda: running(served) == 0)


def _slowly(reader: flight.FlightStreamReader) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        reader.read_chunk()
        time.sleep(0.005)


def test_a_door_that_closes_ends_what_runs(lake: Lake) -> None:
    opened = open_door(lake, [])
    opened.context.identities.accounts.add("zoe", PASSWORD, by="test")
    with opened.bare() as client:
        reader = started(client, headers(opened.token()[0]), MANY)
        reader.read_chunk()
        began = time.monotonic()
        import threading

        closing = threading.Thread(target=opened.door.stop, args=[0.2])
        closing.start()
        with pytest.raises(flight.FlightUnavailableError, match="gateway-closing"):
            _slowly(reader)
        closing.join()
        assert time.monotonic() - began < 10
    close_door(opened)
