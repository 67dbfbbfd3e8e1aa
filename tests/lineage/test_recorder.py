"""Keeping lineage: once, whole or not at all, and never a run without an end that nobody sees."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from tests.lineage.facts import COHORT, PATIENT, RUN, SQL, facts, file, imported, queried, table

from lakeward.catalog.errors import DeniedError
from lakeward.catalog.store import Store, create_store
from lakeward.catalog.store.schema import lineage_edge, lineage_event
from lakeward.lineage.errors import TransportError
from lakeward.lineage.recorder import LineageRecorder
from lakeward.lineage.running import running
from lakeward.lineage.runs import Job

JOB = Job(namespace="lake", name="a job", kind="PYTHON")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = create_store(f"sqlite:///{tmp_path}/governance.db")
    yield store
    store.close()


def count(store: Store) -> tuple[int, int]:
    with store.reading() as connection:
        tables = (lineage_event, lineage_edge)
        events, edges = (
            connection.execute(select(func.count()).select_from(each)).scalar_one() for each in tables
        )
    return events, edges


def test_an_event_is_recorded_once_with_its_edges(store: Store) -> None:
    recorder = LineageRecorder(store)
    run = queried(RUN, SQL, COHORT, PATIENT)
    assert recorder.record(run) is True
    before = count(store)
    assert before == (1, 4)
    assert recorder.record(run) is False
    assert count(store) == before


def test_states_of_one_run_are_different_events(store: Store) -> None:
    recorder = LineageRecorder(store)
    recorder.record(facts(RUN, "START"))
    recorder.record(queried(RUN, SQL, COHORT, PATIENT))
    assert [each["eventType"] for each in recorder.events(RUN)] == ["START", "COMPLETE"]


def test_an_input_that_no_column_comes_from_is_kept(store: Store) -> None:
    LineageRecorder(store).record(queried(RUN, "SELECT 1 AS id, 2 AS ckd FROM raw.patient", COHORT, PATIENT))
    with store.reading() as connection:
        (row,) = connection.execute(select(lineage_edge)).mappings()
    assert (row["input_dataset"], row["input_field"], row["subtype"]) == ("raw.patient@7", None, "INPUT")


def test_events_go_to_a_file_line_by_line(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    recorder = LineageRecorder(store, path)
    recorder.record(facts(RUN, "START"))
    recorder.record(facts(RUN, "START"))
    recorder.record(imported(RUN, table("raw.variant", 3, "id"), file()))
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert lines == list(recorder.events())
    assert recorder.export(tmp_path / "copy.ndjson") == 2
    assert (tmp_path / "copy.ndjson").read_text("utf-8") == path.read_text("utf-8")


def test_a_file_that_cannot_be_written_loses_nothing(store: Store, tmp_path: Path) -> None:
    recorder = LineageRecorder(store, tmp_path / "nowhere" / "events.ndjson")
    with pytest.raises(TransportError):
        recorder.record(facts(RUN, "START"))
    assert count(store) == (1, 0)


def test_a_run_that_ends_well_is_complete(store: Store) -> None:
    recorder = LineageRecorder(store)
    with running(recorder, JOB) as run:
        run.inputs.append(PATIENT)
    assert [each["eventType"] for each in recorder.events(run.run_id)] == ["START", "COMPLETE"]


@pytest.mark.parametrize(
    ("error", "state", "code"),
    [
        (DeniedError("text with 123-45-6789"), "FAIL", "denied"),
        (ValueError("text with 123-45-6789"), "FAIL", "ValueError"),
        (KeyboardInterrupt(), "ABORT", "KeyboardInterrupt"),
    ],
)
def test_a_run_that_fails_leaves_a_code_and_no_text(
    store: Store, error: BaseException, state: str, code: str
) -> None:
    recorder = LineageRecorder(store)
    with pytest.raises(type(error)), running(recorder, JOB):
        raise error
    last = list(recorder.events())[-1]
    assert last["eventType"] == state
    assert last["run"]["facets"]["errorMessage"]["message"] == code
    assert "123-45-6789" not in json.dumps(last)


def test_a_failure_is_told_even_when_it_cannot_be_recorded(store: Store) -> None:
    class Broken(LineageRecorder):
        def record(self, facts):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202  the base's
            if facts.state != "START":
                raise TransportError(Path("x"))
            return super().record(facts)

    with pytest.raises(ValueError, match="the cause"), running(Broken(store), JOB):
        raise ValueError("the cause")
