"""A lake with users, and its Flight SQL door.

What tests share is imported as `tests...`, however pytest is started.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

sys.path.append(str(Path(__file__).parents[3]))

from tests.gateway.flight.served import (
    CONFIG,
    PASSWORD,
    POLICY,
    TAGS,
    Served,
    close_door,
    open_door,
)

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake, open_lake
from lakeward.catalog.names import TableName
from lakeward.gateway.serve.certificate import lake_certificate


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Two tables; of one ada sees one site's rows, of the other nothing."""
    made = init_lake(tmp_path_factory.mktemp("flight") / "lake")
    rows = {
        "patient": ["p1", "p2", "SECRETPATIENT"],
        "site": ["H1", "H1", "H2"],
        "code": ["C50", "I10", "SECRETCODE"],
        "score": [1, 2, 3],
    }
    for table in ("visit", "hidden"):
        write_batches(
            made,
            TableName("clinic", table),
            pa.table(rows).to_reader(),
            mode="create",
            tags=TAGS,
            actor="test",
        )
    (made.policies_dir / "clinic.yaml").write_text(POLICY, "utf-8")
    config = made.root / "lakeward.toml"
    config.write_text(config.read_text("utf-8") + CONFIG, "utf-8")
    return open_lake(made.root)


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
