"""Whether a statement fails hangs on visible rows alone: lakes that show the same say the same.

An engine evaluates an expression or does not, as it plans: by the number of rows, by their least and greatest
values, by what lies in one chunk. All of these know of hidden rows. So the same statements are asked of lakes
whose visible rows are the same and whose hidden rows are not.
"""

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.bypass.lake import PURPOSE, Governed
from tests.bypass.leak_grid import documents, events

from lakeward.catalog.errors import LakewardError
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake, open_lake
from lakeward.catalog.names import TableName

FAILING = {
    "a constant": "CAST('x' AS INTEGER)",
    "every row": "-e.big * e.big * 9223372036854775807",
    "later rows": "CASE WHEN e.id > 400 THEN CAST('x' AS INTEGER) ELSE 1 END",
    "larger numbers": "e.id * 23058430092136939",
}
"""Each fails on visible rows."""
GATES = ("t.grade > 5", "t.id < 0", "t.id IN (4, 8)", "t.id > 508", "TRUE")
"""Conditions that let few visible rows through or none, and by hidden rows look otherwise to an optimizer."""
FORMS = (
    "SELECT t.id, s.x FROM event AS t, (SELECT sum({f}) AS x FROM event AS e) AS s WHERE {g}",
    "SELECT t.id, s.x FROM event AS t JOIN (SELECT e.id, {f} AS x FROM event AS e) AS s ON s.id = t.id "
    "WHERE {g}",
    "SELECT t.id, s.x FROM event AS t LEFT JOIN (SELECT e.id, {f} AS x FROM event AS e) AS s ON s.id = t.id "
    "WHERE {g}",
    "SELECT s.id, s.x FROM (SELECT e.id, {f} AS x FROM event AS e) AS s "
    "WHERE s.id IN (SELECT t.id FROM event AS t WHERE {g})",
    "SELECT t.id, (SELECT sum({f}) FROM event AS e) AS s FROM event AS t WHERE {g}",
    "SELECT t.id, (SELECT sum({f}) FROM event AS e WHERE e.id = t.id) AS s FROM event AS t WHERE {g}",
    "SELECT t.id FROM event AS t WHERE {g} AND t.grade <= (SELECT count({f}) FROM event AS e)",
    "SELECT t.id, (SELECT e.id FROM event AS e) AS s FROM event AS t WHERE {g}",
    "SELECT {f} AS x FROM event AS e LIMIT 100",
    "SELECT e.id, {f} AS x FROM event AS e ORDER BY e.id LIMIT 2",
    "SELECT {f} AS x FROM event AS e ORDER BY 1",
    "SELECT sum({f}) AS x FROM event AS e JOIN event AS t ON e.id = t.id WHERE {g}",
    "SELECT q.x FROM (SELECT {f} AS x FROM event AS e UNION ALL SELECT t.id FROM event AS t WHERE {g}) AS q "
    "LIMIT 2",
    "SELECT e.site, sum({f}) AS x FROM event AS e GROUP BY e.site HAVING max(e.grade) > 5",
    "SELECT q.x FROM (SELECT e.site, sum({f}) AS x, max(e.grade) AS m FROM event AS e GROUP BY e.site) AS q "
    "WHERE q.m > 5",
    "SELECT sum(q.x) AS s FROM (SELECT {f} AS x FROM event AS e) AS q",
    "WITH q AS (SELECT e.id, {f} AS x FROM event AS e) SELECT a.x FROM q AS a JOIN q AS b ON a.id = b.id",
    "SELECT lag({f}) OVER () AS x FROM event AS e LIMIT 3",
)


def _visible() -> pa.Table:
    rows = events(hidden=True)
    return rows.filter(pc.equal(rows["site"], "H1"))


def _hidden() -> pa.Table:
    rows = events(hidden=True)
    return rows.filter(pc.not_equal(rows["site"], "H1"))


def _between() -> pa.Table:
    """A chunk of hidden rows before every few visible ones."""
    many = pa.concat_tables([_hidden()] * 6)
    visible = _visible()
    parts = [(many, visible.slice(at, 16)) for at in range(0, visible.num_rows, 16)]
    return pa.concat_tables(itertools.chain.from_iterable(parts))


LAKES: dict[str, Callable[[], pa.Table]] = {
    "none": _visible,
    "many": lambda: pa.concat_tables([_visible(), *[_hidden()] * 40]),
    "between": _between,
}
"""What each holds beside the rows that show."""


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Governed]]:
    opened = {name: Governed(_lake(tmp_path_factory.mktemp(name), make())) for name, make in LAKES.items()}
    yield opened
    for each in opened.values():
        each.gateway.close()


def _lake(folder: Path, rows: pa.Table) -> Lake:
    init_lake(folder / "lake").close()
    lake = open_lake(folder / "lake")
    tags = {column: ["sensitivity.none"] for column in rows.column_names}
    write_batches(
        lake, TableName.parse("main.event"), rows.to_reader(), mode="append", tags=tags, actor="suite"
    )
    policy = documents(PURPOSE)
    policy["grants"] = [each for each in policy["grants"] if "consent" not in each["rows"]]
    (lake.policies_dir / "grid.yaml").write_text(json.dumps(policy), encoding="utf-8")
    return lake


def _way(governed: Governed, sql: str) -> str:
    """Which way a statement goes or would go."""
    return governed.gateway.explain(governed.gateway.session("equal", PURPOSE), sql).way or "refused"


def _outcome(governed: Governed, sql: str) -> str:
    try:
        return repr(sorted(map(repr, governed.run("equal", sql)[1])))
    except LakewardError as error:
        return error.message.partition(" (")[0]


@pytest.mark.parametrize("form", FORMS)
def test_what_is_fused_fails_in_all_lakes_or_in_none(lakes: dict[str, Governed], form: str) -> None:
    """Staged, the bench holds visible rows alone; what it evaluates may be a race, and tells nothing else."""
    told = []
    for failing, gate in itertools.product(FAILING.values(), GATES if "{g}" in form else ("",)):
        sql = form.format(f=failing, g=gate)
        ways = {_way(governed, sql) for governed in lakes.values()}
        assert len(ways) == 1
        if ways == {"fused"}:
            outcomes = {name: _outcome(governed, sql) for name, governed in lakes.items()}
            if len(set(outcomes.values())) > 1:
                told.append((sql, outcomes))
    assert told == []


def test_some_of_them_are_fused_and_fail(lakes: dict[str, Governed]) -> None:
    """Else the test above would compare nothing."""
    asked = [form.format(f=failing, g="TRUE") for form in FORMS for failing in FAILING.values()]
    fused = [sql for sql in asked if _way(lakes["many"], sql) == "fused"]
    assert sum("failed" in _outcome(lakes["many"], sql) for sql in fused) >= 8


def test_which_of_two_bad_values_came_first_is_not_told(lakes: dict[str, Governed]) -> None:
    """One cannot be converted, the other is out of range; both lie in one chunk, or in two."""
    sql = (
        "SELECT sum(CASE WHEN e.id = 80 THEN CAST('x' AS INTEGER) END) AS a, "
        "sum(CASE WHEN e.id = 4 THEN e.big * 900000000 * 900000000 * 900000000 END) AS b FROM event AS e"
    )
    assert {_way(governed, sql) for governed in lakes.values()} == {"fused"}
    assert len({_outcome(governed, sql) for governed in lakes.values()}) == 1
