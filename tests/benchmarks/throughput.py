"""Rows per second of a large answer at each door of a gateway that serves, beside DuckDB in process.

Run: `python -m tests.benchmarks.throughput [--plain] [--rows N] [--rounds N]`. Rounds are interleaved: each
reads the answer every way once, and the first round counts for nothing.
"""

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import adbc_driver_flightsql.dbapi as adbc
import httpx
import psycopg
import pyarrow as pa
from tests.benchmarks.latency import (
    PASSWORD,
    come_in_by_password,
    come_in_by_token,
    serving,
    web_client,
)
from tests.benchmarks.visits import SQL, in_duckdb, make_lake, timed

from lakeward.gateway.identity.identities import Identities

Read = Callable[[], int]


def over_flight(connection: adbc.Connection) -> int:
    """Read batch by batch."""
    with connection.cursor() as cursor:
        cursor.execute(SQL)
        return sum(batch.num_rows for batch in cursor.fetch_record_batch())


def over_postgres(connection: psycopg.Connection[tuple[Any, ...]], *, binary: bool) -> int:
    """Take the answer as libpq keeps it."""
    with connection.cursor(binary=binary) as cursor:
        cursor.execute(SQL)
        return cursor.rowcount


def over_http(client: httpx.Client) -> int:
    """Read an answer as Arrow, batch by batch."""
    with client.stream("POST", "/v1/query", json={"sql": SQL}) as reply:
        source = pa.PythonFile(_Body(reply.iter_raw()), mode="r")
        return sum(batch.num_rows for batch in pa.ipc.open_stream(source))


class _Body:
    """The body of a reply as a file that Arrow reads."""

    closed = False

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        parts: list[bytes] = []
        while size and (self._left or (chunk := next(self._chunks, b""))):
            if not self._left:
                self._left = memoryview(chunk)
            taken = self._left[:size]
            parts.append(bytes(taken))
            self._left = self._left[len(taken) :]
            size -= len(taken)
        return b"".join(parts)


def main() -> None:
    """Print medians of interleaved rounds."""
    words = argparse.ArgumentParser()
    words.add_argument("--plain", action="store_true", help="without TLS")
    words.add_argument("--rows", type=int, default=5_000_000)
    words.add_argument("--rounds", type=int, default=5)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "lake"
        lake = make_lake(root, asked.rows)
        files = [str(path) for path in root.rglob("*.parquet")]
        accounts = Identities(lake).accounts
        accounts.add("ada", PASSWORD, by="b")
        token, _ = accounts.make_token("ada", 1, by="b")
        with serving(root, plain=asked.plain) as (_process, addresses):
            certificate = None if asked.plain else str(next(root.rglob("*.crt")))
            flight = come_in_by_token(addresses["flight"], token, certificate)
            postgres = come_in_by_password(addresses["postgres"], certificate)
            client = web_client(addresses["http"], token, certificate)
            ways: dict[str, Read] = {
                "DuckDB on the files": lambda: in_duckdb(files),
                "Flight": lambda: over_flight(flight),
                "HTTP, Arrow": lambda: over_http(client),
                "PostgreSQL, text": lambda: over_postgres(postgres, binary=False),
                "PostgreSQL, binary": lambda: over_postgres(postgres, binary=True),
            }
            report(ways, asked.rows, asked.rounds)


def report(ways: dict[str, Read], rows: int, rounds: int) -> None:
    """Read every way in turns, and print how fast each was beside the first."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds + 1):
        for name, way in ways.items():
            seconds[name].append(timed(way))
    first = next(iter(ways))
    print(f"load {os.getloadavg()[0]:.1f}, {rows} rows, n={rounds}")
    for name, taken in seconds.items():
        ratio = median(a / b for a, b in zip(seconds[first][1:], taken[1:], strict=True))
        print(f"{name:22} {rows / median(taken[1:]) / 1e6:6.2f} M rows/s  {ratio:5.2f}x")


if __name__ == "__main__":
    main()
