"""Rows per second and latency of the PostgreSQL door, which runs in a process of its own.

Rows: psycopg takes an answer as libpq keeps it, in text, in binary, and as a binary COPY. Latency: a warm
SELECT of one row, of a table and of none, from 1 and from 16 connections at once.
"""

import argparse
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from tests.benchmarks.visits import SQL, make_lake

from lakeward.catalog.lake import Lake
from lakeward.gateway.identity.identities import Identities

PASSWORD = "correct horse battery"  # noqa: S105  of nobody
ONE_ROW = f"{SQL} WHERE id = 4711"


@contextmanager
def serving(lake: Lake) -> Iterator[tuple[str, int]]:
    """Run the door in a process of its own."""
    command = [sys.executable, "-m", "lakeward.cli", "serve", "--lake", str(lake.root)]
    command += ["--postgres", "127.0.0.1:0", "--insecure-loopback"]
    with Path(os.devnull).open("w") as nowhere:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=nowhere, text=True)
    try:
        assert process.stdout is not None
        host, port = process.stdout.readline().split("postgres=")[1].split()[0].rsplit(":", 1)
        yield host, int(port)
    finally:
        process.terminate()
        process.wait(30)


def connect(address: tuple[str, int]) -> psycopg.Connection[tuple[Any, ...]]:
    """Come in as ada."""
    return psycopg.connect(
        host=address[0], port=address[1], user="ada", password=PASSWORD, dbname="lake", autocommit=True,
        options="-c lakeward.purpose=research",
    )  # fmt: skip


def read_rows(connection: psycopg.Connection[tuple[Any, ...]], *, binary: bool) -> None:
    """Take a whole answer, as libpq keeps it."""
    with connection.cursor(binary=binary) as cursor:
        cursor.execute(SQL)


def copy_rows(connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    """Take a whole answer as a binary COPY."""
    with connection.cursor() as cursor, cursor.copy(f"COPY ({SQL}) TO STDOUT (FORMAT binary)") as copy:
        for _ in copy:
            pass


def timed(work: Callable[[], object]) -> float:
    """Give the seconds that a piece of work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def ask_often(
    address: tuple[str, int],
    sql: str,
    connections: int,
    times: int,
    answer: Any,  # noqa: ANN401
) -> None:
    """Ask for one row from several connections at once; what each took goes into a queue."""
    taken: list[float] = []

    def one() -> None:
        with connect(address) as connection:
            for number in range(times + 10):
                seconds = timed(lambda: connection.execute(sql).fetchall())
                if number >= 10:  # before that it is not warm
                    taken.append(seconds)

    threads = [threading.Thread(target=one) for _ in range(connections)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    answer.put(taken)


def latencies(address: tuple[str, int], sql: str, connections: int, times: int) -> list[float]:
    """Give what each statement took, sorted."""
    spawn = multiprocessing.get_context("spawn")
    answer = spawn.Queue()
    process = spawn.Process(target=ask_often, args=(address, sql, connections, times, answer))
    process.start()
    taken: list[float] = answer.get()
    process.join()
    return sorted(taken)


def main() -> None:
    """Print medians of interleaved rounds, then latencies."""
    words = argparse.ArgumentParser()
    words.add_argument("--rows", type=int, default=5_000_000)
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--times", type=int, default=100)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lake = make_lake(Path(folder) / "lake", asked.rows)
        Identities(lake).accounts.add("ada", PASSWORD, by="b")
        with serving(lake) as address, connect(address) as connection:
            ways: dict[str, Callable[[], None]] = {
                "text": lambda: read_rows(connection, binary=False),
                "binary": lambda: read_rows(connection, binary=True),
                "binary COPY": lambda: copy_rows(connection),
            }
            seconds: dict[str, list[float]] = {name: [] for name in ways}
            for _ in range(asked.rounds + 1):
                for name, way in ways.items():
                    seconds[name].append(timed(way))
            print(f"load average {os.getloadavg()[0]:.1f}, {asked.rows} rows, {asked.rounds} rounds")
            for name, taken in seconds.items():
                print(f"{name:12} {asked.rows / median(taken[1:]) / 1e6:6.2f} M rows/s")
            for sql, connections in ((sql, many) for sql in ("SELECT 1 AS a", ONE_ROW) for many in (1, 16)):
                taken = latencies(address, sql, connections, asked.times)
                p50, p99 = (taken[int(len(taken) * part)] * 1e3 for part in (0.5, 0.99))
                print(f"{sql:55} {connections:2}x p50 {p50:.1f} ms, p99 {p99:.1f} ms, n {len(taken)}")


if __name__ == "__main__":
    main()
