"""Keeping lineage: events and edges in the governance store, each event once; events to a file when asked.

At least once, and then once: an event that is recorded again, by its run and state, changes nothing. An
event and its
edges are one transaction.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select

from lakeward.catalog.store import Store
from lakeward.catalog.store.schema import lineage_edge, lineage_event
from lakeward.lineage.edges import Edge
from lakeward.lineage.errors import TransportError
from lakeward.lineage.runs import Output, RunFacts


class LineageRecorder:
    """Records runs in the store; with `file`, appends each new event to it as a line of JSON."""

    def __init__(self, store: Store, file: Path | None = None) -> None:
        self._store = store
        self._file = file

    def record(self, facts: RunFacts) -> bool:
        """Record one state of a run; give whether it was new.

        Raises:
            StoreUnavailableError: The store is out of reach; nothing was recorded.
            TransportError: It is recorded, but the file cannot be written; `export` writes it again.
        """
        from lakeward.lineage.events import as_json, run_event  # noqa: PLC0415  slow to import

        document = as_json(run_event(facts))
        with self._store.writing() as connection:
            is_new = not _is_recorded(connection, facts)
            if is_new:
                _write(connection, facts, document)
        if is_new and self._file is not None:
            append(self._file, document)
        return is_new

    def events(self, run_id: str | None = None) -> Iterator[dict[str, Any]]:
        """Give the events in the order they were recorded, as OpenLineage's JSON has them."""
        query = select(lineage_event.c.document).order_by(lineage_event.c.id)
        if run_id is not None:
            query = query.where(lineage_event.c.run_id == run_id)
        with self._store.reading() as connection:
            documents = connection.execute(query).scalars().all()
        return (json.loads(each) for each in documents)

    def export(self, path: Path) -> int:
        """Write every event to a new file, one to a line, and give their number.

        Raises:
            TransportError: The file cannot be written.
        """
        lines = [json.dumps(each, sort_keys=True) for each in self.events()]
        try:
            path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        except OSError:
            raise TransportError(path) from None
        return len(lines)


def append(path: Path, document: str) -> None:
    """Append one line to a file and sync it.

    Raises:
        TransportError: The file cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(f"{document}\n".encode())  # one write, so that lines of two processes do not mix
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        raise TransportError(path) from None


def _is_recorded(connection: Connection, facts: RunFacts) -> bool:
    same = (lineage_event.c.run_id == facts.run_id) & (lineage_event.c.event_type == facts.state)
    return connection.execute(select(lineage_event.c.id).where(same)).first() is not None


def _write(connection: Connection, facts: RunFacts, document: str) -> None:
    row = {
        "run_id": facts.run_id,
        "event_time": facts.at.isoformat(),
        "event_type": facts.state,
        "job_namespace": facts.job.namespace,
        "job_name": facts.job.name,
        "document": document,
    }
    connection.execute(insert(lineage_event).values(row))
    keys = {each.name.casefold(): each.key for each in facts.inputs}
    edges = [row for output in facts.outputs for row in _rows(facts, output, keys)]
    if edges:
        connection.execute(insert(lineage_edge), edges)


def _rows(facts: RunFacts, output: Output, keys: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Give the rows of one output: its edges, and one without fields to each input that no edge names."""
    for edge in output.lineage.edges:
        yield _row(facts, output, keys[edge.source.table.casefold()], edge)
    named = {edge.source.table.casefold() for edge in output.lineage.edges}
    for name, key in keys.items():
        if name not in named:
            yield _row(facts, output, key, None)


def _row(facts: RunFacts, output: Output, input_key: str, edge: Edge | None) -> dict[str, Any]:
    return {
        "run_id": facts.run_id,
        "output_dataset": output.dataset.key,
        "output_field": edge.output or None if edge else None,
        "input_dataset": input_key,
        "input_field": edge.source.column or None if edge else None,
        "kind": edge.kind.value if edge else "INDIRECT",
        "subtype": edge.subtype if edge else "INPUT",
        "masking": edge.masking if edge else False,
    }
