"""Rows per second of a large answer at each door of a gateway that serves, beside DuckDB in process.

Run: `python -m tests.benchmarks.throughput [--plain] [--rows N] [--rounds N]`. Rounds are interleaved: each
reads the answer every way once, and the first round counts for nothing.
"""

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import adbc_driver_flightsql.dbapi as adbc
import httpx
import psycopg
from tests.benchmarks.http_door import SQL, in_duckdb, make_lake, over_http, timed
from tests.benchmarks.latency import PASSWORD, serving

from lakeward.gateway.identity.identities import Identities

Read = Callable[[], int]


def over_flight(address: str, token: str, certificate: str | None) -> Read:
    """Come in with a token and ADBC, and read batch by batch."""
    said = {
        "adbc.flight.sql.authorization_header": f"Bearer {token}",
        "adbc.flight.sql.rpc.call_header.x-lakeward-purpose": "research",
    }
    if certificate:
        said["adbc.flight.sql.client_option.tls_root_certs"] = Path(certificate).read_text("ascii")
    scheme = f"grpc{'+tls' if certificate else ''}"
    connection = adbc.connect(f"{scheme}://{address}", db_kwargs=said, autocommit=True)

    def read() -> int:
        with connection.cursor() as cursor:
            cursor.execute(SQL)
            return sum(batch.num_rows for batch in cursor.fetch_record_batch())

    return read


def over_postgres(address: str, certificate: str | None, *, binary: bool) -> Read:
    """Come in as ada with psycopg, and take the answer as libpq keeps it."""
    host, port = address.rsplit(":", 1)
    tls: dict[str, Any] = {"sslmode": "verify-ca", "sslrootcert": certificate} if certificate else {}
    connection = psycopg.connect(
        host=host, port=int(port), user="ada", password=PASSWORD, dbname="lake", autocommit=True,
        options="-c lakeward.purpose=research", **tls,
    )  # fmt: skip

    def read() -> int:
        with connection.cursor(binary=binary) as cursor:
            cursor.execute(SQL)
            return cursor.rowcount

    return read


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
            headers = {
                "authorization": f"Bearer {token}",
                "x-lakeward-purpose": "research",
                "accept": "application/vnd.apache.arrow.stream",
            }
            url = f"http{'' if asked.plain else 's'}://{addresses['http']}"
            client = httpx.Client(base_url=url, headers=headers, timeout=300, verify=certificate or True)
            ways: dict[str, Read] = {
                "DuckDB on the files": lambda: in_duckdb(files),
                "Flight": over_flight(addresses["flight"], token, certificate),
                "HTTP, Arrow": lambda: over_http(client, SQL),
                "PostgreSQL, text": over_postgres(addresses["postgres"], certificate, binary=False),
                "PostgreSQL, binary": over_postgres(addresses["postgres"], certificate, binary=True),
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
