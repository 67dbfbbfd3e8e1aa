"""Looking whether lineage is whole: every run has an end, and every snapshot that a run wrote is told of."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from lakeward.catalog.lake import Lake
from lakeward.catalog.store.schema import lineage_event
from lakeward.catalog.tables import describe_table, list_tables
from lakeward.lineage.errors import IncompleteLineageError
from lakeward.lineage.running import RUN_ID

_ENDS = frozenset({"COMPLETE", "FAIL", "ABORT"})


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that lineage does not tell; `table` and `snapshot_id` when a run wrote it without telling."""

    run_id: str
    what: str
    table: str | None = None
    snapshot_id: int | None = None


@dataclass(frozen=True, slots=True)
class LineageVerification:
    """What verifying found."""

    runs: int
    gaps: tuple[Gap, ...]

    def require(self) -> None:
        """Raise when something is missing.

        Raises:
            IncompleteLineageError: There are gaps.
        """
        if self.gaps:
            raise IncompleteLineageError(len(self.gaps))


def verify_lineage(lake: Lake) -> LineageVerification:
    """Compare the recorded runs with the snapshots of every table."""
    with lake.store.reading() as connection:
        query = select(lineage_event.c.run_id, lineage_event.c.event_type)
        found = connection.execute(query).all()
    states: dict[str, set[str]] = {}
    for run_id, state in found:
        states.setdefault(run_id, set()).add(state)
    open_runs = (Gap(run_id, "the run has not ended") for run_id, seen in states.items() if not seen & _ENDS)
    return LineageVerification(len(states), (*open_runs, *_untold(lake, states)))


def _untold(lake: Lake, states: dict[str, set[str]]) -> Iterator[Gap]:
    for summary in list_tables(lake):
        if summary.problem is not None:
            continue
        for snapshot in describe_table(lake, summary.name).snapshots:
            run_id = snapshot.summary.get(RUN_ID)
            if run_id is not None and "COMPLETE" not in states.get(run_id, set()):
                what = "the run wrote a snapshot, and its end was not recorded"
                yield Gap(run_id, what, str(summary.name), snapshot.snapshot_id)
