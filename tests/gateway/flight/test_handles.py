"""Tickets and bearers: whose they are, how often they count, and when they end."""

import pyarrow as pa
import pytest
from pyarrow import flight
from tests.gateway.clinic import PASSWORD
from tests.gateway.flight.served import Served, headers

from lakeward.gateway.doors.flight.handles import Handles
from lakeward.gateway.doors.flight.messages import pack

SQL = "SELECT code FROM clinic.visit ORDER BY score"


def ticket(client: flight.FlightClient, options: flight.FlightCallOptions) -> flight.Ticket:
    command = flight.FlightDescriptor.for_command(pack("CommandStatementQuery", query=SQL))
    return client.get_flight_info(command, options).endpoints[0].ticket


def test_a_ticket_holds_no_sql_and_counts_once(served: Served) -> None:
    token, _ = served.token()
    with served.bare() as client:
        got = ticket(client, headers(token))
        assert b"SELECT" not in got.ticket
        assert client.do_get(got, headers(token)).read_all().to_pydict() == {"code": ["C50", "I10"]}
        with pytest.raises(pa.ArrowException, match="unknown-handle"):
            client.do_get(got, headers(token)).read_all()


def test_a_ticket_is_for_its_principal_credential_and_purpose(served: Served) -> None:
    ada, bob, other = served.token()[0], served.token("bob")[0], served.token()[0]
    with served.bare() as client:
        got = ticket(client, headers(ada))
        for options in (headers(bob), headers(other), headers(ada, "quality")):
            with pytest.raises(pa.ArrowException, match="unknown-handle"):
                client.do_get(got, options).read_all()
        assert client.do_get(got, headers(ada)).read_all().num_rows == 2


@pytest.mark.parametrize("forged", [b"", b"SELECT 1", pack("TicketStatementQuery", statement_handle=b"x")])
def test_a_forged_ticket_is_refused(served: Served, forged: bytes) -> None:
    with (
        served.bare() as client,
        pytest.raises(flight.FlightError, match=r"cannot be taken|no such statement") as caught,
    ):
        client.do_get(flight.Ticket(forged), headers(served.token()[0])).read_all()
    assert "Traceback" not in str(caught.value)


def test_calls_that_flight_sql_does_not_need_are_refused_in_our_words(served: Served) -> None:
    options, nothing = headers(served.token()[0]), flight.FlightDescriptor.for_command(b"x")
    row = pa.record_batch({"a": [1]})
    with served.bare() as client:

        def put() -> None:
            writer, _ = client.do_put(nothing, row.schema, options)
            writer.write_batch(row)
            writer.close()

        def exchange() -> None:
            writer, reader = client.do_exchange(nothing, options)
            writer.done_writing()
            reader.read_chunk()

        for call in (
            lambda: list(client.list_flights(b"", options)),
            lambda: list(client.do_action(flight.Action("BeginTransaction", b""), options)),
            lambda: client.get_flight_info(nothing, options),
            put,
            exchange,
        ):
            with pytest.raises(flight.FlightError, match="cannot be taken") as caught:
                call()
            assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize("message", [
    pack("CommandStatementQuery", query="SELECT '\u00e9'"),
    pack("CommandGetTables", table_name_filter_pattern="\u00e9"),
    pack("CommandGetTables", table_types=["\u00e9"]),
])  # fmt: skip
def test_a_text_that_is_no_text_is_refused(served: Served, message: bytes) -> None:
    options = headers(served.token()[0])
    with served.bare() as client:
        client.get_flight_info(flight.FlightDescriptor.for_command(message), options)
        wrong = flight.FlightDescriptor.for_command(message.replace(b"\xc3\xa9", b"\xff\xfe"))
        with pytest.raises(flight.FlightError, match="cannot be read"):
            client.get_flight_info(wrong, options)


def test_an_action_without_a_readable_name_is_refused(served: Served) -> None:
    before = list(served.lines)
    with served.bare() as client, pytest.raises((flight.FlightError, pa.ArrowException)):
        list(client.do_action(flight.Action(b"\xff\xfe", b""), headers(served.token()[0])))
    assert not [line for line in served.lines[len(before) :] if "unexpected" in line]


def test_a_token_that_is_revoked_fetches_nothing(served: Served) -> None:
    token, name = served.token()
    with served.bare() as client:
        got = ticket(client, headers(token))
        served.context.identities.accounts.revoke_token("ada", name, by="test")
        with pytest.raises(flight.FlightUnauthenticatedError):
            client.do_get(got, headers(token)).read_all()


def test_a_bearer_ends_with_the_password_it_was_given_for(served: Served) -> None:
    accounts = served.context.identities.accounts
    accounts.add("eve", PASSWORD, by="test")
    with served.bare() as client:
        key, value = client.authenticate_basic_token("eve", PASSWORD)
        options = flight.FlightCallOptions(headers=[(key, value), (b"x-lakeward-purpose", b"research")])
        with pytest.raises(flight.FlightUnauthorizedError):
            ticket(client, options)
        accounts.set_password("eve", PASSWORD + "!", by="test")
        with pytest.raises(flight.FlightUnauthenticatedError):
            ticket(client, options)


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer lakeward-flight.x", "Basic !", "Digest x"])
def test_what_proves_nothing_is_refused_at_every_call(served: Served, shown: str) -> None:
    options = flight.FlightCallOptions(headers=[(b"authorization", shown.encode())])
    with served.bare() as client:
        for call in (
            lambda: ticket(client, options),
            lambda: client.do_get(flight.Ticket(b""), options).read_all(),
            lambda: list(client.do_action(flight.Action("CreatePreparedStatement", b""), options)),
            lambda: client.list_actions(options),
        ):
            with pytest.raises(flight.FlightUnauthenticatedError):
                call()


def test_two_authorizations_are_refused(served: Served) -> None:
    shown = [(b"authorization", f"Bearer {served.token(name)[0]}".encode()) for name in ("ada", "bob")]
    with served.bare() as client, pytest.raises(flight.FlightUnauthenticatedError):
        ticket(client, flight.FlightCallOptions(headers=shown))


def test_handles_end_in_time_and_an_owner_pushes_out_their_own() -> None:
    now = [0.0]
    handles: Handles[int] = Handles(10.0, 2, clock=lambda: now[0])
    other = handles.keep("bob", 0)
    first, second, third = (handles.keep("ada", number) for number in (1, 2, 3))
    assert handles.of("ada", first) is None
    assert handles.of("bob", second) is None
    assert (handles.of("ada", second), handles.of("bob", other)) == (2, 0)
    assert (handles.take("ada", third), handles.take("ada", third)) == (3, None)
    now[0] = 10.0
    assert handles.find(other) is None
