"""What a serving gateway says while it runs: one JSON object to a line.

A line holds an event and fields of a fixed list. There is no field for SQL, a value, an error's text or a
secret, so that none can be written by mistake.
"""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime

FIELDS = frozenset(
    {"door", "host", "port", "peer", "statement_id", "code", "method", "principal", "fault"}
    | {"seconds", "rows", "bytes", "count", "signal", "path", "status"}
)


class ServiceLog:
    """Writes lines to a sink; safe to use from several threads."""

    def __init__(self, sink: Callable[[str], object]) -> None:
        self._sink = sink
        self._lock = threading.Lock()

    def event(self, event: str, **fields: str | float | bool | None) -> None:
        """Write one line.

        Args:
            event: What happened, in kebab case.
            **fields: Facts of `FIELDS`; those that are None are left out.

        Raises:
            ValueError: A field is not on the list.
        """
        unknown = sorted(fields.keys() - FIELDS)
        if unknown:
            raise ValueError(f"a log line has no field {unknown[0]}; it may have {', '.join(sorted(FIELDS))}")
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        facts = {name: value for name, value in fields.items() if value is not None}
        line = json.dumps({"at": at, "event": event, **facts}, ensure_ascii=True)
        with self._lock:
            self._sink(line + "\n")
