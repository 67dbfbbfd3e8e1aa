"""A date at the end of the calendar, in a row that nobody may see, changes nothing for anybody."""

from pathlib import Path

import pyarrow as pa
import pytest

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import init_lake
from lakeward.catalog.names import TableName
from lakeward.gateway.service import open_gateway

POLICY = """
version: 1
roles: {{analyst: {{members: [ada]}}}}
purposes: [research]
grants:
  - id: some
    to: [analyst]
    tables: [main.birth]
    rows: "site = 'H1'"
    columns: [{{names: [site, patient], mask: clear}}, {{names: [born, seen], mask: {mask}}}]
"""
DAYS = {"first": -(2**31) + 2, "last": 2**31 - 2}
MICROSECONDS = {"first": -(2**63) + 2**40, "last": 2**63 - 2**20}


@pytest.mark.parametrize("end", ["first", "last"])
@pytest.mark.parametrize(
    "mask", ["truncate-to-year", "truncate-to-month", "age-90-plus", "{date-shift: {by: patient}}", "clear"]
)
def test_a_hidden_extreme_date_breaks_no_mask(tmp_path: Path, mask: str, end: str) -> None:
    lake = init_lake(tmp_path / "lake")
    hidden = [n % 4 != 0 for n in range(512)]
    born = pa.array([DAYS[end] if each else 18_000 + n % 5 for n, each in enumerate(hidden)], pa.int32())
    seen = pa.array(
        [MICROSECONDS[end] if each else 10**15 + n % 5 for n, each in enumerate(hidden)], pa.int64()
    )
    rows = pa.table(
        {
            "site": ["S1" if each else "H1" for each in hidden],
            "patient": ["p1"] * len(hidden),
            "born": born.cast(pa.date32()),
            "seen": seen.cast(pa.timestamp("us")),
        }
    )
    tags = {name: ["health"] for name in rows.column_names}
    write_batches(lake, TableName("main", "birth"), rows.to_reader(), mode="create", tags=tags, actor="test")
    (lake.root / "policies" / "p.yaml").write_text(POLICY.format(mask=mask), encoding="utf-8")
    with open_gateway(lake) as gateway:
        session = gateway.session("ada", "research")
        for sql in (
            "SELECT * FROM birth",
            "SELECT born, count(*) FROM birth WHERE born > DATE '1900-01-01' GROUP BY born",
            "SELECT list(born), max(seen) FROM birth",
            "SELECT date_trunc('week', born), date_diff('day', born, seen::date) FROM birth",
        ):
            assert gateway.execute(session, sql).table().num_rows >= 1
