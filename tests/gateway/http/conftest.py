"""A lake with users, and its HTTP door.

What tests share is imported as `tests...`, however pytest is started.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[3]))

from tests.gateway.clinic import PASSWORD, close_context, context_of, make_clinic
from tests.gateway.http.served import POLICY, Served

from lakeward.catalog.lake import Lake
from lakeward.gateway.doors.http import HttpDoor
from lakeward.gateway.serve.certificate import lake_certificate


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Two tables; of one ada sees one site's rows, of the other nothing."""
    return make_clinic(tmp_path_factory.mktemp("http") / "lake", POLICY)


@pytest.fixture(scope="module")
def served(lake: Lake) -> Iterator[Served]:
    """An open door without TLS, and ada's token."""
    lines: list[str] = []
    context = context_of(lake, lines)
    context.readiness.is_open = True
    context.identities.accounts.add("ada", PASSWORD, by="test")
    token, made = context.identities.accounts.make_token("ada", 1, by="test")
    door = HttpDoor(context, "127.0.0.1", 0)
    host, port = door.start()
    url = f"http://{host}:{port}"
    yield Served(door=door, context=context, url=url, lines=lines, token=token, token_id=made.id)
    door.stop(1.0)
    close_context(context)


@pytest.fixture(scope="module")
def with_tls(lake: Lake, served: Served) -> Iterator[tuple[str, Path]]:
    """A door inside TLS: its address, and the certificate to trust."""
    tls = lake_certificate(lake)
    door = HttpDoor(replace(served.context, tls=tls, insecure_loopback=False), "127.0.0.1", 0)
    host, port = door.start()
    yield f"https://{host}:{port}", tls.certificate
    door.stop(0.0)
