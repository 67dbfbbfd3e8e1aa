"""What a process that serves is told of itself; above all, to write to stderr only what it chose to say.

Libraries log texts and tracebacks, and those may hold a value, a query or a secret. In a serving process each
becomes a line that says where it came from and how grave it is, and no more.
"""

import gc
import logging
import sys
import threading
from types import TracebackType

from lakeward.gateway.doors.log import ServiceLog


def leave_start_alone() -> None:
    """Have the collector of garbage pass over all that is there: what a start has made stays until the end.

    Looking through it takes a tenth of a second, in which no statement goes on.
    """
    gc.collect()
    gc.freeze()


class _Library(logging.Handler):
    def __init__(self, log: ServiceLog) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Say which library had something to say."""
        fault = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        self._log.event("library", path=record.name, code=record.levelname.lower(), fault=fault)


def quiet_process(log: ServiceLog) -> None:
    """Turn what libraries log, warnings and uncaught exceptions into lines of the log, without text.

    Tracebacks that libraries make of errors show no file and no line of code from here on.
    """

    def uncaught(
        kind: type[BaseException], _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        log.event("uncaught", fault=kind.__name__)

    sys.tracebacklimit = 0  # a library that sends an error out, as Flight's does, adds no line of code to it
    logging.captureWarnings(capture=True)
    logging.getLogger().handlers = [_Library(log)]
    threading.excepthook = lambda found: uncaught(found.exc_type, found.exc_value, found.exc_traceback)
    sys.unraisablehook = lambda found: uncaught(found.exc_type, found.exc_value, found.exc_traceback)
