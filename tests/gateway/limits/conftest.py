"""A lake whose limits are small, and one gateway of it behind all three doors."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

sys.path.append(str(Path(__file__).parents[3]))

from tests.gateway.limits.served import CONFIG, POLICY, Doors

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import init_lake
from lakeward.catalog.names import TableName


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """The doors, open."""
    lake = init_lake(tmp_path_factory.mktemp("limits") / "lake")
    table = pa.table({"n": range(400_000)})
    write_batches(
        lake,
        TableName("clinic", "visit"),
        table.to_reader(),
        mode="create",
        tags={"n": ["health"]},
        actor="t",
    )
    (lake.policies_dir / "p.yaml").write_text(POLICY, "utf-8")
    config = lake.root / "lakeward.toml"
    config.write_text(config.read_text("utf-8") + CONFIG, "utf-8")
    opened = Doors(lake.root)
    yield opened
    opened.close()
