"""Whatever bytes come to the Flight port: no crash, no hang, nothing hidden comes back, nothing grows."""

from functools import partial

import adbc_driver_flightsql.dbapi as adbc
import pytest
from tests.gateway.fuzz.clinic import make_token
from tests.gateway.fuzz.drive import MANY, fuzz
from tests.gateway.fuzz.flight import Caller
from tests.gateway.fuzz.serving import Serving

from lakeward.catalog.lake import Lake

_HEADER = "adbc.flight.sql.rpc.call_header.x-lakeward-purpose"


def ask(address: tuple[str, int], token: str) -> None:
    """Ask as an honest client, who is answered."""
    options = {"adbc.flight.sql.authorization_header": f"Bearer {token}", _HEADER: "research"}
    uri = f"grpc://{address[0]}:{address[1]}"
    with adbc.connect(uri, db_kwargs=options, autocommit=True) as client, client.cursor() as cursor:
        cursor.execute("SELECT count(*) AS n FROM clinic.visit")
        assert cursor.fetchall() == [(2,)]


def run(served: Serving, lake: Lake, count: int) -> None:
    address, token = served.doors["flight"], make_token(lake)

    def make(seed: int) -> Caller:
        return Caller(address, seed, token)

    print(fuzz(served, make, partial(ask, address, token), count))  # noqa: T201  the count and the curve, with -s


def test_a_few_strange_bytes(served: Serving, lake: Lake) -> None:
    run(served, lake, 400)


@pytest.mark.slow
def test_many_strange_bytes(served: Serving, lake: Lake) -> None:
    run(served, lake, MANY)
