"""`lakeward serve`: doors, open until a signal says stop; `lakeward certificate`: what they show."""

import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lakeward.cli.lakes import open_lake
from lakeward.cli.options import lake_and_output, with_lake
from lakeward.cli.output import Output

if TYPE_CHECKING:
    from lakeward.gateway.serve.service import Service


@click.command(
    "serve", epilog="Example: lakeward serve --http 127.0.0.1:8443 --postgres 127.0.0.1:5432 --lake my-lake"
)
@click.option(
    "--postgres", metavar="HOST:PORT", help="Open the PostgreSQL door here; port 0 takes a free one."
)
@click.option("--flight", metavar="HOST:PORT", help="Open the Flight SQL door here.")
@click.option("--http", metavar="HOST:PORT", help="Open the HTTP door here.")
@click.option("--insecure-loopback", is_flag=True, help="Speak plaintext, on loopback addresses alone.")
@with_lake
def serve(
    *, postgres: str | None, flight: str | None, http: str | None, insecure_loopback: bool, lake: Path
) -> None:
    """Open the gateway's doors.

    It prints `ready` with their addresses, and serves until SIGTERM or SIGINT.

    Then nobody is taken in any more, what runs may end, and what still runs after the time of
    `drain_seconds` in lakeward.toml is cancelled. Logs go to stderr, one JSON object to a line.
    """
    from lakeward.gateway.serve.errors import MissingExtraError

    try:
        from lakeward.gateway.serve.process import leave_start_alone, quiet_process
        from lakeward.gateway.serve.start import start
    except ModuleNotFoundError:
        raise MissingExtraError("`lakeward serve`") from None

    asked = {"postgres": postgres, "flight": flight, "http": http}
    running = start(open_lake(lake), asked, insecure_loopback=insecure_loopback, sink=_to_stderr)
    quiet_process(running.log)
    leave_start_alone()
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda _number, _frame: stop.set())
    _serve(running.service, stop, running.drain_seconds)


def _serve(service: "Service", stop: threading.Event, drain_seconds: float) -> None:
    opened = service.open()
    try:
        click.echo(" ".join(["ready", *(f"{name}={address}" for name, address in opened.items())]))
        stop.wait()
    finally:
        service.close(drain_seconds)


def _to_stderr(line: str) -> None:
    sys.stderr.write(line)
    sys.stderr.flush()


@click.group("certificate")
def certificate() -> None:
    """Show and renew the certificate that the doors show."""


@certificate.command("show", epilog="Example: lakeward certificate show")
@lake_and_output
def show_certificate(*, lake: Path, output: Output) -> None:
    """Say which certificate the doors show and when it ends."""
    from lakeward.gateway.serve.certificate import check_certificate
    from lakeward.gateway.serve.start import certificate_of

    tls = certificate_of(open_lake(lake))
    output.record({"certificate": str(tls.certificate), "ends": check_certificate(tls)})


@certificate.command("renew", epilog="Example: lakeward certificate renew --host gateway.example.org")
@click.option("--host", "hosts", multiple=True, metavar="NAME", help="A name or address that clients use.")
@lake_and_output
def renew_certificate(hosts: tuple[str, ...], *, lake: Path, output: Output) -> None:
    """Make a new key and a certificate that signs itself; `lakeward serve` takes it when it starts."""
    from lakeward.gateway.serve import certificate as made

    tls = made.renew_certificate(open_lake(lake), hosts)
    output.record({"certificate": str(tls.certificate), "ends": made.check_certificate(tls)})
