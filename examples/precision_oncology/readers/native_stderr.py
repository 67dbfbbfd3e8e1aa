"""htslib talks to file descriptor 2 by itself; keep its talk out of the terminal and of the logs."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def native_stderr_kept() -> Iterator[None]:
    """Send what native code writes to standard error into a file that is thrown away.

    Its messages quote positions and genotypes of a person; the readers' own errors say what matters.
    """
    kept = os.dup(2)
    with tempfile.TemporaryFile() as sink:
        os.dup2(sink.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
