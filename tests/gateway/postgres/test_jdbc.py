"""PostgreSQL's JDBC driver, by which DBeaver, Tableau and much else connect."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.gateway.clinic import PASSWORD
from tests.gateway.postgres.served import SECRETS, Served

PROGRAM = Path(__file__).parent / "java" / "Ask.java"
JAVA = shutil.which("java")
DRIVER = Path(os.environ.get("LAKEWARD_JDBC", "/usr/share/java/postgresql.jar"))
pytestmark = pytest.mark.skipif(
    JAVA is None or not DRIVER.exists(),
    reason="no java, or no JDBC driver: install libpostgresql-jdbc-java, or name one in LAKEWARD_JDBC",
)


def test_the_driver_asks_and_lists_what_may_be_seen(with_tls: Served) -> None:
    assert with_tls.tls is not None
    at = f"jdbc:postgresql://{with_tls.host}:{with_tls.port}/lake"
    at += f"?sslmode=verify-full&sslrootcert={with_tls.tls.certificate}"
    done = subprocess.run(
        [str(JAVA), "-cp", str(DRIVER), str(PROGRAM), at],
        env=os.environ | {"PGPASSWORD": PASSWORD},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    assert [each for each in told if each.startswith("row")] == ["row H1 C50 1", "row H1 I10 2"]
    assert [each for each in told if each.startswith("table")] == ["table clinic visit"]
    assert [each for each in told if each.startswith("column")] == [
        "column visit patient text",
        "column visit site text",
        "column visit code text",
        "column visit score int8",
    ]
    assert told[-1] == "refused 42501"
    assert {"sum 4950", "meta score int8 2"} <= {*told}
    assert not any(each.startswith(("key", "index", "imported", "leak")) for each in told)
    assert not [each for each in SECRETS if each in done.stdout + done.stderr]
