"""Whatever bytes come to the PostgreSQL port: no crash, no hang, nothing hidden comes back, nothing grows."""

from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
import pytest
from tests.gateway.fuzz.clinic import PASSWORD, trusting
from tests.gateway.fuzz.drive import MANY, Talker, fuzz
from tests.gateway.fuzz.postgres import Signed, Stranger
from tests.gateway.fuzz.serving import Serving

KINDS = pytest.mark.parametrize("kind", [Stranger, Signed])


def ask(served: Serving) -> None:
    """Ask as an honest client, who is answered."""
    host, port = served.doors["postgres"]
    given: dict[str, Any] = (
        {"sslmode": "verify-full", "sslrootcert": str(served.roots)} if served.roots else {}
    )
    options = "-c lakeward.purpose=research"
    host = "localhost" if served.roots else host
    with psycopg.connect(
        host=host, port=port, user="ada", password=PASSWORD, options=options, **given
    ) as client:
        assert client.execute("SELECT count(*) FROM clinic.visit").fetchone() == (2,)


def run(served: Serving, kind: Callable[..., Talker], count: int) -> None:
    roots = trusting(served.roots) if served.roots else None

    def make(seed: int) -> Talker:
        return kind(served.doors["postgres"], seed, roots)

    print(fuzz(served, make, partial(ask, served), count))  # noqa: T201  the count and the curve, with -s


@KINDS
def test_a_few_strange_bytes(served: Serving, kind: Callable[..., Talker]) -> None:
    run(served, kind, 400)


@KINDS
def test_a_few_strange_bytes_inside_tls(with_tls: Serving, kind: Callable[..., Talker]) -> None:
    run(with_tls, kind, 150)


@pytest.mark.slow
@KINDS
def test_many_strange_bytes(served: Serving, kind: Callable[..., Talker]) -> None:
    run(served, kind, MANY)


@pytest.mark.slow
@KINDS
def test_many_strange_bytes_inside_tls(with_tls: Serving, kind: Callable[..., Talker]) -> None:
    run(with_tls, kind, MANY // 4)
