"""Rows per second and latency of the HTTP door, beside DuckDB in process.

The client and the server are processes of their own. Rounds are interleaved: each does every way once.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import duckdb
import httpx
import numpy as np
import pyarrow as pa

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake
from lakeward.catalog.names import TableName
from lakeward.gateway.identity.identities import Identities
from lakeward.gateway.service import Gateway, open_gateway

SQL = "SELECT id, code, score FROM clinic.visit"
POLICY = """
version: 1
roles: {reader: {members: [ada]}}
purposes: [research]
grants:
  - id: all
    to: [reader]
    tables: ["clinic.*"]
    columns: [{tags: [health, sensitivity.none], mask: clear}]
"""


def make_lake(root: Path, rows: int) -> Lake:
    """Write a table of a bigint, a varchar and a double."""
    lake = init_lake(root)
    (lake.policies_dir / "all.yaml").write_text(POLICY, "utf-8")
    numbers = np.arange(rows, dtype=np.int64)
    codes = pa.array([f"code-{number}" for number in range(1000)])
    table = pa.table(
        {
            "id": numbers,
            "code": pa.DictionaryArray.from_arrays(pa.array(numbers % 1000, pa.int32()), codes).cast(
                pa.string()
            ),
            "score": np.sqrt(numbers),
        }
    )
    tags = {"id": ["sensitivity.none"], "code": ["health"], "score": ["health"]}
    write_batches(
        lake, TableName("clinic", "visit"), table.to_reader(65536), mode="create", tags=tags, actor="b"
    )
    return lake


@contextmanager
def serving(lake: Lake) -> Iterator[str]:
    """Run the door in a process of its own."""
    command = [sys.executable, "-m", "lakeward.cli", "serve", "--lake", str(lake.root)]
    command += ["--http", "127.0.0.1:0", "--insecure-loopback"]
    with Path(os.devnull).open("w") as nowhere:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=nowhere, text=True)
    try:
        assert process.stdout is not None
        yield "http://" + process.stdout.readline().split("http=")[1].strip()
    finally:
        process.terminate()
        process.wait(30)


def over_http(client: httpx.Client, sql: str) -> int:
    """Read an answer as Arrow, batch by batch."""
    with client.stream("POST", "/v1/query", json={"sql": sql}) as reply:
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


def in_process(gateway: Gateway) -> int:
    """Read an answer of the gateway in this process."""
    return sum(batch.num_rows for batch in gateway.execute(gateway.session("ada", "research"), SQL).batches)


def in_duckdb(files: list[str]) -> int:
    """Read the lake's files with DuckDB alone."""
    with duckdb.connect() as connection:
        connection.execute("SET threads=2")
        reader = connection.execute("SELECT id, code, score FROM read_parquet(?)", [files]).to_arrow_reader(
            65536
        )
        return sum(batch.num_rows for batch in reader)


def timed(work: Callable[[], int]) -> float:
    """Give the seconds that a piece of work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    """Print medians of interleaved rounds."""
    words = argparse.ArgumentParser()
    words.add_argument("--rows", type=int, default=5_000_000)
    words.add_argument("--rounds", type=int, default=5)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lake = make_lake(Path(folder) / "lake", asked.rows)
        files = [str(path) for path in Path(folder).rglob("*.parquet")]
        identities = Identities(lake)
        identities.accounts.add("ada", None, by="b")
        token, _ = identities.accounts.make_token("ada", 1, by="b")
        headers = {
            "authorization": f"Bearer {token}",
            "x-lakeward-purpose": "research",
            "accept": "application/vnd.apache.arrow.stream",
        }
        with (
            serving(lake) as url,
            httpx.Client(base_url=url, headers=headers, timeout=120) as client,
            open_gateway(lake) as gateway,
        ):
            ways: dict[str, Callable[[], int]] = {
                "DuckDB on the files": lambda: in_duckdb(files),
                "gateway in process": lambda: in_process(gateway),
                "HTTP, Arrow": lambda: over_http(client, SQL),
            }
            seconds: dict[str, list[float]] = {name: [] for name in ways}
            for _ in range(asked.rounds + 1):
                for name, way in ways.items():
                    seconds[name].append(timed(way))
            print(f"load average {os.getloadavg()[0]:.1f}, {asked.rows} rows, {asked.rounds} rounds")
            for name, taken in seconds.items():
                ratio = median(
                    a / b for a, b in zip(seconds["DuckDB on the files"][1:], taken[1:], strict=True)
                )
                print(f"{name:22} {asked.rows / median(taken[1:]) / 1e6:6.2f} M rows/s  {ratio:5.2f}x")
            for sql in ("SELECT 1 AS a", f"{SQL} WHERE id = 4711"):
                taken = sorted(timed(lambda: over_http(client, sql)) for _ in range(220))[0:]  # noqa: B023
                print(f"{sql:50} p50 {taken[110] * 1e3:.2f} ms, p99 {taken[217] * 1e3:.2f} ms")


if __name__ == "__main__":
    main()
