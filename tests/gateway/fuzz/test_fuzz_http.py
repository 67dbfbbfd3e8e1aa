"""Whatever bytes come to the HTTP port: no crash, no hang, nothing hidden comes back, nothing grows."""

from functools import partial

import httpx
import pytest
from tests.gateway.fuzz.clinic import make_token
from tests.gateway.fuzz.drive import MANY, fuzz
from tests.gateway.fuzz.http import Requester
from tests.gateway.fuzz.serving import Serving

from lakeward.catalog.lake import Lake


def ask(address: tuple[str, int], token: str) -> None:
    """Ask as an honest client, who is answered."""
    headers = {"authorization": f"Bearer {token}", "x-lakeward-purpose": "research"}
    url = f"http://{address[0]}:{address[1]}/v1/query"
    reply = httpx.post(
        url, json={"sql": "SELECT count(*) AS n FROM clinic.visit"}, headers=headers, timeout=30
    )
    assert reply.json()["rows"] == [[2]]


def run(served: Serving, lake: Lake, count: int) -> None:
    address, token = served.doors["http"], make_token(lake)

    def make(seed: int) -> Requester:
        return Requester(address, seed, token)

    print(fuzz(served, make, partial(ask, address, token), count))  # noqa: T201  the count and the curve, with -s


def test_a_few_strange_bytes(served: Serving, lake: Lake) -> None:
    run(served, lake, 400)


@pytest.mark.slow
def test_many_strange_bytes(served: Serving, lake: Lake) -> None:
    run(served, lake, MANY)
