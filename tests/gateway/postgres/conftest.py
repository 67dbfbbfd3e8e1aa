"""A lake with users, and its PostgreSQL door.

What tests share is imported as `tests...`, however pytest is started.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[3]))

from tests.gateway.clinic import PASSWORD, ROWS, make_clinic
from tests.gateway.postgres.served import POLICY, Served, close_door, open_door

from lakeward.catalog.lake import Lake
from lakeward.gateway.serve.certificate import lake_certificate


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Two tables; of one ada sees one site's rows and not one column, of the other nothing."""
    rows = ROWS | {"memo": ["SECRETMEMO"] * 3}
    return make_clinic(tmp_path_factory.mktemp("postgres") / "lake", POLICY, rows)


@pytest.fixture(scope="session")
def served(lake: Lake) -> Iterator[Served]:
    """An open door without TLS, with two users."""
    opened = open_door(lake, [])
    for name in ("ada", "bob"):
        opened.context.identities.accounts.add(name, PASSWORD, by="test")
    yield opened
    close_door(opened)


@pytest.fixture(scope="session")
def with_tls(lake: Lake, served: Served) -> Iterator[Served]:  # noqa: ARG001  it makes the users
    """An open door inside TLS."""
    opened = open_door(lake, [], lake_certificate(lake))
    yield opened
    close_door(opened)
