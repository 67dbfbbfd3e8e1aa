"""The process that workers are forked from: libraries loaded, nothing else known, no engine ever opened.

Run by the gateway as `python -I -m`, with an empty environment, in an empty folder, with one open socket.
"""

import gc
import json
import os
import signal
import socket
import sys
from contextlib import suppress
from typing import Any, NoReturn

import duckdb
import pyarrow.ipc  # noqa: F401 - loaded here once, so that no fork needs files for it

from lakeward.gateway.engines.workers.bench_process import serve_bench
from lakeward.gateway.engines.workers.confine import (
    bind_to_parent,
    close_other_files,
    limit_process,
    shut_off_files,
)
from lakeward.gateway.engines.workers.reader_process import serve_reader

_MOST_BYTES = 1 << 16
_SERVE = {"bench": serve_bench, "reader": serve_reader}


def main(descriptor: int) -> None:
    """Fork a worker for each request until the gateway is gone."""
    requests = socket.socket(fileno=descriptor)
    os.umask(0o077)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is the gateway's to answer
    gc.collect()
    gc.freeze()
    while True:
        text, fds, _flags, _address = socket.recv_fds(requests, _MOST_BYTES, 4)
        _reap()
        if not text:
            os._exit(0)
        parent, child = os.getpid(), os.fork()
        if child == 0:
            requests.close()
            _become_worker(json.loads(text), fds, parent)
        for each in fds:
            os.close(each)
        requests.sendall(json.dumps({"pid": child}).encode())


def _reap() -> None:
    """Let go of the dead. The gateway holds each worker before it asks for the next: no id is reused."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become_worker(order: dict[str, Any], fds: list[int], parent: int) -> NoReturn:
    code = 1
    try:
        bind_to_parent(parent)
        close_other_files(fds)
        limit_process(memory=order["memory"], files=order["files"], file_size=order["file_size"])
        shut_off_files(order["readable"], order["writable"])
        _SERVE[order["kind"]]([socket.socket(fileno=each) for each in fds])
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    assert duckdb.__version__  # noqa: S101 - loaded before the first fork
    main(int(sys.argv[1]))
