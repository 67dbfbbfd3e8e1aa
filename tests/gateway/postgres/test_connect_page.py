"""What docs/how-to/connect-postgres.md says to copy and paste works as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.gateway.postgres.served import PASSWORD, PURPOSE, Served, needs_psql

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "connect-postgres.md"
BLOCKS = re.findall(r"^```(bash|python)\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
PYTHON = [body for language, body in BLOCKS if language == "python"]


def run(program: list[str], served: Served) -> str:
    assert served.tls is not None
    said = {
        "PGHOST": served.host,
        "PGPORT": str(served.port),
        "PGDATABASE": "lake",
        "PGUSER": "ada",
        "PGPASSWORD": PASSWORD,
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": str(served.tls.certificate),
        "PGOPTIONS": PURPOSE,
    }
    environment = os.environ | said
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_page_has_what_is_run_here() -> None:
    assert [language for language, _ in BLOCKS] == ["bash", *["python"] * 4]


@needs_psql
def test_the_shell_block_answers(with_tls: Served) -> None:
    [body] = [body for language, body in BLOCKS if language == "bash"]
    assert "C50" in run(["bash", "-c", body], with_tls)


@pytest.mark.parametrize("body", PYTHON, ids=["psycopg", "sqlalchemy", "pandas", "asyncpg"])
def test_the_python_blocks_answer(with_tls: Served, body: str) -> None:
    told = run([sys.executable, "-W", "error", "-c", body], with_tls)
    assert "C50" in told
    assert "SECRET" not in told
