"""Rows that another tool has deleted beside the data are hidden from everybody, and count as hidden.

They are in the data files still, and in the numbers and bounds by which an engine plans.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from tests.bypass.deletes import delete_by_position
from tests.bypass.lake import PURPOSE, Governed
from tests.bypass.test_random_failures import FAMOUS, outcome

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake
from lakeward.catalog.names import TableName

SHOWN, DELETED = 120, 5_000
TOTALS = {"total-delete-files": "1", "total-position-deletes": str(DELETED), "total-equality-deletes": "0"}
NOTHING_SAID: dict[str, str] = {}


def _rows(name: str, deleted: int) -> pa.Table:
    shown = range(SHOWN) if name == "event" else range(SHOWN - 1, -1, -1)
    return pa.table({"id": pa.array([*shown, *range(10**6, 10**6 + deleted)], pa.int64())})


def _lake(root: Path, totals: dict[str, str] | None) -> Lake:
    """A lake that shows all of its rows, without those of `rare` that have been deleted."""
    lake = init_lake(root)
    for name in ("event", "rare"):
        rows = _rows(name, DELETED if totals is not None and name == "rare" else 0)
        tags = {"id": ["sensitivity.none"]}
        write_batches(
            lake, TableName("main", name), rows.to_reader(), mode="append", tags=tags, actor="suite"
        )
    if totals is not None:
        table = lake.iceberg().load_table("main.rare")
        delete_by_position(table, list(range(SHOWN, SHOWN + DELETED)), totals)
    columns = [{"names": ["id"], "mask": "clear"}]
    tables = ["main.event", "main.rare"]
    grants = [{"id": "sees-all", "to": ["equal"], "tables": tables, "columns": columns}]
    policy = {
        "version": 1,
        "roles": {"equal": {"members": ["equal"]}},
        "purposes": [PURPOSE],
        "grants": grants,
    }
    (lake.policies_dir / "all.yaml").write_text(json.dumps(policy), encoding="utf-8")
    return lake


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Governed]]:
    root = tmp_path_factory.mktemp("deleted")
    made = {"none": _lake(root / "none", None), "deleted": _lake(root / "deleted", TOTALS)}
    made["untold"] = _lake(root / "untold", NOTHING_SAID)
    yield {name: Governed(lake) for name, lake in made.items()}
    for lake in made.values():
        lake.close()


@pytest.mark.parametrize("name", ["a sum in another order", "a mean in another order"])
@pytest.mark.parametrize("lake", ["deleted", "untold"])
def test_a_deleted_row_decides_no_failure(lakes: dict[str, Governed], name: str, lake: str) -> None:
    assert outcome(lakes[lake], "equal", FAMOUS[name])[1] == outcome(lakes["none"], "equal", FAMOUS[name])[1]


def test_where_rows_may_be_deleted_less_may_fail(lakes: dict[str, Governed]) -> None:
    sql = "SELECT q.x FROM (SELECT u.id * 9223372036854775 AS x FROM rare AS u LIMIT 5) AS q"
    ways = {name: outcome(each, "equal", sql)[0] for name, each in lakes.items()}
    assert ways == {"none": "fused", "deleted": "staged", "untold": "staged"}


def test_a_deleted_row_does_not_show(lakes: dict[str, Governed]) -> None:
    for each in lakes.values():
        assert each.run("equal", "SELECT count(*) AS n, max(u.id) AS m FROM rare AS u")[1] == [(120, 119)]
