"""What may fail where it surely runs fails on no entry of a dictionary that hidden rows share.

The engine runs what it believes cannot fail once for each entry of a file's dictionary, whatever the row
filter, and some functions on the bounds of a file, when it plans. Random statements as in
`test_random_failures.py`, many more of them, since here they are asked of files and not of lakes.
"""

import os
from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from sqlglot import exp
from tests.bypass.extreme_cells import extreme_cells
from tests.bypass.random_failing import FailingQueries
from tests.bypass.test_random_failures import FAMOUS, fails_only_where_it_is_sure, proven
from tests.bypass.twin_lakes import hidden_rows, some_draw, visible_rows

from lakeward.policies.rewrite.fuse.expressions import Place
from lakeward.policies.rewrite.fuse.functions import FUNCTIONS
from lakeward.policies.rewrite.fuse.kinds import Kind, NotProvenError, Value

Engines = dict[str, duckdb.DuckDBPyConnection]


def first_moments(cells: pa.Table) -> pa.Table:
    """Rows of the first moment that there is, infinity aside."""
    return cells.filter(pc.equal(cells["moment"].cast(pa.int64()), 2 - 2**63))


def files() -> dict[str, pa.Table]:
    """A file without hidden rows, one with many before and behind, one with some of the first moment."""
    visible = visible_rows("event")
    names = visible.column_names[4:]
    hidden = hidden_rows(extreme_cells(400, some_draw()).select(names))
    few = hidden_rows(first_moments(extreme_cells(2_000, some_draw())).select(names))
    return {
        "none": visible,
        "many": pa.concat_tables([hidden, visible, hidden]),
        "few": pa.concat_tables([visible, few]),
    }


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    root = tmp_path_factory.mktemp("dictionaries")
    opened = {name: duckdb.connect(config={"threads": 1}) for name in files()}
    for name, rows in files().items():
        path = root / f"{name}.parquet"
        pq.write_table(rows, path, row_group_size=300)
        opened[name].execute("SET preserve_insertion_order = false")
        opened[name].execute(f"CREATE VIEW event AS FROM read_parquet('{path}') WHERE site = 'H1'")
    yield opened
    for each in opened.values():
        each.close()


def outcome(engine: duckdb.DuckDBPyConnection, sql: str) -> object:
    """Whether a statement fails, or how many rows it gives."""
    try:
        return engine.execute(sql).to_arrow_table().num_rows
    except duckdb.Error as error:
        return type(error).__name__


def told_apart(engines: Engines, sql: str) -> str | None:
    """Return a statement with what comes of it, if hidden rows have a say in that."""
    outcomes = {name: outcome(engine, sql) for name, engine in engines.items()}
    return f"{sql}\n  {outcomes}" if len(set(outcomes.values())) > 1 else None


def findings(engines: Engines, seed: int, count: int) -> list[str]:
    """Ask those of so many statements that may fail since they surely run."""
    queries = FailingQueries(seed)
    drawn = {sql for _ in range(count) if fails_only_where_it_is_sure(sql := queries.simple())}
    fused = (proven(sql, where_it_is_sure=True) for sql in sorted(drawn))
    return [told for sql in fused if sql and (told := told_apart(engines, sql))]


def test_no_entry_of_a_dictionary_tells(engines: Engines) -> None:
    told = findings(engines, seed=1, count=1_000)
    assert not told, "\n".join(told)


@pytest.mark.slow
def test_no_entry_tells_of_many_statements(engines: Engines) -> None:
    told = findings(engines, seed=2, count=int(os.environ.get("LAKEWARD_RANDOM_ENTRIES", "8000")))
    assert not told, "\n".join(told[:5])


def test_what_the_engine_takes_for_harmless_is_found(engines: Engines) -> None:
    assert told_apart(engines, FAMOUS["each entry of a dictionary"])


def test_what_is_made_of_bounds_is_found(engines: Engines) -> None:
    assert told_apart(engines, FAMOUS["bounds of a file"].replace("rare", "event"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", [exp.TimeToStr, exp.TimestampTrunc])
def test_a_careless_entry_is_found(
    engines: Engines, monkeypatch: pytest.MonkeyPatch, kind: type[exp.Expr]
) -> None:
    monkeypatch.setitem(FUNCTIONS, kind, _wherever_it_may_fail)
    assert findings(engines, seed=4, count=3_000)


def _wherever_it_may_fail(node: exp.Expr, place: Place) -> Value:
    value = place.prove(node.this)
    if not place.may_fail or value.kind not in {Kind.DATE, Kind.TIMESTAMP}:
        raise NotProvenError("a time where it may not fail")
    return Value(Kind.OTHER, fresh=value.is_visible)
