"""Lakes whose visible rows are the same, and whose hidden rows are none, many, extreme, NULL or first."""

import json
import random
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from tests.bypass.extreme_cells import COLUMNS, extreme_cells
from tests.bypass.lake import PURPOSE

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake
from lakeward.catalog.names import TableName

SHOWN = 120
ROWS = {"equal": "site = 'H1'", "semi": "id IN (SELECT c.id FROM main.consent AS c WHERE c.given)"}
_PLAIN: dict[str, list[Any]] = {
    "flag": [True, False],
    "small": [3, 7, 12],
    "big": [5, 11, 70],
    "cents": [Decimal("1.50"), Decimal("2.25")],
    "price": [Decimal("10.5000"), Decimal("99.9999")],
    "whole": [Decimal(4), Decimal(9)],
    "fine": [Decimal("0.5"), Decimal("2.25")],
    "single": [0.5, 2.0],
    "ratio": [0.25, 3.5],
    "text": ["a", "7", "2026-01-31"],
    "word": ["a", "b"],
    "day": [date(2026, 1, 31), date(2020, 2, 29)],
    "moment": [datetime(2026, 1, 31, 10), datetime(2020, 2, 29, 1)],  # noqa: DTZ001  a column without a zone
    "instant": [datetime(2026, 1, 31, 10, tzinfo=UTC), datetime(2020, 2, 29, 1, tzinfo=UTC)],
    "raw": [b"a", b"b"],
    "words": [["a"], ["b", None]],
    "home": [{"street": "a", "unit": 1}, {"street": "b", "unit": 2}],
    "days": [[date(2026, 1, 31)], []],
    "moments": [[datetime(2026, 1, 31, 10)]],  # noqa: DTZ001  without a zone
    "stay": [{"since": date(2026, 1, 31)}],
    "visit": [{"since": datetime(2026, 1, 31, 10)}],  # noqa: DTZ001  without a zone
}


def _plain(rows: int, draw: random.Random) -> pa.Table:
    """Rows on which little fails."""
    cells = {name: [draw.choice(each) for _ in range(rows)] for name, each in _PLAIN.items()}
    return pa.table({name: pa.array(each, COLUMNS[name][1]) for name, each in cells.items()})


def _extreme(rows: int, draw: random.Random) -> pa.Table:
    return extreme_cells(rows, draw).select(list(_PLAIN))


def _placed(cells: pa.Table, *, first: int, site: str, grade: int, never: int | None) -> pa.Table:
    count = cells.num_rows
    keys = {
        "id": pa.array(range(first, first + count), pa.int64()),
        "site": pa.array([site] * count, pa.string()),
        "grade": pa.array([grade] * count, pa.int64()),
        "never": pa.array([never] * count, pa.int64()),
    }
    return pa.table(keys | {name: cells[name] for name in cells.column_names})


def visible_rows(table: str) -> pa.Table:
    """The rows of a table that everybody may see."""
    draw = random.Random(table)  # noqa: S311  the same draws each time
    cells = _plain(SHOWN, draw)
    if table == "rare":  # the last few rows hold what fails
        cells = pa.concat_tables([cells.slice(0, SHOWN - 10), _extreme(10, draw)])
    rows = _placed(cells, first=0, site="H1", grade=1, never=None)
    return rows.sort_by([("id", "descending")]) if table == "rare" else rows


def hidden_rows(cells: pa.Table, never: int | None = 7) -> pa.Table:
    """Rows of these cells that nobody may see."""
    return _placed(cells, first=10**6, site="S1", grade=2, never=never)


def _nulls(rows: int) -> pa.Table:
    return pa.table({name: pa.nulls(rows, COLUMNS[name][1]) for name in _PLAIN})


def _between(rows: pa.Table, hidden: pa.Table) -> list[pa.Table]:
    """Hidden rows before every few visible ones, in several files."""
    parts = [part for at in range(0, SHOWN, 10) for part in (hidden, rows.slice(at, 10))]
    return [pa.concat_tables(parts[:8]), pa.concat_tables(parts[8:])]


def some_draw() -> random.Random:
    """Return a source of chance, always the same."""
    return random.Random(11)  # noqa: S311  the same draws each time


_MANY = 4_000


def _many_in(crowded: str) -> Callable[[str, pa.Table], list[pa.Table]]:
    """Many hidden rows in one of the two tables, which decides what is joined to what."""

    def files(table: str, rows: pa.Table) -> list[pa.Table]:
        if table != crowded:
            return [rows]
        hidden = hidden_rows(_extreme(_MANY, some_draw()))
        return [pa.concat_tables([rows, hidden]), hidden]

    return files


LAKES: dict[str, Callable[[str, pa.Table], list[pa.Table]]] = {
    "none": lambda _, rows: [rows],
    "extreme": lambda _, rows: _between(rows, hidden_rows(_extreme(60, some_draw()))),
    "NULL": lambda _, rows: [pa.concat_tables([hidden_rows(_nulls(300), never=None), rows])],
    "many events": _many_in("event"),
    "many rare": _many_in("rare"),
}
"""What each table holds, file by file, made of the rows that show."""


def documents() -> Mapping[str, object]:
    """Policies under which the hidden rows are hidden, by a comparison or by a subquery."""
    columns = [{"names": ["id", "site", "grade", "never", *_PLAIN], "mask": "clear"}]
    grants = [
        {
            "id": f"sees-{who}",
            "to": [who],
            "tables": ["main.event", "main.rare"],
            "columns": columns,
            "rows": rows,
        }
        for who, rows in ROWS.items()
    ]
    roles = {who: {"members": [who]} for who in ROWS}
    return {"version": 1, "roles": roles, "purposes": [PURPOSE], "grants": grants}


def make_twin(root: Path, name: str) -> Lake:
    """Make one of the lakes."""
    lake = init_lake(root)
    far = [*range(SHOWN), 2 * 10**6]  # no least and greatest consent may say that hidden rows have none
    consent = pa.table({"id": pa.array(far, pa.int64()), "given": [True] * len(far)})
    tables = {table: LAKES[name](table, visible_rows(table)) for table in ("event", "rare")} | {
        "consent": [consent]
    }
    for table, files in tables.items():
        tags = {column: ["sensitivity.none"] for column in files[0].column_names}
        for rows in files:
            write_batches(
                lake,
                TableName.parse(f"main.{table}"),
                rows.to_reader(),
                mode="append",
                tags=tags,
                actor="suite",
            )
    (lake.policies_dir / "twins.yaml").write_text(json.dumps(documents()), encoding="utf-8")
    return lake
