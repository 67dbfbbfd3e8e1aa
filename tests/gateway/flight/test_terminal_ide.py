"""Harlequin over ADBC, by its headless half, `hsql`."""

import subprocess
from pathlib import Path

from tests.gateway.clinic import PASSWORD
from tests.gateway.flight.served import HEADER, SECRETS, Served
from tests.gateway.postgres.served import HSQL, needs_hsql

pytestmark = needs_hsql


def test_it_shows_the_visible_cells(served: Served, tmp_path: Path) -> None:
    options = f"username=ada;password={PASSWORD};{HEADER}x-lakeward-purpose=research"
    driver = ["--adapter", "adbc", "--driver-type", "flightsql", "--db-kwargs-str", options]
    ask = ["--no-write-history", "--csv", "-c", "SELECT code, score FROM clinic.visit ORDER BY code"]
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [str(HSQL), *driver, *ask, served.uri],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=tmp_path,
    )
    assert done.stdout.split() == ["code,score", "C50,1", "I10,2"], done.stderr
    assert not [each for each in SECRETS if each in done.stdout + done.stderr]
