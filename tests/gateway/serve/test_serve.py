"""`lakeward serve` as a process: ready, answering, draining, gone."""

import json
import os
import re
import signal
import socket
import ssl
import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pyarrow as pa
import pytest
from pyarrow import flight
from tests.gateway.fuzz.http2 import call, opening, read_answers

from lakeward.catalog.errors import LakewardError
from lakeward.catalog.keys import UnsafeKeyError
from lakeward.catalog.lake import Lake, init_lake, open_lake
from lakeward.gateway.doors.door import AddressUnavailableError, PlaintextRefusedError
from lakeward.gateway.doors.log import ServiceLog
from lakeward.gateway.doors.tls import Tls, UnusableCertificateError
from lakeward.gateway.identity.identities import Identities
from lakeward.gateway.identity.settings import IdentitySettings
from lakeward.gateway.loopback import is_loopback
from lakeward.gateway.serve import certificate
from lakeward.gateway.serve.certificate import check_certificate, lake_certificate, renew_certificate
from lakeward.gateway.serve.settings import Address, InvalidAddressError, NoDoorError, ServeSettings
from lakeward.gateway.serve.start import start

POLICY = """
version: 1
roles: {reader: {members: [ada]}}
purposes: [research]
grants: []
"""


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake with a purpose."""
    made = init_lake(tmp_path / "lake")
    (made.policies_dir / "a.yaml").write_text(POLICY, "utf-8")
    return made


@contextmanager
def serving(lake: Lake, *words: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """Run `lakeward serve`; give the process and the addresses of its `ready` line."""
    command = [sys.executable, "-m", "lakeward.cli", "serve", "--lake", str(lake.root), *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        word, *addresses = process.stdout.readline().split()
        assert word == "ready"
        yield process, dict(each.split("=") for each in addresses)
    finally:
        process.kill()
        process.communicate()


def test_a_new_lake_is_served_inside_tls_and_stopped_by_a_signal(lake: Lake) -> None:
    identities = Identities(lake)
    identities.accounts.add("ada", None, by="test")
    token, _ = identities.accounts.make_token("ada", 1, by="test")
    with serving(lake, "--http", "127.0.0.1:0") as (process, addresses):
        key = lake.root / "keys" / certificate.KEY
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        trusting = ssl.create_default_context(cafile=str(lake.root / "keys" / certificate.CERTIFICATE))
        url = f"https://{addresses['http']}"
        assert httpx.get(f"{url}/ready", verify=trusting).status_code == 200
        headers = {"authorization": f"Bearer {token}", "x-lakeward-purpose": "research"}
        reply = httpx.post(
            f"{url}/v1/query", json={"sql": "SELECT 42 AS a"}, headers=headers, verify=trusting
        )
        assert reply.json()["rows"] == [[42]]
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
        assert process.returncode == 0
    events = [json.loads(line)["event"] for line in err.splitlines()]
    assert (events[0], events[-1]) == ("open", "closed")
    assert sorted(events[1:-1]) == ["draining", "statement"]  # an answer's end may be told after the signal
    kinds = [each.kind for each in lake.audit.records(limit=10)]
    assert {"gateway.opened", "gateway.closed", "certificate.new"} <= set(kinds)


def test_plaintext_is_refused_unless_it_is_asked_for_on_loopback(lake: Lake) -> None:
    with serving(lake, "--http", "127.0.0.1:0", "--insecure-loopback") as (process, addresses):
        assert httpx.get(f"http://{addresses['http']}/health").status_code == 200
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        assert process.returncode == 0
    with pytest.raises(PlaintextRefusedError):
        start(lake, {"http": "0.0.0.0:0"}, insecure_loopback=True, sink=print)


def test_flight_tells_no_line_of_code_and_logs_nothing_beside_the_log(lake: Lake) -> None:
    identities = Identities(lake)
    identities.accounts.add("ada", None, by="test")
    token, _ = identities.accounts.make_token("ada", 1, by="test")
    with serving(lake, "--flight", "127.0.0.1:0", "--insecure-loopback") as (process, addresses):
        host, _, port = addresses["flight"].partition(":")
        shown = [(b"authorization", f"Bearer {token}".encode()), (b"x-lakeward-purpose", b"research")]
        options = flight.FlightCallOptions(headers=shown, timeout=30)
        with flight.connect(f"grpc+tcp://{host}:{port}") as client:
            with pytest.raises((flight.FlightError, pa.ArrowException), match="cannot be taken") as caught:
                client.get_schema(flight.FlightDescriptor.for_command(b"x"), options)
            for word in ("Traceback", "File ", ".py", "server"):
                assert word not in str(caught.value)
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(opening() + call(1, b"/x", [(b"grpc-encoding", b"\xff")], b""))
            read_answers(connection, {1}, bytearray(), "a header that is none")
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    assert all(line.startswith("{") for line in err.splitlines()), err


def test_what_cannot_be_served_says_so(lake: Lake) -> None:
    with pytest.raises(NoDoorError):
        start(lake, {"http": None}, insecure_loopback=True, sink=print)
    for text in ("nonsense", "127.0.0.1", "127.0.0.1:99999", "[::1]", "a b:1", ":1", "1:-1"):
        with pytest.raises(InvalidAddressError):
            start(lake, {"http": text}, insecure_loopback=True, sink=print)
    first = start(lake, {"http": "127.0.0.1:0"}, insecure_loopback=True, sink=lambda _line: None)
    address = first.service.open()["http"]
    second = start(lake, {"http": str(address)}, insecure_loopback=True, sink=lambda _line: None)
    with pytest.raises(AddressUnavailableError):
        second.service.open()
    first.service.close(0.0)


def test_addresses_come_from_the_settings_too(lake: Lake) -> None:
    config = lake.root / "lakeward.toml"
    text = config.read_text("utf-8")
    config.write_text(text + '\n[gateway.serve]\nhttp = "127.0.0.1:0"\ndrain_seconds = 1.5\n', "utf-8")
    started = start(open_lake(lake.root), {"http": None}, insecure_loopback=True, sink=lambda _line: None)
    assert started.drain_seconds == 1.5
    assert started.service.open()["http"].port > 0
    started.service.close(0.0)
    for wrong in ('http = "x"', "drain_seconds = -1", "nonsense = 1"):
        config.write_text(text + f"\n[gateway.serve]\n{wrong}\n", "utf-8")
        with pytest.raises(LakewardError, match=r"gateway\.serve"):
            start(open_lake(lake.root), {}, insecure_loopback=True, sink=print)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "127.9.9.9", "localhost", "[::1]"])
def test_loopback_is_known(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "0.0.0.0",  # noqa: S104  none is bound
        "::",
        "10.0.0.1",
        "localhost.example.org",
        "",
        "127.0.0.1.example.org",
    ],
)
def test_what_is_no_loopback_is_known(host: str) -> None:
    assert not is_loopback(host)


def test_addresses_read_as_they_are_written() -> None:
    for text in ("127.0.0.1:0", "[::1]:8443", "gateway.example.org:443"):
        assert str(Address.parse(text)) == text


def test_a_certificate_is_made_once_and_renewed_on_demand(lake: Lake) -> None:
    first = lake_certificate(lake, ["gateway.example.org"]).certificate.read_bytes()
    assert lake_certificate(lake).certificate.read_bytes() == first
    ends = check_certificate(renew_certificate(lake))
    assert lake_certificate(lake).certificate.read_bytes() != first
    assert timedelta(days=360) < ends - datetime.now(UTC) < timedelta(days=366)


def test_a_certificate_that_should_not_be_shown_is_refused(lake: Lake, tmp_path: Path) -> None:
    tls = lake_certificate(lake)
    tls.key.chmod(0o644)
    with pytest.raises(UnsafeKeyError):
        check_certificate(tls)
    tls.key.chmod(0o600)
    other = Tls(certificate=tls.certificate, key=tmp_path / "nothing")
    with pytest.raises(UnusableCertificateError):
        check_certificate(other)
    (tmp_path / "nothing").write_text("no key", "utf-8")
    with pytest.raises(UnusableCertificateError):
        check_certificate(other)


def test_tls_is_1_2_or_newer(lake: Lake) -> None:
    assert lake_certificate(lake).context().minimum_version is ssl.TLSVersion.TLSv1_2


def test_a_log_line_has_no_field_of_its_own() -> None:
    lines: list[str] = []
    log = ServiceLog(lines.append)
    log.event("statement", door="http", rows=1, code=None)
    with pytest.raises(ValueError, match="sql"):
        log.event("statement", sql="SELECT 1")
    assert [json.loads(line)["rows"] for line in lines] == [1]
    assert "code" not in lines[0]


def test_what_libraries_say_is_a_line_without_text(lake: Lake) -> None:
    code = (
        "import logging, sys, threading, warnings\n"
        "from lakeward.gateway.doors.log import ServiceLog\n"
        "from lakeward.gateway.serve.process import quiet_process\n"
        "quiet_process(ServiceLog(sys.stderr.write))\n"
        "logging.getLogger('a.library').error('SECRET %s', 'SECRET', exc_info=ValueError('SECRET'))\n"
        "warnings.warn('SECRET')\n"
        "def fail(): raise ValueError('SECRET')\n"
        "thread = threading.Thread(target=fail); thread.start(); thread.join()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=lake.root
    )
    assert "SECRET" not in done.stderr + done.stdout
    told = [json.loads(line) for line in done.stderr.splitlines()]
    assert [each["event"] for each in told] == ["library", "library", "uncaught"]
    assert told[0]["fault"] == told[2]["fault"] == "ValueError"


def test_what_a_start_has_made_is_left_out_of_collections() -> None:
    code = (
        "import gc\n"
        "from lakeward.gateway.serve.process import leave_start_alone\n"
        "before = len(gc.get_objects())\n"
        "leave_start_alone()\n"
        "print(gc.get_freeze_count() > before // 2 > len(gc.get_objects()))\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "True\n"


def test_the_settings_on_the_page_about_deploying_are_taken() -> None:
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "deploy.md").read_text("utf-8")
    blocks = [
        tomllib.loads(each)["gateway"]
        for each in re.findall(r"^```toml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    ]
    assert len(blocks) == 2
    for block in blocks:
        ServeSettings.model_validate(block["serve"])
    assert IdentitySettings.model_validate(blocks[0]["identity"]).jwt is not None


def test_renewing_is_a_command(lake: Lake, capsys: pytest.CaptureFixture[str]) -> None:
    from lakeward.cli.main import main

    words = ["certificate", "renew", "--host", "gateway.example.org", "--lake", os.fspath(lake.root)]
    assert main(words) == 0
    assert main(["certificate", "show", "--lake", os.fspath(lake.root), "--format", "json"]) == 0
    assert '"ends"' in capsys.readouterr().out
