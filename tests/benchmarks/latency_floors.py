"""What of a warm SELECT's time is ours: a client beside a server that does nothing, and one written in C.

    python -m tests.benchmarks.latency_floors [--rounds 2] [--times 60]

*Flight*: the gateway, and a Flight SQL server behind TLS that answers every statement with one row that it
holds. Both are asked by the same ADBC client, in turn: what the second takes is protocol, client and machine.
*PostgreSQL wire*: pgbench, whose own time is some ten microseconds, with each number of connections and rate.
pgbench counts from when a statement was due. Rates are those of all connections together.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import flight
from tests.benchmarks.latency import (
    ONE_ROW,
    PASSWORD,
    ROWS,
    measure,
    over_flight,
    serving,
)
from tests.benchmarks.visits import make_lake

from lakeward.gateway.doors.flight.messages import pack, unpack
from lakeward.gateway.identity.identities import Identities

RATES = ((1, 0), (16, 49), (16, 160))
QUERIES = frozenset({"CommandStatementQuery", "CommandPreparedStatementQuery"})
ROW = pa.table({"id": pa.array([4711], pa.int64()), "code": ["x"], "score": [1.5]})


class Constant(flight.FlightServerBase):  # type: ignore[misc]  # pyarrow has no types
    """Gives the same row to whoever asks."""

    def get_flight_info(self, _context: object, descriptor: flight.FlightDescriptor) -> flight.FlightInfo:
        """Hand out a ticket."""
        if unpack(descriptor.command)[0] not in QUERIES:
            raise NotImplementedError  # Flight's word for what a server does not have; the driver goes on
        ticket = flight.Ticket(pack("TicketStatementQuery", statement_handle=b"1"))
        return flight.FlightInfo(ROW.schema, descriptor, [flight.FlightEndpoint(ticket, [])], -1, -1)

    def do_get(self, _context: object, _ticket: flight.Ticket) -> flight.FlightDataStream:
        """Give the row."""
        return flight.RecordBatchStream(ROW)

    def do_action(self, _context: object, action: flight.Action) -> Iterator[bytes]:
        """Say that a statement is prepared."""
        if action.type != "CreatePreparedStatement":
            return iter([])
        nothing = pa.schema([]).serialize().to_pybytes()
        schema = ROW.schema.serialize().to_pybytes()
        name = "ActionCreatePreparedStatementResult"
        said: dict[str, Any] = {"dataset_schema": schema, "parameter_schema": nothing}
        return iter([pack(name, prepared_statement_handle=b"1", **said)])


def serve_constant(certificate: str, key: str) -> None:
    """Serve until killed; the first line says where."""
    chain = (Path(certificate).read_bytes(), Path(key).read_bytes())
    server = Constant("grpc+tls://127.0.0.1:0", tls_certificates=[chain])
    sys.stdout.write(f"127.0.0.1:{server.port}\n")
    sys.stdout.flush()
    server.serve()


@contextmanager
def constant(certificate: str) -> Iterator[tuple[int, str]]:
    """Run that server as a process; gives its number and its address."""
    command = [sys.executable, "-m", __spec__.name, "--serve", certificate]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.pid, process.stdout.readline().strip()
        finally:
            process.terminate()


def over_pgbench(address: str, certificate: str, connections: int, rate: int, times: int) -> list[float]:
    """Ask with pgbench; gives milliseconds, sorted, without each connection's first ten."""
    host, port = address.rsplit(":", 1)
    said = {
        "PGHOST": host, "PGPORT": port, "PGUSER": "ada", "PGPASSWORD": PASSWORD, "PGDATABASE": "lake",
        "PGOPTIONS": "-c lakeward.purpose=research", "PGSSLMODE": "verify-ca", "PGSSLROOTCERT": certificate,
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "one.sql").write_text(f"{ONE_ROW};\n", encoding="utf-8")
        command = ["pgbench", "-n", "-f", "one.sql", "-c", str(connections), "-t", str(times), "--log"]
        command += ["-R", str(rate)] if rate else []
        subprocess.run(command, env=os.environ | said, cwd=folder, check=True, capture_output=True)
        lines = [line.split() for each in Path(folder).glob("pgbench_log.*") for line in each.open()]
    return sorted(int(words[2]) / 1e3 for words in lines if int(words[1]) >= 10)


def tell(who: str, connections: int, rate: float, taken: list[float]) -> None:
    """Print a line."""
    p50, p99 = (taken[int(len(taken) * part)] for part in (0.5, 0.99))
    way = f"at {rate:.0f}/s" if rate else "closed"
    counted = f"n {len(taken)}, load {os.getloadavg()[0]:.0f}"
    print(f"{who:16} {connections:2}x {way:9} p50 {p50:6.2f} ms, p99 {p99:6.2f} ms, {counted}")
    sys.stdout.flush()


def main() -> None:
    """Print a line for each server, client, number of connections and rate."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rounds", type=int, default=2)
    words.add_argument("--times", type=int, default=60, help="statements of one connection")
    words.add_argument("--serve", help=argparse.SUPPRESS)
    asked = words.parse_args()
    if asked.serve:
        serve_constant(asked.serve, str(Path(asked.serve).with_suffix(".key")))
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "lake"
        accounts = Identities(make_lake(root, ROWS)).accounts
        accounts.add("ada", PASSWORD, by="b")
        token, _ = accounts.make_token("ada", 1, by="b")
        with serving(root, plain=False) as (ours, addresses):
            certificate = str(next(root.rglob("*.crt")))
            for connections, rate in RATES:
                taken = over_pgbench(
                    addresses["postgres"], certificate, connections, rate, asked.times * (1 if rate else 10)
                )
                tell("pgbench", connections, rate, taken)
            with constant(certificate) as (other, address):
                servers = {"Flight": (ours, addresses["flight"]), "Flight, constant": (other, address)}
                for connections, rate in RATES[:2]:
                    pace = connections / rate if rate else 0.0
                    for who in [*servers] * asked.rounds:
                        process, where = servers[who]
                        come_in = partial(over_flight, where, token, certificate)
                        found = measure(process, come_in, connections, asked.times, pace)[0]
                        tell(who, connections, rate, [each * 1e3 for each in found])


if __name__ == "__main__":
    main()
