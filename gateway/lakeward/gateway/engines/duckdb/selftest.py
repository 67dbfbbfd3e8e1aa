"""Does this engine behave as the fused way assumes? Asked before anything is served.

A fused statement may hold arithmetic in the arguments of aggregates and in the outermost projection. That is
safe as long as the engine evaluates it only on rows that the row filter let through. Here it meets rows that
overflow if it is evaluated on them, behind filters of every shape, in a file laid out to tempt it: few
values, dictionary encoded.
"""

import functools
import json
import tempfile
from pathlib import Path

import duckdb

from lakeward.gateway.engines.duckdb.connect import SUPPORTED, connect
from lakeward.gateway.errors import EngineUnavailableError

_ROWS = """
    SELECT CASE WHEN i % 4 = 0 THEN 'H1' ELSE 'S' || i % 3 END AS site,
           CASE WHEN i % 4 = 0 THEN i % 7 ELSE 9223372036854775807 END AS a,
           CASE WHEN i % 4 = 0 THEN 2 ELSE 9223372036854775806 END AS b,
           CAST(CASE WHEN i % 4 = 0 THEN 1.25 ELSE 99999999999999.99 END AS DECIMAL(16, 2)) AS d
    FROM range(512) t(i)
"""
_FILTERS = (
    "CREATE OR REPLACE VIEW visible AS FROM probe WHERE site = 'H1'",
    "CREATE OR REPLACE VIEW visible AS FROM probe WHERE site IN ('H1', 'H9')",
    "CREATE OR REPLACE VIEW visible AS FROM probe WHERE site = 'H1' OR site = 'H9'",
    "CREATE OR REPLACE VIEW visible AS FROM probe WHERE site LIKE 'H%'",
    "CREATE OR REPLACE VIEW visible AS FROM probe WHERE regexp_matches(site, '^H')",
    "CREATE OR REPLACE VIEW visible AS FROM probe WHERE site IN (SELECT site FROM probe WHERE b = 2)",
    "CREATE OR REPLACE VIEW visible AS FROM probe WHERE (CASE WHEN site = 'H1' THEN 1 ELSE 0 END) & 1 <> 0",
)
_FORMS = (
    "SELECT sum(a * b) FROM visible",
    "SELECT a * b + a AS x FROM visible",
    "SELECT site, sum(d * d), max(a + b) FROM visible GROUP BY site",
    "SELECT sum(x) FROM (SELECT a * b AS x, site FROM visible) WHERE site <> 'H2'",
    "SELECT a * b AS x FROM visible ORDER BY site LIMIT 3",
    "SELECT sum(CAST(a AS INTEGER)), sum(-a), sum(round(d, 1)), max(CAST(d AS DECIMAL(8, 2))) FROM visible",
    "SELECT a % 5 - 9223372036854775800 AS x, CAST(a AS SMALLINT) AS y FROM visible",
    "SELECT sum(v.a * w.b) FROM visible AS v JOIN visible AS w ON v.site = w.site AND v.d < w.d + 1",
)


def self_test(folder: Path) -> None:
    """Test the installed engine, once for each version and lake; a note in `folder` remembers that it passed.

    A process tests the engine that it has loaded no more than once: for its next lake it stays the same.

    Raises:
        EngineUnavailableError: It evaluates expressions on rows that a filter hides.
    """
    note, passed = (
        folder / "engine.json",
        {"duckdb": SUPPORTED, "forms": len(_FORMS), "filters": len(_FILTERS)},
    )
    if _read(note) == passed:
        return
    _pass(_FILTERS, _FORMS)
    note.write_text(json.dumps(passed), encoding="utf-8")


def _read(note: Path) -> object:
    try:
        return json.loads(note.read_text("utf-8"))
    except (OSError, ValueError):
        return None


@functools.cache
def _pass(filters: tuple[str, ...], forms: tuple[str, ...]) -> None:
    """Try every form behind every filter; what raises is not remembered."""
    with tempfile.TemporaryDirectory(prefix="lakeward-") as scratch:
        _try(Path(scratch) / "probe.parquet", filters, forms)


def _try(file: Path, filters: tuple[str, ...], forms: tuple[str, ...]) -> None:
    connection = connect()
    try:
        connection.sql(_ROWS).write_parquet(str(file), row_group_size=128)
        connection.read_parquet(str(file)).create_view("probe")
        for condition in filters:
            connection.execute(condition)
            for form in forms:
                connection.execute(form).fetchall()
    except duckdb.Error:
        raise EngineUnavailableError("it computes with rows that a filter hides") from None
    finally:
        connection.close()
