"""How long a warm SELECT of one row takes at each door of a gateway that serves, and what CPU it costs.

Run: `python -m tests.benchmarks.latency [--plain] [--anew] [--doors postgres flight http]`. All ask the same,
so the answer is one that was given before, unless `--anew` has each made by the engine. Clients are processes
of their own. "closed" asks again as soon as it has an answer, so its time is the machine's throughput turned
round; the others ask at a given rate whatever came back, and count from when they should have asked. CPU is
that of the gateway with its workers: on a busy machine it says more than the clock. The clients' is printed
too: where both together fill the machine, the times are those of a queue.
"""

import argparse
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import adbc_driver_flightsql.dbapi as adbc
import httpx
import psycopg
from tests.benchmarks.visits import SQL, make_lake

from lakeward.gateway.identity.identities import Identities

PASSWORD = "correct horse battery"  # noqa: S105  of nobody
ONE_ROW = f"{SQL} WHERE id = 4711"
ROWS = 100_000
WARM = 10
Ask = Callable[[], object]
Addresses = dict[str, str]


@contextmanager
def serving(root: Path, *, plain: bool) -> Iterator[tuple[int, Addresses]]:
    """Run a gateway with all doors; gives its process and its addresses."""
    command = [sys.executable, "-m", "lakeward.cli", "serve", "--lake", str(root)]
    for door in ("postgres", "flight", "http"):
        command += [f"--{door}", "127.0.0.1:0"]
    command += ["--insecure-loopback"] if plain else []
    with Path(os.devnull).open("w") as nowhere:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=nowhere, text=True)
    try:
        assert process.stdout is not None
        ready = process.stdout.readline()
        yield process.pid, dict(word.split("=", 1) for word in ready.split() if "=" in word)
    finally:
        process.terminate()
        process.wait(30)


def come_in_by_password(address: str, certificate: str | None) -> psycopg.Connection[tuple[Any, ...]]:
    """Come in as ada with psycopg."""
    host, port = address.rsplit(":", 1)
    tls: dict[str, Any] = {"sslmode": "verify-ca", "sslrootcert": certificate} if certificate else {}
    return psycopg.connect(
        host=host, port=int(port), user="ada", password=PASSWORD, dbname="lake", autocommit=True,
        options="-c lakeward.purpose=research", **tls,
    )  # fmt: skip


def come_in_by_token(address: str, token: str, certificate: str | None) -> adbc.Connection:
    """Come in with a token and ADBC."""
    said = {
        "adbc.flight.sql.authorization_header": f"Bearer {token}",
        "adbc.flight.sql.rpc.call_header.x-lakeward-purpose": "research",
    }
    if certificate:
        said["adbc.flight.sql.client_option.tls_root_certs"] = Path(certificate).read_text("ascii")
    return adbc.connect(f"grpc{'+tls' if certificate else ''}://{address}", db_kwargs=said, autocommit=True)


def over_postgres(address: str, _token: str, certificate: str | None) -> Ask:
    """Ask with psycopg."""
    connection = come_in_by_password(address, certificate)
    return lambda: connection.execute(ONE_ROW).fetchall()


def over_flight(address: str, token: str, certificate: str | None) -> Ask:
    """Ask with ADBC, which prepares each statement."""
    connection = come_in_by_token(address, token, certificate)

    def ask() -> object:
        with connection.cursor() as cursor:
            cursor.execute(ONE_ROW)
            return cursor.fetchall()

    return ask


def web_client(address: str, token: str, certificate: str | None) -> httpx.Client:
    """Come in with a token and httpx; answers are Arrow."""
    headers = {
        "authorization": f"Bearer {token}",
        "x-lakeward-purpose": "research",
        "accept": "application/vnd.apache.arrow.stream",
    }
    url = f"http{'s' if certificate else ''}://{address}"
    return httpx.Client(base_url=url, headers=headers, timeout=300, verify=certificate or True)


def over_http(address: str, token: str, certificate: str | None) -> Ask:
    """Ask with httpx."""
    client = web_client(address, token, certificate)

    def ask() -> object:
        return client.post("/v1/query", json={"sql": ONE_ROW}).raise_for_status().content

    return ask


DOORS = {"postgres": over_postgres, "flight": over_flight, "http": over_http}


def ask_often(
    comes_in: Callable[[], Ask],
    share: tuple[int, int, float],
    taken: Any,  # noqa: ANN401  a queue of another process
    ready: Any,  # noqa: ANN401  a barrier
) -> None:
    """Ask over some connections; what each statement took goes into a queue.

    Where it is paced, statements come due at random, as those of people do: no connection waits for another,
    and it counts from when a statement was due.
    """
    connections, times, pace = share
    found: list[float] = []

    def one(number: int) -> None:
        ask = comes_in()
        for _ in range(WARM):
            ask()
        chance = random.Random(f"{os.getpid()} {number}")  # noqa: S311  a clock's, no secret
        ready.wait()
        due = time.perf_counter()
        for _ in range(times):
            due = due + chance.expovariate(1 / pace) if pace else time.perf_counter()
            time.sleep(max(0.0, due - time.perf_counter()))
            ask()
            found.append(time.perf_counter() - due)
        ready.wait()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(connections)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    taken.put(found)


def cpu_seconds(process: int) -> float:
    """Give what a process and its descendants that live have used, with their threads that have ended."""
    parents, used = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            continue
        parents[int(folder.name)] = int(fields[1])
        used[int(folder.name)] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def of(number: int) -> float:
        return used.get(number, 0.0) + sum(of(child) for child, parent in parents.items() if parent == number)

    return of(process)


def _of_clients(running: Iterable[Any]) -> float:
    return sum(cpu_seconds(each.pid) for each in running)


def measure(
    process: int, comes_in: Callable[[], Ask], connections: int, times: int, pace: float
) -> tuple[list[float], float, float, float]:
    """Give what each took, sorted, the CPU of one in gateway and client, and statements a second."""
    spawn = multiprocessing.get_context("fork")
    clients = min(2, connections)
    taken, ready = spawn.Queue(), spawn.Barrier(connections + 1)
    share = (connections // clients, times, pace)
    running = [spawn.Process(target=ask_often, args=(comes_in, share, taken, ready)) for _ in range(clients)]
    for each in running:
        each.start()
    ready.wait()
    before, began = (cpu_seconds(process), _of_clients(running)), time.perf_counter()
    ready.wait()
    seconds = time.perf_counter() - began
    used, clients_used = cpu_seconds(process) - before[0], _of_clients(running) - before[1]
    found = sorted(seconds for _ in running for seconds in taken.get())
    for each in running:
        each.join()
    return found, used / len(found), clients_used / len(found), len(found) / seconds


def main() -> None:
    """Print a line for each door, number of connections and way of asking."""
    words = argparse.ArgumentParser()
    words.add_argument("--plain", action="store_true", help="without TLS")
    words.add_argument("--anew", action="store_true", help="keep no answer: every one runs in a worker")
    words.add_argument("--doors", nargs="+", choices=DOORS, default=list(DOORS))
    words.add_argument("--times", type=int, default=100, help="statements of one connection")
    words.add_argument(
        "--rates", type=float, nargs="+", default=[10.0, 50.0],
        help="statements a second of each connection where it is paced",
    )  # fmt: skip
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "lake"
        lake = make_lake(root, ROWS)
        if asked.anew:
            with (root / "lakeward.toml").open("a", encoding="utf-8") as config:
                config.write("\n[gateway]\nkeep_answers_seconds = 0\n")
        accounts = Identities(lake).accounts
        accounts.add("ada", PASSWORD, by="b")
        token, _ = accounts.make_token("ada", 1, by="b")
        with serving(root, plain=asked.plain) as (process, addresses):
            certificate = None if asked.plain else str(next(root.rglob("*.crt")))
            ways = [(many, pace) for many in (1, 16) for pace in (0.0, *(1 / rate for rate in asked.rates))]
            for door, (connections, pace) in ((door, way) for door in asked.doors for way in ways):
                address, come_in = addresses[door], DOORS[door]
                taken, used, of_client, rate = measure(
                    process, lambda: come_in(address, token, certificate), connections, asked.times, pace  # noqa: B023
                )  # fmt: skip
                way = f"at {1 / pace:g}/s" if pace else "closed"
                p50, p99 = (taken[int(len(taken) * part)] * 1e3 for part in (0.5, 0.99))
                print(
                    f"{door:8} {connections:2}x {way:8} p50 {p50:7.2f} ms, "
                    f"p99 {p99:7.2f} ms, min {taken[0] * 1e3:6.2f} ms, gateway CPU {used * 1e3:5.2f} ms, "
                    f"client {of_client * 1e3:5.2f}, "
                    f"{rate:5.0f}/s, n {len(taken)}, load {os.getloadavg()[0]:.0f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
