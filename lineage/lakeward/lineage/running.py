"""A run while it happens: START before anything is done, then COMPLETE, or FAIL with a code."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from lakeward.catalog.errors import LakewardError
from lakeward.lineage.recorder import LineageRecorder
from lakeward.lineage.runs import Dataset, Job, Output, Policy, RunFacts, State

RUN_ID = "lakeward.run-id"  # the property of a snapshot that names the run which wrote it


@dataclass(slots=True)
class Run:
    """What is known of a run so far; whoever does the work fills it in."""

    run_id: str
    inputs: list[Dataset] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)
    policy: Policy | None = None

    @property
    def snapshot_properties(self) -> dict[str, str]:
        """What every snapshot that the run writes should carry, so that it can be found from the table."""
        return {RUN_ID: self.run_id}


@contextmanager
def running(recorder: LineageRecorder, job: Job) -> Iterator[Run]:
    """Record the states of a run around the work it does.

    A run whose last state cannot be recorded stays a START without an end; its snapshots still name it.

    Raises:
        StoreUnavailableError: START or COMPLETE could not be recorded.
    """
    from lakeward.lineage.events import new_run_id, now  # noqa: PLC0415  slow to import

    run = Run(new_run_id())

    def record(state: State, failure: str | None = None) -> None:
        recorder.record(
            RunFacts(
                run_id=run.run_id,
                state=state,
                job=job,
                at=now(),
                inputs=run.inputs,
                outputs=run.outputs if failure is None else (),
                policy=run.policy,
                failure=failure,
            )
        )

    record("START")
    try:
        yield run
    except BaseException as error:
        with suppress(LakewardError):  # the error that ended the run is the one to tell
            record("FAIL" if isinstance(error, Exception) else "ABORT", failure=failure_code(error))
        raise
    record("COMPLETE")


def failure_code(error: BaseException) -> str:
    """Name an error without its text, which may quote a value."""
    return error.code if isinstance(error, LakewardError) else type(error).__name__
